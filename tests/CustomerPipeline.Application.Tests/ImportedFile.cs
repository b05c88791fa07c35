using System.Text;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Application.Receive.Import;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Tests;

/// <summary>Files of another system, as the tests of imports write and read them.</summary>
internal static class ImportedFile
{
    /// <summary>A mapping whose rows are lines of orders.</summary>
    public const string Lines = """
        { "kind": "order", "system": "erp",
          "fields": { "id": "No", "placed_at": "Day", "currency": { "constant": "EUR" }, "time_zone": { "constant": "Europe/Berlin" },
                      "channel": { "column": "Shop", "values": { "0": "online" }, "otherwise": "in-store" } },
          "lines": { "product": "Article", "quantity": "Qty", "price": "Price" } }
        """;

    /// <summary>The header of a file for <see cref="Lines"/>.</summary>
    public const string Header = "No,Day,Shop,Article,Qty,Price\n";

    public static ImportMapping Parse(string mapping) => ImportMapping.Parse(Encoding.UTF8.GetBytes(mapping));

    public static List<PayloadPart> Csv(string csv, string mapping = Lines) => Split(csv, mapping, "text/csv");

    public static List<PayloadPart> JsonOf(string json, string mapping) => Split(json, mapping, "application/json");

    public static List<PayloadPart> Ndjson(string json, string mapping) => Split(json, mapping, "application/x-ndjson");

    /// <summary>The record of a payload that is in order.</summary>
    public static InteractionRecord Read(ReadOnlyMemory<byte> payload)
    {
        var envelope = SourceMessages.Envelope(Normalizer.Find("import")!, payload, _ => null, isOnly: true, received: null);
        return Assert.IsType<Normalization.Normalized>(Normalizer.Normalize(envelope.Wrap(), NormalizationRules.Default)).Records[0];
    }

    private static List<PayloadPart> Split(string text, string mapping, string mediaType)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return [.. SourceMessages.Split(Normalizer.Find("import")!, mediaType, body, Parse(mapping), SplitLimit.None)!];
    }
}
