namespace CustomerPipeline.Flow;

/// <summary>Containers and how their documents are named.</summary>
public static class Containers
{
    /// <summary>Partition = entity. <c>rec:{recordId}</c> for each record, <c>state</c> for their fold.</summary>
    public const string Interactions = "interactions";

    /// <summary>Partition = hash of the identifier. <c>claim</c>: the customer it belongs to. And <c>stamp</c>: the rules in force.</summary>
    public const string Identifiers = "identifiers";

    /// <summary>Partition = customer. <c>summary</c>, and <c>touch:{entity}</c> for each entity.</summary>
    public const string Customers = "customers";

    /// <summary>
    /// Partition = shard. <c>head</c>, <c>flow:{date}</c> and <c>flow:{date}:durations</c>, and a fact for each order and ticket.
    /// And <c>uncounted</c>: <c>head</c>, which changes with each touch that no shard counts.
    /// </summary>
    public const string Values = "values";

    /// <summary>
    /// Partition = snapshot. <c>metric:{name}</c> for each metric of it; <c>index</c> lists the snapshots. And <c>published</c>: <c>day:</c>, <c>old:</c> and
    /// <c>restated:</c>, the flow figures of days that are over. And <c>customer-news</c>: what became of customers, for Publish.
    /// </summary>
    public const string Snapshots = "snapshots";

    /// <summary>Partition = delivery. <c>message</c>.</summary>
    public const string Quarantine = "quarantine";

    /// <summary>Partition = slice of a queue. <c>total</c>, and <c>block:{n}</c>: the outcome of each delivery.</summary>
    public const string Ledger = "ledger";

    /// <summary>Partition = day. One document for each thing that somebody did to a customer's data.</summary>
    public const string Audit = "audit";

    /// <summary>Partition = keyed hash of what was erased: <c>tombstone</c>. And <c>key</c>, <c>requests</c>, <c>totals</c> of people who are gone, and <c>ignored</c>: lists of ignored messages by hour.</summary>
    public const string Privacy = "privacy";

    /// <summary>Partition = pair. <c>suggestion</c>: two customers who may be one, and what became of it.</summary>
    public const string Suggestions = "suggestions";

    /// <summary>Partition = hash of a subscriber's address. One document for each event that it did not take. And <c>stages</c>, <c>figures</c>: what was told of last.</summary>
    public const string Events = "events";

    public static IReadOnlyList<string> All { get; } = [Interactions, Identifiers, Customers, Values, Snapshots, Quarantine, Ledger, Audit, Privacy, Suggestions, Events];

    /// <summary>Containers whose changes drive the next stage.</summary>
    public static IReadOnlyList<string> WithChangeFeed { get; } = [Interactions, Customers, Snapshots];

    /// <summary>
    /// Whether a change of the document drives the next stage. Consumers pass over all others: a store whose feed can be filtered may leave them out.
    /// </summary>
    public static bool IsFed(string container, string id) => container switch
    {
        Interactions => id == StateId,
        Customers => id.StartsWith(TouchPrefix, StringComparison.Ordinal),
        Snapshots => !id.StartsWith(MetricPrefix, StringComparison.Ordinal) && !id.StartsWith(OldPrefix, StringComparison.Ordinal),
        _ => false,
    };

    public const string StateId = "state";
    public const string RecordPrefix = "rec:";
    public const string ClaimId = "claim";
    public const string TombstoneId = "tombstone";
    public const string SuggestionId = "suggestion";
    public const string StampId = "stamp";
    public const string SummaryId = "summary";
    public const string TouchPrefix = "touch:";
    public const string MetricPrefix = "metric:";
    public const string OldPrefix = "old:";
    public const string RestatedPrefix = "restated:";
    public const string NewsPrefix = "news:";
    public const string HeadId = "head";
    public const string FlowPrefix = "flow:";
    public const string OrderFactPrefix = "order:";
    public const string TicketFactPrefix = "ticket:";
    public const string MessageId = "message";
    public const string TotalId = "total";
    public const string BlockPrefix = "block:";
}
