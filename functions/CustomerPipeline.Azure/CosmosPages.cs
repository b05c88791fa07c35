using System.Text.Json;

namespace CustomerPipeline.Azure;

/// <summary>Pages of items: answers of queries and change feeds.</summary>
internal static class CosmosPages
{
    /// <summary>The items of a page, as they are.</summary>
    public static async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAsync(Stream content, CancellationToken cancellationToken)
    {
        var page = new MemoryStream();
        await content.CopyToAsync(page, cancellationToken);
        return Elements(page.GetBuffer().AsMemory(0, (int)page.Length));
    }

    private static List<ReadOnlyMemory<byte>> Elements(ReadOnlyMemory<byte> page)
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
