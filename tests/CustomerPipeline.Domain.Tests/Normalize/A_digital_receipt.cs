using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Normalize;
using static CustomerPipeline.Contracts.SomeXml;

namespace CustomerPipeline.Domain.Tests.Normalize;

public sealed class A_digital_receipt
{
    private const string Vat = "<n:LineItem><n:Tax><n:TaxableAmount TaxIncludedInTaxableAmountFlag=\"false\">80.00</n:TaxableAmount><n:Amount>20.00</n:Amount></n:Tax></n:LineItem>";

    [Fact]
    public void Sells_at_prices_that_include_tax()
    {
        var order = One(Receipt(Line("Sale", 100) + Vat + Grand(100))).Order!;

        Assert.Equal((8000L, 0L, 2000L, true), (order.Gross, order.Discounts, order.Tax, order.TaxIncluded));
    }

    [Fact]
    public void With_two_units_in_a_quantity_of_one_sells_two_for_the_extended_amount()
    {
        var order = One(Receipt("<n:LineItem><n:Sale><n:ExtendedAmount Action=\"Add\">100.00</n:ExtendedAmount><n:Quantity Units=\"2\">1</n:Quantity></n:Sale></n:LineItem>" + Vat + Grand(100))).Order!;

        Assert.Equal((8000L, 2L), (order.Gross, order.Units));
    }

    [Fact]
    public void Does_not_count_the_rounding_of_cash() =>
        Assert.Equal(8000, One(Receipt(Line("Sale", 100) + Vat + "<n:LineItem><n:Tender><n:Amount>99.50</n:Amount><n:Rounding>0.50</n:Rounding></n:Tender></n:LineItem>" + Grand(99.5m))).Order!.Gross);

    [Fact]
    public void Of_a_return_undoes_the_sale_it_names()
    {
        var sale = One(Receipt(Line("Sale", 100) + Vat + Grand(100)));
        var refund = One(Receipt(Line("Return", 100) + Vat + Grand(100) + "<se:ReceiptCodeLink>R1</se:ReceiptCodeLink>", code: "R2", type: "ReturnTransaction", time: "2026-03-02T11:00:00+01:00"));

        Assert.Equal(sale.Entity, refund.Entity);
        var settlement = OrderSettlement.Of(EntityFold.Of([refund, sale])!.Order!);
        Assert.Equal((8000L, 8000L, false), (settlement.Gross, Assert.Single(settlement.Returns).Amount, settlement.IsPurchase));
    }

    [Fact]
    public void Of_a_return_by_transaction_id_names_its_sale_too() => Assert.Equal(
        "digital-receipt:order:T9",
        One(Receipt(Line("Return", 5) + "<n:TransactionLink><n:TransactionID>T9</n:TransactionID></n:TransactionLink>", code: "R2", type: "ReturnTransaction")).Entity.Text);

    [Fact]
    public void Never_takes_the_receivers_national_identity_number()
    {
        var record = One(Receipt(Line("Sale", 100) + Vat + Grand(100) + """
            <se:Receiver Type="NationalIdentityNumber">2210228884</se:Receiver>
            <se:Customer><n:TelephoneNumber><n:LocalNumber>+46 8 123 456 78</n:LocalNumber></n:TelephoneNumber><n:EMail><n:EMailAddress>Kund@Example.com</n:EMailAddress></n:EMail></se:Customer>
            """));

        Assert.Equal(["email:kund@example.com", "phone:+46812345678"], record.Identifiers.Select(i => i.Key));
        Assert.DoesNotContain("2210228884", record.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_offset_takes_the_stores_time_zone() =>
        Assert.Equal(Some.Moment, One(Receipt(Line("Sale", 100) + Vat + Grand(100), time: "2026-03-01T11:00:00")).OccurredAt);

    private static string Line(string kind, decimal amount) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"<n:LineItem><n:{kind}><n:ExtendedAmount>{amount}</n:ExtendedAmount><n:Quantity>1</n:Quantity></n:{kind}></n:LineItem>");

    private static string Grand(decimal amount) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"<n:Total TotalType=\"TransactionGrandAmount\">{amount}</n:Total>");

    private static InteractionRecord One(string xml) => Read.One(Message("digital-receipt", xml), Rules);
}
