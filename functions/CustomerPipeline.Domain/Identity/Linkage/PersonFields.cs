using System.Globalization;
using System.Text;

namespace CustomerPipeline.Domain.Identity.Linkage;

/// <summary>A field that two people are compared by.</summary>
public enum LinkageField
{
    GivenName,
    FamilyName,
    BirthDate,
    Street,
    PostalCode,
    City,
    Phone,
    Email,
    IdNumber,
}

/// <summary>What is known of somebody, made comparable: lower case, letters and digits only. A field nobody filled in is null.</summary>
public sealed class PersonFields
{
    private const int LongestField = 200;

    private static readonly string[] DateFormats = ["yyyy-MM-dd", "yyyyMMdd", "dd.MM.yyyy", "dd/MM/yyyy", "M/d/yyyy", "yyyy/MM/dd", "yyyy-MM-ddTHH:mm:ssZ"];

    private readonly string?[] _fields = new string?[Fields.Count];
    private string? _mailboxBeyondName;

    public PersonFields(string id) => Id = id;

    public static IReadOnlyList<LinkageField> Fields { get; } = Enum.GetValues<LinkageField>();

    /// <summary>Names the person among the others.</summary>
    public string Id { get; }

    public string? this[LinkageField field] => _fields[(int)field];

    /// <summary>What the mailbox says that the name does not; empty without an email.</summary>
    internal string MailboxBeyondName => _mailboxBeyondName ??= this[LinkageField.Email] is { } email ? Linkage.MailboxBeyondName.Of(email, this) : "";

    /// <summary>Sets a field to what a source wrote; what says nothing stays null.</summary>
    public PersonFields With(LinkageField field, string? raw)
    {
        var value = raw is null || raw.Length > LongestField ? null : field switch
        {
            LinkageField.BirthDate => DateOf(raw),
            LinkageField.Phone or LinkageField.IdNumber => Last(Digits(raw), 10),
            LinkageField.Email => Lower(raw),
            LinkageField.PostalCode => Letters(raw).Replace(" ", "", StringComparison.Ordinal),
            _ => Letters(raw),
        };
        _fields[(int)field] = string.IsNullOrEmpty(value) ? null : value;
        _mailboxBeyondName = null;
        return this;
    }

    /// <summary>Sets given and family name from one text, the family name last.</summary>
    public PersonFields WithName(string? name)
    {
        var words = Letters(name ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length < 2 ? With(LinkageField.FamilyName, name) : With(LinkageField.GivenName, string.Join(' ', words[..^1])).With(LinkageField.FamilyName, words[^1]);
    }

    private static string? DateOf(string raw) =>
        DateTime.TryParseExact(raw.Trim(), DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date.ToString("yyyyMMdd", CultureInfo.InvariantCulture)
            : Digits(raw) is { Length: 8 } digits ? digits : null;

    private static string Digits(string raw) => new([.. raw.Where(char.IsAsciiDigit)]);

    private static string Last(string text, int length) => text.Length <= length ? text : text[^length..];

    private static string Lower(string raw) => Composed.Of(raw.Trim().ToLowerInvariant());

    private static string Letters(string raw)
    {
        var letters = new StringBuilder(raw.Length);
        foreach (var character in Lower(raw))
        {
            if (char.IsLetterOrDigit(character))
            {
                letters.Append(character);
            }
            else if (letters.Length > 0 && letters[^1] != ' ' && character is not '\'')
            {
                letters.Append(' ');
            }
        }

        return letters.ToString().TrimEnd();
    }
}
