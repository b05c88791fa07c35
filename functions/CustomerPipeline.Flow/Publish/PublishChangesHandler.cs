using System.Text.Json;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Flow.Snapshot;

namespace CustomerPipeline.Flow.Publish;

/// <summary>A change of the snapshots container as Publish sees it: all but restatements are passed over.</summary>
public sealed record PublishedChange
{
    /// <summary>Of the document or of the restatement, as the store has it: both name the restatement.</summary>
    public string? Id { get; init; }

    public string? Metric { get; init; }

    public DateOnly? Day { get; init; }

    public IReadOnlyDictionary<string, string>? Dimensions { get; init; }

    public JsonElement? Old { get; init; }

    public JsonElement? New { get; init; }

    public int? Version { get; init; }

    public DateTimeOffset? PublishedAt { get; init; }

    public DateTimeOffset? RestatedAt { get; init; }

    public RestatementCause? Cause { get; init; }
}

/// <summary>Tells subscribers of published figures that turned out to be others.</summary>
public sealed class PublishChangesHandler(IEventPublisher publisher)
{
    public const string Restated = "customerpipeline.metric.restated";

    public Task HandleAsync(IReadOnlyList<PublishedChange> changes, CancellationToken cancellationToken)
    {
        var events = changes.Where(c => c is { RestatedAt: not null, Metric: not null }).Select(EventOf).DistinctBy(e => e.Id).ToList();
        return events.Count == 0 ? Task.CompletedTask : publisher.PublishAsync(events, cancellationToken);
    }

    private static OutgoingEvent EventOf(PublishedChange change)
    {
        var id = change.Id!.StartsWith(Containers.RestatedPrefix, StringComparison.Ordinal) ? change.Id[Containers.RestatedPrefix.Length..] : change.Id;
        var restatement = new Restatement(id, change.Metric!, change.Day!.Value, change.Dimensions!, change.Old, change.New, change.Version!.Value, change.PublishedAt!.Value, change.RestatedAt!.Value, change.Cause!);
        return new OutgoingEvent(id, Restated, $"{restatement.Metric}/{restatement.Day:yyyy-MM-dd}", restatement.RestatedAt, JsonSerializer.SerializeToElement(restatement, FlowJson.Default.Restatement));
    }
}
