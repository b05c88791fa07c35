namespace CustomerPipeline.Application.Receive;

/// <summary>
/// The bytes of all uploads that are being worked on, kept within a limit, whoever they come from: what a flood of large uploads may take of memory. An upload takes some four times its bytes
/// while it is split and wrapped. It holds only bytes that came, and not for longer than its time: a sender that is too slow gives its room to others.
/// </summary>
public sealed class BytesInHand(ReceiveOptions options, TimeProvider clock)
{
    private long _bytes;

    /// <summary>An upload begins; it ends when what it was given is disposed of.</summary>
    /// <param name="cancellationToken">Ends it, too.</param>
    public Upload Begin(CancellationToken cancellationToken) => new(this, options, clock, cancellationToken);

    public sealed class Upload : IDisposable
    {
        private readonly BytesInHand _all;
        private readonly ReceiveOptions _options;
        private readonly TimeProvider _clock;
        private readonly long _began;
        private readonly CancellationToken _aborted;
        private readonly CancellationTokenSource _time;
        private readonly CancellationTokenSource _over;
        private long _held;
        private int _lately;

        internal Upload(BytesInHand all, ReceiveOptions options, TimeProvider clock, CancellationToken aborted)
        {
            (_all, _options, _clock, _began, _aborted) = (all, options, clock, clock.GetTimestamp(), aborted);
            _time = new CancellationTokenSource(Wait, clock);
            _over = CancellationTokenSource.CreateLinkedTokenSource(_time.Token, aborted);
        }

        /// <summary>Ends the reading of the body: it takes too long, or is aborted.</summary>
        public CancellationToken Over => _over.Token;

        /// <summary>Whether the sender is too slow.</summary>
        public bool IsTooSlow => _time.IsCancellationRequested && !_aborted.IsCancellationRequested;

        private TimeSpan Wait
        {
            get
            {
                var left = _options.LongestUpload - _clock.GetElapsedTime(_began);
                return left < TimeSpan.Zero ? TimeSpan.Zero : left < ReceiveOptions.LongestPause ? left : ReceiveOptions.LongestPause;
            }
        }

        /// <summary>Takes more bytes in hand; false when there is no room for them now.</summary>
        public bool TryGrow(int bytes)
        {
            if (Interlocked.Add(ref _all._bytes, bytes) > _options.MostBytesInHand)
            {
                Interlocked.Add(ref _all._bytes, -bytes);
                return false;
            }

            _held += bytes;
            _lately += bytes;
            if (_lately >= ReceiveOptions.LeastBytesBetweenPauses)
            {
                _lately = 0;
                _time.CancelAfter(Wait);
            }

            return true;
        }

        public void Dispose()
        {
            Interlocked.Add(ref _all._bytes, -_held);
            _held = 0;
            _over.Dispose();
            _time.Dispose();
        }
    }
}
