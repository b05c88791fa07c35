using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Flow.Serve;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>Customers and the state of the pipeline, over HTTP.</summary>
public sealed class QueryFunctions(CustomersReader customers, StatusReader status)
{
    [Function("Customer")]
    public async Task<IActionResult> Customer(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/customers/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        IsCustomerId(id) && await customers.FindAsync(id, cancellationToken) is { } summary ? Found(summary) : NoCustomer();

    /// <summary>The only feed of people: it has those who agreed to its purpose.</summary>
    [Function("Customers")]
    public async Task<IActionResult> Customers([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/customers")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.Query["purpose"] != "marketing")
        {
            return Problem.Result(StatusCodes.Status400BadRequest, "invalid-purpose", "Say what the list is for: purpose=marketing. It has only people who agreed to that.");
        }

        return await Paging.AnswerAsync(
            request, (size, after) => customers.ListForMarketingAsync(size, after, cancellationToken), Answers.Write, c => c.Customer, "/api/customers?purpose=marketing");
    }

    [Function("CustomerTimeline")]
    public async Task<IActionResult> Timeline(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/customers/{id}/timeline")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        var continuation = request.Query["continuation"].ToString();
        if (Paging.SizeOf(request, CustomersReader.LargestPage) is not { } size || (continuation.Length > 0 && !CustomersReader.IsContinuation(continuation)))
        {
            return Paging.Invalid(CustomersReader.LargestPage);
        }

        return IsCustomerId(id) && await customers.ReadTimelineAsync(id, size, continuation.Length == 0 ? null : continuation, cancellationToken) is { } page
            ? JsonBytesResult.Ok(writer => Answers.Write(writer, page, $"/api/customers/{page.Customer}/timeline?top={size}&continuation="))
            : NoCustomer();
    }

    [Function("CustomerLookup")]
    public async Task<IActionResult> LookUp(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/customers/lookup")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (await LookupBody.ReadAsync(request, cancellationToken) is not { } identifier)
        {
            return Problem.Result(
                StatusCodes.Status400BadRequest, "invalid-identifier",
                "Send {\"type\": \"email\", \"value\": \"…\"}; type is account (value source:number), loyalty, email or phone (with country code).");
        }

        return await customers.LookUpAsync(identifier, cancellationToken) is { } summary ? Found(summary) : NoCustomer();
    }

    [Function("Status")]
    public async Task<IActionResult> Status([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/status")] HttpRequest request, CancellationToken cancellationToken)
    {
        var current = await status.ReadAsync(cancellationToken);
        return JsonBytesResult.Ok(writer => Answers.Write(writer, current));
    }

    [Function("Health")]
    public static Task<IActionResult> Health([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health")] HttpRequest request) =>
        Task.FromResult<IActionResult>(JsonBytesResult.Ok(Answers.WriteHealthy));

    private static JsonBytesResult Found(CustomerSummary summary) => JsonBytesResult.Ok(writer => Answers.Write(writer, summary));

    internal static IActionResult NoCustomer() =>
        Problem.Result(StatusCodes.Status404NotFound, "unknown-customer", "There is no such customer.");

    // Ids are made by this program: whatever else is asked for cannot exist, and need not reach the store.
    internal static bool IsCustomerId(string id) => id.Length is > 1 and < 64 && id[0] == 'c' && id.All(char.IsAsciiLetterOrDigit);
}
