using System.Globalization;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Functions.Access;
using CustomerPipeline.Functions.Http;
using CustomerPipeline.Functions.Http.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>Customers who may be one person: worked out on demand, accepted or refused by people.</summary>
public sealed class SuggestionFunctions(AccessGate gate, SuggestMergesHandler suggest)
{
    private const double Likely = 0.9;

    [Function("SuggestionsRun")]
    public Task<IActionResult> Run([HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/identity/suggestions")] HttpRequest request, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.IdentityWrite, async () =>
    {
        var text = request.Query["least"].ToString();
        var least = Likely;
        if (text.Length > 0 && (!double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out least) || least is <= 0 or > 1))
        {
            return Problem.Result(StatusCodes.Status400BadRequest, "invalid-probability", "least is a probability, above 0 and up to 1.");
        }

        return JsonBytesResult.Ok(OpenSuggestionsShape.Of(await suggest.RunAsync(least, cancellationToken)));
    }, cancellationToken);

    [Function("Suggestions")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/identity/suggestions")] HttpRequest request, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.CustomersRead, async () =>
    {
        var (asked, problem) = Paging.Read(request);
        if (asked is null)
        {
            return problem!;
        }

        var open = await suggest.ListAsync(asked.Size, asked.After, cancellationToken);
        return JsonBytesResult.Ok(new ListShape<SuggestionShape>(open.Items.Select(SuggestionShape.Of), Paging.NextLink(request, open.Next)));
    }, cancellationToken);

    [Function("SuggestionsDecide")]
    public Task<IActionResult> Decide(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/identity/suggestions/decide")] HttpRequest request, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.IdentityWrite, async caller =>
    {
        var decisions = await SuggestionDecisionsBody.ReadAsync(request, cancellationToken);
        return decisions is null
            ? Problem.Result(StatusCodes.Status400BadRequest, "invalid-decisions", SuggestionDecisionsBody.Advice)
            : JsonBytesResult.Ok(new DecidedSuggestionsShape((await suggest.DecideAsync(decisions, caller, cancellationToken)).Select(d => DecidedSuggestionShape.Of(d.Id, d.Result))));
    }, cancellationToken);

    [Function("SuggestionAccept")]
    public Task<IActionResult> Accept(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/identity/suggestions/{id}/accept")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        gate.AnswerAsync(request, Scope.IdentityWrite, async caller => IdentityFunctions.Answer(await suggest.AcceptAsync(id, caller, cancellationToken)), cancellationToken);

    [Function("SuggestionRefuse")]
    public Task<IActionResult> Refuse(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/identity/suggestions/{id}/refuse")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        gate.AnswerAsync(request, Scope.IdentityWrite, async caller => await suggest.RefuseAsync(id, caller, cancellationToken)
            ? new StatusCodeResult(StatusCodes.Status204NoContent)
            : Problem.Result(StatusCodes.Status404NotFound, "unknown-suggestion", "There is no such open suggestion."), cancellationToken);
}
