using System.Text.Json;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Functions.Http;

/// <summary>The JSON of answers about identity: other programs are written against it.</summary>
internal static class IdentityAnswers
{
    public static void Write(Utf8JsonWriter writer, CustomerEvidence page, string nextLink)
    {
        writer.WriteStartObject();
        writer.WriteString("customer", page.Customer);
        writer.WriteString("ruleVersion", page.RuleVersion);
        ValueList.WriteArray(writer, "value", page.Entities, (w, entity) =>
        {
            w.WriteStartObject();
            w.WriteString("entity", entity.Entity.Text);
            w.WriteString("at", entity.At);
            ValueList.WriteArray(w, "identifiers", entity.Identifiers, Write);
            w.WriteEndObject();
        });
        WriteOptional(writer, "nextLink", page.Continuation is { } continuation ? nextLink + Uri.EscapeDataString(continuation) : null);
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, IdentityPlan plan, int mostChanges)
    {
        writer.WriteStartObject();
        writer.WriteNumber("interactions", plan.Interactions);
        Write(writer, "now", plan.Now);
        Write(writer, "then", plan.Then);
        writer.WriteNumber("joined", plan.Changes.Count(c => c.After < c.Before.Count));
        writer.WriteNumber("split", plan.Changes.Count(c => c.After > c.Before.Count));
        writer.WriteNumber("rearranged", plan.Changes.Count(c => c.After == c.Before.Count));
        ValueList.WriteArray(writer, "changes", plan.Changes.Take(mostChanges), (w, change) =>
        {
            w.WriteStartObject();
            w.WriteNumber("interactions", change.Interactions);
            ValueList.WriteTexts(w, "before", change.Before);
            w.WriteNumber("after", change.After);
            w.WriteEndObject();
        });
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, AuditEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteString("id", entry.Id);
        writer.WriteString("at", entry.At);
        writer.WriteString("by", entry.By);
        writer.WriteString("action", entry.Action);
        ValueList.WriteTexts(writer, "customers", entry.Customers);
        WriteOptional(writer, "of", entry.Of);
        WriteOptional(writer, "takenBackBy", entry.TakenBackBy);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, IdentityOutcome outcome)
    {
        writer.WriteStartObject(name);
        writer.WriteString("ruleVersion", outcome.Version);
        writer.WriteNumber("customers", outcome.Customers);
        writer.WriteNumber("identifiedInteractions", outcome.Identified);
        writer.WriteStartObject("sharedIdentifiers");
        foreach (var (type, count) in outcome.Shared)
        {
            writer.WriteNumber(Identifier.NameOf(type), count);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, Evidence evidence)
    {
        writer.WriteStartObject();
        writer.WriteString("type", Identifier.NameOf(evidence.Identifier.Type));
        writer.WriteString("value", evidence.Identifier.Value);
        writer.WriteString("tie", evidence.Tie);
        writer.WriteString("since", evidence.At);
        writer.WriteString("record", evidence.Record);
        writer.WriteString("delivery", evidence.Delivery);
        WriteOptional(writer, "decision", evidence.Decision);
        writer.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
