using System.Text.Json;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Flow.Receive;

/// <summary>Why one part of an upload was not accepted.</summary>
/// <param name="Index">Its place in the upload, counted from 0.</param>
/// <param name="Code">Stable, kebab-case.</param>
/// <param name="Detail">What to do about it; never contains what was sent.</param>
public sealed record RejectedPayload(int Index, string Code, string Detail);

/// <summary>The payloads of one upload.</summary>
public sealed record SplitPayloads(IReadOnlyList<ReadOnlyMemory<byte>> Accepted, IReadOnlyList<RejectedPayload> Rejected);

/// <summary>One body to payloads, byte for byte: a JSON value, an array of them, or one a line.</summary>
public static class PayloadSplitter
{
    // Room for the envelope around a payload.
    private const int EnvelopeBytes = 2 * 1024;
    private const int LargestPayload = MessageEnvelope.LargestBytes - EnvelopeBytes;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Splits a JSON document: its elements where it is an array, else itself.</summary>
    public static SplitPayloads Json(ReadOnlyMemory<byte> body)
    {
        body = WithoutByteOrderMark(body);
        var accepted = new List<ReadOnlyMemory<byte>>();
        var rejected = new List<RejectedPayload>();
        try
        {
            var reader = Reader(body);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                var from = (int)reader.TokenStartIndex;
                reader.Skip();
                var whole = body[from..(int)reader.BytesConsumed];
                MustEnd(ref reader);
                Add(whole, accepted, rejected);
                return new SplitPayloads(accepted, rejected);
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                Add(body[start..(int)reader.BytesConsumed], accepted, rejected);
            }

            MustEnd(ref reader);
        }
        catch (JsonException)
        {
            // Nothing of a broken document is taken: its end may be missing.
            return new SplitPayloads([], [Invalid(0)]);
        }

        return new SplitPayloads(accepted, rejected);
    }

    /// <summary>Splits newline-delimited JSON; empty lines are passed over.</summary>
    public static SplitPayloads Lines(ReadOnlyMemory<byte> body)
    {
        body = WithoutByteOrderMark(body);
        var accepted = new List<ReadOnlyMemory<byte>>();
        var rejected = new List<RejectedPayload>();
        while (!body.IsEmpty)
        {
            var end = body.Span.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];
            var trimmed = Trim(line);
            if (trimmed.IsEmpty)
            {
                continue;
            }

            if (IsJson(trimmed))
            {
                Add(trimmed, accepted, rejected);
            }
            else
            {
                rejected.Add(Invalid(accepted.Count + rejected.Count));
            }
        }

        return new SplitPayloads(accepted, rejected);
    }

    private static void Add(ReadOnlyMemory<byte> payload, List<ReadOnlyMemory<byte>> accepted, List<RejectedPayload> rejected)
    {
        if (payload.Length > LargestPayload)
        {
            rejected.Add(new RejectedPayload(accepted.Count + rejected.Count, "message-too-large", $"A message may have {LargestPayload} bytes."));
        }
        else
        {
            accepted.Add(payload);
        }
    }

    private static bool IsJson(ReadOnlyMemory<byte> text)
    {
        try
        {
            var reader = Reader(text);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static RejectedPayload Invalid(int index) => new(index, "invalid-json", $"Not valid JSON of at most {MessageEnvelope.DeepestJson} levels.");

    private static Utf8JsonReader Reader(ReadOnlyMemory<byte> body) => new(body.Span, new JsonReaderOptions { MaxDepth = MessageEnvelope.DeepestJson });

    private static void MustEnd(ref Utf8JsonReader reader)
    {
        if (reader.Read())
        {
            throw new JsonException("The document goes on after its end.");
        }
    }

    private static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> body) => body.Span.StartsWith(ByteOrderMark) ? body[3..] : body;

    private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> line)
    {
        var span = line.Span;
        var start = 0;
        var end = span.Length;
        while (start < end && IsBlank(span[start]))
        {
            start++;
        }

        while (end > start && IsBlank(span[end - 1]))
        {
            end--;
        }

        return line[start..end];
    }

    private static bool IsBlank(byte character) => character is (byte)' ' or (byte)'\t' or (byte)'\r';
}
