using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace CustomerPipeline.Functions;

/// <summary>Bodies within a limit.</summary>
internal static class RequestBody
{
    /// <summary>The whole body, read by hand so that the limit holds whatever length the sender claims; null when it is larger.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, int largest, CancellationToken cancellationToken)
    {
        if (request.ContentLength > largest)
        {
            return null;
        }

        var body = new ArrayBufferWriter<byte>((int)Math.Clamp(request.ContentLength ?? 4096, 256, largest));
        while (true)
        {
            var read = await request.Body.ReadAsync(body.GetMemory(4096), cancellationToken);
            if (read == 0)
            {
                return body.WrittenMemory;
            }

            body.Advance(read);
            if (body.WrittenCount > largest)
            {
                return null;
            }
        }
    }

    public static bool IsCompressed(HttpRequest request) => request.Headers.ContentEncoding.Count > 0 && request.Headers.ContentEncoding != "identity";
}
