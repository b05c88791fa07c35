using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Handler;

namespace CustomerPipeline.AmqpEndpoint;

/// <summary>
/// What goes on at each connection. What is sent gets a delivery tag of 16 bytes: clients of Service Bus read it as the lock's token. And a connection that this side ends, say because its peer fell
/// silent, is over for its links at once, whether the peer answers or not.
/// </summary>
/// <param name="clock">Makes the tags of one start differ from those of another.</param>
internal sealed class PeerConnections(TimeProvider clock) : IHandler
{
    private readonly ConditionalWeakTable<Connection, object> _over = [];
    private readonly long _start = clock.GetUtcNow().UtcTicks;
    private long _lastTag;

    /// <summary>Whether nobody reads any more what is sent there.</summary>
    public bool IsOver(Connection connection) => connection.IsClosed || _over.TryGetValue(connection, out _);

    public bool CanHandle(EventId id) => id is EventId.SendDelivery or EventId.ConnectionLocalClose;

    public void Handle(Event protocolEvent)
    {
        if (protocolEvent.Id == EventId.ConnectionLocalClose)
        {
            _over.GetOrCreateValue(protocolEvent.Connection);
            return;
        }

        var tag = new byte[16];
        BinaryPrimitives.WriteInt64BigEndian(tag, _start);
        BinaryPrimitives.WriteInt64BigEndian(tag.AsSpan(8), Interlocked.Increment(ref _lastTag));
        ((IDelivery)protocolEvent.Context).Tag = tag;
    }
}
