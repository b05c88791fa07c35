using System.Text.RegularExpressions;

namespace CustomerPipeline.Domain.Normalize;

/// <summary>What tickets are about: the subjects that people write, so that those about one thing are one.</summary>
public static class TicketSubject
{
    private const int Longest = 60;
    private const int LongestRead = 200;
    private const char Number = '#';

    /// <summary>
    /// In small letters, without reply marks, and with <c>#</c> for numbers. Names and addresses can stand in a subject: only subjects that many customers share are shown.
    /// </summary>
    public static string? Of(string? subject)
    {
        if (string.IsNullOrWhiteSpace(subject))
        {
            return null;
        }

        var text = subject.Trim().ToLowerInvariant();
        text = text[..Math.Min(text.Length, LongestRead)];
        var written = WithoutNumbers(text.Contains(':', StringComparison.Ordinal) ? Replies.Replace(text, "") : text, stackalloc char[LongestRead]).Trim();
        return written.IsEmpty ? null : written[..Math.Min(written.Length, Longest)].ToString();
    }

    // One sign for each number, order code or date, with or without one before it; one space for many.
    private static ReadOnlySpan<char> WithoutNumbers(ReadOnlySpan<char> text, Span<char> written)
    {
        var length = 0;
        for (var at = 0; at < text.Length;)
        {
            var start = text[at] == Number ? at + 1 : at;
            var end = start;
            while (end < text.Length && (char.IsAsciiLetterLower(text[end]) || char.IsAsciiDigit(text[end]) || text[end] == '-'))
            {
                end++;
            }

            if (text[start..end].ContainsAnyInRange('0', '9'))
            {
                written[length++] = Number;
                at = end;
            }
            else if (char.IsWhiteSpace(text[at]))
            {
                if (length > 0 && written[length - 1] != ' ')
                {
                    written[length++] = ' ';
                }

                at++;
            }
            else
            {
                end = Math.Max(end, at + 1);
                text[at..end].CopyTo(written[length..]);
                length += end - at;
                at = end;
            }
        }

        return written[..length];
    }

    // In linear time, whatever the subject.
    private static readonly Regex Replies = new("^((re|fw|fwd|aw|wg|sv|vs|rv)\\s*:\\s*)+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
}
