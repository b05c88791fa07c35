using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Functions.Access;
using CustomerPipeline.Functions.Http;
using CustomerPipeline.Functions.Http.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>
/// The addresses that the official libraries of Segment and RudderStack send to, so that their host option alone points them here. Their write key is an API
/// key with the scope messages.write.
/// What they send takes the same way as messages of <c>/api/ingest/segment</c>.
/// </summary>
public sealed class LibraryFunctions(AccessGate gate, ReceiveMessagesHandler messages, BytesInHand inHand)
{
    private const string Source = "segment";

    [Function("ReceiveOfLibrary")]
    public Task<IActionResult> Call(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/{call}")] HttpRequest request, string call, CancellationToken cancellationToken) =>
        gate.AnswerAsync(request, Scope.MessagesWrite, caller => AnswerAsync(request, call, caller, cancellationToken), cancellationToken);

    private async Task<IActionResult> AnswerAsync(HttpRequest request, string call, string caller, CancellationToken cancellationToken)
    {
        if (!LibraryCalls.All.Contains(call))
        {
            return Problem.Result(StatusCodes.Status404NotFound, "unknown-call", $"There is no such call. Known calls: {string.Join(", ", LibraryCalls.All)}.");
        }

        using var upload = inHand.Begin(cancellationToken);
        var (body, fault) = await RequestBody.ReadUnpackedAsync(request, LibraryCalls.LargestBody, upload);
        if (fault == BodyFault.Compressed)
        {
            return Problem.Result(StatusCodes.Status415UnsupportedMediaType, "unsupported-content-encoding", "Compress the body with gzip, or not at all.");
        }

        if (fault != BodyFault.None)
        {
            return ReceiveFunctions.NotRead(fault, LibraryCalls.LargestBody);
        }

        if (LibraryCalls.Read(call, body) is not { } read)
        {
            return Problem.Result(
                StatusCodes.Status400BadRequest, "invalid-body", call == LibraryCalls.Batch
                    ? "Send a JSON object with a list of messages: {\"batch\": [...]}." : "Send a message as a JSON object.");
        }

        // Libraries sign nothing: a sender who shows a key is known by it. Where no key was ever made, a secret for the source still keeps unsigned messages out.
        var posted = new PostedMessages(Source, "application/json", _ => null, read) { IsSenderKnown = caller != AccessGate.Anybody };
        return await messages.HandleAsync(posted, cancellationToken) switch
        {
            Reception.Accepted accepted => JsonBytesResult.Ok(LibraryReceiptShape.Of(accepted)),
            var other => ReceiveFunctions.Answer(other),
        };
    }
}
