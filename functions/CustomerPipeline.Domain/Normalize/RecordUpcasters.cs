using System.Text.Json.Nodes;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Normalize;

/// <summary>
/// Records of earlier schemas to the present one, a step for each version. A stored record is never rewritten: it is read as if it had been stored today.
/// A field that is only added needs no step; a step is for what is renamed or means something else.
/// </summary>
public static class RecordUpcasters
{
    // Index n lifts schema n + 1 to n + 2.
    private static readonly IReadOnlyList<Action<JsonObject>> Steps = [RatingsBecomeScales, EmailsAreComposed];

    /// <summary>Lifts a record, written in camel case, to <see cref="InteractionRecord.CurrentSchema"/>, in place.</summary>
    /// <exception cref="NotSupportedException">A newer program wrote the record.</exception>
    public static void Lift(JsonObject record)
    {
        var schema = record["schema"]?.GetValue<int>() ?? 1;
        if (schema > InteractionRecord.CurrentSchema)
        {
            throw new NotSupportedException($"A record has schema {schema}, and this program knows {InteractionRecord.CurrentSchema}. Use the newer program that wrote it.");
        }

        foreach (var step in Steps.Skip(schema - 1))
        {
            step(record);
        }

        record["schema"] = InteractionRecord.CurrentSchema;
    }

    // Schema 1 kept "good" or "bad"; schema 2 keeps the answer on its scale.
    private static void RatingsBecomeScales(JsonObject record)
    {
        if (record["ticket"] is JsonObject ticket && ticket["satisfaction"]?.GetValue<string>() is { } answer)
        {
            ticket.Remove("satisfaction");
            ticket["rating"] = new JsonObject { ["score"] = answer == "good" ? 1 : 0, ["worst"] = 0, ["best"] = 1 };
        }
    }

    // Schema 2 kept the letters of an email address as they were sent; schema 3 has each in one form.
    private static void EmailsAreComposed(JsonObject record)
    {
        foreach (var identifiers in new[] { record["identifiers"], (record["identity"] as JsonObject)?["cut"] }.OfType<JsonArray>())
        {
            for (var i = 0; i < identifiers.Count; i++)
            {
                if (Identifier.Parse(identifiers[i]!.GetValue<string>()) is { Type: IdentifierType.Email } email)
                {
                    identifiers[i] = (email with { Value = Composed.Of(email.Value) }).Key;
                }
            }
        }
    }
}
