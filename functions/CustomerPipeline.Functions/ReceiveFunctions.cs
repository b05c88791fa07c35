using System.Text.Json;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Functions.Access;
using CustomerPipeline.Functions.Http;
using CustomerPipeline.Functions.Http.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Net.Http.Headers;

namespace CustomerPipeline.Functions;

/// <summary>What others post, checked, wrapped and put into a queue: vendor webhooks and uploads, and events.</summary>
public sealed class ReceiveFunctions(AccessGate gate, ReceiveMessagesHandler messages, ReceiveEventsHandler events, BytesInHand inHand, ReceiveOptions options)
{
    private const string EventGridType = "aeg-event-type";
    private const int LargestHeader = 4_096;

    [Function("Receive")]
    public Task<IActionResult> Messages(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/ingest/{source}")] HttpRequest request, string source, CancellationToken cancellationToken) =>
        MessagesAsync(request, source, null, cancellationToken);

    /// <summary>The same for one of several systems of a vendor: a second shop, a second help desk.</summary>
    [Function("ReceiveOfInstance")]
    public Task<IActionResult> MessagesOfInstance(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/ingest/{source}/{instance}")] HttpRequest request,
        string source,
        string instance,
        CancellationToken cancellationToken) => MessagesAsync(request, source, instance, cancellationToken);

    private Task<IActionResult> MessagesAsync(HttpRequest request, string source, string? instance, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.MessagesWrite, async () =>
    {
        using var upload = inHand.Begin(cancellationToken);
        var (body, fault) = await RequestBody.ReadAsync(request, options.LargestUpload, upload);
        if (fault != BodyFault.None)
        {
            return NotRead(fault, options.LargestUpload);
        }

        var posted = new PostedMessages(source, MediaTypeOf(request), name => HeaderOf(request, name), body, Instance: instance)
        {
            Privileged = () => gate.WhoMayAsync(request, Scope.PrivacyManage, cancellationToken),
        };
        if (posted.ContentType == "multipart/form-data")
        {
            if (await ReadFormAsync(posted, request.ContentType!, cancellationToken) is not { } form)
            {
                return Problem.Result(StatusCodes.Status400BadRequest, "invalid-form", "Send a form with a file part named 'file' and, for CSV, a part named 'mapping'.");
            }

            posted = form;
        }

        return Answer(await messages.HandleAsync(posted, cancellationToken));
    }, cancellationToken);

    [Function("ReceiveEvents")]
    public Task<IActionResult> Events([HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/events")] HttpRequest request, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.MessagesWrite, async () =>
    {
        using var upload = inHand.Begin(cancellationToken);
        var (body, fault) = await RequestBody.ReadAsync(request, options.LargestUpload, upload);
        if (fault != BodyFault.None)
        {
            return NotRead(fault, options.LargestUpload);
        }

        // Event Grid asks whether this address wants its events.
        if (HeaderOf(request, EventGridType) == "SubscriptionValidation")
        {
            return ValidationCodeOf(body) is { } code
                ? JsonBytesResult.Ok(new EventGridValidationShape(code))
                : Problem.Result(StatusCodes.Status400BadRequest, "invalid-body", "The subscription validation event has no validationCode.");
        }

        var headers = request.Headers.Select(h => KeyValuePair.Create(h.Key, h.Value.ToString())).Where(h => h.Value.Length <= LargestHeader).ToList();
        return Answer(await events.HandleAsync(
            new PostedEvents(MediaTypeOf(request), headers, body) { Privileged = () => gate.WhoMayAsync(request, Scope.PrivacyManage, cancellationToken) }, cancellationToken));
    }, cancellationToken);

    // The abuse protection of CloudEvents webhooks: whoever wants to send asks first.
    [Function("ReceiveEventsHandshake")]
    public Task<IActionResult> Handshake([HttpTrigger(AuthorizationLevel.Function, "options", Route = "api/events")] HttpRequest request, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.MessagesWrite, () =>
    {
        if (HeaderOf(request, "WebHook-Request-Origin") is not { Length: > 0 and < 256 } origin || !origin.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':'))
        {
            return Task.FromResult(Problem.Result(StatusCodes.Status400BadRequest, "invalid-origin", "WebHook-Request-Origin names the sender's host."));
        }

        request.HttpContext.Response.Headers["WebHook-Allowed-Origin"] = origin;
        request.HttpContext.Response.Headers["WebHook-Allowed-Rate"] = "*";
        return Task.FromResult<IActionResult>(new StatusCodeResult(StatusCodes.Status200OK));
    }, cancellationToken);

    private static string? MediaTypeOf(HttpRequest request) => MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed.MediaType.Value : null;

    internal static IActionResult NotRead(BodyFault fault, int largest) => fault switch
    {
        BodyFault.Compressed => Problem.Result(StatusCodes.Status415UnsupportedMediaType, "unsupported-content-encoding", "The body must not be compressed."),
        BodyFault.Damaged => Problem.Result(StatusCodes.Status400BadRequest, "invalid-body", "The body is not the gzip that Content-Encoding says."),
        BodyFault.TooSlow => Problem.Result(
            StatusCodes.Status408RequestTimeout, "upload-too-slow",
            "The body took too long to arrive. Send at least 16 KB a second, and all within UploadSeconds; nothing of this upload was taken."),
        BodyFault.TooLarge => Problem.Result(StatusCodes.Status413PayloadTooLarge, "upload-too-large",
            $"An upload may have {largest} bytes. Send it in parts."),
        _ => Problem.Result(
            StatusCodes.Status429TooManyRequests, "too-many-uploads", "More is being uploaded at once than there is room for. Come back after the time in Retry-After; nothing of this upload was taken.", ReceiveOptions.ComeBackAfter),
    };

    private static string? HeaderOf(HttpRequest request, string name) => request.Headers.TryGetValue(name, out var value) ? value.ToString() : null;

    // A CSV file and how to read it, in one request.
    private static async Task<PostedMessages?> ReadFormAsync(PostedMessages posted, string contentType, CancellationToken cancellationToken)
    {
        var boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(contentType).Boundary).Value;
        if (string.IsNullOrEmpty(boundary))
        {
            return null;
        }

        try
        {
            PostedMessages? file = null;
            ReadOnlyMemory<byte>? mapping = null;
            using var stream = new MemoryStream(posted.Body.ToArray(), writable: false);
            var reader = new MultipartReader(boundary, stream) { HeadersCountLimit = 8, HeadersLengthLimit = 4_096 };
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                using var content = new MemoryStream();
                await section.Body.CopyToAsync(content, cancellationToken);
                var name = section.GetContentDispositionHeader()?.Name.Value?.Trim('"');
                if (name == "mapping")
                {
                    mapping = content.ToArray();
                }
                else if (name == "file")
                {
                    var mediaType = MediaTypeHeaderValue.TryParse(section.ContentType, out var parsed) ? parsed.MediaType.Value : null;
                    var fileName = section.GetContentDispositionHeader()?.FileName.Value?.Trim('"');
                    file = posted with
                    {
                        Body = content.ToArray(),
                        ContentType = mediaType is null or "text/plain" or "application/octet-stream" or "application/vnd.ms-excel"
                            ? SourceMessages.MediaTypeOf(Path.GetExtension(fileName)) ?? "text/csv"
                            : mediaType,
                    };
                }
            }

            return file is null ? null : file with { Mapping = mapping };
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return null;
        }
    }

    private static string? ValidationCodeOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement[0].GetProperty("data").GetProperty("validationCode").GetString();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    internal static IActionResult Answer(Reception reception) => reception switch
    {
        Reception.Accepted accepted => JsonBytesResult.Of(StatusCodes.Status202Accepted, ReceiptShape.Of(accepted)),
        Reception.UnknownSource => Problem.Result(StatusCodes.Status404NotFound, "unknown-source", "No source of this name. See the documentation for the sources there are."),
        Reception.UnknownInstance => Problem.Result(
            StatusCodes.Status404NotFound, "unknown-instance", "The name of an instance has up to 60 lower-case letters, digits, points, hyphens and underscores."),
        Reception.WrongSignature => Problem.Result(StatusCodes.Status401Unauthorized, "wrong-signature", "The signature is missing, or not made with a secret that is configured for this source."),
        Reception.OldSignature => Problem.Result(
            StatusCodes.Status401Unauthorized, "old-signature",
            "The time of the signature is further from now than SignatureToleranceMinutes. Compare the clocks; an old webhook is not taken again."),
        Reception.UnsupportedMediaType => Problem.Result(
            StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", "This source does not send that media type. JSON sources: application/json or application/x-ndjson; XML sources: application/xml."),
        Reception.TooLarge tooLarge => Problem.Result(StatusCodes.Status413PayloadTooLarge, "message-too-large", tooLarge.Detail),
        Reception.TooMany many => Problem.Result(StatusCodes.Status413PayloadTooLarge, "too-many-messages", many.Detail),
        Reception.Invalid invalid => Problem.Result(Problem.Of(StatusCodes.Status400BadRequest, "invalid-body", invalid.Detail) with
        {
            Accepted = 0,
            Rejected = invalid.Rejected.Count,
            Errors = RejectedMessageShape.Of(invalid.Rejected),
        }),
        Reception.Busy busy => Problem.Result(
            StatusCodes.Status429TooManyRequests, "queue-full", "The queue is full. Come back after the time in Retry-After; nothing of this upload was taken.", busy.RetryAfter),
        var other => throw new InvalidOperationException($"{other.GetType().Name} has no answer."),
    };
}
