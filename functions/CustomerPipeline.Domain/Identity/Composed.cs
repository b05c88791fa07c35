using System.Text;
using ICU4N.Text;

namespace CustomerPipeline.Domain.Identity;

/// <summary>
/// Texts with each letter in one form (Unicode normalization form C), by tables that the program carries: the runtime's own way needs a library of the machine, and
/// without it does nothing (docs/decisions/0030-letters-in-one-form.md).
/// </summary>
internal static class Composed
{
    public static string Of(string text) => Ascii.IsValid(text) ? text : Normalizer2.NFCInstance.Normalize(text);
}
