using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CustomerPipeline.Application.Receive;

/// <summary>HTTP, AMQP and files to the queues.</summary>
internal static class ReceiveStage
{
    public static IServiceCollection AddReceive(this IServiceCollection services)
    {
        services.TryAddSingleton(new ReceiveOptions());
        return services
            .AddSingleton<ReceiveMessagesHandler>()
            .AddSingleton<ReceiveEventsHandler>()
            .AddSingleton<QueueIntake>()
            .AddSingleton<BytesInHand>()
            .AddSingleton<ReceiveCounts>();
    }
}
