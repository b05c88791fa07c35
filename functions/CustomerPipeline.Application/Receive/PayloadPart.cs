using System.Text.Json;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Receive;

/// <summary>Why one part of an upload was not accepted.</summary>
/// <param name="Index">Its place in the upload, counted from 0.</param>
/// <param name="Code">Stable, kebab-case.</param>
/// <param name="Detail">What to do about it; never contains what was sent.</param>
public sealed record RejectedPayload(int Index, string Code, string Detail);

/// <summary>One part of an upload: a payload, or why there is none.</summary>
public readonly record struct PayloadPart(ReadOnlyMemory<byte> Payload, RejectedPayload? Rejected)
{
    /// <summary>Where in the file it stands, such as <c>line 17, column 'Total'</c>; null where the upload has no lines or records.</summary>
    public string? Place { get; init; }

    /// <summary>The largest payload, in bytes. One that does not fit a message is compressed, see <see cref="MessageEnvelope.Wrap()"/>.</summary>
    public const int Largest = MessageEnvelope.LargestPayload;

    public static PayloadPart Of(ReadOnlyMemory<byte> payload, int index) => payload.Length > Largest ? TooLarge(index) : new PayloadPart(payload, null);

    public static PayloadPart TooLarge(int index) => Reject(index, "message-too-large", $"A payload may have {Largest} bytes, and {MessageEnvelope.LargestBytes} when it is reduced to what is read of it and compressed. Send it in parts.");

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
