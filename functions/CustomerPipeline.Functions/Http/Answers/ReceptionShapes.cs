using System.ComponentModel;
using CustomerPipeline.Application.Receive;

namespace CustomerPipeline.Functions.Http.Answers;

/// <summary>What became of an upload.</summary>
[Description("What became of an upload. What was accepted is durable.")]
internal sealed record ReceiptShape(
    [property: Description("Messages that are in the queue now.")] int Accepted,
    int Rejected,
    IEnumerable<RejectedMessageShape>? Errors)
{
    public static ReceiptShape Of(Reception.Accepted of) => new(of.Count, of.Rejected.Count, RejectedMessageShape.Of(of.Rejected));
}

/// <summary>What became of a batch of a library.</summary>
[Description("What became of a batch, as libraries expect it, and how many messages that is.")]
internal sealed record LibraryReceiptShape(
    bool Success,
    [property: Description("Messages that are in the queue now.")] int Accepted,
    int Rejected,
    IEnumerable<RejectedMessageShape>? Errors)
{
    public static LibraryReceiptShape Of(Reception.Accepted of) => new(true, of.Count, of.Rejected.Count, RejectedMessageShape.Of(of.Rejected));
}

/// <summary>A message that was not taken.</summary>
[Description("A message of an upload that was not taken.")]
internal sealed record RejectedMessageShape(
    [property: Description("Of the message in the upload, from 0.")] int Index, string Code, string Detail)
{
    /// <summary>The rejected messages; null where there are none.</summary>
    public static IEnumerable<RejectedMessageShape>? Of(IReadOnlyList<RejectedPayload> rejected) =>
        rejected.Count == 0 ? null : rejected.Select(r => new RejectedMessageShape(r.Index, r.Code, r.Detail));
}

/// <summary>The answer to Event Grid, which asks whether this address wants its events.</summary>
internal sealed record EventGridValidationShape(string ValidationResponse);

/// <summary>Why a request has no other answer.</summary>
[Description("Problem details (RFC 9457).")]
internal sealed record ProblemShape(
    Uri Type,
    string Title,
    int Status,
    [property: Description("Stable: programs may decide by it.")] string Code,
    [property: Description("For a person: what was wrong, and what to do.")] string Detail)
{
    [Description("Of an upload that was refused: none of its messages was taken.")]
    public int? Accepted { get; init; }

    [Description("Of an upload that was refused: its messages.")]
    public int? Rejected { get; init; }

    public IEnumerable<RejectedMessageShape>? Errors { get; init; }
}
