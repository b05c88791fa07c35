using CustomerPipeline.Application.Ports;
using CustomerPipeline.RocksDb;

namespace CustomerPipeline.Cli.Brokers;

/// <summary>Queues elsewhere: a Service Bus namespace, or any broker that speaks AMQP 1.0.</summary>
internal interface IBroker : IAsyncDisposable
{
    /// <summary>Puts messages at the end of a queue; durable when it returns.</summary>
    /// <exception cref="QueueFullException">The queue takes no more for now. Some of the messages may have been taken.</exception>
    /// <exception cref="BrokerException">The broker cannot be reached, or refuses.</exception>
    Task SendAsync(string queue, IReadOnlyList<ReadOnlyMemory<byte>> messages, CancellationToken cancellationToken);

    /// <summary>Takes the next messages of a queue, or returns when none came for some seconds.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="keep">Makes messages durable here. They are settled at the broker when it returns.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="BrokerException">The broker cannot be reached, or refuses.</exception>
    Task TakeAsync(string queue, Func<IReadOnlyList<NewMessage>, Task> keep, CancellationToken cancellationToken);
}

/// <summary>A broker cannot be reached, or refuses.</summary>
/// <param name="message">What happened.</param>
/// <param name="isFinal">Whether trying again at once is of no use: the broker would refuse again, or its client has tried long enough.</param>
/// <param name="inner">What the client said.</param>
internal sealed class BrokerException(string message, bool isFinal, Exception inner) : Exception(message, inner)
{
    public bool IsFinal => isFinal;
}
