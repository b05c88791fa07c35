using System.Text.Json;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize.Sources;

namespace CustomerPipeline.Domain.Normalize;

/// <summary>
/// What a person decided about who is one customer. It travels as a message and becomes records of the entities it is about, so that it is kept,
/// replayed, rebuilt and verified like everything that happened.
/// </summary>
public sealed record IdentityDecision
{
    /// <summary>The name of the source; none that anybody outside can send as.</summary>
    public const string Source = "identity";

    /// <summary>How many entities a message may name. A larger decision has several messages, so that none takes long.</summary>
    public const int MostEntities = 200;

    /// <summary>Names the message; the same name twice is the same message.</summary>
    public string? Id { get; init; }

    /// <summary>The decision that it is a part of; the message's own name where it is the whole.</summary>
    public string? Decision { get; init; }

    public DateTimeOffset? At { get; init; }

    public IReadOnlyList<EntityDecision?>? Entities { get; init; }

    /// <summary>The decision as a message.</summary>
    public MessageEnvelope ToEnvelope() => new($"/{Source}", Id!, Source, null, HasVendorId: true, JsonSerializer.SerializeToUtf8Bytes(this, SourceShapes.Default.IdentityDecision));

    internal static Normalization Normalize(MessageEnvelope envelope, NormalizationRules rules) =>
        SourceJson.Map(envelope.Data, SourceShapes.Default.IdentityDecision, decision =>
        {
            if (decision.Entities?.Count > MostEntities)
            {
                return Normalization.Reject("too-many-entities", $"A message of a decision may name {MostEntities} entities. Send a larger decision in several messages that name the same decision.");
            }

            var id = SourceJson.Required(decision.Id, "id");
            var at = SourceJson.Time(decision.At, "at");
            var records = decision.Entities.Items().Select(e => e.RecordOf(id, decision.Decision ?? id, at)).ToList();
            return records.Count == 0 ? Normalization.Reject("missing-field", "The decision names no entities.") : new Normalization.Normalized(records);
        });
}

/// <summary>What a decision says about one entity.</summary>
public sealed record EntityDecision
{
    public string? Entity { get; init; }

    /// <summary>A tie to all that carry the same name.</summary>
    public string? Edge { get; init; }

    /// <summary>Identifiers, written <c>type:value</c>, that shall not link it.</summary>
    public IReadOnlyList<string?>? Cut { get; init; }

    public string? Side { get; init; }

    /// <summary>The decision that this one takes back.</summary>
    public string? Ends { get; init; }

    internal InteractionRecord RecordOf(string message, string decision, DateTimeOffset at)
    {
        var key = SourceJson.Required(Entity, "entity");
        var kind = EntityKey.KindOf(key) ?? throw new UnreadableFieldException("invalid-field", "An entity is written source:kind:id.");
        return new InteractionRecord
        {
            Entity = new EntityKey(key),
            Id = StableHash.Of(IdentityDecision.Source, message, key),

            // After all that the source itself ever says, in the order of the decisions.
            Version = DateTimeOffset.MaxValue.UtcTicks + at.UtcTicks,
            Kind = kind,
            OccurredAt = at,
            Identifiers = Edge is { Length: > 0 } edge ? IdentifierNormalizer.Present(IdentifierNormalizer.Edge(edge)) : [],
            Identity = new IdentityWord { Decision = decision, Cut = Read(Cut), Side = Checked(Side), Ends = Ends },
        };
    }

    private static IReadOnlyList<Identifier> Read(IReadOnlyList<string?>? identifiers)
    {
        try
        {
            return [.. identifiers.Items().Select(Identifier.Parse).Distinct().Order()];
        }
        catch (FormatException)
        {
            throw new UnreadableFieldException("invalid-field", "An identifier is written type:value.");
        }
    }

    private static string? Checked(string? side) => side is null || side.Contains('/', StringComparison.Ordinal)
        ? side
        : throw new UnreadableFieldException("invalid-field", "A side is written decision/a or decision/b.");
}
