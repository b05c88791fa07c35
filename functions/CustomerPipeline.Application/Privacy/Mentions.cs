using System.Buffers;
using System.Text;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Application.Privacy;

/// <summary>Email addresses and phone numbers in the texts of a message. Each character is looked at a bounded number of times, whatever the text is.</summary>
internal static class Mentions
{
    private const int LongestLocal = 64;
    private const int LongestDomain = 190;
    private const int MostDigits = 15;
    private const int LeastDigits = 7;

    private static readonly SearchValues<char> NotInAddress = SearchValues.Create(" \t\r\n\u00A0\"'<>(),;:\\/=&?[]{}|@\uFFFD");
    private static readonly SearchValues<char> InPhone = SearchValues.Create(" \u00A0.-()/");

    // What is dialled before a number: 00, 0, and a country code of up to three digits.
    private const int MostOfCountryCode = 3;
    private const int LeastNational = 7;
    private const int MostNational = 12;

    /// <summary>The identifiers that texts mention, in no order, and perhaps one more than once: email addresses, and phone numbers with a plus sign.</summary>
    public static IEnumerable<Identifier> In(IEnumerable<string> texts) => texts.SelectMany(text => Emails(text).Concat(Phones(text)));

    /// <summary>
    /// What may be phone numbers without what is dialled before them (<see cref="PersonalValues.NationalNumberOf"/>), in no order, and perhaps one more than once. For each group of digits there are up to four of every length.
    /// </summary>
    public static IEnumerable<string> NationalNumbersIn(IEnumerable<string> texts) => texts.SelectMany(text => DigitRun.In(Folded.Of(text)).SelectMany(NationalNumbers));

    private static IEnumerable<string> NationalNumbers(DigitRun run)
    {
        for (var group = 0; group < run.Begins.Count; group++)
        {
            var from = run.Begins[group];
            while (from < run.Digits.Length && run.Digits[from] == '0')
            {
                from++;
            }

            for (var next = group + 1; next <= run.Begins.Count; next++)
            {
                var to = next < run.Begins.Count ? run.Begins[next] : run.Digits.Length;
                if (to - from > MostNational + MostOfCountryCode)
                {
                    break;
                }

                for (var number = Math.Max(from, to - MostNational); number <= from + MostOfCountryCode && to - number >= LeastNational; number++)
                {
                    yield return run.Digits[number..to];
                }
            }
        }
    }

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
