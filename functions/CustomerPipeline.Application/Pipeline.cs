using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Audit;
using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Application.Report;
using CustomerPipeline.Application.Report.Publish;
using CustomerPipeline.Application.Report.Snapshots;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CustomerPipeline.Application;

/// <summary>
/// The way of a message, from the webhook to the figure. A host adds the ports: <see cref="IDocumentStore"/>, <see cref="IMessageSender"/>, <see cref="IRawArchive"/>, <see cref="IStageBacklog"/>,
/// <see cref="IEventPublisher"/>, <see cref="IFigureFiles"/> and <see cref="IAccessControl"/>.
/// </summary>
public static class Pipeline
{
    private const string Http = "HTTP";
    private const string QueueMessages = "queues";
    private const string DeadLetters = "dead-letter queues";
    private const string Timer = "timer";
    private const string Archive = "archive";
    private const string Subscribers = "subscribers";
    private const string Files = "files";

    /// <summary>The steps, in the order in which a message passes them. Each reads what one before it wrote.</summary>
    public static IReadOnlyList<PipelineStep> Steps { get; } =
    [
        PipelineStep.Of<ReceiveMessagesHandler>(Http, QueueMessages),
        PipelineStep.Of<ReceiveEventsHandler>(Http, QueueMessages),
        PipelineStep.Of<IngestMessagesHandler>(QueueMessages, Containers.Interactions, Archive, Containers.Quarantine, Containers.Ledger),
        PipelineStep.Of<DeadLetterHandler>(DeadLetters, Containers.Quarantine, Containers.Ledger),
        PipelineStep.Of<ResolveEntitiesHandler>(Containers.Interactions, Containers.Identifiers, Containers.Customers),
        PipelineStep.Of<FinishCustomersHandler>(Containers.Customers, Containers.Identifiers, Containers.Customers),
        PipelineStep.Of<CountTouchesHandler>(Containers.Customers, Containers.Values, Containers.Snapshots),
        PipelineStep.Of<TakeSnapshotHandler>(Timer, Containers.Snapshots),
        PipelineStep.Of<TellMetricChangesHandler>(Timer, Containers.Events, Subscribers),
        PipelineStep.Of<PublishChangesHandler>(Containers.Snapshots, Subscribers),
        PipelineStep.Of<WriteFigureFilesHandler>(Containers.Snapshots, Files),
    ];

    /// <summary>All stages, by an operator's settings.</summary>
    public static IServiceCollection AddPipeline(this IServiceCollection services, PipelineSettings settings) => services
        .AddSingleton(settings.Rules)
        .AddSingleton(settings.Receive)
        .AddSingleton(settings.Identity)
        .AddSingleton(settings.Retention)
        .AddSingleton(settings.Value)
        .AddSingleton(settings.Publish)
        .AddSingleton(settings.Access)
        .AddPipeline();

    /// <summary>All stages, by the settings that are registered, and the usual ones where there are none.</summary>
    public static IServiceCollection AddPipeline(this IServiceCollection services) => services
        .AddShared()
        .AddReceive()
        .AddIngest()
        .AddResolve()
        .AddCount()
        .AddReport()
        .AddMaintenance();

    private static IServiceCollection AddShared(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(NormalizationRules.Default);
        services.TryAddSingleton(IdentityRules.Default);
        services.TryAddSingleton(new AccessOptions());
        services.TryAddSingleton<IScheduledMessages, NoScheduledMessages>();
        return services
            .AddSingleton<StageTelemetry>()
            .AddSingleton<AccessGate>()
            .AddSingleton<MessageSeals>()
            .AddSingleton<AuditLog>()
            .AddSingleton<Tombstones>()
            .AddSingleton<IgnoredMessages>()
            .AddSingleton<PrivacyRequests>();
    }
}
