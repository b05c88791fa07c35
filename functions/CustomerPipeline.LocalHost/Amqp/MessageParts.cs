using System.Text;
using Amqp;
using Amqp.Framing;
using Amqp.Types;

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

    /// <summary>The data sections of the body.</summary>
    public static IEnumerable<byte[]> SectionsOf(Message message) => message.BodySection switch
    {
        Data data => [data.Binary],
        DataList list => Enumerable.Range(0, list.Count).Select(i => list[i].Binary),
        _ => [],
    };
}
