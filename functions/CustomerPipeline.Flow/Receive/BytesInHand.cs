namespace CustomerPipeline.Flow.Receive;

/// <summary>
/// The bytes of all uploads that are being worked on, kept within a limit, whoever they come from: what a flood of large uploads may take of memory. An upload takes some four times its bytes
/// while it is split and wrapped.
/// </summary>
public sealed class BytesInHand(ReceiveOptions options)
{
    private long _bytes;

    /// <summary>An upload begins; it ends when what it was given is disposed of.</summary>
    public Upload Begin() => new(this, options.MostBytesInHand);

    public sealed class Upload : IDisposable
    {
        private readonly BytesInHand _all;
        private readonly long _most;
        private long _held;

        internal Upload(BytesInHand all, long most) => (_all, _most) = (all, most);

        /// <summary>Takes more bytes in hand; false when there is no room for them now.</summary>
        public bool TryGrow(int bytes)
        {
            if (Interlocked.Add(ref _all._bytes, bytes) > _most)
            {
                Interlocked.Add(ref _all._bytes, -bytes);
                return false;
            }

            _held += bytes;
            return true;
        }

        public void Dispose()
        {
            Interlocked.Add(ref _all._bytes, -_held);
            _held = 0;
        }
    }
}
