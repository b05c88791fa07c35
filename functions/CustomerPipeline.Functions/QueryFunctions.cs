using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Functions.Access;
using CustomerPipeline.Functions.Http;
using CustomerPipeline.Functions.Http.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>Customers and the state of the pipeline, over HTTP.</summary>
public sealed class QueryFunctions(AccessGate gate, CustomersReader customers, StandingsReader standings, StatusReader status)
{
    private const string Purpose = "purpose";

    [Function("Customer")]
    public Task<IActionResult> Customer(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/customers/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        gate.AnswerAsync(request, Scope.CustomersRead, async () => IsCustomerId(id) && await customers.FindAsync(id, cancellationToken) is { } summary ? await FoundAsync(summary, cancellationToken) : NoCustomer(), cancellationToken);

    /// <summary>
    /// By segment, stage and value: opaque ids, of all customers. For a purpose: people with their identifiers, of those who agreed to the purpose.
    /// </summary>
    [Function("Customers")]
    public Task<IActionResult> Customers([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/customers")] HttpRequest request, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.CustomersRead, async () =>
    {
        if (request.Query.ContainsKey(Purpose))
        {
            return request.Query[Purpose] != "marketing"
                ? Problem.Result(StatusCodes.Status400BadRequest, "invalid-purpose", "Say what the list is for: purpose=marketing. It has only people who agreed to that. Without purpose, the list has opaque ids.")
                : QueryParameters.RefuseUnknown(request, "The list of a purpose", [Purpose, Paging.Top, Paging.Continuation, Paging.After])
                    ?? await Paging.AnswerAsync(
                        request, (size, after) => customers.ListForMarketingAsync(size, after, cancellationToken), CustomerShape.Of, c => c.Customer);
        }

        var (question, problem) = StandingParameters.Read(request);
        return question is null ? problem! : await StandingAnswers.ListAsync(request, standings, question, cancellationToken);
    }, cancellationToken);

    [Function("CustomerTimeline")]
    public Task<IActionResult> Timeline(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/customers/{id}/timeline")] HttpRequest request, string id, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.CustomersRead, async () =>
    {
        var (asked, problem) = Paging.Read(request, CustomersReader.LargestPage);
        if (asked is null)
        {
            return problem!;
        }

        return IsCustomerId(id) && await customers.ReadTimelineAsync(id, asked.Size, asked.After, cancellationToken) is { } page
            ? JsonBytesResult.Ok(TimelineShape.Of(page, Paging.NextLink(request, page.Continuation)))
            : NoCustomer();
    }, cancellationToken);

    [Function("CustomerLookup")]
    public Task<IActionResult> LookUp(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/customers/lookup")] HttpRequest request, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.CustomersRead, async () =>
    {
        if (await LookupBody.ReadAsync(request, cancellationToken) is not { } identifier)
        {
            return Problem.Result(
                StatusCodes.Status400BadRequest, "invalid-identifier",
                "Send {\"type\": \"email\", \"value\": \"…\"}; type is account (value source:number), loyalty, email or phone (with country code).");
        }

        return await customers.LookUpAsync(identifier, cancellationToken) is { } summary ? await FoundAsync(summary, cancellationToken) : NoCustomer();
    }, cancellationToken);

    [Function("Status")]
    public Task<IActionResult> Status([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/status")] HttpRequest request, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.OperationsRead, async () =>
    {
        var current = await status.ReadAsync(cancellationToken);
        return JsonBytesResult.Ok(StatusShape.Of(current));
    }, cancellationToken);

    [Function("Health")]
    public static Task<IActionResult> Health([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health")] HttpRequest request) =>
        Task.FromResult<IActionResult>(JsonBytesResult.Ok(new HealthShape("healthy")));

    private async Task<IActionResult> FoundAsync(CustomerSummary summary, CancellationToken cancellationToken) =>
        JsonBytesResult.Ok(CustomerShape.Of(summary, await standings.FindAsync(summary.Customer, cancellationToken)));

    internal static IActionResult NoCustomer() =>
        Problem.Result(StatusCodes.Status404NotFound, "unknown-customer", "There is no such customer.");

    // Ids are made by this program: whatever else is asked for cannot exist, and need not reach the store.
    internal static bool IsCustomerId(string id) => id.Length is > 1 and < 64 && id[0] == 'c' && id.All(char.IsAsciiLetterOrDigit);
}
