using System.Text.Json;

namespace CustomerPipeline.AzureServices.Cosmos;

/// <summary>A range of a change feed with a position of its own.</summary>
/// <param name="Id">Of the position.</param>
/// <param name="Range">As the client library writes a <see cref="Microsoft.Azure.Cosmos.FeedRange"/>.</param>
/// <param name="Continuation">Where it begins; null for the beginning of the feed.</param>
internal sealed record FeedPart(string Id, string Range, string? Continuation = null)
{
    // The client library's name.
    private const string BoundsName = "Range";

    private (string From, string To)? _bounds;

    /// <summary>Whether an effective partition key is in it.</summary>
    public bool Holds(string effectivePartitionKey)
    {
        var (from, to) = _bounds ??= BoundsOf(Range);
        return string.CompareOrdinal(effectivePartitionKey, from) >= 0 && string.CompareOrdinal(effectivePartitionKey, to) < 0;
    }

    private static (string From, string To) BoundsOf(string range)
    {
        using var read = JsonDocument.Parse(range);
        var bounds = read.RootElement.GetProperty(BoundsName);
        return (bounds.GetProperty("min").GetString()!, bounds.GetProperty("max").GetString()!);
    }
}

/// <summary>
/// The client library's continuation tokens. After a split of a physical partition the token of its range has an entry for each half (ChangeFeedCrossFeedRangeState of azure-cosmos-dotnet-v3, version 2): a token with one of the entries goes on
/// in that half alone.
/// </summary>
internal static class FeedContinuation
{
    /// <summary>The halves that a token is about, each with a token of its own; none where it is about one range. A token of a form that is not known stays whole: then one reader goes on over both halves.</summary>
    /// <param name="token">Of a page.</param>
    /// <param name="id">Of the position that it is for.</param>
    public static IReadOnlyList<FeedPart> PartsOf(string token, string id)
    {
        try
        {
            using var read = JsonDocument.Parse(token);
            var (version, container, entries) = (read.RootElement.GetProperty("V").GetInt32(), read.RootElement.GetProperty("Rid").GetString(), read.RootElement.GetProperty("Continuation"));
            return version == 2 && entries.GetArrayLength() > 1 ? [.. entries.EnumerateArray().Select((entry, number) => PartOf(entry, container, $"{id}.{number}"))] : [];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return [];
        }
    }

    private static FeedPart PartOf(JsonElement entry, string? container, string id)
    {
        var range = entry.GetProperty("FeedRange").GetProperty("value");
        return new FeedPart(
            id,
            $$$"""{"Range":{"min":"{{{range.GetProperty("min").GetString()}}}","max":"{{{range.GetProperty("max").GetString()}}}"}}""",
            $$$"""{"V":2,"Rid":"{{{container}}}","Continuation":[{{{entry.GetRawText()}}}]}""");
    }
}
