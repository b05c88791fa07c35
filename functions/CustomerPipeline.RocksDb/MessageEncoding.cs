using System.Buffers.Binary;

namespace CustomerPipeline.RocksDb;

/// <summary>
/// How a message is written: the time (8 bytes, ticks) and the body. A message that has more than these has the highest bit of the time set, and between both
/// the cause (1 byte), the expiry (8 bytes, ticks, 0 for none), the length of the properties (4 bytes) and the properties.
/// </summary>
internal static class MessageEncoding
{
    private const int TimeLength = 8;
    private const int LongHeader = TimeLength + 1 + 8 + 4;
    private const byte LongForm = 0x80;

    /// <summary>Returns what is written before the body.</summary>
    public static byte[] HeaderOf(in MessageContent message)
    {
        var isLong = message.Properties.Length > 0 || message.ExpiresAt is not null || message.Cause != DeadLetterCause.None;
        var header = new byte[isLong ? LongHeader + message.Properties.Length : TimeLength];
        BinaryPrimitives.WriteInt64BigEndian(header, message.EnqueuedAt.UtcTicks);
        if (isLong)
        {
            header[0] |= LongForm;
            header[TimeLength] = (byte)message.Cause;
            BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(TimeLength + 1), message.ExpiresAt?.UtcTicks ?? 0);
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(TimeLength + 9), message.Properties.Length);
            message.Properties.Span.CopyTo(header.AsSpan(LongHeader));
        }

        return header;
    }

    /// <summary>Returns the time of a message, without reading the rest.</summary>
    public static DateTimeOffset TimeOf(ReadOnlySpan<byte> stored) => new(BinaryPrimitives.ReadInt64BigEndian(stored) & long.MaxValue, TimeSpan.Zero);

    public static MessageContent Read(byte[] stored)
    {
        if ((stored[0] & LongForm) == 0)
        {
            return new MessageContent(TimeOf(stored), stored.AsMemory(TimeLength));
        }

        var expiry = BinaryPrimitives.ReadInt64BigEndian(stored.AsSpan(TimeLength + 1));
        var length = BinaryPrimitives.ReadInt32BigEndian(stored.AsSpan(TimeLength + 9));
        return new MessageContent(TimeOf(stored), stored.AsMemory(LongHeader + length))
        {
            Cause = (DeadLetterCause)stored[TimeLength],
            ExpiresAt = expiry == 0 ? null : new DateTimeOffset(expiry, TimeSpan.Zero),
            Properties = stored.AsMemory(LongHeader, length),
        };
    }
}
