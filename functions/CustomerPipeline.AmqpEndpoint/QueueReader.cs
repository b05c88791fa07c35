using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using CustomerPipeline.RocksDb;

namespace CustomerPipeline.AmqpEndpoint;

/// <summary>
/// A link that a reader gets messages by, as many as it has given credit for. A drain ends the credit at once: the reader has been sent what there was before.
/// </summary>
internal sealed class QueueReader : LinkEndpoint
{
    private readonly QueueConsumers _queue;
    private readonly ListenerLink _link;
    private readonly Lock _gate = new();
    private long _credit;

    // The library's own count, which it sets to zero at every flow that grants nothing new, and which it tells differences of.
    private long _librarysCredit;
    private bool _isSending;
    private bool _isOver;

    public QueueReader(QueueConsumers queue, ListenerLink link)
    {
        (_queue, _link) = (queue, link);
        link.AddClosedCallback((_, _) => _isOver = true);
    }

    /// <summary>Bytes of messages that the reader has not settled.</summary>
    public long UnderWay { get; set; }

    public override void OnFlow(FlowContext flowContext)
    {
        lock (_gate)
        {
            var granted = _librarysCredit + flowContext.Messages;
            _librarysCredit = flowContext.Messages > 0 ? granted : 0;
            _credit = Math.Max(0, granted);
            if (_link.IsDraining)
            {
                _credit = 0;
                _librarysCredit = 0;
                _link.CompleteDrain();
            }

            if (_credit == 0 || _isSending)
            {
                return;
            }

            _isSending = true;
        }

        _ = SendAsync();
    }

    public override void OnDisposition(DispositionContext dispositionContext)
    {
        var delivery = (Delivery)dispositionContext.Message;
        lock (_gate)
        {
            UnderWay -= delivery.Size;

            // The library releases what a link has not settled when it ends. Service Bus keeps the locks: a reader may settle over another link.
            if (_isOver)
            {
                return;
            }
        }

        _ = _queue.SettleAsync(delivery, dispositionContext);
    }

    private async Task SendAsync()
    {
        try
        {
            while (HasCredit())
            {
                if (await _queue.TakeAsync(this, _link) is { } message && !TrySend(message))
                {
                    await _queue.GiveBackAsync(message);
                }
            }
        }
        catch (Exception e) when (e is DataFolderException or ObjectDisposedException)
        {
            _ = _link.CloseAsync(QueueConsumers.Farewell, new Error(ErrorCode.InternalError) { Description = "The queue cannot be read." });
        }
    }

    private bool HasCredit()
    {
        lock (_gate)
        {
            return _isSending = _credit > 0 && !_isOver && !_link.IsClosed && !_queue.IsOver(_link);
        }
    }

    private bool TrySend(Delivery message)
    {
        lock (_gate)
        {
            if (_credit == 0 || _isOver || _link.IsDraining)
            {
                return false;
            }

            try
            {
                _link.SendMessage(message);
            }
            catch (AmqpException)
            {
                // The link ends.
                return false;
            }

            _credit--;
            _librarysCredit--;
            UnderWay += message.Size;
            return true;
        }
    }
}
