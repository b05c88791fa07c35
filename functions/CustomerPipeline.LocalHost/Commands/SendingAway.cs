using System.Net.Sockets;
using Amqp;
using CustomerPipeline.Azure.ServiceBus;
using CustomerPipeline.Flow.Ports;
using Polly;
using Polly.Retry;

namespace CustomerPipeline.LocalHost.Commands;

/// <summary>Sends messages to queues elsewhere, and waits for a broker that is away for a minute or so.</summary>
internal sealed class SendingAway(QueueAddress address) : IAsyncDisposable
{
    private readonly ServiceBusConnection _connection = new(address, TimeProvider.System);

    private readonly ResiliencePipeline _attempts = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = 9,
            Delay = TimeSpan.FromMilliseconds(250),
            BackoffType = DelayBackoffType.Exponential,
            MaxDelay = TimeSpan.FromSeconds(15),
            UseJitter = true,
            ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome.Exception is SocketException or QueueFullException or TimeoutException or ObjectDisposedException || (attempt.Outcome.Exception is AmqpException e && !AmqpSender.IsRefusal(e))),
        })
        .Build();

    public async Task SendAsync(string queue, IReadOnlyList<ReadOnlyMemory<byte>> messages, CancellationToken cancellationToken)
    {
        var sender = new AmqpSender(_connection);
        await _attempts.ExecuteAsync(async token => await sender.SendAsync(queue, messages, token), cancellationToken);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
