using Amqp;
using CustomerPipeline.RocksDb;

namespace CustomerPipeline.AmqpEndpoint;

/// <summary>A message on its way to a reader.</summary>
/// <param name="locked">The message of the queue.</param>
internal sealed class Delivery(LockedMessage locked) : Message
{
    public LockedMessage Locked { get; } = locked;

    /// <summary>Bytes of memory that the message takes.</summary>
    public int Size { get; } = locked.Content.Body.Length + locked.Content.Properties.Length;
}
