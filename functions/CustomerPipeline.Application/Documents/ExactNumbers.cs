using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CustomerPipeline.Application.Documents;

/// <summary>
/// Whole numbers in documents. A store may keep numbers as IEEE 754 doubles (Cosmos DB does) and round what lies beyond 2^53: such numbers, instants in ticks above all, are written
/// as text.
/// </summary>
public sealed class ExactInt64Converter : JsonConverter<long>
{
    private const long LargestExact = 1L << 53;

    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? long.Parse(reader.GetString()!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : reader.GetInt64();

    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options)
    {
        if (value is >= -LargestExact and <= LargestExact)
        {
            writer.WriteNumberValue(value);
            return;
        }

        Span<char> text = stackalloc char[20];
        value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }
}

/// <summary>Decimal numbers in documents: as text where a double has not enough digits.</summary>
public sealed class ExactDecimalConverter : JsonConverter<decimal>
{
    // Every decimal of so many digits comes back from a double as it was.
    private const decimal LargestOfFifteenDigits = 999_999_999_999_999m;

    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? decimal.Parse(reader.GetString()!, NumberStyles.Float, CultureInfo.InvariantCulture) : reader.GetDecimal();

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options)
    {
        // All digits, without sign and point.
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        bits[3] = 0;
        if (new decimal(bits) <= LargestOfFifteenDigits)
        {
            writer.WriteNumberValue(value);
            return;
        }

        writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
    }
}
