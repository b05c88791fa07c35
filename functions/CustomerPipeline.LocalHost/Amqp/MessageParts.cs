using System.Globalization;
using System.Text;
using Amqp;
using Amqp.Framing;
using Amqp.Types;
using CustomerPipeline.Flow.Receive;

namespace CustomerPipeline.LocalHost.Amqp;

/// <summary>What the pipeline reads of an AMQP message.</summary>
internal static class MessageParts
{
    /// <summary>The sender's id.</summary>
    public static string? IdOf(Message message) => message.Properties?.GetMessageId()?.ToString();

    /// <summary>Service Bus's number of a message in its queue; null from other brokers.</summary>
    public static long? SequenceNumberOf(Message message) => message.MessageAnnotations?.Map[new Symbol("x-opt-sequence-number")] as long?;

    /// <summary>Until when nobody is to be given it.</summary>
    public static DateTimeOffset? DueOf(Message message) =>
        message.MessageAnnotations?.Map[new Symbol("x-opt-scheduled-enqueue-time")] is DateTime due ? new DateTimeOffset(due.ToUniversalTime()) : null;

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
}
