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

    // Shorter ones are equal by chance.
    private const int ShortestTellingRest = 3;

    private readonly JaroWinkler _jaroWinkler = new();
    private readonly OptimalStringAlignment _edits = new();

    /// <summary>
    /// Compares two people, field by field; a given and a family name that changed places count as close at most. What another field says already is not counted
    /// again: a city is not compared where the postal codes are equal, and of mailboxes only the
    /// part that the names leave (<see cref="MailboxBeyondName"/>). Equal addresses that the names explain are missing here; their domain counts (<see cref="LinkageModel"/>).
    /// </summary>
    public void Compare(PersonFields left, PersonFields right, Span<int> levels)
    {
        foreach (var field in PersonFields.Fields)
        {
            levels[(int)field] = field == LinkageField.Email ? EmailsAre(left, right) : Compare(field, left[field], right[field]);
        }

        if (levels[(int)LinkageField.PostalCode] == Equal)
        {
            levels[(int)LinkageField.City] = Missing;
        }

        var (given, family) = ((int)LinkageField.GivenName, (int)LinkageField.FamilyName);
        if (levels[given] is not (Different or Weak) || levels[family] is not (Different or Weak))
        {
            return;
        }

        var (one, other) = (NamesAre(left[LinkageField.GivenName], right[LinkageField.FamilyName]), NamesAre(left[LinkageField.FamilyName], right[LinkageField.GivenName]));
        if (Math.Min(one, other) >= Weak && Math.Max(one, other) >= Close)
        {
            (levels[given], levels[family]) = (Math.Min(one, Close), Math.Min(other, Close));
        }
    }

    private int Compare(LinkageField field, string? left, string? right) => left is null || right is null ? Missing
        : left == right ? Equal
        : field switch
        {
            LinkageField.GivenName or LinkageField.FamilyName => NamesAre(left, right),
            LinkageField.BirthDate => DatesAre(left, right),
            LinkageField.PostalCode or LinkageField.Phone or LinkageField.IdNumber => NumbersAre(left, right),
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

    // Addresses that differ, and whose mailboxes have no more in common than the names, are different.
    private int EmailsAre(PersonFields left, PersonFields right)
    {
        if (left[LinkageField.Email] is not { } one || right[LinkageField.Email] is not { } other)
        {
            return Missing;
        }

        var isOfName = left.MailboxBeyondName.Length == 0 && right.MailboxBeyondName.Length == 0;
        return one != other ? RestsAre(left.MailboxBeyondName, right.MailboxBeyondName) : isOfName ? Missing : Equal;
    }

    private int RestsAre(string left, string right)
    {
        if (left.Length == 0 || right.Length == 0)
        {
            return Different;
        }

        return left == right ? (left.Length < ShortestTellingRest ? Weak : Close)
            : Math.Min(left.Length, right.Length) <= ShortestTellingRest || left.All(char.IsDigit) || right.All(char.IsDigit) ? Different
            : Math.Min(TextsAre(left, right), Close);
    }
}
