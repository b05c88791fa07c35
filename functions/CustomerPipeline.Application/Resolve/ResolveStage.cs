using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.Application.Resolve;

/// <summary>Orders, tickets and profiles to customers, by what they have in common.</summary>
internal static class ResolveStage
{
    public static IServiceCollection AddResolve(this IServiceCollection services)
    {
        return services
            .AddSingleton<ResolveEntitiesHandler>()
            .AddSingleton<FinishCustomersHandler>()
            .AddSingleton<IdentifierClaims>()
            .AddSingleton<CustomerStore>()
            .AddSingleton<ReshapeCustomer>()
            .AddSingleton<IdentityCommands>()
            .AddSingleton<DecideIdentityHandler>()
            .AddSingleton<IdentityEvidence>()
            .AddSingleton<SuggestMergesHandler>();
    }
}
