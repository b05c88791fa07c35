using System.Text.Json;

namespace CustomerPipeline.AzureServices.Cosmos;

/// <summary>What the service answers: items, and pages of them from queries and change feeds.</summary>
internal static class CosmosPages
{
    /// <summary>The whole of an answer.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadAllAsync(Stream content, CancellationToken cancellationToken)
    {
        var all = new MemoryStream();
        await content.CopyToAsync(all, cancellationToken);
        return all.GetBuffer().AsMemory(0, (int)all.Length);
    }

    /// <summary>The items of a page, as they are.</summary>
    public static async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAsync(Stream content, CancellationToken cancellationToken) =>
        ItemsOf(await ReadAllAsync(content, cancellationToken));

    private static List<ReadOnlyMemory<byte>> ItemsOf(ReadOnlyMemory<byte> page)
    {
        var items = new List<ReadOnlyMemory<byte>>();
        var reader = new Utf8JsonReader(page.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isItems = reader.ValueTextEquals("Documents"u8);
            reader.Read();
            if (!isItems)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                items.Add(page[start..(int)reader.BytesConsumed]);
            }
        }

        return items;
    }
}
