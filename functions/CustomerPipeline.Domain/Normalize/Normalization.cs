using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Normalize;

/// <summary>What became of a message in the normalizer. Bad input is a value, never an exception.</summary>
public abstract record Normalization
{
    private Normalization()
    {
    }

    /// <summary>The instance of the source that the message names; null where it names none. Keys are those of the source's first instance until it is placed.</summary>
    public SourceInstance? Instance { get; init; }

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

    /// <summary>Somebody's request about their own data, forwarded by the source: to be done, and not to be kept.</summary>
    /// <param name="Kind">erase or export.</param>
    /// <param name="Source">The source.</param>
    /// <param name="Message">The message's own id: twice the same is one request.</param>
    /// <param name="Identifiers">Who asks.</param>
    /// <param name="Entities">Orders that the request names.</param>
    public sealed record Requested(string Kind, string Source, string Message, IReadOnlyList<Identifier> Identifiers, IReadOnlyList<EntityKey> Entities) : Normalization
    {
        /// <summary>When it came, of a message whose id is that of its words alone: the same words after the request was done are another request. Null where the source numbers its requests.</summary>
        public DateTimeOffset? SaidAt { get; init; }
    }

    /// <summary>Not understood. Kept whole until somebody mends the message or the rule.</summary>
    public sealed record Quarantined(Reason Reason) : Normalization;

    internal static Normalization Ignore(string reason) => new Ignored(reason);

    internal static Normalization Reject(string code, string advice) => new Quarantined(new Reason(code, advice));
}

/// <summary>
/// Why a message was set aside: a stable kebab-case code to group by, and a sentence that says what was wrong and what to do. Never contains
/// values of the message, which may be personal; amounts that contradict each other are told.
/// </summary>
public sealed record Reason(string Code, string Advice);
