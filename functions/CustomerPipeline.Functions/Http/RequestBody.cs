using System.Buffers;
using System.IO.Compression;
using CustomerPipeline.Application.Receive;
using Microsoft.AspNetCore.Http;

namespace CustomerPipeline.Functions.Http;

/// <summary>Why a body was not read.</summary>
internal enum BodyFault
{
    None,
    Compressed,
    Damaged,
    TooLarge,
    NoRoom,
    TooSlow,
}

/// <summary>Bodies within a limit.</summary>
internal static class RequestBody
{
    private const int FirstBytes = 64 * 1024;

    /// <summary>The whole body; null when it is larger.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, int largest, CancellationToken cancellationToken) =>
        await ReadAsync(request, new BodyStream(request.BodyReader), largest, _ => true, cancellationToken) is (var body, BodyFault.None) ? body : null;

    /// <summary>The whole body of an upload, if there is room for it beside the others.</summary>
    public static Task<(ReadOnlyMemory<byte> Body, BodyFault Fault)> ReadAsync(HttpRequest request, int largest, BytesInHand.Upload upload) =>
        IsCompressed(request)
            ? Task.FromResult((default(ReadOnlyMemory<byte>), BodyFault.Compressed))
            : ReadAsync(request, new BodyStream(request.BodyReader), largest, upload);

    /// <summary>The whole body of an upload, unpacked if it is gzip. The limit holds for both: nothing is unpacked beyond it.</summary>
    public static async Task<(ReadOnlyMemory<byte> Body, BodyFault Fault)> ReadUnpackedAsync(
        HttpRequest request, int largest, BytesInHand.Upload upload)
    {
        if (!IsCompressed(request))
        {
            return await ReadAsync(request, new BodyStream(request.BodyReader), largest, upload);
        }

        if (!string.Equals(request.Headers.ContentEncoding, "gzip", StringComparison.OrdinalIgnoreCase))
        {
            return (default, BodyFault.Compressed);
        }

        await using var unpacked = new GZipStream(new BodyStream(request.BodyReader), CompressionMode.Decompress, leaveOpen: true);
        try
        {
            return await ReadAsync(request, unpacked, largest, upload);
        }
        catch (InvalidDataException)
        {
            return (default, BodyFault.Damaged);
        }
    }

    private static async Task<(ReadOnlyMemory<byte> Body, BodyFault Fault)> ReadAsync(
        HttpRequest request, Stream content, int largest, BytesInHand.Upload upload)
    {
        try
        {
            return await ReadAsync(request, content, largest, upload.TryGrow, upload.Over);
        }
        catch (OperationCanceledException) when (upload.IsTooSlow)
        {
            // The rest of the body may still come, and is no request.
            request.HttpContext.Response.Headers.Connection = "close";
            return (default, BodyFault.TooSlow);
        }
    }

    // By hand, so that the limits hold whatever length the sender claims.
    private static async Task<(ReadOnlyMemory<byte> Body, BodyFault Fault)> ReadAsync(
        HttpRequest request, Stream content, int largest, Func<int, bool> mayTake, CancellationToken cancellationToken)
    {
        if (request.ContentLength > largest)
        {
            return (default, BodyFault.TooLarge);
        }

        var body = new ArrayBufferWriter<byte>((int)Math.Clamp(request.ContentLength ?? 4096, 256, Math.Min(largest, FirstBytes)));
        while (true)
        {
            var read = await content.ReadAsync(body.GetMemory(4096), cancellationToken);
            if (read == 0)
            {
                return (body.WrittenMemory, BodyFault.None);
            }

            body.Advance(read);
            if (body.WrittenCount > largest)
            {
                return (default, BodyFault.TooLarge);
            }

            if (!mayTake(read))
            {
                return (default, BodyFault.NoRoom);
            }
        }
    }

    private static bool IsCompressed(HttpRequest request) => request.Headers.ContentEncoding.Count > 0 && request.Headers.ContentEncoding != "identity";
}
