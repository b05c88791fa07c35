using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Functions.Access;
using CustomerPipeline.Functions.Http;
using CustomerPipeline.Functions.Http.Answers;
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
        if (Paging.RefuseContinuation(request) is { } refusal)
        {
            return refusal;
        }

        var groups = await review.GroupAsync(cancellationToken);
        return JsonBytesResult.Ok(new ListShape<QuarantineGroupShape>(groups.Select(QuarantineGroupShape.Of)));
    }, cancellationToken);

    [Function("QuarantineMessages")]
    public Task<IActionResult> Messages([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/quarantine/messages")] HttpRequest request, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.CustomersRead, async () =>
    {
        var (asked, problem) = Paging.Read(request, otherwise: DefaultPage, isById: true);
        if (asked is null)
        {
            return problem!;
        }

        var page = await PageAsync(request, asked, cancellationToken);
        var last = page.Count == asked.Size ? page[^1].DeliveryId : null;
        return JsonBytesResult.Ok(new QuarantinedMessageListShape(page.Select(QuarantinedMessageShape.Of), Paging.NextLink(request, last), last));
    }, cancellationToken);

    [Function("QuarantineMessage")]
    public Task<IActionResult> Message(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/quarantine/messages/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        gate.AnswerAsync(request, Scope.CustomersRead, async () => await review.FindAsync(id, cancellationToken) is { } message
            ? JsonBytesResult.Ok(QuarantinedMessageShape.Whole(message)) : Unknown(), cancellationToken);

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
            RetryResult.Released => JsonBytesResult.Ok(new RetriedShape(1, 1, null)),
            RetryResult.Kept kept => Problem.Result(StatusCodes.Status409Conflict, kept.Reason.Code, kept.Reason.Advice),
            _ => Unknown(),
        };
    }, cancellationToken);

    [Function("QuarantineRetry")]
    public Task<IActionResult> Retry([HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/quarantine/retry")] HttpRequest request, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.OperationsWrite, async () =>
    {
        var page = await PageAsync(request, new PageRequest(RetriesPerRequest, request.Query[Paging.After].ToString()), cancellationToken);
        var released = 0;
        foreach (var message in page)
        {
            released += await review.RetryAsync(message.DeliveryId, cancellationToken, scope => gate.WhoMayAsync(request, scope, cancellationToken)) is RetryResult.Released ? 1 : 0;
        }

        return JsonBytesResult.Ok(new RetriedShape(page.Count, released, page.Count == RetriesPerRequest ? page[^1].DeliveryId : null));
    }, cancellationToken);

    [Function("QuarantineDiscard")]
    public Task<IActionResult> Discard(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "api/quarantine/messages/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        gate.AnswerAsync(request, Scope.OperationsWrite, async () => await review.DiscardAsync(id, cancellationToken) ? new StatusCodeResult(StatusCodes.Status204NoContent) : Unknown(), cancellationToken);

    private async Task<List<QuarantinedMessage>> PageAsync(HttpRequest request, PageRequest asked, CancellationToken cancellationToken)
    {
        var reason = request.Query["reason"].ToString();
        return await review.ListAsync(reason.Length == 0 ? null : reason, asked.After ?? "", cancellationToken).Take(asked.Size).ToListAsync(cancellationToken);
    }

    private static IActionResult Unknown() => Problem.Result(StatusCodes.Status404NotFound, "unknown-message", "There is no such message in quarantine.");
}
