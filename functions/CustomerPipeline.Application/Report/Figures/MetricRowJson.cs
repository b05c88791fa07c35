using System.Text.Json;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Report.Figures;

/// <summary>The JSON of metric rows: the same in answers and in what is kept of them.</summary>
public static class MetricRowJson
{
    public static void Write(Utf8JsonWriter writer, MetricRow row)
    {
        writer.WriteStartObject();
        foreach (var (dimension, value) in row.Dimensions)
        {
            writer.WriteString(dimension, value);
        }

        WriteFigure(writer, "value", row.Value);
        WriteDetails(writer, row);
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, IEnumerable<MetricRow> rows)
    {
        writer.WriteStartArray();
        foreach (var row in rows)
        {
            Write(writer, row);
        }

        writer.WriteEndArray();
    }

    /// <summary>What a row is made of, as the text of an object; null where there is nothing.</summary>
    public static string? DetailsOf(MetricRow row)
    {
        if (row.Details.Count == 0)
        {
            return null;
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            WriteDetails(writer, row);
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    /// <summary>Rows as they are kept.</summary>
    public static JsonElement ToElement(IEnumerable<MetricRow> rows)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            Write(writer, rows);
        }

        return JsonElement.Parse(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    private static void WriteDetails(Utf8JsonWriter writer, MetricRow row)
    {
        foreach (var (name, detail) in row.Details)
        {
            WriteFigure(writer, name, detail);
        }
    }

    private static void WriteFigure(Utf8JsonWriter writer, string name, object? value)
    {
        writer.WritePropertyName(name);
        switch (value)
        {
            case long number: writer.WriteNumberValue(number); break;
            case decimal number: writer.WriteNumberValue(number); break;
            case string text: writer.WriteStringValue(text); break;
            default: writer.WriteNullValue(); break;
        }
    }
}
