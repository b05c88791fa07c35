using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Report.Audiences;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Functions.Access;
using CustomerPipeline.Functions.Http;
using CustomerPipeline.Functions.Http.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>Audiences: customers by a saved filter, to read, and to export with identifiers where they agreed to be written to.</summary>
public sealed class AudienceFunctions(AccessGate gate, AudienceStore audiences, StandingsReader standings, ExportAudience export)
{
    private static readonly string[] ExportColumns = ["customer", "type", "value"];

    [Function("Audiences")]
    public Task<IActionResult> List(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/audiences")] HttpRequest request, CancellationToken cancellationToken) =>
        gate.AnswerAsync(
            request,
            Scope.CustomersRead,
            () => Paging.AnswerAsync(request, (size, after) => ListAsync(size, after, cancellationToken), AudienceShape.Of, a => a.Name),
            cancellationToken);

    [Function("Audience")]
    public Task<IActionResult> Find(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/audiences/{name}")] HttpRequest request,
        string name,
        CancellationToken cancellationToken) =>
        gate.AnswerAsync(
            request,
            Scope.CustomersRead,
            () => WithAudienceAsync(
                name,
                async audience =>
                {
                    var question = new StandingQuestion(audience.Conditions, StandingOrder.Customer, IsDescending: false);
                    return JsonBytesResult.Ok(AudienceShape.Of(audience, await standings.ListAsync(question, 1, null, cancellationToken)));
                },
                cancellationToken),
            cancellationToken);

    [Function("AudiencePut")]
    public Task<IActionResult> Put(
        [HttpTrigger(AuthorizationLevel.Function, "put", Route = "api/audiences/{name}")] HttpRequest request,
        string name,
        CancellationToken cancellationToken) =>
        gate.AnswerAsync(request, Scope.OperationsWrite, () => PutAsync(request, name, cancellationToken), cancellationToken);

    [Function("AudienceDelete")]
    public Task<IActionResult> Remove(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "api/audiences/{name}")] HttpRequest request,
        string name,
        CancellationToken cancellationToken) =>
        gate.AnswerAsync(
            request,
            Scope.OperationsWrite,
            async () => await audiences.RemoveAsync(name, cancellationToken)
                ? new StatusCodeResult(StatusCodes.Status204NoContent)
                : await UnknownAsync(cancellationToken),
            cancellationToken);

    [Function("AudienceCustomers")]
    public Task<IActionResult> Customers(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/audiences/{name}/customers")] HttpRequest request,
        string name,
        CancellationToken cancellationToken) =>
        gate.AnswerAsync(
            request,
            Scope.CustomersRead,
            () => WithAudienceAsync(
                name,
                async audience =>
                {
                    var (question, problem) = StandingParameters.Read(request, audience.Conditions);
                    return question is null ? problem! : await StandingAnswers.ListAsync(request, standings, question, cancellationToken);
                },
                cancellationToken),
            cancellationToken);

    [Function("AudienceExport")]
    public Task<IActionResult> Export(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/audiences/{name}/export")] HttpRequest request,
        string name,
        CancellationToken cancellationToken) =>
        gate.AnswerAsync(
            request,
            Scope.CustomersRead,
            caller => WithAudienceAsync(name, audience => ExportAsync(request, audience, caller, cancellationToken), cancellationToken),
            cancellationToken);

    private async Task<IReadOnlyList<Audience>> ListAsync(int size, string after, CancellationToken cancellationToken) =>
        await audiences.ListAsync(StageTelemetry.List, after, cancellationToken).Take(size).ToListAsync(cancellationToken);

    private async Task<IActionResult> PutAsync(HttpRequest request, string name, CancellationToken cancellationToken)
    {
        if (!Audience.IsName(name))
        {
            return Problem.Result(
                StatusCodes.Status400BadRequest, "invalid-name",
                $"The name of an audience has 1 to {Audience.LongestName} lower-case letters, digits and hyphens, and does not begin with a hyphen.");
        }

        var (body, problem) = await AudienceBody.ReadAsync(request, cancellationToken);
        if (body is null)
        {
            return problem!;
        }

        return await audiences.PutAsync(name, body.Title ?? name, body.Filter, cancellationToken) is { } audience
            ? JsonBytesResult.Ok(AudienceShape.Of(audience))
            : Problem.Result(
                StatusCodes.Status409Conflict, "too-many-audiences",
                $"There are {AudienceStore.Most} audiences, which is the most there may be. Remove one, or change one of them.");
    }

    private async Task<IActionResult> ExportAsync(HttpRequest request, Audience audience, string caller, CancellationToken cancellationToken)
    {
        if (QueryParameters.RefuseUnknown(request, "The export of an audience", [Paging.Top, Paging.Continuation, Csv.FormatParameter]) is { } refusal)
        {
            return refusal;
        }

        var (asked, invalid) = Paging.Read(request, ExportAudience.LargestPage, isPosition: StandingsReader.IsContinuation);
        if (asked is null)
        {
            return invalid!;
        }

        if (Csv.IsWanted(request) is not { } isCsv)
        {
            return Csv.UnknownFormat();
        }

        var exported = await export.RunAsync(audience, caller, asked.Size, asked.After, cancellationToken);
        var next = Paging.NextLink(request, exported.Page.Continuation);
        return isCsv
            ? Csv.Result(request, ExportColumns, exported.Customers.SelectMany(RowsOf), next)
            : JsonBytesResult.Ok(AudienceExportShape.Of(audience, exported, next));
    }

    private static IEnumerable<IReadOnlyList<object?>> RowsOf(CustomerSummary customer) =>
        ContactShape.Of(customer).Select(contact => (IReadOnlyList<object?>)[customer.Customer, contact.Type, contact.Value]);

    private async Task<IActionResult> WithAudienceAsync(string name, Func<Audience, Task<IActionResult>> answer, CancellationToken cancellationToken) =>
        await audiences.FindAsync(name, cancellationToken) is { } audience ? await answer(audience) : await UnknownAsync(cancellationToken);

    private async Task<IActionResult> UnknownAsync(CancellationToken cancellationToken)
    {
        var names = await audiences.ListAsync(StageTelemetry.List, "", cancellationToken).Select(a => a.Name).ToListAsync(cancellationToken);
        return Problem.Result(
            StatusCodes.Status404NotFound, "unknown-audience",
            names.Count == 0
                ? "There is no such audience, because none was defined. Define one with PUT /api/audiences/{name}."
                : $"There is no such audience. Defined are: {string.Join(", ", names)}.");
    }
}
