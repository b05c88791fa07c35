using System.Buffers;
using System.Text;

namespace CustomerPipeline.Domain;

/// <summary>Finds the place where bytes stop being UTF-8, to tell a sender which byte to look at.</summary>
public static class Utf8Text
{
    /// <summary>How many bytes at the start of <paramref name="bytes"/> are whole characters of UTF-8.</summary>
    /// <param name="bytes">The bytes, or a part of them.</param>
    /// <param name="isCut">Whether the rest may be the start of a character that goes on behind the part.</param>
    public static int LengthOfValid(ReadOnlySpan<byte> bytes, out bool isCut)
    {
        var at = 0;
        while (true)
        {
            var status = Rune.DecodeFromUtf8(bytes[at..], out _, out var width);
            if (status != OperationStatus.Done)
            {
                isCut = status == OperationStatus.NeedMoreData;
                return at;
            }

            at += width;
        }
    }
}
