using F23.StringSimilarity;

namespace CustomerPipeline.Domain.Identity.Linkage;

/// <summary>
/// The part of a mailbox that the person's name and birth date do not already say. "jane.doe77" of Jane Doe leaves "77", "jdoe" leaves nothing. Two namesakes
/// often have mailboxes that are alike because both are built from the name, so that the whole mailbox would count the name twice.
/// </summary>
internal static class MailboxBeyondName
{
    private const int MostWords = 6;
    private const int ShortestMisspelt = 4;

    private static readonly OptimalStringAlignment Edits = new();

    /// <summary>Returns the letters and digits that are left; empty where the name and the birth date explain all of them.</summary>
    /// <param name="email">An address; a text without an "@" counts whole.</param>
    /// <param name="person">Whose address it is.</param>
    public static string Of(string email, PersonFields person)
    {
        var mailbox = email.IndexOf('@', StringComparison.Ordinal) is > 0 and var at ? email[..at] : email;
        var words = WordsOf(person);
        return string.Concat(RunsOf(Folded.Of(mailbox))
            .Where(run => !(char.IsDigit(run[0]) ? IsOfDate(run, person[LinkageField.BirthDate]) : IsOfName(run, words))));
    }

    private static string[] WordsOf(PersonFields person) =>
    [
        .. new[] { person[LinkageField.GivenName], person[LinkageField.FamilyName] }.OfType<string>().SelectMany(n => n.Split(' '))
            .SelectMany(word => new[] { Folded.Of(word), Folded.Of(Transcribed(word)) }).Where(word => word.Length > 0).Distinct(StringComparer.Ordinal).Take(MostWords),
    ];

    // As German names are written in ASCII.
    private static string Transcribed(string word) => word
        .Replace("ä", "ae", StringComparison.Ordinal).Replace("ö", "oe", StringComparison.Ordinal)
        .Replace("ü", "ue", StringComparison.Ordinal).Replace("ø", "oe", StringComparison.Ordinal).Replace("å", "aa", StringComparison.Ordinal);

    // Letters and digits by turns; all else separates.
    private static IEnumerable<string> RunsOf(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var isDigit = char.IsDigit(text[start]);
            var end = start;
            while (end < text.Length && char.IsLetterOrDigit(text[end]) && char.IsDigit(text[end]) == isDigit)
            {
                end++;
            }

            if (end > start)
            {
                yield return text[start..end];
            }

            start = Math.Max(end, start + 1);
        }
    }

    private static bool IsOfName(string run, string[] words) =>
        IsMadeOfStarts(run, words, used: 0)
        || words.Any(word => Nicknames.AreForms(run, word))
        || (run.Length >= ShortestMisspelt
            && words.SelectMany(one => words.Where(other => other != one).Select(other => one + other).Append(one)).Any(whole => Edits.Distance(run, whole) <= 1));

    // "janed", "jdoe", "doejane": starts of the words, each used once.
    private static bool IsMadeOfStarts(ReadOnlySpan<char> run, string[] words, int used)
    {
        if (run.IsEmpty)
        {
            return true;
        }

        for (var i = 0; i < words.Length; i++)
        {
            for (var length = (used & (1 << i)) != 0 ? 0 : run.CommonPrefixLength(words[i]); length > 0; length--)
            {
                if (IsMadeOfStarts(run[length..], words, used | (1 << i)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // The year, the day and month, or all of them in a usual order; a date is yyyyMMdd.
    private static bool IsOfDate(string digits, string? date)
    {
        if (date is null)
        {
            return false;
        }

        var (year, month, day) = (date[..4], date[4..6], date[6..]);
        string[] forms =
        [
            year, year[2..], month + day, day + month, date, day + month + year, month + day + year,
            day + month + year[2..], month + day + year[2..], year[2..] + month + day,
        ];
        return forms.Contains(digits, StringComparer.Ordinal);
    }
}
