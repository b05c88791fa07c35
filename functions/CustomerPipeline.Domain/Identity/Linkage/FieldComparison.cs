using F23.StringSimilarity;

namespace CustomerPipeline.Domain.Identity.Linkage;

/// <summary>
/// How alike two values of a field are, in a few levels: 0 different, up to the field's highest for equal. Names are alike by Jaro-Winkler similarity or as
/// short and long form; numbers and dates by edits (optimal string alignment), a date also when day and month changed places.
/// </summary>
internal sealed class FieldComparison
{
    /// <summary>Level of a field that either lacks.</summary>
    public const int Missing = -1;

    public const int Different = 0;
    public const int Weak = 1;
    public const int Close = 2;
    public const int Equal = 3;

    /// <summary>Number of levels, missing not among them.</summary>
    public const int Levels = 4;

    private const double CloseSimilarity = 0.92;
    private const double WeakSimilarity = 0.8;

    private readonly JaroWinkler _jaroWinkler = new();
    private readonly OptimalStringAlignment _edits = new();

    /// <summary>Compares two people, field by field; a given and a family name that changed places count as close both.</summary>
    public void Compare(PersonFields left, PersonFields right, Span<int> levels)
    {
        foreach (var field in PersonFields.Fields)
        {
            levels[(int)field] = Compare(field, left[field], right[field]);
        }

        var (given, family) = ((int)LinkageField.GivenName, (int)LinkageField.FamilyName);
        if (levels[given] is Different or Weak && levels[family] is Different or Weak
            && NamesAre(left[LinkageField.GivenName], right[LinkageField.FamilyName]) >= Close && NamesAre(left[LinkageField.FamilyName], right[LinkageField.GivenName]) >= Close)
        {
            levels[given] = levels[family] = Close;
        }
    }

    private int Compare(LinkageField field, string? left, string? right) => left is null || right is null ? Missing
        : left == right ? Equal
        : field switch
        {
            LinkageField.GivenName or LinkageField.FamilyName => NamesAre(left, right),
            LinkageField.BirthDate => DatesAre(left, right),
            LinkageField.PostalCode or LinkageField.Phone or LinkageField.IdNumber => NumbersAre(left, right),
            LinkageField.Email => MailboxesAre(left, right),
            _ => TextsAre(left, right),
        };

    private int NamesAre(string? left, string? right) => left is null || right is null ? Different : Nicknames.AreForms(left, right) ? Close : TextsAre(left, right);

    private int TextsAre(string left, string right) => left == right ? Equal : _jaroWinkler.Similarity(left, right) switch
    {
        >= CloseSimilarity => Close,
        >= WeakSimilarity => Weak,
        _ => Different,
    };

    private int NumbersAre(string left, string right) => Math.Abs(left.Length - right.Length) > 2 ? Different : _edits.Distance(left, right) switch
    {
        <= 1 => Close,
        <= 2 => Weak,
        _ => Different,
    };

    private int DatesAre(string left, string right) =>
        left[..4] == right[..4] && left[4..6] == right[6..] && left[6..] == right[4..6] ? Close : NumbersAre(left, right);

    private int MailboxesAre(string left, string right) => TextsAre(MailboxOf(left), MailboxOf(right)) switch
    {
        Equal or Close => Close,
        var level => level,
    };

    // What is no address is compared whole.
    private static string MailboxOf(string email) => email.IndexOf('@', StringComparison.Ordinal) is > 0 and var at ? email[..at] : email;
}
