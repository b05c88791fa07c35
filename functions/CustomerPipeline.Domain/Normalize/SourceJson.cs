using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace CustomerPipeline.Domain.Normalize;

/// <summary>Reads vendor JSON into the few fields a mapping uses; what cannot be read is a reason, never an exception.</summary>
internal static class SourceJson
{
    // Instants outside are broken clocks or placeholders (year 0001, 9999), not interactions.
    private static readonly DateTimeOffset Earliest = new(1970, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly System.Buffers.SearchValues<char> InDecimal = System.Buffers.SearchValues.Create("0123456789.,");

    /// <summary>Reads the payload and maps it, turning every way in which it can be broken into a reason that names the field.</summary>
    public static Normalization Map<T>(ReadOnlyMemory<byte> data, JsonTypeInfo<T> shape, Func<T, Normalization> map)
        where T : class
    {
        T? payload;
        try
        {
            payload = JsonSerializer.Deserialize(data.Span, shape);
        }
        catch (JsonException e)
        {
            return Broken(e);
        }

        if (payload is null)
        {
            return Normalization.Reject("not-an-object", "The payload must be a JSON object of the shape that its source documents.");
        }

        try
        {
            return map(payload);
        }
        catch (UnreadableFieldException e)
        {
            return Normalization.Reject(e.Code, e.Message);
        }
    }

    public static DateTimeOffset Time(DateTimeOffset? time, string field)
    {
        if (time is not { } at)
        {
            throw new UnreadableFieldException("missing-field", $"The payload has no {field}. Send the payload as its source documents it.");
        }

        return at >= Earliest && at < Latest
            ? at
            : throw new UnreadableFieldException("time-out-of-range", $"{field} lies outside the years 1970 to 2099. Mend the sender's clock or the field, and retry.");
    }

    /// <summary>What is in a list; senders may leave it out, or put nulls into it.</summary>
    public static IReadOnlyList<T> Items<T>(this IReadOnlyList<T?>? list)
        where T : class => list is null ? [] : [.. list.OfType<T>()];

    public static string Required(string? text, string field) => string.IsNullOrWhiteSpace(text)
        ? throw new UnreadableFieldException("missing-field", $"The payload has no {field}. Send the payload as its source documents it.")
        : text.Trim();

    /// <summary>Whether a text is a number in scientific form, such as 1.23457E+15: what spreadsheets make of long numbers.</summary>
    public static bool IsCutNumber(string? text) =>
        text?.Trim() is { Length: > 3 and < 40 } number && number.IndexOf('E', StringComparison.OrdinalIgnoreCase) is > 0 and var at && at < number.Length - 2
        && char.IsAsciiDigit(number[0]) && number.AsSpan(0, at).IndexOfAnyExcept(InDecimal) < 0
        && number[at + 1] == '+' && !number.AsSpan(at + 2).ContainsAnyExceptInRange('0', '9');

    public static Currency CurrencyOf(string? code, NormalizationRules rules)
    {
        var stated = string.IsNullOrWhiteSpace(code) ? rules.DefaultCurrency : code.Trim();
        if (stated is null)
        {
            throw new UnreadableFieldException("missing-currency", "The payload names no currency. Set a default currency for the pipeline, or send one, and retry.");
        }

        return Currency.TryParse(stated, out var currency)
            ? currency
            : throw new UnreadableFieldException("unknown-currency", "The currency is no ISO 4217 code in use. Mend the payload and retry.");
    }

    private static Normalization Broken(JsonException e)
    {
        if (e.InnerException is UnreadableFieldException field)
        {
            return Normalization.Reject(field.Code, $"{Place(e)}: {field.Message}");
        }

        return string.IsNullOrEmpty(e.Path) || e.Path == "$"
            ? Normalization.Reject("not-an-object", "The payload must be a JSON object of the shape that its source documents, nested at most 64 deep.")
            : Normalization.Reject("invalid-field",
                $"{Place(e)} has another type than its source documents, or is no well-formed Unicode. Correct the payload or the mapping, and retry.");
    }

    // The path is the vendor's own field names, never values.
    private static string Place(JsonException e) => e.Path is null ? "A field" : e.Path;
}

/// <summary>A field that cannot be understood: carried from the field to <see cref="SourceJson.Map"/> and no further.</summary>
internal sealed class UnreadableFieldException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}

