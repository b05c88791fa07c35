using CustomerPipeline.Application.Report.Audiences;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Report.Publish;
using CustomerPipeline.Application.Report.Snapshots;
using CustomerPipeline.Application.Report.Tables;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CustomerPipeline.Application.Report;

/// <summary>Daily aggregates and customers to figures: over HTTP, as events, as files.</summary>
internal static class ReportStage
{
    public static IServiceCollection AddReport(this IServiceCollection services)
    {
        services.TryAddSingleton(new PublishOptions());
        return services
            .AddSingleton(Freshness.Usual)
            .AddSingleton<FlowFigures>()
            .AddSingleton<CensusReader>()
            .AddSingleton<StandingsReader>()
            .AddSingleton<MetricsReader>()
            .AddSingleton<ExplainMetric>()
            .AddSingleton<CustomersReader>()
            .AddSingleton<StatusReader>()
            .AddSingleton<FigureTables>()
            .AddSingleton<AudienceStore>()
            .AddSingleton<TellAudiences>()
            .AddSingleton<ExportAudience>()
            .AddSingleton<TellCustomerChanges>()
            .AddSingleton<TakeSnapshotHandler>()
            .AddSingleton<PublishFigures>()
            .AddSingleton<PublishChangesHandler>()
            .AddSingleton<TellMetricChangesHandler>()
            .AddSingleton<UndeliveredEvents>()
            .AddSingleton<WriteFigureFilesHandler>();
    }
}
