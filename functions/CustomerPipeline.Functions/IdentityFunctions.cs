using System.Text.Json;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Audit;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Functions.Access;
using CustomerPipeline.Functions.Http;
using CustomerPipeline.Functions.Http.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>Why one customer is one, and what people decide about it. What they decide is written down.</summary>
public sealed class IdentityFunctions(AccessGate gate, IdentityEvidence evidence, DecideIdentityHandler decide, PlanIdentity plan, IdentityRules rules, AuditLog audit)
{
    private const int LargestRules = 256 * 1024;
    private const int MostChanges = 100;

    [Function("CustomerWhy")]
    public Task<IActionResult> Why(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/customers/{id}/why")] HttpRequest request, string id, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.CustomersRead, async () =>
    {
        var (asked, problem) = Paging.Read(request, IdentityEvidence.LargestPage);
        if (asked is null)
        {
            return problem!;
        }

        return QueryFunctions.IsCustomerId(id) && await evidence.ReadAsync(id, asked.Size, asked.After, cancellationToken) is { } page
            ? JsonBytesResult.Ok(EvidenceShape.Of(page, Paging.NextLink(request, page.Continuation)))
            : QueryFunctions.NoCustomer();
    }, cancellationToken);

    [Function("CustomerMerge")]
    public Task<IActionResult> Merge(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/customers/{id}/merge")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        gate.AnswerAsync(request, Scope.IdentityWrite, caller => WithOtherAsync(request, id, other => decide.MergeAsync(id, other, caller, cancellationToken), cancellationToken), cancellationToken);

    [Function("CustomerNeverLink")]
    public Task<IActionResult> NeverLink(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/customers/{id}/never-link")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        gate.AnswerAsync(request, Scope.IdentityWrite, caller => WithOtherAsync(request, id, other => decide.NeverLinkAsync(id, other, caller, cancellationToken), cancellationToken), cancellationToken);

    [Function("CustomerUnmerge")]
    public Task<IActionResult> Unmerge(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/customers/{id}/unmerge")] HttpRequest request, string id, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.IdentityWrite, async caller =>
    {
        if (!QueryFunctions.IsCustomerId(id))
        {
            return QueryFunctions.NoCustomer();
        }

        return await LookupBody.ReadAsync(request, cancellationToken) is { } identifier
            ? Answer(await decide.UnmergeAsync(id, identifier, caller, cancellationToken))
            : Problem.Result(StatusCodes.Status400BadRequest, "invalid-identifier", "Send the identifier that wrongly ties the customer together: {\"type\": \"phone\", \"value\": \"…\"}.");
    }, cancellationToken);

    [Function("IdentityDecisionTakeBack")]
    public Task<IActionResult> TakeBack(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "api/identity/decisions/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        gate.AnswerAsync(request, Scope.IdentityWrite, async caller => Answer(await decide.TakeBackAsync(id, caller, cancellationToken)), cancellationToken);

    [Function("IdentityPlan")]
    public Task<IActionResult> Plan([HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/identity/plan")] HttpRequest request, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.IdentityWrite, async () =>
    {
        if (await RequestBody.ReadAsync(request, LargestRules, cancellationToken) is not { } body)
        {
            return Problem.Result(StatusCodes.Status413PayloadTooLarge, "rules-too-large", $"Identity rules may have {LargestRules} bytes.");
        }

        try
        {
            var planned = await plan.RunAsync(IdentityRules.Parse(body.Span), cancellationToken);
            return JsonBytesResult.Ok(IdentityPlanShape.Of(planned, MostChanges));
        }
        catch (FormatException e)
        {
            return Problem.Result(StatusCodes.Status400BadRequest, "invalid-rules", e.Message);
        }
    }, cancellationToken);

    [Function("IdentityRules")]
    public Task<IActionResult> Rules([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/identity/rules")] HttpRequest request, CancellationToken cancellationToken) =>
        gate.AnswerAsync(request, Scope.OperationsRead, () => Task.FromResult<IActionResult>(new JsonBytesResult(StatusCodes.Status200OK, JsonBytesResult.Json, rules.ToJson())), cancellationToken);

    [Function("Audit")]
    public Task<IActionResult> Audit([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/audit")] HttpRequest request, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.PrivacyManage, async () =>
    {
        var (asked, problem) = Paging.Read(request);
        if (asked is null)
        {
            return problem!;
        }

        var page = await audit.ListLatestAsync(asked.Size, asked.After, cancellationToken);
        return JsonBytesResult.Ok(new ListShape<AuditEntryShape>(page.Items.Select(AuditEntryShape.From), Paging.NextLink(request, page.Next)));
    }, cancellationToken);

    private static async Task<IActionResult> WithOtherAsync(HttpRequest request, string id, Func<string, Task<DecisionResult>> decide, CancellationToken cancellationToken)
    {
        if (!QueryFunctions.IsCustomerId(id))
        {
            return QueryFunctions.NoCustomer();
        }

        return await ReadOtherAsync(request, cancellationToken) is { } other && QueryFunctions.IsCustomerId(other)
            ? Answer(await decide(other))
            : Problem.Result(StatusCodes.Status400BadRequest, "invalid-body", "Send the other customer's id: {\"with\": \"c…\"}.");
    }

    private static async Task<string?> ReadOtherAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            if (await RequestBody.ReadAsync(request, LookupBody.Largest, cancellationToken) is not { IsEmpty: false } body)
            {
                return null;
            }

            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 4 });
            return document.RootElement.TryGetProperty("with", out var with) ? with.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    internal static IActionResult Answer(DecisionResult result) => result switch
    {
        DecisionResult.Accepted accepted => JsonBytesResult.Of(StatusCodes.Status202Accepted, new DecisionShape(accepted.Decision)),
        DecisionResult.Refused refused => Problem.Result(StatusCodes.Status409Conflict, refused.Code, refused.Advice),
        _ => Problem.Result(StatusCodes.Status404NotFound, "unknown", "There is no such customer or decision."),
    };
}
