using System.Text.Json;
using System.Text.Json.Serialization;

namespace CustomerPipeline.Domain.Identity;

/// <summary>Kinds of identifiers, strongest first.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IdentifierType>))]
public enum IdentifierType
{
    /// <summary>A customer number of one source: the value is <c>source:number</c>.</summary>
    [JsonStringEnumMemberName("account")]
    Account,

    [JsonStringEnumMemberName("loyalty")]
    Loyalty,

    [JsonStringEnumMemberName("email")]
    Email,

    /// <summary>E.164.</summary>
    [JsonStringEnumMemberName("phone")]
    Phone,

    /// <summary>A card fingerprint of one payment provider.</summary>
    [JsonStringEnumMemberName("card")]
    Card,

    /// <summary>A device or anonymous visitor id of one source.</summary>
    [JsonStringEnumMemberName("device")]
    Device,

    /// <summary>A tie that a source or a person stated, such as a merge: everything that carries its name is one customer. It identifies nobody by itself.</summary>
    [JsonStringEnumMemberName("edge")]
    Edge,
}

/// <summary>A normalized identifier. Two identifiers are the same when type and value are equal, ordinally. Written <c>type:value</c>.</summary>
[JsonConverter(typeof(IdentifierConverter))]
public readonly record struct Identifier(IdentifierType Type, string Value) : IComparable<Identifier>
{
    private static readonly string[] Names = ["account", "loyalty", "email", "phone", "card", "device", "edge"];

    /// <summary>The name of a type as it is written everywhere.</summary>
    public static string NameOf(IdentifierType type) => Names[(int)type];

    /// <summary>The type of a name, in any case; null when there is none of that name.</summary>
    public static IdentifierType? TypeOf(ReadOnlySpan<char> name)
    {
        for (var i = 0; i < Names.Length; i++)
        {
            if (name.Equals(Names[i], StringComparison.OrdinalIgnoreCase))
            {
                return (IdentifierType)i;
            }
        }

        return null;
    }

    public string Key => $"{Names[(int)Type]}:{Value}";

    public int CompareTo(Identifier other) =>
        Type != other.Type ? ((int)Type).CompareTo((int)other.Type) : string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Key;

    public static bool operator <(Identifier left, Identifier right) => left.CompareTo(right) < 0;

    public static bool operator >(Identifier left, Identifier right) => left.CompareTo(right) > 0;

    public static bool operator <=(Identifier left, Identifier right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Identifier left, Identifier right) => left.CompareTo(right) >= 0;

    /// <summary>Reads what <see cref="Key"/> wrote.</summary>
    /// <exception cref="FormatException">The text is no identifier: a corrupt document.</exception>
    public static Identifier Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && TypeOf(text.AsSpan(0, colon)) is { } type
            ? new Identifier(type, text[(colon + 1)..])
            : throw new FormatException("An identifier is written type:value.");
    }
}

/// <summary>Writes an identifier as its key, also as the name of a property.</summary>
public sealed class IdentifierConverter : JsonConverter<Identifier>
{
    public override Identifier Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Identifier.Parse(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, Identifier value, JsonSerializerOptions options) => writer.WriteStringValue(value.Key);

    public override Identifier ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Identifier.Parse(reader.GetString() ?? "");

    public override void WriteAsPropertyName(Utf8JsonWriter writer, Identifier value, JsonSerializerOptions options) => writer.WritePropertyName(value.Key);
}
