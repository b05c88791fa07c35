using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Maintenance.Erasing;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Functions.Access;
using CustomerPipeline.Functions.Http;
using CustomerPipeline.Functions.Http.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>People's rights over their data: what is known of them, and its erasure. Both are written down.</summary>
public sealed class PrivacyFunctions(AccessGate gate, ExportPersonHandler export, ErasePeopleHandler erase, KeepForHandler keepFor, PrivacyRequests requests, CustomersReader customers, StageTelemetry telemetry)
{
    [Function("CustomerExport")]
    public Task<IActionResult> Export(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/customers/{id}/export")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        gate.AnswerAsync(request, Scope.PrivacyManage, async caller => QueryFunctions.IsCustomerId(id) && await export.ExportAsync(id, caller, cancellationToken) is { } person
            ? new JsonBytesResult(StatusCodes.Status200OK, JsonBytesResult.Json, person)
            : QueryFunctions.NoCustomer(), cancellationToken);

    [Function("CustomerErase")]
    public Task<IActionResult> Erase(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/customers/{id}/erase")] HttpRequest request, string id, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.PrivacyManage, async caller =>
    {
        if (!QueryFunctions.IsCustomerId(id) || await customers.FindAsync(id, cancellationToken) is not { } customer)
        {
            return QueryFunctions.NoCustomer();
        }

        // The timer carries it out: it looks through all that is kept, for which no caller waits.
        var taken = await requests.TakeAsync(PrivacyRequest.Erasure, caller, [.. new[] { id, customer.Customer }.Distinct()], cancellationToken);
        return JsonBytesResult.Of(StatusCodes.Status202Accepted, PrivacyRequestShape.Of(taken));
    }, cancellationToken);

    [Function("PrivacyRequests")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/privacy/requests")] HttpRequest request, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.PrivacyManage, async () =>
    {
        var (asked, problem) = Paging.Read(request, otherwise: Paging.Largest);
        if (asked is null)
        {
            return problem!;
        }

        var page = await requests.ListLatestAsync(asked.Size, asked.After, cancellationToken);
        return JsonBytesResult.Ok(new ListShape<PrivacyRequestShape>(page.Items.Select(PrivacyRequestShape.Of), Paging.NextLink(request, page.Next)));
    }, cancellationToken);

    [Function("PrivacyRequest")]
    public Task<IActionResult> Find(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/privacy/requests/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        gate.AnswerAsync(request, Scope.PrivacyManage, async () => await requests.FindAsync(id, cancellationToken) is { } found
            ? JsonBytesResult.Ok(PrivacyRequestShape.Of(found))
            : Problem.Result(StatusCodes.Status404NotFound, "unknown-request", "There is no such request."), cancellationToken);

    /// <summary>An access request of a source is done when an operator has handed the export over.</summary>
    [Function("PrivacyRequestDone")]
    public Task<IActionResult> Done(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/privacy/requests/{id}/done")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        gate.AnswerAsync(request, Scope.PrivacyManage, async caller => await requests.HandOverAsync(id, caller, cancellationToken)
            ? new StatusCodeResult(StatusCodes.Status204NoContent)
            : Problem.Result(StatusCodes.Status404NotFound, "unknown-request", "There is no such open request for an export."), cancellationToken);

    /// <summary>Goes on with erasures, a step at a time, until the stages have passed what was under way. How often is the host's to say: in Azure each look is billed.</summary>
    [Function("Erase")]
    [FixedDelayRetry(-1, "00:00:10")]
    public Task EraseOpen([TimerTrigger("%EraseSchedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        telemetry.TryAsync(StageTelemetry.Erase, 1, () => erase.RunAsync(cancellationToken));

    /// <summary>Lets go of what was kept long enough.</summary>
    [Function("KeepFor")]
    [FixedDelayRetry(5, "00:01:00")]
    public Task LetGo([TimerTrigger("0 30 2 * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        telemetry.TryAsync(StageTelemetry.KeepFor, 1, () => keepFor.RunAsync(cancellationToken));
}
