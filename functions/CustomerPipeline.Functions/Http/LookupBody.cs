using System.Text.Json;
using CustomerPipeline.Domain.Identity;
using Microsoft.AspNetCore.Http;

namespace CustomerPipeline.Functions.Http;

/// <summary>
/// The identifier to look a customer up by: in the body, never in an address, where it would end in logs. <c>{"type": "email", "value": "…"}</c>, or
/// <c>{"email": "…"}</c> for short.
/// </summary>
internal static class LookupBody
{
    public const int Largest = 8 * 1024;

    /// <summary>The normalized identifier; null when the body holds none.</summary>
    public static async Task<Identifier?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            if (await RequestBody.ReadAsync(request, Largest, cancellationToken) is not { IsEmpty: false } body)
            {
                return null;
            }

            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 4 });
            return document.RootElement.ValueKind == JsonValueKind.Object ? Read(document.RootElement) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static Identifier? Read(JsonElement body)
    {
        if (body.TryGetProperty("type", out var type) && body.TryGetProperty("value", out var value))
        {
            return Identifier.TypeOf(type.GetString() ?? "") is { } known ? Normalize(known, value.GetString()) : null;
        }

        var single = body.EnumerateObject().FirstOrDefault(p => Identifier.TypeOf(p.Name) is not null);
        return single.Value.ValueKind == JsonValueKind.String ? Normalize(Identifier.TypeOf(single.Name)!.Value, single.Value.GetString()) : null;
    }

    private static Identifier? Normalize(IdentifierType type, string? value) => type switch
    {
        IdentifierType.Email => IdentifierNormalizer.Email(value),
        IdentifierType.Phone => IdentifierNormalizer.Phone(value, null),
        _ => string.IsNullOrWhiteSpace(value) ? null : new Identifier(type, value.Trim()),
    };
}
