using System.Buffers.Binary;

namespace CustomerPipeline.AmqpEndpoint;

/// <summary>
/// Counts the bytes of messages that have begun on a connection and have not ended, from the frames that come (AMQP 1.0, 2.3 and 2.7.5). The library puts the parts of a message together without a limit. Frames that
/// cannot be read count as parts of a message that never ends.
/// </summary>
internal sealed class UnfinishedMessages
{
    private const int HeaderSize = 8;

    // As much as the fields up to "more" may have: a delivery tag has 32 bytes at most.
    private const int LargestHead = 128;
    private const byte Transfer = 0x14;
    private const byte Detach = 0x16;
    private const byte End = 0x17;
    private const int More = 5;

    private static readonly (ushort Channel, uint Handle) Unreadable = (ushort.MaxValue, uint.MaxValue);

    private readonly Dictionary<(ushort Channel, uint Handle), long> _bytes = [];
    private readonly byte[] _head = new byte[LargestHead];
    private long _size;
    private long _seen;

    /// <summary>Of all messages.</summary>
    public long Bytes { get; private set; }

    /// <summary>Of the longest message.</summary>
    public long LongestBytes => _bytes.Count == 0 ? 0 : _bytes.Values.Max();

    /// <summary>The next bytes of the connection.</summary>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var take = (int)Math.Min(bytes.Length, (_seen < HeaderSize ? HeaderSize : _size) - _seen);
            if (_seen < LargestHead)
            {
                bytes[..Math.Min(take, LargestHead - (int)_seen)].CopyTo(_head.AsSpan((int)_seen));
            }

            _seen += take;
            bytes = bytes[take..];
            if (_seen == HeaderSize)
            {
                // The header of the protocol has the length of one of a frame.
                _size = _head.AsSpan().StartsWith("AMQP"u8) ? HeaderSize : Math.Max(HeaderSize, BinaryPrimitives.ReadUInt32BigEndian(_head));
            }

            if (_seen >= HeaderSize && _seen == _size)
            {
                Count(_head.AsSpan(0, (int)Math.Min(_size, LargestHead)));
                _seen = 0;
            }
        }
    }

    /// <summary>Forgets all messages.</summary>
    /// <returns>How many bytes they had.</returns>
    public long Clear()
    {
        var bytes = Bytes;
        _bytes.Clear();
        Bytes = 0;
        return bytes;
    }

    private void Count(ReadOnlySpan<byte> frame)
    {
        if (frame.Length == HeaderSize)
        {
            // A sign of life, or the header of the protocol.
            return;
        }

        var channel = BinaryPrimitives.ReadUInt16BigEndian(frame[6..]);
        var fields = new Fields(frame[Math.Clamp(frame[4] * 4, HeaderSize, frame.Length)..]);
        switch (fields.Performative)
        {
            case Transfer when fields.Next() is { } handle && fields.Skip(More - 1):
                var key = (channel, handle);
                Set(key, fields.Next() is 1 ? _bytes.GetValueOrDefault(key) + _size : 0);
                break;
            case Detach when fields.Next() is { } handle:
                Set((channel, handle), 0);
                break;
            case End:
                foreach (var ended in _bytes.Keys.Where(k => k.Channel == channel).ToList())
                {
                    Set(ended, 0);
                }

                break;
            case null or Transfer or Detach:
                Set(Unreadable, _bytes.GetValueOrDefault(Unreadable) + _size);
                break;
        }
    }

    private void Set((ushort Channel, uint Handle) message, long bytes)
    {
        Bytes += bytes - _bytes.GetValueOrDefault(message);
        if (bytes == 0)
        {
            _bytes.Remove(message);
        }
        else
        {
            _bytes[message] = bytes;
        }
    }

    /// <summary>The fields of a performative, as far as numbers, truth values and bytes go (AMQP 1.0, 1.6).</summary>
    private ref struct Fields
    {
        private ReadOnlySpan<byte> _rest;
        private uint _left;

        public Fields(ReadOnlySpan<byte> body)
        {
            Performative = body switch
            {
                [0, 0x53, var code, ..] => code,
                [0, 0x80, 0, 0, 0, 0, 0, 0, 0, var code, ..] => code,
                _ => null,
            };
            var list = Performative is null ? default : body[(body[1] == 0x53 ? 3 : 10)..];
            if (list is [0xc0, _, var few, ..])
            {
                _left = few;
                _rest = list[3..];
            }
            else if (list is [0xd0, _, _, _, _, _, _, _, _, ..])
            {
                _left = BinaryPrimitives.ReadUInt32BigEndian(list[5..]);
                _rest = list[9..];
            }
        }

        /// <summary>Which it is; null where that cannot be read.</summary>
        public byte? Performative { get; }

        /// <summary>Passes over fields; false where one cannot be read. Fields that are left out at the end are null.</summary>
        public bool Skip(int count)
        {
            for (; count > 0 && _left > 0; count--)
            {
                if (Next() is null)
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>The next field as a number: 0 of false, of null and of one that is left out, 1 of true; null where it cannot be read.</summary>
        public uint? Next()
        {
            if (_left == 0)
            {
                return 0;
            }

            _left--;
            (uint? value, int size) = _rest switch
            {
                [0x40 or 0x42 or 0x43, ..] => (0u, 1),
                [0x41, ..] => (1u, 1),
                [0x56 or 0x52, var small, ..] => (small, 2),
                [0x70, var a, var b, var c, var d, ..] => (BinaryPrimitives.ReadUInt32BigEndian([a, b, c, d]), 5),
                [0xa0, var length, ..] => (0u, 2 + length),
                [0xb0, 0, 0, 0, var length, ..] => (0u, 5 + length),
                _ => ((uint?)null, 0),
            };
            if (size > _rest.Length)
            {
                value = null;
            }

            _rest = value is null ? default : _rest[size..];
            return value;
        }
    }
}
