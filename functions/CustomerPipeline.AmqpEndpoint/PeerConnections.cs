using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Framing;
using Amqp.Handler;
using Amqp.Listener;

namespace CustomerPipeline.AmqpEndpoint;

/// <summary>The connections of this endpoint, within its limits. A connection that this side ends, say because its peer fell silent, is over for its links at once, whether the peer answers or not.</summary>
internal sealed class PeerConnections(PeerLimits limits, PeerRights rights, TimeProvider clock)
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    private readonly ConditionalWeakTable<Connection, Peer> _open = [];
    private readonly Lock _gate = new();
    private readonly List<Peer> _peers = [];

    // Makes the tags of one start differ from those of another.
    private readonly long _start = clock.GetUtcNow().UtcTicks;
    private long _lastTag;
    private long _unfinishedBytes;
    private long _bytesInHand;

    /// <summary>Whether nobody reads any more what is sent there.</summary>
    public bool IsOver(Connection connection) => connection.IsClosed || (_open.TryGetValue(connection, out var peer) && peer.IsOver);

    /// <summary>The peer of a connection that is about to come.</summary>
    public Peer Expect() => new(this);

    /// <summary>A link of a connection begins; false where it has too many.</summary>
    public bool TryAddLink(ListenerLink link)
    {
        if (!_open.TryGetValue(link.Session.Connection, out var peer))
        {
            return true;
        }

        if (!peer.TryAddLink(limits.LinksPerConnection))
        {
            return false;
        }

        link.AddClosedCallback((_, _) => peer.RemoveLink());
        return true;
    }

    /// <summary>Begins to take one message of a connection when those before it have begun and the connection may hand in one more.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="begin">Puts the message where its place among the others is known, and gives what is left to wait for.</param>
    /// <returns>What is left to wait for.</returns>
    public Task<Task> InTurnAsync(Connection connection, Func<Task<Task>> begin) =>
        _open.TryGetValue(connection, out var peer) ? peer.InTurnAsync(begin) : begin();

    /// <summary>Takes bytes of messages in hand; false where there is no room for them now.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _bytesInHand, bytes) <= limits.BytesInHand)
        {
            return true;
        }

        GiveBack(bytes);
        return false;
    }

    /// <summary>They are stored or refused.</summary>
    public void GiveBack(long bytes) => Interlocked.Add(ref _bytesInHand, -bytes);

    // A connection that is not open yet gives way first, so that a flood of silent connections does not keep other clients out.
    private void Enter(Peer peer)
    {
        lock (_gate)
        {
            _peers.RemoveAll(p => p.IsGone);
            if (_peers.Count >= limits.Connections)
            {
                var silent = _peers.Find(p => !p.IsOpen)
                    ?? throw new AmqpException(ErrorCode.ResourceLimitExceeded, $"There are {limits.Connections} connections already.");
                silent.HangUp();
                _peers.Remove(silent);
            }

            _peers.Add(peer);
        }

        _ = WatchAsync(peer);
    }

    private async Task WatchAsync(Peer peer)
    {
        await Task.Delay(limits.Introduction, clock);
        if (peer.Connection is not { } connection)
        {
            peer.HangUp();
        }
        else if (!await rights.IsKnownAsync(connection))
        {
            try
            {
                await connection.CloseAsync(Farewell, new Error(ErrorCode.UnauthorizedAccess) { Description = "No API key was shown in time." });
            }
            catch (Exception e) when (e is AmqpException or TimeoutException or ObjectDisposedException)
            {
                // The peer does not answer, or is gone.
            }

            peer.HangUp();
        }
    }

    /// <summary>One connection, from its first byte to its last.</summary>
    internal sealed class Peer(PeerConnections all) : IHandler
    {
        private readonly Lock _gate = new();
        private readonly UnfinishedMessages _unfinished = new();
        private Socket? _socket;
        private int _links;
        private int _messages;
        private long _second;
        private Task<Task> _turn = Task.FromResult(Task.CompletedTask);

        /// <summary>Null until the peer has opened it.</summary>
        public Connection? Connection { get; private set; }

        public bool IsOpen => Connection is not null;

        public bool IsOver { get; private set; }

        public bool IsGone => _socket is not { } socket || socket.SafeHandle.IsClosed;

        public bool CanHandle(EventId id) => id is EventId.SocketAccept or EventId.ConnectionRemoteOpen or EventId.SendDelivery or EventId.ConnectionLocalClose;

        public void Handle(Event protocolEvent)
        {
            switch (protocolEvent.Id)
            {
                case EventId.SocketAccept:
                    _socket = (Socket)protocolEvent.Context;
                    all.Enter(this);
                    break;
                case EventId.ConnectionRemoteOpen:
                    Connection = protocolEvent.Connection;
                    all._open.AddOrUpdate(Connection, this);
                    break;
                case EventId.ConnectionLocalClose:
                    IsOver = true;
                    break;
                case EventId.SendDelivery:
                    ((IDelivery)protocolEvent.Context).Tag = all.NextTag();
                    break;
            }
        }

        /// <summary>Bytes came.</summary>
        /// <exception cref="AmqpException">There is no room for more of messages that do not end.</exception>
        public void Receive(ReadOnlySpan<byte> bytes)
        {
            var before = _unfinished.Bytes;
            _unfinished.Read(bytes);
            var ofAll = Interlocked.Add(ref all._unfinishedBytes, _unfinished.Bytes - before);
            if (_unfinished.Bytes > all.Limits.UnfinishedBytesPerConnection
                || _unfinished.LongestBytes > all.Limits.UnfinishedBytesPerMessage
                || (ofAll > all.Limits.UnfinishedBytes && _unfinished.Bytes > before))
            {
                throw new AmqpException(ErrorCode.MessageSizeExceeded, "A message is too long, or too many have begun and do not end.");
            }
        }

        /// <summary>No more bytes come.</summary>
        public void End() => Interlocked.Add(ref all._unfinishedBytes, -_unfinished.Clear());

        public void HangUp() => _socket?.Dispose();

        public bool TryAddLink(int most)
        {
            if (Interlocked.Increment(ref _links) <= most)
            {
                return true;
            }

            RemoveLink();
            return false;
        }

        public void RemoveLink() => Interlocked.Decrement(ref _links);

        // One after the other: a message that waits is not overtaken, neither while it waits nor while it goes on.
        public Task<Task> InTurnAsync(Func<Task<Task>> begin)
        {
            lock (_gate)
            {
                return _turn = TakeTurnAsync(_turn, begin);
            }
        }

        private async Task<Task> TakeTurnAsync(Task turnBefore, Func<Task<Task>> begin)
        {
            // Whether that one was taken is no matter of this one.
            await turnBefore.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await PaceAsync();
            return await begin();
        }

        private async ValueTask PaceAsync()
        {
            var elapsed = all.Clock.GetElapsedTime(_second);
            if (elapsed >= TimeSpan.FromSeconds(1))
            {
                (_second, _messages) = (all.Clock.GetTimestamp(), 0);
            }
            else if (_messages >= all.Limits.MessagesPerSecond)
            {
                await Task.Delay(TimeSpan.FromSeconds(1) - elapsed, all.Clock);
                (_second, _messages) = (all.Clock.GetTimestamp(), 0);
            }

            _messages++;
        }
    }

    private PeerLimits Limits => limits;

    private TimeProvider Clock => clock;

    // Clients of Service Bus read the tag as the lock's token: it has 16 bytes.
    private byte[] NextTag()
    {
        var tag = new byte[16];
        BinaryPrimitives.WriteInt64BigEndian(tag, _start);
        BinaryPrimitives.WriteInt64BigEndian(tag.AsSpan(8), Interlocked.Increment(ref _lastTag));
        return tag;
    }
}
