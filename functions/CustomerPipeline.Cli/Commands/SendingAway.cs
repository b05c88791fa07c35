using CustomerPipeline.Application.Ports;
using CustomerPipeline.Cli.Brokers;
using Polly;
using Polly.Retry;

namespace CustomerPipeline.Cli.Commands;

/// <summary>Sends messages to queues elsewhere, and waits for a broker that is away, or whose queue is full, for a minute or so.</summary>
internal sealed class SendingAway(BrokerAddress address) : IAsyncDisposable
{
    private readonly IBroker _broker = address.Open();

    private readonly ResiliencePipeline _attempts = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = 9,
            Delay = TimeSpan.FromMilliseconds(250),
            BackoffType = DelayBackoffType.Exponential,
            MaxDelay = TimeSpan.FromSeconds(15),
            UseJitter = true,
            ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome.Exception is QueueFullException or BrokerException { IsFinal: false }),
        })
        .Build();

    /// <summary>Puts messages at the end of a queue; durable when it returns.</summary>
    /// <exception cref="QueueFullException">The queue takes no more.</exception>
    /// <exception cref="BrokerException">The broker cannot be reached, or refuses.</exception>
    public async Task SendAsync(string queue, IReadOnlyList<ReadOnlyMemory<byte>> messages, CancellationToken cancellationToken) =>
        await _attempts.ExecuteAsync(async token => await _broker.SendAsync(queue, messages, token), cancellationToken);

    public ValueTask DisposeAsync() => _broker.DisposeAsync();
}
