namespace CustomerPipeline.Domain.Normalize;

/// <summary>Where in a file a message stood, such as <c>line 17, column 'Total'</c>: it travels beside the payload, so that the same row of two files is one message.</summary>
public static class FilePlace
{
    /// <summary>The CloudEvents attribute.</summary>
    public const string Attribute = "fileplace";

    private const int Longest = 300;

    /// <summary>Adds the place to a reason, for the person who corrects the file.</summary>
    internal static Normalization AddTo(Normalization result, MessageEnvelope envelope) =>
        result is Normalization.Quarantined { Reason: var reason } && envelope.HeaderOf(Attribute) is { Length: > 0 and <= Longest } place
            ? new Normalization.Quarantined(reason with { Advice = $"{reason.Advice} It stands at {place} of the file." })
            : result;
}
