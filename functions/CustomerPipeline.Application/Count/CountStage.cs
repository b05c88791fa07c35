using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CustomerPipeline.Application.Count;

/// <summary>Touches of customers to daily aggregates.</summary>
internal static class CountStage
{
    public static IServiceCollection AddCount(this IServiceCollection services)
    {
        services.TryAddSingleton(new ValueOptions());
        return services
            .AddSingleton<CountTouchesHandler>()
            .AddSingleton<CustomerNews>()
            .AddSingleton<KeptTotals>();
    }
}
