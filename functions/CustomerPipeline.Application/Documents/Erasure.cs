using CustomerPipeline.Domain.Entities;

namespace CustomerPipeline.Application.Documents;

/// <summary>Whom a document is about.</summary>
/// <param name="Customer">The customer it belongs to; null where it belongs to none.</param>
/// <param name="Entity">The order, ticket or profile it is of; null where it is of the customer as a whole.</param>
public readonly record struct Subject(string? Customer, EntityKey? Entity);

/// <summary>What the erasure of a person does with a kind of document. There is no kind without one.</summary>
public abstract record Erasure
{
    private Erasure()
    {
    }

    /// <summary>Its partition is an order's, ticket's or profile's, and goes with it.</summary>
    public sealed record WithPartition : Erasure;

    /// <summary>It goes with those it is about.</summary>
    /// <param name="Of">Whom a document is about.</param>
    public sealed record WithSubjects(Func<Document, IEnumerable<Subject>> Of) : Erasure;

    /// <summary>A step of the erasure looks into it, and takes out the person alone.</summary>
    /// <param name="Step">The step.</param>
    public sealed record ByStep(ErasureStep Step) : Erasure;

    /// <summary>It stays.</summary>
    /// <param name="Why">Why it may: what is in it is of no person.</param>
    public sealed record Stays(string Why) : Erasure;
}

/// <summary>A step of the erasure that knows what it looks into.</summary>
public enum ErasureStep
{
    /// <summary>Claims of identifiers: the person's go, and her identifiers go from those that others share.</summary>
    Claims,

    /// <summary>Messages, wherever they are kept.</summary>
    Messages,

    /// <summary>The audit: what a decision was about goes, who decided stays.</summary>
    Decisions,

    /// <summary>The request itself: it names what it is about while it is worked on, and nothing afterwards.</summary>
    Requests,
}
