using System.Globalization;
using System.Text.Json;
using CsCheck;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

/// <summary>A store that keeps numbers as doubles must give back what it was given.</summary>
public sealed class Numbers_in_documents
{
    [Fact]
    public void Whole_numbers_survive_doubles() => Gen.OneOf(Gen.Long, Gen.Const(long.MinValue), Gen.Const(long.MaxValue), Gen.Const((1L << 53) + 1)).Sample(number =>
        JsonSerializer.Deserialize(ThroughDoubles(JsonSerializer.Serialize(new ShardHead(number), DocumentJson.Default.ShardHead)), DocumentJson.Default.ShardHead)!.Revision == number);

    [Fact]
    public void Decimal_numbers_survive_doubles() => Gen.OneOf(Gen.Decimal, Gen.Const(0.1234567890123456789m), Gen.Const(decimal.MinValue)).Sample(number =>
    {
        var line = new OrderLine(null, number, 0);
        return JsonSerializer.Deserialize(ThroughDoubles(JsonSerializer.Serialize(line, DocumentJson.Default.OrderLine)), DocumentJson.Default.OrderLine)!.Quantity == number;
    });

    // What Cosmos DB does to a document.
    private static string ThroughDoubles(string json)
    {
        var document = System.Text.Json.Nodes.JsonNode.Parse(json)!.AsObject();
        foreach (var (name, value) in document.ToList())
        {
            if (value?.GetValueKind() == JsonValueKind.Number)
            {
                document[name] = double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);
            }
        }

        return document.ToJsonString();
    }
}
