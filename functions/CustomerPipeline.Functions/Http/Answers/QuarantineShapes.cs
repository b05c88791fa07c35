using System.ComponentModel;
using System.Text;
using System.Text.Json.Serialization;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Functions.Http.Answers;

/// <summary>Quarantined messages that share a source, a stage and a reason.</summary>
internal sealed record QuarantineGroupShape(
    string Reason,
    string Advice,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Source,
    string Stage,
    long Count,
    DateTimeOffset FirstSeen,
    DateTimeOffset LastSeen,
    [property: Description("The id of the latest message.")] string Latest)
{
    public static QuarantineGroupShape Of(QuarantineGroup of) =>
        new(of.Code, of.Advice, of.Source, of.Stage, of.Count, of.FirstSeenAt, of.LastSeenAt, of.LatestId);
}

/// <summary>A quarantined message. Its content is written of one message only.</summary>
internal sealed record QuarantinedMessageShape(
    string Id,
    string Reason,
    string Advice,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Source,
    string Stage,
    string Queue,
    DateTimeOffset FirstSeen,
    DateTimeOffset LastSeen,
    int Tries,
    int Bytes)
{
    public string? Type { get; init; }

    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    [Description("Of one message only.")]
    public string? Payload { get; init; }

    [Description("The very bytes, of one message only.")]
    public byte[]? Message { get; init; }

    public static QuarantinedMessageShape Of(QuarantinedMessage of) => new(
        of.DeliveryId, of.Reason.Code, of.Reason.Advice, of.Source, of.Stage, of.Queue, of.QuarantinedAt, of.LastSeenAt ?? of.QuarantinedAt, of.Tries,
        of.Message.Length);

    /// <summary>The message with its content: what its envelope has, if it has one, and its bytes, whatever they are.</summary>
    public static QuarantinedMessageShape Whole(QuarantinedMessage of)
    {
        var shape = Of(of) with { Message = of.Message };
        return MessageEnvelope.TryRead(of.Message, out var envelope, out _)
            ? shape with
            {
                Type = envelope!.Type,
                Headers = envelope.Headers.DistinctBy(h => h.Key).ToDictionary(StringComparer.Ordinal),
                Payload = Encoding.UTF8.GetString(envelope.Data.Span),
            }
            : shape;
    }
}

/// <summary>A page of quarantined messages.</summary>
internal sealed record QuarantinedMessageListShape(
    IEnumerable<QuarantinedMessageShape> Value,
    [property: Description("Where the next page is; absent on the last one.")] string? NextLink,
    [property: Description("Deprecated: follow nextLink. The id of the last message, for the parameter after; absent on the last page.")] string? After);

/// <summary>What came of trying quarantined messages again.</summary>
internal sealed record RetriedShape(int Tried, int Released, [property: Description("Go on from here: there are more.")] string? After);
