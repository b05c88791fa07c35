using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.Application.Ingest;

/// <summary>Messages of the queues to records, folded into orders, tickets and profiles.</summary>
internal static class IngestStage
{
    public static IServiceCollection AddIngest(this IServiceCollection services)
    {
        return services
            .AddSingleton<MessageReader>()
            .AddSingleton<MessageStore>()
            .AddSingleton<IngestMessagesHandler>()
            .AddSingleton<DeadLetterHandler>()
            .AddSingleton<FailedDeliveries>()
            .AddSingleton<Ledger>()
            .AddSingleton<SourceInstances>()
            .AddSingleton<EntityRecords>()
            .AddSingleton<RefoldEntities>()
            .AddSingleton<QuarantineStore>()
            .AddSingleton<ReviewQuarantine>();
    }
}
