using Azure.Core;
using Azure.Monitor.OpenTelemetry.Exporter;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.AzureServices.Cosmos;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.AzureServices;

/// <summary>Spans, metrics and logs by OpenTelemetry: to Application Insights where the app's settings name one.</summary>
public static class AzureTelemetry
{
    private const string ConnectionString = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    // Of the worker, of ASP.NET Core, and of the client libraries.
    private static readonly string[] Sources = [StageTelemetry.SourceName, "Microsoft.Azure.Functions.Worker", "Microsoft.AspNetCore", "Azure.*"];

    internal static IServiceCollection AddAzureTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var telemetry = services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter(StageTelemetry.SourceName, RequestCharges.MeterName))
            .WithTracing(traces => traces.AddSource(Sources));
        if (configuration[ConnectionString] is { Length: > 0 } connection)
        {
            services.AddOptions<AzureMonitorExporterOptions>().Configure<TokenCredential>((options, credential) =>
            {
                options.ConnectionString = connection;
                options.Credential = credential;
            });
            telemetry.UseAzureMonitorExporter();
        }

        return services;
    }
}
