using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Audit;
using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Report.Publish;
using CustomerPipeline.Application.Report.Snapshots;
using CustomerPipeline.Application.Report.Tables;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Snapshots;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CustomerPipeline.Application;

/// <summary>
/// The stages of the flow, one line each. A host adds the ports: <see cref="Ports.IDocumentStore"/>, <see cref="Ports.IMessageSender"/>,
/// <see cref="Ports.IRawArchive"/>, <see cref="Ports.IStageBacklog"/>,
/// <see cref="Ports.IEventPublisher"/>, <see cref="Ports.IFigureFiles"/> and <see cref="Ports.IAccessControl"/>.
/// </summary>
public static class Pipeline
{
    /// <summary>The stages, by an operator's settings.</summary>
    public static IServiceCollection AddPipeline(this IServiceCollection services, PipelineSettings settings) => services
        .AddSingleton(settings.Rules).AddSingleton(settings.Receive).AddSingleton(settings.Identity).AddSingleton(settings.Retention).AddSingleton(settings.Value).AddSingleton(settings.Publish).AddSingleton(settings.Access)
        .AddPipeline();

    /// <summary>The stages, by the settings that are registered, and the usual ones where there are none.</summary>
    public static IServiceCollection AddPipeline(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(NormalizationRules.Default);
        services.TryAddSingleton(IdentityRules.Default);
        services.TryAddSingleton(new ValueOptions());
        services.TryAddSingleton(new ReceiveOptions());
        services.TryAddSingleton(new RetentionOptions());
        services.TryAddSingleton(new PublishOptions());
        services.TryAddSingleton(new AccessOptions());
        services.TryAddSingleton<IScheduledMessages, NoScheduledMessages>();
        return services
            .AddSingleton<ReceiveMessagesHandler>().AddSingleton<ReceiveEventsHandler>() // HTTP                    -> queues
            .AddSingleton<IngestMessagesHandler>()                                      // queues                   -> interactions, archive, quarantine
            .AddSingleton<DeadLetterHandler>()                                          // dead-letter queues       -> quarantine
            .AddSingleton<ResolveEntitiesHandler>()                                     // changes of interactions  -> identifiers, customers
            .AddSingleton<CountTouchesHandler>()                                        // changes of customers     -> values
            .AddSingleton<TakeSnapshotHandler>().AddSingleton<PublishFigures>()         // timer, HTTP              -> snapshots
            .AddSingleton<PublishChangesHandler>().AddSingleton<CustomerNews>().AddSingleton<UndeliveredEvents>() // changes of snapshots -> subscribers
            .AddSingleton<TellMetricChangesHandler>()                                   // timer, values            -> subscribers
            .AddSingleton<WriteFigureFilesHandler>()                                    // changes of snapshots     -> Parquet
            .AddSingleton<MetricsReader>().AddSingleton<CensusReader>().AddSingleton<ExplainMetric>().AddSingleton<CustomersReader>().AddSingleton<FigureTables>().AddSingleton<StatusReader>() // HTTP <- values, customers, ledger
            .AddSingleton<AccessGate>()                                                 // before all of HTTP
            .AddSingleton<Ledger>().AddSingleton<SourceInstances>().AddSingleton<MessageSeals>().AddSingleton<EntityRecords>().AddSingleton<RefoldEntities>().AddSingleton<QuarantineStore>().AddSingleton<ReviewQuarantine>()
            .AddSingleton<QueueIntake>().AddSingleton<BytesInHand>().AddSingleton<ReceiveCounts>().AddSingleton<StageTelemetry>()
            .AddSingleton<DecideIdentityHandler>().AddSingleton<IdentityEvidence>().AddSingleton<AuditLog>() // HTTP    -> queues, audit
            .AddSingleton<SuggestMergesHandler>()                                       // HTTP                    -> suggestions
            .AddSingleton<ErasePeopleHandler>().AddSingleton<ExportPersonHandler>().AddSingleton<PrivacyRequests>().AddSingleton<KeepForHandler>() // timer, HTTP -> everything
            .AddSingleton<Tombstones>().AddSingleton<KeptTotals>().AddSingleton<IgnoredMessages>()
            .AddSingleton<IdentifierClaims>().AddSingleton<CustomerStore>().AddSingleton<ReshapeCustomer>().AddSingleton<IdentityCommands>().AddSingleton<FlowFigures>().AddSingleton(Freshness.Usual)
            .AddSingleton<VerifyStore>().AddSingleton<PlanRebuild>().AddSingleton<PlanIdentity>().AddSingleton<RulesInForce>();
    }
}
