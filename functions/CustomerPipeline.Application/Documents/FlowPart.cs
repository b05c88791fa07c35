using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Documents;

/// <summary>
/// One of the documents of a shard's day: counts and sums, the buckets of durations, or a part of what counts once more by facets. There are thousands of buckets on a busy day, maybe as many campaigns, and few kinds of
/// sums: kept apart, an order does not rewrite what tickets filled.
/// </summary>
/// <param name="Day">The business day.</param>
/// <param name="IsDurations">Whether it holds the buckets.</param>
/// <param name="Facets">Which part of the values of facets it holds; null for none.</param>
[JsonConverter(typeof(FlowPartConverter))]
public readonly record struct FlowPart(DateOnly Day, bool IsDurations, int? Facets = null)
{
    private const string DayFormat = "yyyy-MM-dd";
    private const string DurationsSuffix = ":durations";
    private const string FacetsInfix = ":facets-";

    // By the hash of the value: a value rewrites an eighth of them.
    private const int PartsOfFacets = 8;

    /// <summary>Tells it from all others of a shard.</summary>
    public string Name => Day.ToString(DayFormat, CultureInfo.InvariantCulture) + (IsDurations ? DurationsSuffix : Facets is { } part ? string.Create(CultureInfo.InvariantCulture, $"{FacetsInfix}{part}") : "");

    public string Id => Containers.FlowPrefix + Name;

    /// <summary>Reads an <see cref="Id"/>.</summary>
    /// <exception cref="FormatException">It is no such id.</exception>
    public static FlowPart Parse(string id) => Named(id.AsSpan(Containers.FlowPrefix.Length));

    /// <summary>Reads a <see cref="Name"/>.</summary>
    /// <exception cref="FormatException">It is no such name.</exception>
    public static FlowPart Named(ReadOnlySpan<char> name)
    {
        var isDurations = name.EndsWith(DurationsSuffix, StringComparison.Ordinal);
        var facets = name.IndexOf(FacetsInfix, StringComparison.Ordinal);
        return new FlowPart(
            DateOnly.ParseExact(isDurations ? name[..^DurationsSuffix.Length] : facets >= 0 ? name[..facets] : name, DayFormat, CultureInfo.InvariantCulture), isDurations,
            facets >= 0 ? int.Parse(name[(facets + FacetsInfix.Length)..], NumberStyles.None, CultureInfo.InvariantCulture) : null);
    }

    /// <summary>The documents of a day that hold everything once.</summary>
    public static IEnumerable<FlowPart> OfDay(DateOnly day) => [new(day, IsDurations: false), new(day, IsDurations: true)];

    /// <summary>Those of a day that hold what is known by facets.</summary>
    public static IEnumerable<FlowPart> OfFacets(DateOnly day) => Enumerable.Range(0, PartsOfFacets).Select(part => new FlowPart(day, IsDurations: false, part));

    /// <summary>A posting by the documents that keep it.</summary>
    public static IEnumerable<(FlowPart Part, FlowPosting Posting)> Of(FlowPosting posting) => posting.IsOfFacet
        ? [(new FlowPart(posting.Day, IsDurations: false, StableHash.Bucket(FlowCell.Parse(posting.Cell).Value!, PartsOfFacets)), posting)]
        : posting.Measures
        .GroupBy(m => Measure.IsBucket(m.Key))
        .Select(g => (new FlowPart(posting.Day, g.Key), posting with { Measures = g.ToDictionary(StringComparer.Ordinal) }));
}

/// <summary>Writes documents of days as their names.</summary>
public sealed class FlowPartConverter : JsonConverter<FlowPart>
{
    public override FlowPart Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => FlowPart.Named(reader.GetString());

    public override void Write(Utf8JsonWriter writer, FlowPart value, JsonSerializerOptions options) => writer.WriteStringValue(value.Name);

    public override FlowPart ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => FlowPart.Named(reader.GetString());

    public override void WriteAsPropertyName(Utf8JsonWriter writer, FlowPart value, JsonSerializerOptions options) => writer.WritePropertyName(value.Name);
}
