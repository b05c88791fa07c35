using System.Text.Json;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Flow.Receive;

/// <summary>Why one part of an upload was not accepted.</summary>
/// <param name="Index">Its place in the upload, counted from 0.</param>
/// <param name="Code">Stable, kebab-case.</param>
/// <param name="Detail">What to do about it; never contains what was sent.</param>
public sealed record RejectedPayload(int Index, string Code, string Detail);

/// <summary>One part of an upload: a payload, or why there is none.</summary>
public readonly record struct PayloadPart(ReadOnlyMemory<byte> Payload, RejectedPayload? Rejected)
{
    // Room for the envelope around a payload.
    private const int EnvelopeBytes = 4 * 1024;

    /// <summary>The largest payload that fits a message, in bytes; one that grows when it is wrapped must be smaller.</summary>
    public const int Largest = MessageEnvelope.LargestBytes - EnvelopeBytes;

    public static PayloadPart Of(ReadOnlyMemory<byte> payload, int index) => payload.Length > Largest ? TooLarge(index) : new PayloadPart(payload, null);

    public static PayloadPart TooLarge(int index) => Reject(index, "message-too-large", $"A message may have {Largest} bytes.");

    public static PayloadPart Reject(int index, string code, string detail) => new(default, new RejectedPayload(index, code, detail));

    public static PayloadPart InvalidJson(int index) => Reject(index, "invalid-json", $"Not valid JSON of at most {MessageEnvelope.DeepestJson} levels.");

    /// <summary>Whether the text is one JSON value of at most <see cref="MessageEnvelope.DeepestJson"/> levels.</summary>
    public static bool IsJson(ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = MessageEnvelope.DeepestJson });
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
}
