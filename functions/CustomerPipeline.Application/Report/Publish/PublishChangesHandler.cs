using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Snapshots;

namespace CustomerPipeline.Application.Report.Publish;

/// <summary>Tells subscribers of published figures that turned out to be others, and of what became of customers.</summary>
public sealed class PublishChangesHandler(IEventPublisher publisher, CustomerStore customers, StageTelemetry telemetry)
{
    public async Task HandleAsync(IReadOnlyList<PublishedChange> changes, CancellationToken cancellationToken)
    {
        var events = new List<OutgoingEvent>();
        foreach (var change in changes)
        {
            await telemetry.TryAsync(StageTelemetry.Publish, 1, async () => events.AddRange(change switch
            {
                { RestatedAt: not null, Metric: not null } => [RestatementOf(change)],
                { News: CustomerNewsItem.Stage, Customer: { } customer, To: { } stage, At: { } at } => StageOf(customer, change.From, stage, at),
                { News: CustomerNewsItem.Moved, Customer: { } customer, To: { } other, At: { } at } => [await MoveOfAsync(customer, other, at, cancellationToken)],
                { News: CustomerNewsItem.Membership, Audience: { } audience, Customer: { } customer, To: { } what, At: { } at } =>
                    [await MembershipOfAsync(audience, customer, what, at, cancellationToken)],
                _ => [],
            }));
        }

        if (events.Count > 0)
        {
            await publisher.PublishAsync([.. events.DistinctBy(e => e.Id)], cancellationToken);
        }
    }

    private static OutgoingEvent RestatementOf(PublishedChange change)
    {
        var id = change.Id!.StartsWith(Containers.RestatedPrefix, StringComparison.Ordinal) ? change.Id[Containers.RestatedPrefix.Length..] : change.Id;
        var restatement = new Restatement(id, change.Metric!, change.Day!.Value, change.Dimensions!, change.Old, change.New, change.Version!.Value, change.PublishedAt!.Value, change.RestatedAt!.Value, change.Cause!);
        return new OutgoingEvent(id, EventTypes.MetricRestated, $"{restatement.Metric}/{restatement.Day:yyyy-MM-dd}", restatement.RestatedAt, JsonSerializer.SerializeToElement(restatement, DocumentJson.Default.Restatement));
    }

    private static IEnumerable<OutgoingEvent> StageOf(string customer, string? from, string to, DateTimeOffset asOf)
    {
        yield return EventOf(EventTypes.CustomerStageChanged, customer, asOf, new CustomerStageChanged(customer, from, to, asOf), EventJson.Default.CustomerStageChanged, to, Text(asOf));
        if (to == LifecycleStage.AtRisk.Name())
        {
            yield return EventOf(EventTypes.CustomerAtRisk, customer, asOf, new CustomerAtRisk(customer, from, asOf), EventJson.Default.CustomerAtRisk, Text(asOf));
        }
    }

    private async Task<OutgoingEvent> MembershipOfAsync(string audience, string customer, string what, DateTimeOffset asOf, CancellationToken cancellationToken)
    {
        if (what == CustomerNewsItem.Entered)
        {
            return EventOf(
                EventTypes.CustomerEnteredAudience, customer, asOf, new CustomerEnteredAudience(audience, customer, asOf),
                EventJson.Default.CustomerEnteredAudience, audience, Text(asOf));
        }

        // An id that leads to another customer left because of that: the subscriber need not take it for a loss.
        var root = (await customers.FindRootAsync(customer, cancellationToken)).Summary.Customer;
        return EventOf(
            EventTypes.CustomerLeftAudience, customer, asOf, new CustomerLeftAudience(audience, customer, root == customer ? null : root, asOf),
            EventJson.Default.CustomerLeftAudience, audience, Text(asOf));
    }

    // Whoever gave its interactions away and leads to another customer now was merged; whoever is still a customer was split. Of the touches of one merge the first may come alone: they share an id.
    private async Task<OutgoingEvent> MoveOfAsync(string customer, string other, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var root = await customers.FindRootAsync(customer, cancellationToken);
        if (root.Summary.Customer == customer)
        {
            return EventOf(EventTypes.CustomerSplit, customer, at, new CustomerSplit(customer, other, at), EventJson.Default.CustomerSplit, other, at.UtcDateTime.ToString("yyyy-MM-ddTHH", CultureInfo.InvariantCulture));
        }

        var alias = await customers.ReadAsync(customer, cancellationToken);
        return EventOf(
            EventTypes.CustomerMerged, customer, at, new CustomerMerged(root.Summary.Customer, customer, at), EventJson.Default.CustomerMerged,
            root.Summary.Customer, alias.Revision.ToString(CultureInfo.InvariantCulture));
    }

    private static OutgoingEvent EventOf<T>(string type, string customer, DateTimeOffset at, T data, JsonTypeInfo<T> shape, params ReadOnlySpan<string?> idParts) =>
        new(StableHash.Of([type, customer, .. idParts]), type, customer, at, JsonSerializer.SerializeToElement(data, shape));

    private static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
