using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Domain.Snapshots;

namespace CustomerPipeline.Functions.Http.Answers;

/// <summary>A snapshot of the customer base.</summary>
internal sealed record SnapshotShape(
    [property: Description("Its id.")] string Snapshot, DateTimeOffset AsOf, DateTimeOffset TakenAt, string RuleVersion, long Watermark)
{
    public static SnapshotShape Of(CustomerSnapshot snapshot) => new(snapshot.Id, snapshot.AsOf, snapshot.TakenAt, snapshot.RuleVersion, snapshot.Watermark);
}

/// <summary>A metric as a snapshot has it.</summary>
internal sealed record SnapshotRowsShape(
    string Metric,
    [property: Description("The snapshot's id.")] string Snapshot,
    DateTimeOffset AsOf,
    DateTimeOffset TakenAt,
    string RuleVersion,
    long Watermark,
    [property: StoredAs(typeof(IEnumerable<MetricRowShape>))] JsonElement Value)
{
    public static SnapshotRowsShape Of(SnapshotRows rows) => new(
        rows.Metric, rows.Snapshot.Id, rows.Snapshot.AsOf, rows.Snapshot.TakenAt, rows.Snapshot.RuleVersion, rows.Snapshot.Watermark, rows.Rows);
}

/// <summary>The figures of a day as they were published.</summary>
internal sealed record PublishedDayShape(
    DateOnly Day,
    [property: Description("One more with each restatement.")] int Version,
    DateTimeOffset PublishedAt,
    string RuleVersion,
    [property: StoredAs(typeof(IReadOnlyDictionary<string, IEnumerable<MetricRowShape>>))] IReadOnlyDictionary<string, JsonElement> Metrics)
{
    public static PublishedDayShape Of(PublishedDay day) => new(day.Day, day.Version, day.PublishedAt, day.RuleVersion, day.Figures);
}

/// <summary>A restated figure. The dimensions of its cell stand between day and old.</summary>
[Description("A published figure that turned out to be another: old, new and why. The cell's dimensions stand beside.")]
[OpenMembers("string")]
internal sealed record RestatementShape(
    string Id,
    string Metric,
    DateOnly Day,
    [property: JsonIgnore] IReadOnlyDictionary<string, string> Dimensions,
    [property: Figure, Description(FigureText.OfRow), JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonElement? Old,
    [property: Figure, Description(FigureText.OfRow), JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonElement? New,
    int Version,
    DateTimeOffset PublishedAt,
    DateTimeOffset RestatedAt,
    RestatementCauseShape Cause)
{
    public static RestatementShape Of(Restatement of) => new(
        of.Id, of.Metric, of.Day, of.Dimensions, of.Old, of.New, of.Version, of.PublishedAt, of.RestatedAt,
        new RestatementCauseShape(of.Cause.Rules, of.Cause.Interactions));
}

/// <summary>Why a figure was restated.</summary>
internal sealed record RestatementCauseShape(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    [property: Description("The rules before and after; null where they did not change.")] string? Rules,
    [property: Description("How many interactions of the day were counted since it was published, by source and kind.")]
    IReadOnlyDictionary<string, long> Interactions);

/// <summary>Writes the properties of a restatement, and the dimensions of its cell as members of the same object.</summary>
internal sealed class RestatementConverter : JsonConverter<RestatementShape>
{
    public override void Write(Utf8JsonWriter writer, RestatementShape value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var property in AnswerJson.Default.RestatementShape.Properties)
        {
            if (property.Get is null)
            {
                continue;
            }

            writer.WritePropertyName(property.Name);
            JsonSerializer.Serialize(writer, property.Get(value), options.GetTypeInfo(property.PropertyType));
            if (property.Name == "day")
            {
                WriteCell(writer, value);
            }
        }

        writer.WriteEndObject();
    }

    public override RestatementShape Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Answers are written only.");

    private static void WriteCell(Utf8JsonWriter writer, RestatementShape value)
    {
        foreach (var (dimension, name) in value.Dimensions)
        {
            writer.WriteString(dimension, name);
        }
    }
}
