using System.Buffers;
using System.Text;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Application.Privacy;

/// <summary>Email addresses and phone numbers with a country code in the texts of a message. Each character is looked at a bounded number of times, whatever the text is.</summary>
internal static class Mentions
{
    private const int LongestLocal = 64;
    private const int LongestDomain = 190;
    private const int MostDigits = 15;
    private const int LeastDigits = 7;

    private static readonly SearchValues<char> NotInAddress = SearchValues.Create(" \t\r\n\u00A0\"'<>(),;:\\/=&?[]{}|@\uFFFD");
    private static readonly SearchValues<char> InPhone = SearchValues.Create(" \u00A0.-()/");

    /// <summary>The identifiers that a message mentions, in no order, and perhaps one more than once.</summary>
    public static IEnumerable<Identifier> In(ReadOnlyMemory<byte> message) => TextLayers.Of(message).SelectMany(text => Emails(text).Concat(Phones(text)));

    private static IEnumerable<Identifier> Emails(string text)
    {
        for (var at = text.IndexOf('@', StringComparison.Ordinal); at >= 0; at = text.IndexOf('@', at + 1))
        {
            var from = at;
            while (from > 0 && at - from < LongestLocal && !NotInAddress.Contains(text[from - 1]))
            {
                from--;
            }

            var to = at + 1;
            while (to < text.Length && to - at <= LongestDomain && !NotInAddress.Contains(text[to]))
            {
                to++;
            }

            // What ends a sentence ends no address.
            while (to > at + 1 && text[to - 1] is '.' or '!' or '*' or '_' or '-')
            {
                to--;
            }

            if (from < at && to > at + 3 && IdentifierNormalizer.Email(text[from..to]) is { } email)
            {
                yield return email;
            }
        }
    }

    private static IEnumerable<Identifier> Phones(string text)
    {
        for (var plus = text.IndexOf('+', StringComparison.Ordinal); plus >= 0; plus = text.IndexOf('+', plus + 1))
        {
            var number = new StringBuilder("+", MostDigits + 1);
            for (var i = plus + 1; i < text.Length && number.Length <= MostDigits && i - plus < MostDigits * 3; i++)
            {
                if (char.IsAsciiDigit(text[i]))
                {
                    number.Append(text[i]);
                }
                else if (!InPhone.Contains(text[i]))
                {
                    break;
                }
            }

            if (number.Length > LeastDigits && IdentifierNormalizer.Phone(number.ToString(), null) is { } phone)
            {
                yield return phone;
            }
        }
    }
}
