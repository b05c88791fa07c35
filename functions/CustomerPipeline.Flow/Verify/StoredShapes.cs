using CustomerPipeline.Flow.Ingest;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Flow.Privacy;
using CustomerPipeline.Flow.Publish;
using CustomerPipeline.Flow.Resolve;
using CustomerPipeline.Flow.Snapshot;

namespace CustomerPipeline.Flow.Verify;

/// <summary>Documents that follow from nothing else, so that all that can be said of them is whether they are what the program writes.</summary>
internal static class StoredShapes
{
    /// <summary>The containers that have only such documents; those of the quarantine are read where they are counted.</summary>
    public static IReadOnlyList<string> Standalone { get; } = [Containers.Snapshots, Containers.Ledger, Containers.Audit, Containers.Privacy, Containers.Suggestions, Containers.Events];

    /// <summary>Reads a document as what it should be.</summary>
    /// <exception cref="CorruptDocumentException">It is something else.</exception>
    public static object Read(string container, Document document) => (container, document.Partition) switch
    {
        (Containers.Identifiers, RulesInForce.Partition) => document.As(FlowJson.Default.RulesStamp),
        (Containers.Identifiers, SourceInstances.Partition) => document.As(FlowJson.Default.FirstInstances),
        (Containers.Snapshots, TakeSnapshotHandler.Index) => document.As(FlowJson.Default.CustomerSnapshot),
        (Containers.Snapshots, CustomerNews.Partition) => document.As(FlowJson.Default.CustomerNewsItem),
        (Containers.Snapshots, PublishFigures.Partition) when document.Id.StartsWith(Containers.RestatedPrefix, StringComparison.Ordinal) => document.As(FlowJson.Default.Restatement),
        (Containers.Snapshots, PublishFigures.Partition) => document.As(FlowJson.Default.PublishedDay),
        (Containers.Snapshots, _) => document.As(FlowJson.Default.SnapshotRows),
        (Containers.Ledger, _) => Ledger.Read(document),
        (Containers.Audit, _) => document.As(FlowJson.Default.AuditEntry),
        (Containers.Privacy, StoreSecret.Partition) => document.As(FlowJson.Default.StoredKey),
        (Containers.Privacy, PrivacyRequests.Partition) => document.As(FlowJson.Default.PrivacyRequest),
        (Containers.Privacy, IgnoredMessages.Partition) => IgnoredMessages.Read(document),
        (Containers.Privacy, KeptTotals.Partition) when document.Id == Containers.HeadId => document.As(FlowJson.Default.ShardHead),
        (Containers.Privacy, KeptTotals.Partition) when document.Id.StartsWith(Containers.FlowPrefix, StringComparison.Ordinal) => document.As(FlowJson.Default.FlowDay),

        // A mark says what it says by being there.
        (Containers.Privacy, KeptTotals.Partition) => document,
        (Containers.Privacy, _) => document.As(FlowJson.Default.Tombstone),
        (Containers.Suggestions, _) => document.As(FlowJson.Default.Suggestion),
        (Containers.Events, CustomerNews.StagesPartition) => document.As(FlowJson.Default.ToldStages),
        (Containers.Events, TellMetricChangesHandler.Partition) => document.As(FlowJson.Default.ToldFigures),
        (Containers.Events, _) => document.As(FlowJson.Default.UndeliveredEvent),
        _ => throw new ArgumentException($"Documents of {container} follow from something else.", nameof(container)),
    };
}
