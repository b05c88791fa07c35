using System.Globalization;
using CustomerPipeline.Domain.Entities;

namespace CustomerPipeline.Domain.Normalize.Sources;

/// <summary>Marketing spend of the import shape: what was spent on one campaign on one day. It is about no person.</summary>
internal static class ImportSpend
{
    public static Normalization Normalize(ImportedEntity spend, MessageEnvelope envelope, NormalizationRules rules)
    {
        if (spend is not { Customer: null, Loyalty: null, Email: null, Phone: null, Country: null, Name: null, BirthDate: null }
            || spend is not { Street: null, PostalCode: null, City: null })
        {
            return Normalization.Reject(
                "invalid-field", "Spend belongs to no person. Remove customer, loyalty, email, phone, country and what describes a person, and retry.");
        }

        var money = new MinorUnits(SourceJson.CurrencyOf(spend.Currency, rules));
        var day = DayOf(SourceJson.Required(spend.Day, "day"));
        var (id, at) = (SourceJson.Required(spend.Id, "id"), new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero));
        var record = Import.Record(spend, envelope, EntityKind.Spend, id, at, Import.UpdatedAt(spend, money, rules), rules);
        return new Normalization.Normalized(record with
        {
            Campaign = SourceJson.Required(spend.Campaign, "campaign"),
            Spend = new SpendStatement(day, money.Currency.Code, spend.Amount is null
                ? throw new UnreadableFieldException("missing-amount", "The spend has no amount. Send it, 0 for nothing, and retry.")
                : Import.NotNegative(spend.Amount, "amount", money)),
            Deleted = spend.Status?.Trim().ToLowerInvariant() switch
            {
                null or "" or "placed" => false,
                "void" => true,
                _ => throw new UnreadableFieldException("invalid-field", "status is none of placed and void. Correct the payload or the column mapping."),
            },
            Flags = money.FlagsOrNull,
        });
    }

    private static DateOnly DayOf(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 1970 and < 2100
            ? day
            : throw new UnreadableFieldException("invalid-time", "day is no day such as 2026-01-31. Correct the payload or the column mapping.");
}
