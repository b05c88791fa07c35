using System.Buffers;
using System.Text.Json;

namespace CustomerPipeline.Application.Receive.Import;

/// <summary>Fields of the import shape, as texts, to a payload.</summary>
internal static class ImportPayload
{
    /// <summary>The fields of a row, those it has.</summary>
    public static Dictionary<string, string> Fields(IReadOnlyDictionary<string, ImportField> fields, Func<string, string?> column, ImportMapping mapping)
    {
        var texts = new Dictionary<string, string>(fields.Count, StringComparer.Ordinal);
        foreach (var (name, how) in fields)
        {
            if (how.ValueFor(column) is { } text)
            {
                texts[name] = ImportText.Of(name, how, text, mapping);
            }
        }

        return texts;
    }

    public static ReadOnlyMemory<byte> Write(ImportMapping mapping, Dictionary<string, string> fields, IEnumerable<Dictionary<string, string>> lines)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", mapping.Kind);
            writer.WriteString("system", mapping.System);
            WriteFields(writer, fields);
            if (mapping.LineFields.Count > 0)
            {
                writer.WriteStartArray("lines");
                foreach (var line in lines)
                {
                    // One that is too large is rejected. The rest of its lines, each with the constants of the mapping, would be many times the upload.
                    if (writer.BytesCommitted + writer.BytesPending > PayloadPart.Largest)
                    {
                        break;
                    }

                    writer.WriteStartObject();
                    WriteFields(writer, line);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteFields(Utf8JsonWriter writer, Dictionary<string, string> fields)
    {
        foreach (var (name, value) in fields)
        {
            writer.WriteString(name, value);
        }
    }
}
