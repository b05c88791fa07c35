using System.Buffers;
using System.Text.Json;

namespace CustomerPipeline.Application.Receive.Import;

/// <summary>The fields of a row, or of one of its lines, as the import shape writes them.</summary>
/// <param name="Texts">Those it has.</param>
/// <param name="Unread">The columns of the first field that is not what the mapping says; null where all are.</param>
internal sealed record ImportFields(Dictionary<string, string> Texts, string? Unread);

/// <summary>Fields of the import shape, as texts, to a payload.</summary>
internal static class ImportPayload
{
    /// <summary>Reads the fields of a row.</summary>
    /// <param name="fields">By field of the import shape.</param>
    /// <param name="row">The row.</param>
    /// <param name="mapping">How the file writes numbers and times.</param>
    /// <param name="currency">The record's currency, for amounts in minor units.</param>
    public static ImportFields Fields(IReadOnlyDictionary<string, ImportField> fields, ImportRow row, ImportMapping mapping, string? currency)
    {
        var texts = new Dictionary<string, string>(fields.Count, StringComparer.Ordinal);
        string? unread = null;
        foreach (var (name, how) in fields)
        {
            var value = ImportText.Of(name, how, row, mapping, currency);
            if (value.Text is not null)
            {
                texts[name] = value.Text;
            }

            if (!value.IsRead)
            {
                unread ??= how.Named;
            }
        }

        return new ImportFields(texts, unread);
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
