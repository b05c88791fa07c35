using CustomerPipeline.Application.Maintenance.Erasing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CustomerPipeline.Application.Maintenance;

/// <summary>What works across all stages: erasure, export, retention, verification, and what a rebuild would change.</summary>
internal static class MaintenanceStage
{
    public static IServiceCollection AddMaintenance(this IServiceCollection services)
    {
        services.TryAddSingleton(new RetentionOptions());
        return services
            .AddSingleton<FindErasedPeople>()
            .AddSingleton<EraseCustomers>()
            .AddSingleton<ErasedDeliveries>()
            .AddSingleton<EraseMessages>()
            .AddSingleton<EraseDocuments>()
            .AddSingleton<TakeOutPeople>()
            .AddSingleton<ErasePeopleHandler>()
            .AddSingleton<ExportPersonHandler>()
            .AddSingleton<KeepForHandler>()
            .AddSingleton<VerifyStore>()
            .AddSingleton<PlanRebuild>()
            .AddSingleton<PlanIdentity>()
            .AddSingleton<RulesInForce>();
    }
}
