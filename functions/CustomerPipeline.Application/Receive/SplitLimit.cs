using System.Globalization;

namespace CustomerPipeline.Application.Receive;

/// <summary>
/// Limits what one upload is split into. Two bytes of an upload can become a message of some hundred bytes, so a limit of bytes alone bounds neither time nor
/// memory.
/// </summary>
/// <param name="MostMessages">Messages, those that are rejected included; rows of a CSV file.</param>
/// <param name="MostBytes">Of all payloads together: a column mapping, or namespaces that an XML document declares once, stand in each of them.</param>
public sealed record SplitLimit(int MostMessages, long MostBytes)
{
    /// <summary>For files of this machine, which are split as they are read.</summary>
    public static SplitLimit None { get; } = new(int.MaxValue, long.MaxValue) { LargestDocument = int.MaxValue };

    /// <summary>Bytes of a JSON document that records are looked up in: it is held in memory, several times its size, while they are read.</summary>
    public int LargestDocument { get; init; } = PayloadPart.Largest;

    /// <summary>Passes parts on until there are too many.</summary>
    /// <exception cref="TooManyMessagesException">There are too many.</exception>
    internal IEnumerable<PayloadPart> Hold(IEnumerable<PayloadPart> parts)
    {
        var (messages, bytes) = (0, 0L);
        foreach (var part in parts)
        {
            Count(++messages);
            bytes += part.Payload.Length;
            yield return bytes <= MostBytes ? part : throw new TooManyMessagesException(
                string.Create(CultureInfo.InvariantCulture, $"The payloads of an upload may have {MostBytes} bytes after splitting."));
        }
    }

    /// <summary>Checks a number of messages, or rows.</summary>
    /// <exception cref="TooManyMessagesException">It is over the limit.</exception>
    internal void Count(int messages)
    {
        if (messages > MostMessages)
        {
            throw new TooManyMessagesException(
                string.Create(CultureInfo.InvariantCulture, $"An upload may have {MostMessages} messages (rows of a CSV file)."));
        }
    }
}

/// <summary>An upload has more messages than a request may have. The message says the limit.</summary>
public sealed class TooManyMessagesException(string limit)
    : Exception($"{limit} Nothing was taken. Send the upload in parts, or use the command line: `send` splits files of any size.");
