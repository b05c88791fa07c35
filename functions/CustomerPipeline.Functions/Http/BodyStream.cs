using System.Buffers;
using System.IO.Pipelines;

namespace CustomerPipeline.Functions.Http;

/// <summary>
/// A request's body, whose reading can be given up without harm to the request: the web server's own stream stays in the middle of a read then, and the
/// server logs a fault of its own when it passes over the rest of the body.
/// </summary>
internal sealed class BodyStream(PipeReader reader) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await using var givenUp = cancellationToken.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), reader);
        var result = await reader.ReadAsync(CancellationToken.None);
        if (result.IsCanceled)
        {
            reader.AdvanceTo(result.Buffer.Start);
            throw new OperationCanceledException(cancellationToken);
        }

        var read = result.Buffer.Slice(0, Math.Min(buffer.Length, result.Buffer.Length));
        read.CopyTo(buffer.Span);
        var count = (int)read.Length;

        // Its memory is the reader's again from here on.
        reader.AdvanceTo(read.End);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A body is read asynchronously.");

    public override void Flush()
    {
        // Nothing is written.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
