using System.ComponentModel;
using System.Text.Json.Serialization;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Identity.Linkage;

namespace CustomerPipeline.Functions.Http.Answers;

/// <summary>A page of the reasons why a customer is one.</summary>
[Description("Why these interactions are of one customer.")]
internal sealed record EvidenceShape(
    string Customer,
    string RuleVersion,
    IEnumerable<EntityEvidenceShape> Value,
    [property: Description("Where the next page is; absent on the last one.")] string? NextLink)
{
    public static EvidenceShape Of(CustomerEvidence page, string? nextLink) =>
        new(page.Customer, page.RuleVersion, page.Entities.Select(EntityEvidenceShape.Of), nextLink);
}

/// <summary>Why an interaction belongs to the customer.</summary>
internal sealed record EntityEvidenceShape(string Entity, DateTimeOffset At, IEnumerable<IdentifierEvidenceShape> Identifiers)
{
    public static EntityEvidenceShape Of(EntityEvidence of) => new(of.Entity.Text, of.At, of.Identifiers.Select(IdentifierEvidenceShape.Of));
}

/// <summary>Where an identifier of an interaction comes from.</summary>
internal sealed record IdentifierEvidenceShape(
    string Type,
    string Value,
    [property: Description("Whether, and how, the identifier ties: what holds the customer together.")] string Tie,
    DateTimeOffset Since,
    string Record,
    string Delivery,
    [property: Description("Who ordered it, if people did.")] string? Decision)
{
    public static IdentifierEvidenceShape Of(Evidence of) =>
        new(Identifier.NameOf(of.Identifier.Type), of.Identifier.Value, of.Tie, of.At, of.Record, of.Delivery, of.Decision);
}

/// <summary>A decision that was taken.</summary>
internal sealed record DecisionShape([property: Description("Its id: DELETE /api/identity/decisions/{id} takes it back.")] string Decision);

/// <summary>Two customers who may be one person.</summary>
internal sealed record SuggestionShape(
    string Id,
    string Left,
    string Right,
    [property: Description("That both are one person.")] double Probability,
    DateTimeOffset At,
    IEnumerable<FieldEvidenceShape> Evidence)
{
    private const int Digits = 6;

    public static SuggestionShape Of(Suggestion of) =>
        new(of.Id, of.Left, of.Right, Math.Round(of.Probability, Digits), of.At, of.Evidence.Select(e => new FieldEvidenceShape(e.Field, e.Level, e.Weight)));
}

/// <summary>What a field says for and against a suggestion.</summary>
internal sealed record FieldEvidenceShape(
    [property: JsonConverter(typeof(LowerCaseEnumConverter<LinkageField>))] LinkageField Field,
    string Level,
    [property: Description("Logarithm of base 2 of the likelihood ratio.")] double Weight);

/// <summary>What a search for suggestions found.</summary>
internal sealed record OpenSuggestionsShape(
    [property: Description("How many suggestions wait for a decision.")] int Open,
    [property: Description("How many pairs of customers are one person, by estimate.")] double EstimatedPairs,
    [property: Description("The fields that customers were compared by.")] IEnumerable<ComparedFieldShape> Compared,
    [property: Description("Why nothing is suggested; absent where the profiles tell which customers are one.")] string? Refused)
{
    public static OpenSuggestionsShape Of(SuggestionRun of) =>
        new(of.Open, Math.Round(of.EstimatedPairs, 1), of.Compared.Select(c => new ComparedFieldShape(c.Field, Math.Round(c.Filled, 4))), of.Refused);
}

/// <summary>A field that customers were compared by.</summary>
internal sealed record ComparedFieldShape(
    [property: JsonConverter(typeof(LowerCaseEnumConverter<LinkageField>))] LinkageField Field,
    [property: Description("The share of customers who have it.")] double Filled);

/// <summary>What became of several decisions.</summary>
internal sealed record DecidedSuggestionsShape([property: Description("One for each id, in the order of the request: accept before refuse.")] IEnumerable<DecidedSuggestionShape> Value);

/// <summary>What became of a decision about a suggestion.</summary>
internal sealed record DecidedSuggestionShape(
    string Id,
    [property: Description("accepted, refused, or failed.")] string State,
    [property: Description("The merge that follows from an accepted one: DELETE /api/identity/decisions/{id} takes it back.")] string? Decision,
    [property: Description("Why it failed, in short.")] string? Code,
    [property: Description("Why it failed.")] string? Detail)
{
    public static DecidedSuggestionShape Of(string id, DecisionResult? result) => result switch
    {
        null => new(id, Suggestion.Refused, null, null, null),
        DecisionResult.Accepted accepted => new(id, Suggestion.Accepted, accepted.Decision, null, null),
        DecisionResult.Refused refused => new(id, "failed", null, refused.Code, refused.Advice),
        _ => new(id, "failed", null, "unknown-suggestion", "There is no such open suggestion, or its customers are gone."),
    };
}

/// <summary>What a rule set makes of all interactions.</summary>
internal sealed record IdentityOutcomeShape(string RuleVersion, int Customers, int IdentifiedInteractions, IReadOnlyDictionary<string, int> SharedIdentifiers)
{
    public static IdentityOutcomeShape Of(IdentityOutcome of) =>
        new(of.Version, of.Customers, of.Identified, of.Shared.ToDictionary(s => Identifier.NameOf(s.Key), s => s.Value, StringComparer.Ordinal));
}

/// <summary>Customers that are joined or fall apart.</summary>
internal sealed record IdentityChangeShape(int Interactions, IEnumerable<string> Before, int After)
{
    public static IdentityChangeShape Of(IdentityChange of) => new(of.Interactions, of.Before, of.After);
}

/// <summary>What other rules would change.</summary>
internal sealed record IdentityPlanShape(
    int Interactions,
    IdentityOutcomeShape Now,
    IdentityOutcomeShape Then,
    int Joined,
    int Split,
    int Rearranged,
    IEnumerable<IdentityChangeShape> Changes)
{
    public static IdentityPlanShape Of(IdentityPlan plan, int mostChanges) => new(
        plan.Interactions,
        IdentityOutcomeShape.Of(plan.Now),
        IdentityOutcomeShape.Of(plan.Then),
        plan.Changes.Count(c => c.After < c.Before.Count),
        plan.Changes.Count(c => c.After > c.Before.Count),
        plan.Changes.Count(c => c.After == c.Before.Count),
        plan.Changes.Take(mostChanges).Select(IdentityChangeShape.Of));
}
