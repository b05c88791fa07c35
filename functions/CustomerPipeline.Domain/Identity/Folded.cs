using System.Globalization;
using System.Text;
using ICU4N.Text;

namespace CustomerPipeline.Domain.Identity;

/// <summary>
/// Texts as a reader compares them: letters in one form whatever their width, case and accents, without invisible characters (Unicode NFKC_Casefold, then without
/// combining marks), by the tables that <see cref="Composed"/> uses. For searching, never for what identifies.
/// </summary>
public static class Folded
{
    public static string Of(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.ToLowerInvariant();
        }

        // A lone surrogate is no character.
        var whole = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        var apart = Normalizer2.NFDInstance.Normalize(Normalizer2.NFKCCaseFoldInstance.Normalize(whole));
        var folded = new StringBuilder(apart.Length);
        foreach (var character in apart)
        {
            if (char.GetUnicodeCategory(character) is not UnicodeCategory.NonSpacingMark)
            {
                folded.Append(character);
            }
        }

        return folded.ToString();
    }
}
