using System.Globalization;
using System.Text;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Contracts;

/// <summary>Documents as tills write them, with only what a test cares about filled in.</summary>
public static class SomeXml
{
    public static NormalizationRules Rules { get; } = new() { StoreTimeZones = new Dictionary<string, string> { ["*"] = "Europe/Stockholm", ["9"] = "America/New_York" } };

    public static ReadOnlyMemory<byte> Message(string source, string xml) =>
        new MessageEnvelope($"/{source}/test", Domain.StableHash.Of(Encoding.UTF8.GetBytes(xml)), source, null, HasVendorId: false, Encoding.UTF8.GetBytes(xml))
        {
            ContentType = MessageEnvelope.Xml,
            Received = Some.Received,
        }.Wrap();

    /// <summary>A POSLog transaction around the lines and totals of a retail transaction.</summary>
    public static string PosLog(
        string retail, string store = "9", string workstation = "1", string sequence = "100", string day = "2026-03-01", string end = "2026-03-01T10:00:00", string attributes = "") =>
        $"""
        <Transaction xmlns="http://www.nrf-arts.org/IXRetail/namespace/" xmlns:acs="urn:loyalty" {attributes}><RetailStoreID>{store}</RetailStoreID><WorkstationID>{workstation}</WorkstationID>
        <SequenceNumber>{sequence}</SequenceNumber><BusinessDayDate>{day}</BusinessDayDate><EndDateTime>{end}</EndDateTime><CurrencyCode>USD</CurrencyCode>{retail}</Transaction>
        """;

    public static string Retail(string lines, decimal? grand = null, decimal? tax = null, string more = "") => string.Create(
        CultureInfo.InvariantCulture,
        $"<RetailTransaction Version=\"2.1\">{lines}{(grand is null ? "" : string.Create(CultureInfo.InvariantCulture, $"<Total TotalType=\"TransactionGrandAmount\">{grand}</Total>"))}{(tax is null ? "" : string.Create(CultureInfo.InvariantCulture, $"<Total TotalType=\"TransactionTaxAmount\">{tax}</Total>"))}{more}</RetailTransaction>");

    public static string Sale(decimal amount, decimal quantity = 1, string item = "0042", string attributes = "") => string.Create(
        CultureInfo.InvariantCulture,
        $"<LineItem {attributes}><Sale ItemType=\"Stock\"><POSIdentity><POSItemID>{item}</POSItemID></POSIdentity><ExtendedAmount>{amount}</ExtendedAmount><Quantity>{quantity}</Quantity></Sale></LineItem>");

    public static string Return(decimal amount) => string.Create(
        CultureInfo.InvariantCulture, $"<LineItem><Return><POSIdentity><POSItemID>0042</POSItemID></POSIdentity><ExtendedAmount>{amount}</ExtendedAmount><Quantity>1</Quantity></Return></LineItem>");

    /// <summary>A digital receipt around the lines of a retail transaction.</summary>
    public static string Receipt(string retail, string code = "R1", string time = "2026-03-01T11:00:00+01:00", string? type = null) =>
        $"""
        <n:DigitalReceipt xmlns:n="http://www.nrf-arts.org/IXRetail/namespace/" xmlns:se="http://www.sweretailstandard.se/schemas/namespace/se"><n:Transaction{(type is null ? "" : $" TypeCode=\"{type}\"")}>
        <n:BusinessUnit><n:UnitID>S1</n:UnitID><n:Address><n:Country Code="SE">Sverige</n:Country></n:Address></n:BusinessUnit><n:WorkstationID>1</n:WorkstationID><n:SequenceNumber>5</n:SequenceNumber>
        <n:CurrencyCode>SEK</n:CurrencyCode><n:ReceiptDateTime>{time}</n:ReceiptDateTime><n:RetailTransaction>{retail}</n:RetailTransaction><se:ReceiptCode>{code}</se:ReceiptCode></n:Transaction></n:DigitalReceipt>
        """;
}
