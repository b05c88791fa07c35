using Amqp;
using Amqp.Sasl;
using Amqp.Types;

namespace CustomerPipeline.LocalHost.Amqp;

/// <summary>A SASL mechanism that lets everybody in, whatever they say: the endpoint is for this machine only, and its development connection string has no secret.</summary>
internal sealed class AnybodyProfile(string mechanism) : SaslProfile(mechanism)
{
    protected override ITransport UpgradeTransport(ITransport transport) => new PatientTransport((IAsyncTransport)transport);

    protected override DescribedList GetStartCommand(string hostname) => throw new NotSupportedException("This side only answers.");

    protected override DescribedList OnCommand(DescribedList command) => new SaslOutcome { Code = SaslCode.Ok };

    /// <summary>
    /// Says nothing before the client has: the client of rhea, and so the JavaScript client of Service Bus, overlooks what comes in one packet with the end of SASL, and waits for ever.
    /// </summary>
    private sealed class PatientTransport(IAsyncTransport transport) : IAsyncTransport
    {
        private readonly Lock _gate = new();
        private List<byte[]>? _kept = [];

        public void SetConnection(Connection connection) => transport.SetConnection(connection);

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
            foreach (var bytes in TakeKept())
            {
                transport.Send(new ByteBuffer(bytes, 0, bytes.Length, bytes.Length));
            }

            return received;
        }

        public async Task<int> ReceiveAsync(byte[] buffer, int offset, int count)
        {
            var received = await transport.ReceiveAsync(buffer, offset, count);
            if (TakeKept() is { Count: > 0 } kept)
            {
                await transport.SendAsync([.. kept.Select(b => new ByteBuffer(b, 0, b.Length, b.Length))], kept.Sum(b => b.Length));
            }

            return received;
        }

        public void Close() => transport.Close();

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
