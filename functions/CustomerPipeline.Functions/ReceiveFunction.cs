using System.Buffers;
using System.Text.Json;
using CustomerPipeline.Flow.Receive;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Net.Http.Headers;

namespace CustomerPipeline.Functions;

/// <summary>Vendor webhooks and uploads: checked, wrapped and put into a queue.</summary>
public sealed class ReceiveFunction(ReceiveMessagesHandler handler, ReceiveOptions options)
{
    [Function("Receive")]
    public async Task<IActionResult> Run(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/ingest/{source}")] HttpRequest request, string source, CancellationToken cancellationToken)
    {
        if (request.Headers.ContentEncoding.Count > 0 && request.Headers.ContentEncoding != "identity")
        {
            return Problem.Result(StatusCodes.Status415UnsupportedMediaType, "unsupported-content-encoding", "The body must not be compressed.");
        }

        if (await ReadBodyAsync(request, cancellationToken) is not { } body)
        {
            return Problem.Result(StatusCodes.Status413PayloadTooLarge, "upload-too-large", $"An upload may have {options.LargestUpload} bytes. Send it in parts.");
        }

        var contentType = MediaTypeHeaderValue.TryParse(request.ContentType, out var mediaType) ? mediaType.MediaType.Value : null;
        var posted = new PostedMessages(source, contentType, name => request.Headers[name], body);
        return await handler.HandleAsync(posted, cancellationToken) switch
        {
            Reception.Accepted accepted => new JsonBytesResult(StatusCodes.Status202Accepted, JsonBytesResult.Json, Receipt(accepted)),
            Reception.UnknownSource => Problem.Result(StatusCodes.Status404NotFound, "unknown-source", "No source of this name. See the documentation for the sources there are."),
            Reception.UnsupportedMediaType => Problem.Result(
                StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", "Send application/json (an object or an array) or application/x-ndjson."),
            Reception.TooLarge tooLarge => Problem.Result(StatusCodes.Status413PayloadTooLarge, "message-too-large", tooLarge.Detail),
            Reception.Invalid invalid => Problem.Result(StatusCodes.Status400BadRequest, "invalid-body", invalid.Detail),
            Reception.Busy busy => Problem.Result(
                StatusCodes.Status429TooManyRequests, "queue-full", "The queue is full. Come back after the time in Retry-After; nothing of this upload was taken.", busy.RetryAfter),
            var other => throw new InvalidOperationException($"{other.GetType().Name} has no answer."),
        };
    }

    // Read by hand, so that the limit holds whatever length the sender claims; null when the body is larger.
    private async Task<ReadOnlyMemory<byte>?> ReadBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > options.LargestUpload)
        {
            return null;
        }

        var body = new ArrayBufferWriter<byte>((int)Math.Clamp(request.ContentLength ?? 4096, 256, options.LargestUpload));
        while (true)
        {
            var read = await request.Body.ReadAsync(body.GetMemory(4096), cancellationToken);
            if (read == 0)
            {
                return body.WrittenMemory;
            }

            body.Advance(read);
            if (body.WrittenCount > options.LargestUpload)
            {
                return null;
            }
        }
    }

    private static byte[] Receipt(Reception.Accepted accepted)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("accepted", accepted.Count);
            writer.WriteNumber("rejected", accepted.Rejected.Count);
            if (accepted.Rejected.Count > 0)
            {
                writer.WriteStartArray("errors");
                foreach (var rejected in accepted.Rejected)
                {
                    writer.WriteStartObject();
                    writer.WriteNumber("index", rejected.Index);
                    writer.WriteString("code", rejected.Code);
                    writer.WriteString("detail", rejected.Detail);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
