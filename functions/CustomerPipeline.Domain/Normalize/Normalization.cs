namespace CustomerPipeline.Domain.Normalize;

/// <summary>What became of a message in the normalizer. Bad input is a value, never an exception.</summary>
public abstract record Normalization
{
    private Normalization()
    {
    }

    /// <summary>Understood.</summary>
    public sealed record Normalized(IReadOnlyList<InteractionRecord> Records) : Normalization
    {
        public Normalized(InteractionRecord record)
            : this([record])
        {
        }
    }

    /// <summary>Understood, and of no use here: test orders, events nobody measures. Counted by reason.</summary>
    public sealed record Ignored(string Reason) : Normalization;

    /// <summary>Not understood. Kept whole until somebody mends the message or the rule.</summary>
    public sealed record Quarantined(Reason Reason) : Normalization;

    internal static Normalization Ignore(string reason) => new Ignored(reason);

    internal static Normalization Reject(string code, string advice) => new Quarantined(new Reason(code, advice));
}

/// <summary>
/// Why a message was set aside: a stable kebab-case code to group by, and a sentence that says what was wrong and what to do. Never contains
/// values of the message, which may be personal.
/// </summary>
public sealed record Reason(string Code, string Advice);
