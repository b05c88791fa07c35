using System.Text.Json;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Receive;

/// <summary>JSON uploads to payloads, byte for byte: a value, an array of them, or one a line.</summary>
public static class JsonParts
{
    private const int SmallestBuffer = 256 * 1024;

    /// <summary>Splits a JSON document: its elements where it is an array, else itself. Nothing of a broken document is taken: its end may be missing.</summary>
    /// <exception cref="TooManyMessagesException">It has more elements than the limit allows.</exception>
    public static IReadOnlyList<PayloadPart> OfDocument(ReadOnlyMemory<byte> body, SplitLimit limit) => OfDocument(body, PayloadPart.Of, limit);

    /// <summary>Splits a JSON document of any size: what is too large may be a list of what is not.</summary>
    internal static IReadOnlyList<PayloadPart> OfDocument(ReadOnlyMemory<byte> body, Func<ReadOnlyMemory<byte>, int, PayloadPart> part, SplitLimit limit)
    {
        body = MessageEnvelope.WithoutByteOrderMark(body);
        var parts = new List<PayloadPart>();
        try
        {
            var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = MessageEnvelope.DeepestJson });
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                var from = (int)reader.TokenStartIndex;
                reader.Skip();
                parts.Add(part(body[from..(int)reader.BytesConsumed], 0));
            }
            else
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    parts.Add(part(body[start..(int)reader.BytesConsumed], parts.Count));
                    limit.Count(parts.Count);
                }
            }

            return reader.Read() ? throw new JsonException("The document goes on after its end.") : parts;
        }
        catch (JsonException)
        {
            return [PayloadPart.InvalidJson(0)];
        }
    }

    /// <summary>Splits newline-delimited JSON as it is read; empty lines are passed over. Memory is bounded by the longest line that is allowed.</summary>
    public static IEnumerable<PayloadPart> OfLines(Stream body)
    {
        var buffer = new byte[SmallestBuffer];
        var filled = 0;
        var index = 0;
        var isTooLong = false;
        var isFirst = true;
        while (true)
        {
            var read = body.Read(buffer, filled, buffer.Length - filled);
            filled += read;
            var from = 0;
            for (int end; (end = buffer.AsSpan(from, filled - from).IndexOf((byte)'\n')) >= 0; from += end + 1)
            {
                if (isTooLong)
                {
                    isTooLong = false;
                    yield return PayloadPart.TooLarge(index++);
                }
                else if (Line(buffer.AsMemory(from, end), index, isFirst) is { } line)
                {
                    index++;
                    yield return line;
                }

                isFirst = false;
            }

            if (read == 0)
            {
                var last = isTooLong ? PayloadPart.TooLarge(index) : Line(buffer.AsMemory(from, filled - from), index, isFirst);
                if (last is { } part)
                {
                    yield return part;
                }

                yield break;
            }

            filled -= from;
            buffer.AsSpan(from, filled).CopyTo(buffer);
            if (filled == buffer.Length && buffer.Length < PayloadPart.Largest + 2)
            {
                Array.Resize(ref buffer, Math.Min(buffer.Length * 2, PayloadPart.Largest + 2));
            }
            else if (filled == buffer.Length)
            {
                // No line of this length is allowed: the rest of it is read and forgotten.
                isTooLong = true;
                filled = 0;
            }
        }
    }

    private static PayloadPart? Line(ReadOnlyMemory<byte> line, int index, bool isFirst)
    {
        var trimmed = (isFirst ? MessageEnvelope.WithoutByteOrderMark(line) : line).Trim(" \t\r"u8);
        return trimmed.IsEmpty ? null
            : !PayloadPart.IsJson(trimmed.Span) ? PayloadPart.InvalidJson(index)
            : PayloadPart.Of(trimmed.ToArray(), index);
    }
}
