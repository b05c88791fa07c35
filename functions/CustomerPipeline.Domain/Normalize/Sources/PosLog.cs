using System.Globalization;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Normalize.Sources;

/// <summary>
/// ARTS (NRF) POSLog 2.1 XML, one Transaction element a message, with NCR's loyalty extensions. Times have no offset: the store's zone is configured.
/// A transaction is known by store, workstation, business day and sequence number.
/// </summary>
internal static class PosLog
{
    private const string Source = "poslog";

    public static Normalization Normalize(MessageEnvelope envelope, NormalizationRules rules) => SourceXml.Map(envelope, transaction =>
    {
        if (transaction.Name != "Transaction")
        {
            return Normalization.Reject("unknown-shape", "The payload is no POSLog Transaction. Send the POSLog file as it is; it is split into transactions.");
        }

        return ArtsTransaction.NotASale(transaction) is { } reason ? Normalization.Ignore(reason) : Retail(transaction, transaction.Child("RetailTransaction")!, rules);
    });

    private static Normalization Retail(SourceElement transaction, SourceElement retail, NormalizationRules rules)
    {
        var money = new MinorUnits(ArtsTransaction.CurrencyOf(transaction, rules));
        var store = transaction.TextOf("RetailStoreID") ?? throw new UnreadableFieldException(
            "missing-field", transaction.Child("BusinessUnit") is null
                ? "The payload has no RetailStoreID. Correct the payload and retry."
                : "The payload has a BusinessUnit in place of a RetailStoreID, as POSLog from version 3 on. POSLog 2.1 is read: send that version.");
        var key = KeyOf(transaction);
        var at = StoreTime.Read(
            transaction.TextOf("EndDateTime") ?? retail.TextOf("ReceiptDateTime") ?? transaction.TextOf("BeginDateTime"), () => StoreTime.ZoneOf(store, rules), "EndDateTime", money.Flags);
        var businessDay = BusinessDayOf(transaction);
        var record = new InteractionRecord
        {
            Entity = EntityKey.Of(Source, EntityKind.Order, key),
            Id = StableHash.Of(Source, key),
            Version = at.UtcTicks,
            Kind = EntityKind.Order,
            Channel = Channel.InStore,
            OccurredAt = at,
            Place = store,
            Identifiers = ArtsTransaction.Contacts(retail, rules.DefaultRegion, IdentifierNormalizer.Loyalty(LoyaltyOf(retail))),
        };
        var link = retail.Child("TransactionLink");
        if (link?.Attribute("ReasonCode")?.Contains("Void", StringComparison.OrdinalIgnoreCase) == true)
        {
            return new Normalization.Normalized(record with { Entity = EntityKey.Of(Source, EntityKind.Order, KeyOf(link)), CancelledAt = at });
        }

        var records = new List<InteractionRecord>();
        if (ArtsSale.Of(retail, at, businessDay, money) is { } sale)
        {
            records.Add(record with { Order = sale.Order });
        }

        foreach (var (sold, amount) in ReturnsBySale(retail, link, key, money))
        {
            records.Add(record with
            {
                Id = StableHash.Of(records.Any(r => r.Refunds is not null) ? [Source, key, "return", sold] : [Source, key, "return"]),
                Entity = EntityKey.Of(Source, EntityKind.Order, sold),
                Refunds =
                [
                    new RefundRecord { Id = key, Status = RefundStatus.Completed, At = at, BusinessDay = businessDay, Currency = money.Currency.Code, Amount = amount },
                ],
            });
        }

        return records.Count == 0
            ? Normalization.Ignore("nothing-sold")
            : new Normalization.Normalized([.. records.Select(r => r with { Flags = money.FlagsOrNull })]);
    }

    // The link to the sale stands beside the lines, or in the returned line itself: then goods of several sales may come back at once.
    private static IEnumerable<(string Sold, long Amount)> ReturnsBySale(SourceElement retail, SourceElement? link, string key, MinorUnits money)
    {
        var lines = ArtsSale.ReturnedLines(retail, money).ToList();
        if (lines.Count == 0)
        {
            return [];
        }

        string? Own(SourceElement goods) => goods.Child("TransactionLink") is { } own && IsReturnOf(own) ? KeyOf(own) : null;
        var usual = (IsReturnOf(link) ? KeyOf(link!) : null) ?? lines.Select(l => Own(l.Goods)).FirstOrDefault(k => k is not null) ?? $"{key}:return";
        var bySale = lines.GroupBy(l => IsReturnOf(link) ? usual : Own(l.Goods) ?? usual, l => l.Amount).Select(g => (Sold: g.Key, Amount: g.Sum())).ToList();

        // The tax inside the prices is that of all: each sale's goods have their part of it, and the last what rounding leaves.
        var (tax, whole) = (ArtsSale.TaxInsideReturns(retail, money), bySale.Sum(s => s.Amount));
        var left = tax;
        return
        [
            .. bySale.Select((sale, i) =>
            {
                var part = i == bySale.Count - 1 || whole == 0 ? left : (long)Math.Round((decimal)tax * sale.Amount / whole, MidpointRounding.ToEven);
                left -= part;
                return (sale.Sold, sale.Amount - part);
            }),
        ];
    }

    private static bool IsReturnOf(SourceElement? link) => link?.Attribute("ReasonCode")?.Contains("Return", StringComparison.OrdinalIgnoreCase) == true;

    private static string KeyOf(SourceElement transaction) => string.Join(
        ':',
        SourceJson.Required(transaction.TextOf("RetailStoreID"), "RetailStoreID"),
        SourceJson.Required(transaction.TextOf("WorkstationID"), "WorkstationID"),
        DateOf(SourceJson.Required(transaction.TextOf("BusinessDayDate"), "BusinessDayDate")),
        SourceJson.Required(transaction.TextOf("SequenceNumber"), "SequenceNumber"));

    private static DateOnly BusinessDayOf(SourceElement transaction) =>
        DateOnly.TryParseExact(DateOf(transaction.TextOf("BusinessDayDate") ?? ""), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 1970 and < 2100
            ? day
            : throw new UnreadableFieldException("invalid-time", "BusinessDayDate is no day such as 2026-01-31. Mend the payload and retry.");

    // A date of XML Schema may have a zone behind it (2026-01-31Z, 2026-01-31+01:00): the store's day is the same.
    private static string DateOf(string date) => date.Length > 10 && date[10] is 'Z' or '+' or '-' ? date[..10] : date;

    // Leading zeros are part of the number.
    private static string? LoyaltyOf(SourceElement retail) => retail.Children("LineItem").Select(l => l.Child("LoyaltyMembership")?.TextOf("LoyaltyID")).FirstOrDefault(id => id is not null)
        ?? retail.Child("LoyaltyAccount")?.TextOf("LoyaltyID")
        ?? retail.Child("Customer")?.TextOf("LoyaltyID");
}
