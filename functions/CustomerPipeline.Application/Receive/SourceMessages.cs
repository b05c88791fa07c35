using CustomerPipeline.Application.Receive.Import;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Receive;

/// <summary>What a source sends to payloads, and payloads to queue messages.</summary>
public static class SourceMessages
{
    /// <summary>Splits what a source sends; null when the source does not send that kind of file.</summary>
    /// <param name="source">Whose.</param>
    /// <param name="mediaType">Of the body, without parameters.</param>
    /// <param name="body">Read as the parts are asked for.</param>
    /// <param name="mapping">How the columns of a CSV file, or the fields of JSON of another shape, are to be read.</param>
    /// <param name="limit">How much it may be split into.</param>
    /// <exception cref="TooManyMessagesException">When the parts are asked for: there are more than the limit allows.</exception>
    public static IEnumerable<PayloadPart>? Split(SourceSystem source, string? mediaType, Stream body, ImportMapping? mapping, SplitLimit limit) =>
        PartsOf(source, mediaType, body, mapping, limit) is { } parts ? limit.Hold(parts) : null;

    private static IEnumerable<PayloadPart>? PartsOf(
        SourceSystem source, string? mediaType, Stream body, ImportMapping? mapping, SplitLimit limit) => (source.Format, mediaType?.ToLowerInvariant()) switch
        {
            (PayloadFormat.Json, "text/csv") when source.Name == "import" => mapping is null
                ? [PayloadPart.Reject(0, "missing-mapping", "A CSV file needs a column mapping. See docs/import.md.")]
                : CsvRows.PartsOf(body, mapping, limit),
            (PayloadFormat.Json, "application/json" or "text/json") when source.Name == "import" && mapping is not null => JsonRecords.PartsOf(
                () => JsonParts.OfDocument(ReadAll(body), (payload, _) => new PayloadPart(payload, null), limit), mapping, limit),
            (PayloadFormat.Json, "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/x-jsonlines") when source.Name == "import" && mapping is not null =>
                JsonRecords.PartsOf(() => limit.Hold(JsonParts.OfLines(FromBeginning(body))), mapping, limit),
            (PayloadFormat.Json, "application/json" or "text/json") => VendorLists.Expand(
                source, JsonParts.OfDocument(ReadAll(body), (payload, _) => new PayloadPart(payload, null), limit), limit),
            (PayloadFormat.Json, "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/x-jsonlines") =>
                VendorLists.Expand(source, JsonParts.OfLines(body), limit),
            (PayloadFormat.XmlTransactions, "application/xml" or "text/xml") => XmlParts.Of(body),
            _ => null,
        };

    /// <summary>The media type of a file by its extension; null when it tells none.</summary>
    public static string? MediaTypeOf(string? extension) => extension?.ToLowerInvariant() switch
    {
        ".ndjson" or ".jsonl" => "application/x-ndjson",
        ".json" => "application/json",
        ".xml" => "application/xml",
        ".csv" or ".tsv" => "text/csv",
        _ => null,
    };

    /// <summary>A payload as a queue message.</summary>
    /// <param name="source">Whose.</param>
    /// <param name="payload">As the source wrote it.</param>
    /// <param name="header">Finds a header that came along; null when there was none.</param>
    /// <param name="isOnly">Whether it came alone: the event id among the headers speaks for a single payload.</param>
    /// <param name="received">When it came; null to leave that to the receiver.</param>
    /// <param name="instance">The instance of the source, where the sender was given an address for it.</param>
    /// <param name="place">Where in a file the payload stands.</param>
    public static MessageEnvelope Envelope(
        SourceSystem source, ReadOnlyMemory<byte> payload, Func<string, string?> header, bool isOnly, DateTimeOffset? received, string? instance = null, string? place = null)
    {
        if (source.Format == PayloadFormat.Json && EventBridge.Unwrap(payload) is var (inner, metadata))
        {
            // Each event has headers of its own.
            return Envelope(source, inner, name => metadata(name) ?? header(name), isOnly: true, received);
        }

        var kept = source.Headers.All.Select(name => (Name: name, Value: Sane(header(name)))).Where(h => h.Value is not null).ToList();
        string? ValueOf(string? name) => name is null ? null : kept.FirstOrDefault(h => h.Name == name).Value;
        var eventId = isOnly ? ValueOf(source.Headers.Delivery) ?? ValueOf(source.Headers.EventId) : null;
        return new MessageEnvelope(
            $"/{source.Name}/{instance ?? ValueOf(source.Headers.Sender) ?? "unknown"}", eventId ?? StableHash.Of(payload.Span), source.Name, ValueOf(source.Headers.Topic), eventId is not null, payload)
        {
            ContentType = source.Format == PayloadFormat.Json ? MessageEnvelope.Json : MessageEnvelope.Xml,
            Received = received,
            Headers =
            [
                .. kept.Select(h => KeyValuePair.Create(MessageEnvelope.ExtensionName(h.Name), h.Value!)),
                .. instance is null ? (KeyValuePair<string, string>[])[] : [KeyValuePair.Create(SourceInstance.Attribute, instance)],
                .. place is null ? (KeyValuePair<string, string>[])[] : [KeyValuePair.Create(FilePlace.Attribute, place)],
                .. Trace,
            ],
        };
    }

    // From the request to the stages behind the queue.
    private static IEnumerable<KeyValuePair<string, string>> Trace => StageTelemetry.Trace is { } trace ? [KeyValuePair.Create(StageTelemetry.TraceAttribute, trace)] : [];

    // A header is the sender's text: what is too long for an id is not one.
    private static string? Sane(string? value) => value is { Length: > 0 and <= 200 } ? value : null;

    private static Stream FromBeginning(Stream body)
    {
        body.Position = 0;
        return body;
    }

    private static ReadOnlyMemory<byte> ReadAll(Stream body)
    {
        if (body is MemoryStream memory && memory.TryGetBuffer(out var buffer))
        {
            return buffer;
        }

        using var all = new MemoryStream();
        FromBeginning(body).CopyTo(all);
        return all.GetBuffer().AsMemory(0, (int)all.Length);
    }
}
