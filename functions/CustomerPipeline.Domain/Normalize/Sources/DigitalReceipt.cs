using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Normalize.Sources;

/// <summary>
/// ARTS (NRF) Digital Receipt 2.0 XML with the Swedish extensions 1.0. Returns are positive amounts that name the receipt they belong to. The
/// receiver's national identity number is never read.
/// </summary>
internal static class DigitalReceipt
{
    private const string Source = "digital-receipt";

    public static Normalization Normalize(MessageEnvelope envelope, NormalizationRules rules) => SourceXml.Map(envelope, root =>
    {
        var transaction = root.Name == "DigitalReceipt" ? root.Child("Transaction") : root;
        if (transaction?.Name != "Transaction")
        {
            return Normalization.Reject("unknown-shape", "The payload is no Transaction of an ARTS Digital Receipt. Send the receipt as it is.");
        }

        return ArtsTransaction.NotASale(transaction) is { } reason ? Normalization.Ignore(reason) : Retail(transaction, transaction.Child("RetailTransaction")!, rules);
    });

    private static Normalization Retail(SourceElement transaction, SourceElement retail, NormalizationRules rules)
    {
        var money = new MinorUnits(ArtsTransaction.CurrencyOf(transaction, rules));
        var unit = transaction.Child("BusinessUnit");
        var store = SourceJson.Required(unit?.TextOf("UnitID"), "BusinessUnit/UnitID");
        var at = StoreTime.Read(transaction.TextOf("ReceiptDateTime"), () => StoreTime.ZoneOf(store, rules), "ReceiptDateTime", money.Flags);
        var key = transaction.TextOf("ReceiptCode") ?? transaction.TextOf("TransactionID") ?? string.Join(
            ':', store, SourceJson.Required(transaction.TextOf("WorkstationID"), "WorkstationID"), SourceJson.Required(transaction.TextOf("SequenceNumber"), "SequenceNumber"));
        var region = unit?.Child("Address")?.Child("Country")?.Attribute("Code") ?? rules.DefaultRegion;
        var record = new InteractionRecord
        {
            Entity = EntityKey.Of(Source, EntityKind.Order, key),
            Id = StableHash.Of(Source, key),
            Version = at.UtcTicks,
            Kind = EntityKind.Order,
            Channel = Channel.InStore,
            OccurredAt = at,
            Place = store,
            Identifiers = ArtsTransaction.Contacts(retail, region, [.. retail.Children("Customer").Select(c => IdentifierNormalizer.Loyalty(c.TextOf("LoyaltyID")))]),
        };
        var isReturn = transaction.Attribute("TypeCode") == "ReturnTransaction";
        var records = new List<InteractionRecord>();
        if (!isReturn && ArtsSale.Of(retail, at, null, money) is { } sale)
        {
            records.Add(record with { Order = sale.Order });
        }

        if (ArtsSale.ReturnsOf(retail).Count > 0)
        {
            records.Add(record with
            {
                Id = StableHash.Of(Source, key, "return"),
                Entity = EntityKey.Of(Source, EntityKind.Order, OriginalOf(retail) ?? $"{key}:return"),
                Refunds =
                [
                    new RefundRecord
                    {
                        Id = key,
                        Status = RefundStatus.Completed,
                        At = at,
                        Currency = money.Currency.Code,
                        Amount = ArtsSale.ReturnedOf(retail, money) - ArtsSale.TaxInsideReturns(retail, money),
                    },
                ],
            });
        }

        return records.Count == 0
            ? Normalization.Ignore("nothing-sold")
            : new Normalization.Normalized([.. records.Select(r => r with { Flags = money.FlagsOrNull })]);
    }

    // The Swedish link names the receipt by the code it was issued under; the ARTS link by the till's transaction id.
    private static string? OriginalOf(SourceElement retail) => retail.TextOf("ReceiptCodeLink") ?? retail.Child("TransactionLink")?.TextOf("TransactionID");
}
