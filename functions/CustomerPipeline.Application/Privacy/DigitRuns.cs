using System.Buffers;
using System.Text;

namespace CustomerPipeline.Application.Privacy;

/// <summary>Digits of a text that may be one number, with whatever people put between them.</summary>
/// <param name="Digits">The digits.</param>
/// <param name="Begins">Where the groups begin that they are written in, in ascending order.</param>
internal readonly record struct DigitRun(string Digits, List<int> Begins)
{
    private const int MostBetween = 3;

    private static readonly SearchValues<char> Between = SearchValues.Create(" .-()/+\u00B7_\t\n\r\u2010\u2011\u2012\u2013\u2014");

    /// <summary>The runs of a text.</summary>
    /// <param name="folded">The text, folded.</param>
    public static IEnumerable<DigitRun> In(string folded)
    {
        var (digits, begins, between) = (new StringBuilder(), new List<int>(), 0);
        foreach (var character in folded.Append('x'))
        {
            if (char.IsAsciiDigit(character))
            {
                if (between > 0 || digits.Length == 0)
                {
                    begins.Add(digits.Length);
                }

                digits.Append(character);
                between = 0;
            }
            else if (digits.Length > 0 && (++between > MostBetween || !Between.Contains(character)))
            {
                yield return new DigitRun(digits.ToString(), begins);
                digits.Clear();
                begins = [];
                between = 0;
            }
        }
    }

    /// <summary>Whether a group ends before a digit, or all digits do.</summary>
    public bool EndsAt(int digit) => digit == Digits.Length || Begins.BinarySearch(digit) >= 0;

    /// <summary>Where the group of a digit begins.</summary>
    public int GroupOf(int digit) => Begins.BinarySearch(digit) is >= 0 and var group ? Begins[group] : Begins[~Begins.BinarySearch(digit) - 1];
}
