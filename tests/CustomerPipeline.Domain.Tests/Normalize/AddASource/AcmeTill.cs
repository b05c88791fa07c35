using System.Text.Json.Serialization;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize.AddASource;

/// <summary>Acme tills: sales and voids. Follows the Acme Webhook Guide, version 3.</summary>
internal static class AcmeTill
{
    private const string Source = "acme-till";

    public static Normalization Normalize(MessageEnvelope envelope, NormalizationRules rules) =>
        SourceJson.Map(envelope.Data, AcmeShapes.Default.AcmeMessage, message => message.Event switch
        {
            "sale" => Sale(message, rules),
            "void" => new Normalization.Normalized(Record(message) with { CancelledAt = SourceJson.Time(message.At, "at") }),
            "drawer-opened" => Normalization.Ignore("event-not-measured"),
            _ => Normalization.Reject("unknown-event", "The event is none of sale, void and drawer-opened. Add a rule for it, and retry."),
        });

    private static Normalization Sale(AcmeMessage message, NormalizationRules rules)
    {
        var money = new MinorUnits(SourceJson.CurrencyOf(message.Currency, rules));
        var record = Record(message);
        return new Normalization.Normalized(record with
        {
            Identifiers = IdentifierNormalizer.Present(IdentifierNormalizer.Loyalty(message.Card), IdentifierNormalizer.Email(message.Email)),
            Order = new OrderSnapshot
            {
                Status = SaleStatus.Placed,
                PlacedAt = record.OccurredAt,
                Currency = money.Currency.Code,
                Gross = money.Of(message.Total - (message.Tax ?? 0), "total"),
                Tax = money.Of(message.Tax, "tax"),
            },
            Flags = money.FlagsOrNull,
        });
    }

    private static InteractionRecord Record(AcmeMessage message)
    {
        var at = SourceJson.Time(message.At, "at");
        return new InteractionRecord
        {
            Entity = EntityKey.Of(Source, EntityKind.Order, SourceJson.Required(message.Receipt, "receipt")),
            Id = StableHash.Of(Source, SourceJson.Required(message.Id, "id")),
            Version = at.UtcTicks,
            Kind = EntityKind.Order,
            Channel = Channel.InStore,
            OccurredAt = at,
            Place = message.Store,
        };
    }
}

internal sealed class AcmeMessage
{
    public string? Event { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Id { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Receipt { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Store { get; set; }

    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? At { get; set; }

    public string? Currency { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Total { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Tax { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Card { get; set; }

    public string? Email { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = MessageEnvelope.DeepestJson)]
[JsonSerializable(typeof(AcmeMessage))]
internal sealed partial class AcmeShapes : JsonSerializerContext;
