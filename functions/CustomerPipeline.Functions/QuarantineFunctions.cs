using System.Text;
using System.Text.Json;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Functions.Access;
using CustomerPipeline.Functions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>The quarantine for operators: what is there and why, try again, give up. Messages may hold personal data: to see them takes the scope for it.</summary>
public sealed class QuarantineFunctions(AccessGate gate, ReviewQuarantine review)
{
    private const int DefaultPage = 100;
    private const int RetriesPerRequest = 200;

    [Function("Quarantine")]
    public Task<IActionResult> Groups([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/quarantine")] HttpRequest request, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.OperationsRead, async () =>
    {
        var groups = await review.GroupAsync(cancellationToken);
        return JsonBytesResult.Ok(writer => ValueList.Write(writer, groups, Write));
    }, cancellationToken);

    [Function("QuarantineMessages")]
    public Task<IActionResult> Messages([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/quarantine/messages")] HttpRequest request, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.CustomersRead, async () =>
    {
        if (Paging.SizeOf(request, Paging.Largest, DefaultPage) is not { } size)
        {
            return Paging.Invalid(Paging.Largest);
        }

        var page = await PageAsync(request, size, cancellationToken);
        return JsonBytesResult.Ok(writer => ValueList.Write(writer, page, (w, m) => Write(w, m, isWhole: false), "after", page.Count == size ? page[^1].DeliveryId : null));
    }, cancellationToken);

    [Function("QuarantineMessage")]
    public Task<IActionResult> Message(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/quarantine/messages/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        gate.AnswerAsync(request, Scope.CustomersRead, async () => await review.FindAsync(id, cancellationToken) is { } message ? JsonBytesResult.Ok(writer => Write(writer, message, isWhole: true)) : Unknown(), cancellationToken);

    [Function("QuarantineRetryMessage")]
    public Task<IActionResult> RetryMessage(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/quarantine/messages/{id}/retry")] HttpRequest request, string id, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.OperationsWrite, async () =>
    {
        if (await RequestBody.ReadAsync(request, MessageEnvelope.LargestPayload, cancellationToken) is not { } edited)
        {
            return Problem.Result(StatusCodes.Status413PayloadTooLarge, "message-too-large", $"A message may have {MessageEnvelope.LargestPayload} bytes.");
        }

        ValueTask<string?> WhoMay(string scope) => gate.WhoMayAsync(request, scope, cancellationToken);
        return (edited.IsEmpty ? await review.RetryAsync(id, cancellationToken, WhoMay) : await review.RetryEditedAsync(id, edited, cancellationToken, WhoMay)) switch
        {
            RetryResult.Released => JsonBytesResult.Ok(writer => WriteRetried(writer, 1, 1, null)),
            RetryResult.Kept kept => Problem.Result(StatusCodes.Status409Conflict, kept.Reason.Code, kept.Reason.Advice),
            _ => Unknown(),
        };
    }, cancellationToken);

    [Function("QuarantineRetry")]
    public Task<IActionResult> Retry([HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/quarantine/retry")] HttpRequest request, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.OperationsWrite, async () =>
    {
        var page = await PageAsync(request, RetriesPerRequest, cancellationToken);
        var released = 0;
        foreach (var message in page)
        {
            released += await review.RetryAsync(message.DeliveryId, cancellationToken, scope => gate.WhoMayAsync(request, scope, cancellationToken)) is RetryResult.Released ? 1 : 0;
        }

        return JsonBytesResult.Ok(writer => WriteRetried(writer, page.Count, released, page.Count == RetriesPerRequest ? page[^1].DeliveryId : null));
    }, cancellationToken);

    [Function("QuarantineDiscard")]
    public Task<IActionResult> Discard(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "api/quarantine/messages/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        gate.AnswerAsync(request, Scope.OperationsWrite, async () => await review.DiscardAsync(id, cancellationToken) ? new StatusCodeResult(StatusCodes.Status204NoContent) : Unknown(), cancellationToken);

    private async Task<List<QuarantinedMessage>> PageAsync(HttpRequest request, int size, CancellationToken cancellationToken)
    {
        var reason = request.Query["reason"].ToString();
        return await review.ListAsync(reason.Length == 0 ? null : reason, request.Query["after"].ToString(), cancellationToken).Take(size).ToListAsync(cancellationToken);
    }

    private static IActionResult Unknown() => Problem.Result(StatusCodes.Status404NotFound, "unknown-message", "There is no such message in quarantine.");

    private static void WriteRetried(Utf8JsonWriter writer, int tried, int released, string? next)
    {
        writer.WriteStartObject();
        writer.WriteNumber("tried", tried);
        writer.WriteNumber("released", released);
        if (next is not null)
        {
            writer.WriteString("after", next);
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, QuarantineGroup group)
    {
        writer.WriteStartObject();
        writer.WriteString("reason", group.Code);
        writer.WriteString("advice", group.Advice);
        writer.WriteString("source", group.Source);
        writer.WriteString("stage", group.Stage);
        writer.WriteNumber("count", group.Count);
        writer.WriteString("firstSeen", group.FirstSeenAt);
        writer.WriteString("lastSeen", group.LastSeenAt);
        writer.WriteString("latest", group.LatestId);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, QuarantinedMessage message, bool isWhole)
    {
        writer.WriteStartObject();
        writer.WriteString("id", message.DeliveryId);
        writer.WriteString("reason", message.Reason.Code);
        writer.WriteString("advice", message.Reason.Advice);
        writer.WriteString("source", message.Source);
        writer.WriteString("stage", message.Stage);
        writer.WriteString("queue", message.Queue);
        writer.WriteString("firstSeen", message.QuarantinedAt);
        writer.WriteString("lastSeen", message.LastSeenAt ?? message.QuarantinedAt);
        writer.WriteNumber("tries", message.Tries);
        writer.WriteNumber("bytes", message.Message.Length);
        if (isWhole)
        {
            WriteWhole(writer, message.Message);
        }

        writer.WriteEndObject();
    }

    private static void WriteWhole(Utf8JsonWriter writer, byte[] message)
    {
        if (MessageEnvelope.TryRead(message, out var envelope, out _))
        {
            writer.WriteString("type", envelope!.Type);
            writer.WriteStartObject("headers");
            foreach (var (name, value) in envelope.Headers.DistinctBy(h => h.Key))
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
            writer.WriteString("payload", Encoding.UTF8.GetString(envelope.Data.Span));
        }

        // The very bytes, whatever they are.
        writer.WriteBase64String("message", message);
    }
}
