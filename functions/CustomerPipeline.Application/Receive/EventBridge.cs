using System.Runtime.InteropServices;
using System.Text.Json;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Receive;

/// <summary>
/// Events of Amazon EventBridge around a vendor's own (docs.aws.amazon.com, "Events", structure): <c>detail</c> has the payload; of Shopify,
/// <c>detail.payload</c> has it, and <c>detail.metadata</c> what
/// webhooks have as headers (shopify.dev, "Deliver webhooks through Amazon EventBridge").
/// </summary>
internal static class EventBridge
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MessageEnvelope.DeepestJson };

    /// <summary>Returns the payload inside an event, and its headers; null for a payload that is in none.</summary>
    public static (ReadOnlyMemory<byte> Payload, Func<string, string?> Header)? Unwrap(ReadOnlyMemory<byte> payload)
    {
        // Payloads that cannot be one are not parsed.
        if (payload.Span.IndexOf("\"detail-type\""u8) < 0)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(payload, Options);
            if (json.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("detail-type", out _)
                || !root.TryGetProperty("detail", out var detail) || detail.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            if (!detail.TryGetProperty("payload", out var inner) || inner.ValueKind != JsonValueKind.Object)
            {
                return (BytesOf(detail), _ => null);
            }

            var headers = detail.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
                ? metadata.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.String).DistinctBy(p => p.Name, StringComparer.OrdinalIgnoreCase)
                    .ToDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.OrdinalIgnoreCase)
                : [];
            return (BytesOf(inner), headers.GetValueOrDefault);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or a text that is no Unicode: the mapping says so.
            return null;
        }
    }

    private static byte[] BytesOf(JsonElement element) => JsonMarshal.GetRawUtf8Value(element).ToArray();
}
