using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CustomerPipeline.Domain.Entities;

/// <summary>
/// The unit of exactness: one order, ticket, person, browsing day or spend of one source. Written <c>source:kind:id</c>, for example
/// <c>shopify:order:820982911946154508</c>, and of a second shop <c>shopify@second.example:order:1</c>; the id is escaped so that the key is a valid
/// document id in every store.
/// </summary>
[JsonConverter(typeof(EntityKeyConverter))]
public readonly record struct EntityKey(string Text)
{
    private const int LongestId = 160;
    private const int LongestKey = 220;

    public static EntityKey Of(string source, EntityKind kind, string id) => new($"{source}:{kind.Name()}:{Escape(id)}");

    /// <summary>The source system, the first part of the key: without the instance that may stand behind an <c>@</c>.</summary>
    public string Source => Text[..Text.AsSpan().IndexOfAny(':', '@')];

    /// <summary>The kind of a key's text; null when the text is no key.</summary>
    public static EntityKind? KindOf(string text)
    {
        var parts = text.Split(':', 3);
        if (text.Length > LongestKey || parts.Length < 3 || parts[0].Length == 0 || parts[2].Length == 0 || parts[2].AsSpan().ContainsAny(Unescaped))
        {
            return null;
        }

        EntityKind? kind = null;
        foreach (var known in Enum.GetValues<EntityKind>())
        {
            kind = known.Name() == parts[1] ? known : kind;
        }

        return kind;
    }

    public override string ToString() => Text;

    // Cosmos DB forbids / \ ? # in ids; control characters and '%' (the escape itself) are escaped too, and a very long
    // vendor id becomes its hash, so that a key never meets a store's length limit.
    private static string Escape(string id)
    {
        if (id.Length > LongestId)
        {
            return "h" + StableHash.Of(id);
        }

        if (!id.AsSpan().ContainsAny(Unsafe))
        {
            return id;
        }

        var escaped = new StringBuilder(id.Length + 8);
        foreach (var character in id)
        {
            if (Unsafe.Contains(character))
            {
                escaped.Append('%').Append(((int)character).ToString("X4", System.Globalization.CultureInfo.InvariantCulture));
            }
            else
            {
                escaped.Append(character);
            }
        }

        return escaped.Length > LongestId ? "h" + StableHash.Of(id) : escaped.ToString();
    }

    private static readonly System.Buffers.SearchValues<char> Unescaped =
        System.Buffers.SearchValues.Create("/\\?#\u007f" + new string([.. Enumerable.Range(0, 33).Select(c => (char)c)]));

    private static readonly System.Buffers.SearchValues<char> Unsafe =
        System.Buffers.SearchValues.Create("/\\?#%\u007f" + new string([.. Enumerable.Range(0, 33).Select(c => (char)c)]));
}

/// <summary>Writes a key as its text.</summary>
public sealed class EntityKeyConverter : JsonConverter<EntityKey>
{
    public override EntityKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, EntityKey value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);
}

/// <summary>What an entity is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EntityKind>))]
public enum EntityKind
{
    [JsonStringEnumMemberName("order")]
    Order,

    [JsonStringEnumMemberName("ticket")]
    Ticket,

    [JsonStringEnumMemberName("person")]
    Person,

    /// <summary>What one visitor looked at on one UTC day.</summary>
    [JsonStringEnumMemberName("browse")]
    Browse,

    /// <summary>What was spent on a campaign on one day. It is no person's, and belongs to no other entity.</summary>
    [JsonStringEnumMemberName("spend")]
    Spend,
}

public static class EntityKindNames
{
    public static string Name(this EntityKind kind) => kind switch
    {
        EntityKind.Order => "order",
        EntityKind.Ticket => "ticket",
        EntityKind.Person => "person",
        EntityKind.Spend => "spend",
        _ => "browse",
    };
}
