using System.Buffers.Binary;
using Amqp.Handler;

namespace CustomerPipeline.LocalHost.Amqp;

/// <summary>Gives what is sent a delivery tag of 16 bytes: clients of Service Bus read it as the lock's token.</summary>
internal sealed class LockTokens : IHandler
{
    private static long _last;

    public bool CanHandle(EventId id) => id == EventId.SendDelivery;

    public void Handle(Event protocolEvent)
    {
        var tag = new byte[16];
        BinaryPrimitives.WriteInt64BigEndian(tag.AsSpan(8), Interlocked.Increment(ref _last));
        ((IDelivery)protocolEvent.Context).Tag = tag;
    }
}
