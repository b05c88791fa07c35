using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;

namespace CustomerPipeline.Functions.Http.Answers;

/// <summary>That the app runs.</summary>
internal sealed record HealthShape([property: AllowedValues("healthy")] string Status);

/// <summary>The pipeline at a glance.</summary>
internal sealed record StatusShape(
    [property: Description("received is the sum of all others, at any time.")] MessageCountsShape Messages,
    long WrongSignatures,
    IEnumerable<StageStatusShape> Stages)
{
    public static StatusShape Of(PipelineStatus status) =>
        new(MessageCountsShape.Of(status.Messages), status.WrongSignatures, status.Stages.Select(s => StageStatusShape.Of(status, s)));
}

/// <summary>What became of all messages.</summary>
internal sealed record MessageCountsShape(long Received, long Stored, long Duplicate, long Ignored, long Quarantined, long Discarded, long Erased)
{
    public static MessageCountsShape Of(LedgerTotal of) =>
        new(of.Received, of.Stored, of.Duplicate, of.Ignored, of.Quarantined, of.Discarded, of.Erased);
}

/// <summary>How far a stage is.</summary>
internal sealed record StageStatusShape(
    string Name,
    [property: Description("What waits to be worked on. Missing while the service that holds it does not say.")] long? Backlog,
    [property: Description("Since when the oldest of it waits.")] double? LagSeconds)
{
    public static StageStatusShape Of(PipelineStatus status, StageBacklog stage) =>
        new(stage.Name, stage.Backlog, status.LagOf(stage) is { } lag ? Math.Round(lag.TotalSeconds, 1) : null);
}
