using System.Buffers.Binary;
using Amqp;
using Amqp.Framing;
using Amqp.Types;
using CsCheck;
using CustomerPipeline.AmqpEndpoint;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.AzureServices.Tests.LocalQueues;

/// <summary>The endpoint counts what has come of messages that have not ended, in whatever pieces the bytes come.</summary>
public sealed class Messages_that_do_not_end
{
    // Transfers of three messages on two channels, of which some end.
    private static readonly Gen<(ushort Channel, uint Handle, bool More, int Bytes)[]> Transfers =
        Gen.Select(Gen.UShort[0, 1], Gen.UInt[0, 300], Gen.Bool, Gen.Int[0, 2_000], (channel, handle, more, bytes) => (channel, handle % 2 * 300, more, bytes)).Array[1, 20];

    [Fact]
    public void Are_counted_however_the_bytes_come() => Gen.Select(Transfers, Gen.Int[1, 700]).Sample((transfers, piece) =>
    {
        var expected = new Dictionary<(ushort, uint), long>();
        var stream = new List<byte>([(byte)'A', (byte)'M', (byte)'Q', (byte)'P', 0, 1, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
        foreach (var (channel, handle, more, bytes) in transfers)
        {
            var frame = FrameOf(channel, new Transfer { Handle = handle, DeliveryId = 7, DeliveryTag = new byte[32], MessageFormat = 0, Settled = false, More = more }, bytes);
            stream.AddRange(frame);
            expected[(channel, handle)] = more ? expected.GetValueOrDefault((channel, handle)) + frame.Length : 0;
        }

        var unfinished = new UnfinishedMessages();
        foreach (var some in stream.Chunk(piece))
        {
            unfinished.Read(some);
        }

        Assert.Equal((expected.Values.Sum(), expected.Values.Max()), (unfinished.Bytes, unfinished.LongestBytes));
    });

    [Fact]
    public void Are_over_with_their_link_and_their_session()
    {
        var unfinished = new UnfinishedMessages();
        unfinished.Read([.. FrameOf(0, new Transfer { Handle = 1, More = true }, 1_000), .. FrameOf(0, new Transfer { Handle = 2, More = true }, 1_000), .. FrameOf(1, new Transfer { Handle = 2, More = true }, 1_000)]);
        var all = unfinished.Bytes;

        unfinished.Read(FrameOf(0, new Detach { Handle = 1, Closed = true }, 0));
        Assert.Equal(all * 2 / 3, unfinished.Bytes);
        unfinished.Read(FrameOf(0, new End(), 0));
        Assert.Equal(all / 3, unfinished.Bytes);
        Assert.Equal(all / 3, unfinished.Clear());
        Assert.Equal(0, unfinished.Bytes);
    }

    [Fact]
    public void Are_those_too_that_cannot_be_read() => Gen.Byte.Array[1, 300].Sample(body =>
    {
        // No performative of AMQP, or one whose fields are something else.
        var frame = new byte[8 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length);
        frame[4] = 2;
        body.CopyTo(frame, 8);
        frame[8] = 1;
        var unfinished = new UnfinishedMessages();

        unfinished.Read(frame);
        unfinished.Read(frame);

        Assert.Equal(2 * frame.Length, unfinished.Bytes);
    });

    private static byte[] FrameOf(ushort channel, DescribedList performative, int payload)
    {
        var body = new ByteBuffer(256, autoGrow: true);
        performative.Encode(body);
        var frame = new byte[8 + body.Length + payload];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length);
        frame[4] = 2;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(6), channel);
        body.Buffer.AsSpan(body.Offset, body.Length).CopyTo(frame.AsSpan(8));
        return frame;
    }
}
