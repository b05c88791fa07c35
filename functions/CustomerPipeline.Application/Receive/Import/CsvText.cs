using System.Text;
using CustomerPipeline.Domain;

namespace CustomerPipeline.Application.Receive.Import;

/// <summary>The characters of a CSV file in its encoding. Bytes that are none are told by their place, never replaced: two names could become one.</summary>
internal static class CsvText
{
    private static readonly UTF8Encoding Utf8Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A reader from the beginning of the file.</summary>
    /// <exception cref="ImportMappingException">The mark at the beginning is that of another encoding than the mapping's.</exception>
    public static StreamReader Read(Stream file, string? stated)
    {
        file.Position = 0;
        Span<byte> start = stackalloc byte[3];
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        var (marked, encoding) = start[..length] switch
        {
            [0xEF, 0xBB, 0xBF] => ("utf-8", Utf8Strict),
            [0xFF, 0xFE, ..] => ("utf-16", new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true)),
            [0xFE, 0xFF, ..] => ("utf-16", new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true)),
            _ => ((string?)null, Named(stated)),
        };
        return marked is not null && stated is not null && stated != marked
            ? throw new ImportMappingException($"The file begins with the mark of {marked}, but the mapping says encoding {stated}. Leave encoding out, or save the file as {stated}.")
            : new StreamReader(file, encoding, detectEncodingFromByteOrderMarks: marked is not null, leaveOpen: true);
    }

    /// <summary>What is wrong with a file that <see cref="Read"/> could not decode.</summary>
    public static ImportMappingException Undecodable(Stream file, string? stated)
    {
        const string Advice = "Save the file as UTF-8, or say what it is in the mapping, such as \"encoding\": \"windows-1252\".";
        if (stated == "utf-16")
        {
            return new ImportMappingException($"The file is no well-formed UTF-16. {Advice}");
        }

        file.Position = 0;
        var buffer = new byte[64 * 1024];
        var (kept, line, before) = (0, 1, 0L);
        while (true)
        {
            var read = file.Read(buffer, kept, buffer.Length - kept);
            var filled = buffer.AsSpan(0, kept + read);
            var valid = Utf8Text.LengthOfValid(filled, out var isCut);
            line += filled[..valid].Count((byte)'\n');
            if (valid < filled.Length && !(isCut && read > 0))
            {
                return new ImportMappingException($"The file is no UTF-8: line {line} has the byte 0x{filled[valid]:X2} at position {before + valid} of the file. {Advice}");
            }

            if (read == 0)
            {
                return new ImportMappingException($"The file is no UTF-8. {Advice}");
            }

            kept = filled.Length - valid;
            filled[valid..].CopyTo(buffer);
            before += valid;
        }
    }

    private static Encoding Named(string? name) => name switch
    {
        "utf-16" => new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true),
        "windows-1252" => CodePagesEncodingProvider.Instance.GetEncoding(1252)!,
        _ => Utf8Strict,
    };
}
