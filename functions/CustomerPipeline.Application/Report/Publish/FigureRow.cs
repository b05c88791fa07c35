using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using CustomerPipeline.Domain.Value;
using Parquet.Serialization;
using Parquet.Serialization.Attributes;

namespace CustomerPipeline.Application.Report.Publish;

/// <summary>A row of the Parquet files: one figure in one cell. The columns are a contract (docs/analysts.md): they may be added to, and keep their names, types and meaning.</summary>
public sealed record FigureRow
{
    /// <summary>Name in the catalogue.</summary>
    [JsonPropertyName("metric")]
    [ParquetRequired]
    public string Metric { get; init; } = "";

    /// <summary>count, money, ratio, number or seconds.</summary>
    [JsonPropertyName("unit")]
    [ParquetRequired]
    public string Unit { get; init; } = "";

    /// <summary>The day it tells of; null for the customer base.</summary>
    [JsonPropertyName("day")]
    public DateOnly? Day { get; init; }

    /// <summary>The instant it tells of, UTC; null for figures of a day.</summary>
    [JsonPropertyName("as_of")]
    [ParquetTimestamp]
    public DateTime? AsOf { get; init; }

    [JsonPropertyName("channel")]
    public string? Channel { get; init; }

    /// <summary>ISO 4217, of money.</summary>
    [JsonPropertyName("currency")]
    public string? Currency { get; init; }

    /// <summary>All other dimensions of the cell, as a JSON object; null where there are none.</summary>
    [JsonPropertyName("dimensions")]
    public string? Dimensions { get; init; }

    /// <summary>The figure: money in major units; null where nothing can be said, or it is a text.</summary>
    [JsonPropertyName("value")]
    [ParquetDecimal(28, 6)]
    public decimal? Value { get; init; }

    /// <summary>The figure where it is a text.</summary>
    [JsonPropertyName("text")]
    public string? Text { get; init; }

    /// <summary>What the figure is made of, as a JSON object, so that cells can be combined; null where there is nothing.</summary>
    [JsonPropertyName("details")]
    public string? Details { get; init; }

    /// <summary>Of a day's figures: one more with each restatement. Of the customer base: 1.</summary>
    [JsonPropertyName("version")]
    public int Version { get; init; }

    [JsonPropertyName("rule_version")]
    [ParquetRequired]
    public string RuleVersion { get; init; } = "";

    /// <summary>UTC.</summary>
    [JsonPropertyName("published_at")]
    [ParquetTimestamp]
    public DateTime PublishedAt { get; init; }

    /// <summary>The row of one cell, as it was published.</summary>
    /// <param name="metric">Of the catalogue.</param>
    /// <param name="cell">A row of an answer.</param>
    public static FigureRow Of(MetricDefinition metric, JsonElement cell)
    {
        var dimensions = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        var details = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in cell.EnumerateObject().Where(p => p.Name != "value"))
        {
            if (property.Name is "channel" or "currency")
            {
                continue;
            }

            if (metric.Dimensions.Contains(property.Name))
            {
                dimensions[property.Name] = property.Value.GetString();
            }
            else
            {
                details[property.Name] = property.Value;
            }
        }

        var value = cell.GetProperty("value");
        var text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        decimal? number = value.ValueKind == JsonValueKind.Number ? value.GetDecimal() : decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
        return new FigureRow
        {
            Metric = metric.Name,
            Unit = metric.Unit.ToString().ToLowerInvariant(),
            Channel = TextOf(cell, "channel"),
            Currency = TextOf(cell, "currency"),
            Dimensions = dimensions.Count == 0 ? null : JsonSerializer.Serialize(dimensions, FigureJson.Default.SortedDictionaryStringString),
            Value = number,
            Text = number is null ? text : null,
            Details = details.Count == 0 ? null : JsonSerializer.Serialize(details, FigureJson.Default.SortedDictionaryStringJsonElement),
            Version = 1,
        };
    }

    /// <summary>A Parquet file of rows.</summary>
    public static async Task<ReadOnlyMemory<byte>> ToParquetAsync(IReadOnlyCollection<FigureRow> rows, CancellationToken cancellationToken)
    {
        using var file = new MemoryStream();
        await ParquetSerializer.SerializeAsync(rows, file, cancellationToken: cancellationToken);
        return file.ToArray();
    }

    private static string? TextOf(JsonElement cell, string name) => cell.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

[JsonSerializable(typeof(SortedDictionary<string, string?>))]
[JsonSerializable(typeof(SortedDictionary<string, JsonElement>))]
internal sealed partial class FigureJson : JsonSerializerContext;
