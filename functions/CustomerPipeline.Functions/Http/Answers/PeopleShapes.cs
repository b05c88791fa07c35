using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CustomerPipeline.Application.Documents;

namespace CustomerPipeline.Functions.Http.Answers;

/// <summary>Who did what to whose data.</summary>
internal sealed record AuditEntryShape(
    string Id,
    DateTimeOffset At,
    [property: Description("The name of an API key, or the opaque id of a principal.")] string By,
    string Action,
    IEnumerable<string> Customers,
    string? Of,
    string? TakenBackBy)
{
    public static AuditEntryShape From(AuditEntry entry) =>
        new(entry.Id, entry.At, entry.By, entry.Action, entry.Customers, entry.Of, entry.TakenBackBy);
}

/// <summary>A request of a person about their data.</summary>
internal sealed record PrivacyRequestShape(
    string Id,
    [property: AllowedValues("export", "erase")] string Kind,
    [property: AllowedValues("open", "finishing", "done")] string State,
    DateTimeOffset At,
    string By,
    IEnumerable<string> Customers,
    DateTimeOffset? DoneAt)
{
    public static PrivacyRequestShape Of(PrivacyRequest of) =>
        new(of.Id, of.Kind, of.DoneAt is not null ? "done" : of.TakenOutAt is not null ? "finishing" : "open", of.At, of.By, of.Customers, of.DoneAt);
}
