using System.Text;
using Amqp;
using Amqp.Sasl;
using Amqp.Types;

namespace CustomerPipeline.AmqpEndpoint;

/// <summary>
/// The SASL mechanisms of this endpoint. PLAIN carries an API key as its password. The others carry none: as long as keys exist, their peers may only show one
/// at <c>$cbs</c> (<see cref="PeerRights"/>).
/// </summary>
internal sealed class PeerSasl(string mechanism, PeerRights rights) : SaslProfile(mechanism)
{
    public const string Plain = "PLAIN";

    // The library has one profile for all connections, and no way from it to the connection. What a connection's peer shows is kept in the flow of its
    // handshake, which begins where the library asks for a handler.
    private static readonly AsyncLocal<Handshake?> Current = new();

    private readonly string _mechanism = mechanism;

    /// <summary>A handshake begins in the current flow.</summary>
    public static void Begin(PeerConnections.Peer peer) => Current.Value = new Handshake(peer);

    protected override ITransport UpgradeTransport(ITransport transport) => new PatientTransport((IAsyncTransport)transport, rights, Current.Value!);

    protected override DescribedList GetStartCommand(string hostname) => throw new NotSupportedException("This side only answers.");

    protected override DescribedList OnCommand(DescribedList command)
    {
        if (_mechanism != Plain)
        {
            return new SaslOutcome { Code = SaslCode.Ok };
        }

        // RFC 4616: an authorization identity, a name and a password, with a NUL between them.
        var response = command is SaslInit { InitialResponse: { } bytes } ? Encoding.UTF8.GetString(bytes) : "";
        var key = response.Split('\0') is [_, _, var password] ? password : null;
        var isKnown = rights.IsKnownAsync(key).AsTask().GetAwaiter().GetResult();
        if (isKnown)
        {
            Current.Value!.Key = key;
        }

        // The library goes on after a refusal: the peer, if it does so too, has shown no key and may do nothing.
        return new SaslOutcome { Code = isKnown ? SaslCode.Ok : SaslCode.Auth };
    }

    /// <summary>What is known of a connection before there is one.</summary>
    private sealed class Handshake(PeerConnections.Peer peer)
    {
        public PeerConnections.Peer Peer { get; } = peer;

        public string? Key { get; set; }
    }

    /// <summary>
    /// Sends nothing before the client has: the client of rhea, and so the JavaScript client of Service Bus, overlooks what comes in one packet with the end
    /// of SASL, and waits for ever. What comes is counted.
    /// </summary>
    private sealed class PatientTransport(IAsyncTransport transport, PeerRights rights, Handshake handshake) : IAsyncTransport
    {
        private readonly Lock _gate = new();
        private List<byte[]>? _kept = [];

        public void SetConnection(Connection connection)
        {
            rights.Begin(connection, handshake.Key);
            transport.SetConnection(connection);
        }

        public void Send(ByteBuffer buffer)
        {
            if (!IsKept([buffer]))
            {
                transport.Send(buffer);
            }
        }

        public Task SendAsync(IList<ByteBuffer> bufferList, int listSize) => IsKept(bufferList) ? Task.CompletedTask : transport.SendAsync(bufferList, listSize);

        public int Receive(byte[] buffer, int offset, int count)
        {
            var received = transport.Receive(buffer, offset, count);
            handshake.Peer.Receive(buffer.AsSpan(offset, received));
            foreach (var bytes in TakeKept())
            {
                transport.Send(new ByteBuffer(bytes, 0, bytes.Length, bytes.Length));
            }

            return received;
        }

        public async Task<int> ReceiveAsync(byte[] buffer, int offset, int count)
        {
            var received = await transport.ReceiveAsync(buffer, offset, count);
            handshake.Peer.Receive(buffer.AsSpan(offset, received));
            if (TakeKept() is { Count: > 0 } kept)
            {
                await transport.SendAsync([.. kept.Select(b => new ByteBuffer(b, 0, b.Length, b.Length))], kept.Sum(b => b.Length));
            }

            return received;
        }

        public void Close()
        {
            handshake.Peer.End();
            transport.Close();
        }

        private bool IsKept(IList<ByteBuffer> buffers)
        {
            lock (_gate)
            {
                _kept?.AddRange(buffers.Select(b => b.Buffer[b.Offset..(b.Offset + b.Length)]));
                return _kept is not null;
            }
        }

        private List<byte[]> TakeKept()
        {
            lock (_gate)
            {
                var kept = _kept ?? [];
                _kept = null;
                return kept;
            }
        }
    }
}