/// <summary>A text that some senders write as a number: ids above all.</summary>
internal sealed class LooseText : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Number => Number(ref reader),
        JsonTokenType.Null => null,
        _ => throw new JsonException(),
    };

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    internal static string Number(ref Utf8JsonReader reader) => reader.TryGetInt64(out var whole) ? whole.ToString(CultureInfo.InvariantCulture)
        : System.Text.Encoding.UTF8.GetString(reader.ValueSpan) is var text && !SourceJson.IsCutNumber(text) ? text
        : throw new JsonException("number", new UnreadableFieldException("cut-identifier", "the number is in scientific form: its last digits are lost. Send it as a text."));
}

/// <summary>A text or a number where a sender may write anything: what is neither says nothing.</summary>
internal sealed class TextIfAny : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.Number:
                return LooseText.Number(ref reader);
            default:
                reader.Skip();
                return null;
        }
    }

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => throw new NotSupportedException();
}

/// <summary>A truth value where a sender may write anything: what is none says nothing.</summary>
internal sealed class TrueIfAny : JsonConverter<bool?>
{
    public override bool? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        bool? said = reader.TokenType switch { JsonTokenType.True => true, JsonTokenType.False => false, _ => null };
        reader.Skip();
        return said;
    }

    public override void Write(Utf8JsonWriter writer, bool? value, JsonSerializerOptions options) => throw new NotSupportedException();
}

/// <summary>An object where a sender may write anything: what is none says nothing.</summary>
internal sealed class ObjectIfAny<T> : JsonConverter<T?>
    where T : class
{
    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            return JsonSerializer.Deserialize(ref reader, (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T)));
        }

        reader.Skip();
        return null;
    }

    public override void Write(Utf8JsonWriter writer, T? value, JsonSerializerOptions options) => throw new NotSupportedException();
}

/// <summary>A decimal number that some senders write as a text. Beyond <see cref="MinorUnits.LargestNumber"/> it is unreadable.</summary>
internal sealed class LooseDecimal : JsonConverter<decimal?>
{
    public override decimal? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.Number:
                return reader.TryGetDecimal(out var number) && MinorUnits.IsReadable(number) ? number : throw Unreadable();
            case JsonTokenType.String:
                var text = reader.GetString();
                if (string.IsNullOrWhiteSpace(text))
                {
                    return null;
                }

                return decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var parsed) && MinorUnits.IsReadable(parsed)
                    ? parsed
                    : throw Unreadable();
            default:
                throw new JsonException();
        }
    }

    public override void Write(Utf8JsonWriter writer, decimal? value, JsonSerializerOptions options) => throw new NotSupportedException();

    private static JsonException Unreadable() =>
        new("number", new UnreadableFieldException("invalid-number", "the number cannot be read, or is too large for money. Mend the payload and retry."));
}

/// <summary>
/// An RFC 3339 instant. A time without an offset is unreadable: the default parser would silently take the machine's zone.
/// </summary>
internal sealed class LooseTime : JsonConverter<DateTimeOffset?>
{
    public override DateTimeOffset? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            throw new JsonException();
        }

        if (reader.ValueSpan.IsEmpty && !reader.HasValueSequence)
        {
            return null;
        }

        // Some writers escape the plus sign of the offset.
        Span<byte> unescaped = stackalloc byte[64];
        var text = !reader.ValueIsEscaped ? reader.ValueSpan : reader.ValueSpan.Length <= unescaped.Length ? unescaped[..reader.CopyString(unescaped)] : [];
        if (HasOffset(text) && reader.TryGetDateTimeOffset(out var time))
        {
            return time;
        }

        throw new JsonException("time", new UnreadableFieldException("invalid-time", "the time is not RFC 3339 with an offset, such as 2026-01-31T09:30:00Z. Mend the payload and retry."));
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset? value, JsonSerializerOptions options) => throw new NotSupportedException();

    private static bool HasOffset(ReadOnlySpan<byte> text) =>
        text.Length > 19 && (text[^1] is (byte)'Z' or (byte)'z' || text[19..].ContainsAny((byte)'+', (byte)'-'));
}
