using System.Globalization;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Report.Snapshots;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Functions.Access;
using CustomerPipeline.Functions.Http;
using CustomerPipeline.Functions.Http.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>What is published: the customer base as of an instant, the figures of days that are over, and what became of them.</summary>
public sealed class SnapshotFunctions(AccessGate gate, TakeSnapshotHandler handler, PublishFigures published, StageTelemetry telemetry)
{
    /// <summary>Once a day, shortly after midnight UTC.</summary>
    [Function("Snapshot")]
    [FixedDelayRetry(5, "00:00:30")]
    public Task Run([TimerTrigger("0 5 0 * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        telemetry.TryAsync(StageTelemetry.Snapshot, 1, () => handler.HandleAsync(null, cancellationToken));

    [Function("SnapshotTake")]
    public Task<IActionResult> Take([HttpTrigger(AuthorizationLevel.Function, "post", Route = "api/snapshots")] HttpRequest request, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.OperationsWrite, async () =>
    {
        if (!DayText.TryReadInstant(request.Query["asOf"], out var asOf))
        {
            return DayText.InvalidInstant();
        }

        var taken = await handler.HandleAsync(asOf, cancellationToken);
        return JsonBytesResult.Ok(SnapshotShape.Of(taken.Snapshot));
    }, cancellationToken);

    [Function("Snapshots")]
    public Task<IActionResult> List([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/snapshots")] HttpRequest request, CancellationToken cancellationToken) =>
        gate.AnswerAsync(
            request,
            Scope.MetricsRead,
            () => Paging.AnswerAsync(request, (size, after) => handler.ListAsync(size, after, cancellationToken), SnapshotShape.Of, s => s.Id),
            cancellationToken);

    [Function("PublishedDay")]
    public Task<IActionResult> Day([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/published/{day}")] HttpRequest request, string day, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.MetricsRead, async () =>
    {
        var text = request.Query["version"].ToString();
        if (!DayText.TryRead(day, out var date) || date is null || (text.Length > 0 && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            return Problem.Result(StatusCodes.Status400BadRequest, "invalid-day", "Ask for a day such as /api/published/2026-01-31, and for a version by its number.");
        }

        return await published.FindAsync(date.Value, text.Length == 0 ? null : int.Parse(text, CultureInfo.InvariantCulture), cancellationToken) is { } figures
            ? JsonBytesResult.Ok(PublishedDayShape.Of(figures))
            : Problem.Result(StatusCodes.Status404NotFound, "not-published", "Figures of this day, or this version of them, were not published. Days are published by the snapshot after they are over.");
    }, cancellationToken);

    [Function("Restatements")]
    public Task<IActionResult> Restatements([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/restatements")] HttpRequest request, CancellationToken cancellationToken) =>
        gate.AnswerAsync(
            request,
            Scope.MetricsRead,
            () => Paging.AnswerAsync(request, (size, after) => published.ListAsync(size, after, cancellationToken), RestatementShape.Of, r => r.Id),
            cancellationToken);
}
