using CustomerPipeline.Application.Receive;
using CustomerPipeline.Application.Receive.Import;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Tests;

/// <summary>The mappings of docs/import, each read with the data beside it. The data is of our own, in the shape that the vendor documents.</summary>
public sealed class The_example_mappings
{
    [Theory]
    [InlineData("woocommerce-orders", "501 Placed EUR 30.00 - 3.00 tax 4.18 shipping 4.90 units 4|502 Pending EUR 10.00 - 0.00 tax 2.10 shipping 0.00 units 1|503 Placed EUR 5.00 - 0.00 tax 0.00 shipping 0.00 units 1 cancelled")]
    [InlineData("stripe-charges", "ch_example_1 Placed USD 20.99 - 0.00 tax 0.00 shipping 0.00 units 0|ch_example_2 Placed JPY 1500 - 0 tax 0 shipping 0 units 0")]
    [InlineData("magento-orders", "31 Placed USD 58.00 - 5.80 tax 4.22 shipping 5.00 units 3|32 Placed USD 10.00 - 0.00 tax 0.00 shipping 0.00 units 1 cancelled")]
    [InlineData("bigcommerce-orders", "101 Placed USD 35.63 - 3.50 tax 3.40 shipping 12.72 units 0|102 Placed USD 20.00 - 0.00 tax 0.00 shipping 0.00 units 0 cancelled")]
    [InlineData("woocommerce-refunds", "501 refund 601 EUR 15.00 2026-03-05T12:00:00Z|rejected missing-amount")]
    [InlineData("stripe-refunds", "ch_example_1 refund re_example_1 USD 5.99 2026-03-03T09:00:00Z|ch_example_2 refund re_example_2 JPY 500 2026-03-03T10:00:00Z")]
    [InlineData("hubspot-tickets", "9001 closed 2026-03-02T09:00:00Z replied after 00:30:00 solved after 06:00:00 where is my order|9002 new 2026-03-03T09:00:00Z invoice")]
    [InlineData("salesforce-cases", "00001026 closed 2026-03-02T09:00:00Z solved after 1.00:00:00 broken mug|00001027 open 2026-03-02T10:00:00Z invoice")]
    [InlineData("dynamics-cases", "CAS-01001-A1B2C3 solved 2026-03-02T09:00:00Z solved after 04:00:00 broken mug|CAS-01002-D4E5F6 open 2026-03-03T09:00:00Z invoice")]
    [InlineData("meta-ads-spend", "2026-03-14 spend Spring shoes USD 53.95|2026-03-14 spend Brand USD 0.00|2026-03-15 spend Spring shoes USD 61.50")]
    public void Read_the_data_beside_them(string name, string figures) => Assert.Equal(figures, string.Join('|', Read(name).Select(Told)));

    [Fact]
    public void Name_the_document_of_the_vendor_and_are_all_tested()
    {
        var files = Directory.GetFiles(Repository.PathOf("docs", "import"), "*.mapping.json");

        Assert.Equal(
            typeof(The_example_mappings).GetMethod(nameof(Read_the_data_beside_them))!.GetCustomAttributesData().Where(a => a.AttributeType == typeof(InlineDataAttribute))
                .Select(a => (string)((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)a.ConstructorArguments[0].Value!)[0].Value!).Order(StringComparer.Ordinal),
            files.Select(f => Path.GetFileName(f).Replace(".mapping.json", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.All(files, file => Assert.Contains("Source: ", File.ReadAllText(file), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("woocommerce-orders", "Account woocommerce:77, Email ida@example.com, Phone +46701740605|Email guest@example.com|Account woocommerce:77, Email ida@example.com")]
    [InlineData("bigcommerce-orders", "Email guest@example.com|Account bigcommerce:7, Email ida@example.com")]
    [InlineData("salesforce-cases", "Account salesforce:003000000000001, Email ida@example.com, Phone +12025550143|")]
    public void Take_no_guest_for_a_customer(string name, string people) =>
        Assert.Equal(people, string.Join('|', Read(name).Select(r => string.Join(", ", Record(r.Normalized!).Identifiers.Select(i => $"{i.Type} {i.Value}")))));

    private static List<(PayloadPart Part, Normalization? Normalized)> Read(string name)
    {
        var import = Normalizer.Find("import")!;
        var mapping = ImportMapping.Parse(File.ReadAllBytes(Repository.PathOf("docs", "import", $"{name}.mapping.json")));
        using var file = File.OpenRead(Repository.PathOf("docs", "import", $"{name}.json"));
        return [.. SourceMessages.Split(import, "application/json", file, mapping, SplitLimit.None)!.Select(part => (part, part.Rejected is null
            ? Normalizer.Normalize(SourceMessages.Envelope(import, part.Payload, _ => null, isOnly: false, received: null).Wrap(), NormalizationRules.Default)
            : null))];
    }

    private static InteractionRecord Record(Normalization normalized) => Assert.Single(Assert.IsType<Normalization.Normalized>(normalized).Records);

    private static string Told((PayloadPart Part, Normalization? Normalized) read)
    {
        if (read.Normalized is not { } normalized)
        {
            return $"rejected {read.Part.Rejected!.Code}";
        }

        var record = Record(normalized);
        var id = record.Entity.Text.Split(':', '/')[^1];
        string Major(long minor) => Money.ToMajor(minor, record.Order?.Currency ?? record.Spend?.Currency ?? record.Refunds![0].Currency!);
        return record switch
        {
            { Order: { } order } => $"{id} {order.Status} {order.Currency} {Major(order.Gross)} - {Major(order.Discounts)} tax {Major(order.Tax)} shipping {Major(order.Shipping)} units {order.Units}{(record.CancelledAt is null ? "" : " cancelled")}",
            { Refunds: [var refund] } => $"{id} refund {refund.Id} {refund.Currency} {Major(refund.Amount!.Value)} {refund.At.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}",
            { Ticket: { } ticket } => $"{id} {ticket.Status} {ticket.CreatedAt!.Value.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}"
                + (ticket.FirstReplyAt is { } reply ? $" replied after {reply - ticket.CreatedAt}" : "") + (ticket.SolvedAt is { } solved ? $" solved after {solved - ticket.CreatedAt}" : "") + $" {ticket.Subject}",
            { Spend: { } spend } => $"{spend.Day:yyyy-MM-dd} spend {record.Campaign} {spend.Currency} {Major(spend.Amount)}",
            _ => throw new InvalidOperationException("No example is about people."),
        };
    }
}
