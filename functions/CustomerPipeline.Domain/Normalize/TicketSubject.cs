using System.Text.RegularExpressions;

namespace CustomerPipeline.Domain.Normalize;

/// <summary>What tickets are about: the subjects that people write, so that those about one thing are one.</summary>
public static partial class TicketSubject
{
    private const int Longest = 60;
    private const int LongestRead = 200;

    /// <summary>
    /// In small letters, without reply marks, and with <c>#</c> for numbers. Names and addresses can stand in a subject: only subjects that many customers share are shown.
    /// </summary>
    public static string? Of(string? subject)
    {
        if (string.IsNullOrWhiteSpace(subject))
        {
            return null;
        }

        var trimmed = subject.Trim().ToLowerInvariant();
        var text = Replies().Replace(trimmed[..Math.Min(trimmed.Length, LongestRead)], "");
        text = Spaces().Replace(Numbers().Replace(text, "#"), " ").Trim();
        return text.Length == 0 ? null : text[..Math.Min(text.Length, Longest)];
    }

    [GeneratedRegex("^((re|fw|fwd|aw|wg|sv|vs|rv)\\s*:\\s*)+", RegexOptions.CultureInvariant)]
    private static partial Regex Replies();

    [GeneratedRegex("#?[a-z0-9-]*[0-9][a-z0-9-]*")]
    private static partial Regex Numbers();

    [GeneratedRegex("\\s+")]
    private static partial Regex Spaces();
}
