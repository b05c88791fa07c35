using System.Globalization;
using System.Text;
using Amqp;
using Amqp.Framing;
using Amqp.Types;
using CustomerPipeline.Application.Receive;

namespace CustomerPipeline.AmqpEndpoint;

/// <summary>What the pipeline reads of an AMQP message, and what is kept of the rest.</summary>
public static class MessageParts
{
    // A message that lives as long lives for ever, and its end is no date that could be written.
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(36_500);

    private static readonly Symbol ScheduledTime = "x-opt-scheduled-enqueue-time";

    /// <summary>The sender's id.</summary>
    public static string? IdOf(Message message) => message.Properties?.GetMessageId()?.ToString();

    /// <summary>Service Bus's number of a message in its queue; null from other brokers.</summary>
    public static long? SequenceNumberOf(Message message) => message.MessageAnnotations?.Map[new Symbol("x-opt-sequence-number")] as long?;

    /// <summary>Until when nobody is to be given it.</summary>
    public static DateTimeOffset? DueOf(Message message) =>
        message.MessageAnnotations?.Map[ScheduledTime] is DateTime due ? new DateTimeOffset(due.ToUniversalTime()) : null;

    /// <summary>
    /// How long the message lives from when it is enqueued; null for ever. Service Bus's clients write a time that milliseconds in 32 bits cannot hold as a
    /// creation time and an expiry (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-protocol-guide#header).
    /// </summary>
    public static TimeSpan? TimeToLiveOf(Message message)
    {
        var life = message.Properties is { } p && p.AbsoluteExpiryTime > p.CreationTime && p.CreationTime != default
            ? p.AbsoluteExpiryTime - p.CreationTime
            : TimeSpan.FromMilliseconds(message.Header?.Ttl ?? 0);
        return life > TimeSpan.Zero && life < LongestLife ? life : null;
    }

    /// <summary>The bytes of the body, or its text as UTF-8; null where it is neither.</summary>
    public static byte[]? BodyOf(Message message) => message.BodySection switch
    {
        AmqpValue { Value: string text } => Encoding.UTF8.GetBytes(text),
        AmqpValue { Value: byte[] bytes } => bytes,
        Data or DataList => [.. SectionsOf(message).SelectMany(s => s)],
        _ => null,
    };

    /// <summary>The events of a message as bodies of messages of a queue, whatever content mode of CloudEvents they came in; null where the body is neither
    /// bytes nor text.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>>? EventsOf(Message message) => BodyOf(message) is not { } body ? null : AmqpEvents.Read(
        message.Properties?.ContentType?.ToString(),
        message.ApplicationProperties?.Map.Select(p => KeyValuePair.Create(p.Key.ToString()!, (object?)p.Value)) ?? [],
        body);

    /// <summary>The id of one of several events of a message: the message's own for the first.</summary>
    public static string? IdOf(string? id, int index) => id is null || index == 0 ? id : string.Create(CultureInfo.InvariantCulture, $"{id}#{index}");

    /// <summary>The data sections of the body.</summary>
    public static IEnumerable<byte[]> SectionsOf(Message message) => message.BodySection switch
    {
        Data data => [data.Binary],
        DataList list => Enumerable.Range(0, list.Count).Select(i => list[i].Binary),
        _ => [],
    };

    /// <summary>Whether events are in another form than that of the message that they came in: its attributes, or the array, are in them now.</summary>
    public static bool AreRewritten(Message message, IReadOnlyList<ReadOnlyMemory<byte>> events) =>
        (AmqpEvents.IsBatch(message.Properties?.ContentType?.ToString()) || message.ApplicationProperties?.Map.Keys.Any(IsAttribute) == true)
        && !(events is [var only] && only.Span.SequenceEqual(BodyOf(message)));

    /// <summary>Returns all of a message but its body, as a queue keeps it.</summary>
    /// <param name="message">The message. Its own sections may be changed.</param>
    /// <param name="isStructured">Whether the body that is kept is an event in structured form, so that the attributes are in it and no longer beside it.</param>
    /// <param name="id">The message's id in the place of its own; null keeps that.</param>
    public static byte[] PropertiesOf(Message message, bool isStructured, string? id)
    {
        var kept = new Message
        {
            Header = message.Header,
            MessageAnnotations = message.MessageAnnotations,
            Properties = message.Properties,
            ApplicationProperties = message.ApplicationProperties,
        };
        if (isStructured)
        {
            kept.Properties ??= new Properties();
            kept.Properties.ContentType = AmqpEvents.StructuredContentType;
            foreach (var attribute in kept.ApplicationProperties?.Map.Keys.Where(IsAttribute).ToList() ?? [])
            {
                kept.ApplicationProperties!.Map.Remove(attribute);
            }
        }

        if (id is not null)
        {
            kept.Properties.MessageId = id;
        }

        return BytesOf(kept);
    }

    /// <summary>Returns what is kept of a message with other application properties, as a reader sets them when it settles the message.</summary>
    /// <param name="properties">What is kept so far.</param>
    /// <param name="changes">Names and values; null for none.</param>
    public static byte[] WithProperties(ReadOnlyMemory<byte> properties, IEnumerable<KeyValuePair<string, object>> changes)
    {
        var message = MessageOf(properties);
        message.ApplicationProperties ??= new ApplicationProperties();
        foreach (var (name, value) in changes)
        {
            message.ApplicationProperties[name] = value;
        }

        return BytesOf(message);
    }

    /// <summary>Returns a message of a queue as a reader gets it, without its body.</summary>
    public static Message MessageOf(ReadOnlyMemory<byte> properties) => properties.IsEmpty ? new Message() : Decoded(properties.ToArray());

    /// <summary>Reads an encoded message.</summary>
    /// <exception cref="AmqpException">It is none.</exception>
    public static Message Decoded(byte[] bytes)
    {
        try
        {
            return Message.Decode(new ByteBuffer(bytes, 0, bytes.Length, bytes.Length));
        }
        catch (Exception e) when (e is not (AmqpException or OutOfMemoryException))
        {
            throw new AmqpException(ErrorCode.DecodeError, "What was sent as a message is none.");
        }
    }

    private static bool IsAttribute(object name) => AmqpEvents.IsAttribute(name.ToString()!);

    /// <summary>Encodes a message.</summary>
    public static byte[] BytesOf(Message message)
    {
        var encoded = message.Encode();
        return encoded.Buffer[encoded.Offset..(encoded.Offset + encoded.Length)];
    }
}
