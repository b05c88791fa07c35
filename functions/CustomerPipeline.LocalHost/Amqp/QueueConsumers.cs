using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Amqp.Types;
using CustomerPipeline.Embedded;

namespace CustomerPipeline.LocalHost.Amqp;

/// <summary>
/// A queue, or a dead-letter queue, that consumers read by peek-lock: complete, abandon, dead-letter; renew, peek and schedule by the queue's <c>$management</c> node
/// (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-request-response).
/// </summary>
internal sealed class QueueConsumers : IMessageSource
{
    private const int Ok = 200;
    private const int NoContent = 204;
    private const int BadRequest = 400;
    private const int Unauthorized = 401;
    private const int NotFound = 404;
    private const int Gone = 410;
    private const int MostPeeked = 250;
    private const int MostHeld = 1_000;

    // Of messages that a reader has not settled: one that does not read leaves them in this process's memory.
    private const long MostBytesUnderWay = 4 * 1024 * 1024;

    // Service Bus numbers messages from 1, and its clients begin to peek there.
    private const int FirstNumber = 1;

    private static readonly TimeSpan LockDuration = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SettledAfter = TimeSpan.FromMilliseconds(20);

    private readonly string _queue;
    private readonly RocksQueues _queues;
    private readonly PeerConnections _connections;
    private readonly PeerRights _rights;
    private readonly QueueProducers? _producers;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<LockedMessage, Held> _locked = new();
    private readonly ConditionalWeakTable<ListenerLink, StrongBox<long>> _underWay = [];

    /// <param name="queue">The queue.</param>
    /// <param name="queues">Where it is kept.</param>
    /// <param name="connections">Of the readers.</param>
    /// <param name="rights">Of the readers.</param>
    /// <param name="producers">Takes what is scheduled; null for a dead-letter queue.</param>
    /// <param name="clock">For locks.</param>
    public QueueConsumers(string queue, RocksQueues queues, PeerConnections connections, PeerRights rights, QueueProducers? producers, TimeProvider clock)
    {
        (_queue, _queues, _connections, _rights, _producers, _clock) = (queue, queues, connections, rights, producers, clock);
        Management = new RequestNode($"{queue}/$management", ManageAsync);
    }

    public RequestNode Management { get; }

    public void Attach(AttachContext context)
    {
        if (context.Attach.SndSettleMode == SenderSettleMode.Settled)
        {
            context.Complete(new Error(ErrorCode.NotImplemented) { Description = "Read by peek-lock: a message that counts as read when it is sent is lost with the connection." });
            return;
        }

        context.Complete(new SourceLinkEndpoint(this, context.Link), 0);
    }

    public async Task<ReceiveContext> GetMessageAsync(ListenerLink link)
    {
        var underWay = _underWay.GetOrCreateValue(link);
        while (!link.IsClosed && !_connections.IsOver(link.Session.Connection))
        {
            var next = _queues.NextMessage(_queue);
            if (Interlocked.Read(ref underWay.Value) > MostBytesUnderWay)
            {
                await Task.Delay(SettledAfter);
                continue;
            }

            if (await _rights.RefusalAsync(link.Session.Connection, PeerRights.ToReceive) is { } refusal)
            {
                _ = link.CloseAsync(TimeSpan.FromSeconds(1), refusal);
                return null!;
            }

            if (await _queues.ReceiveAsync(_queue, 1, LockDuration) is [var message])
            {
                Interlocked.Add(ref underWay.Value, message.Body.Length);
                Forget();
                var held = new Held(ToMessage(message), _clock.GetTimestamp());
                _locked[message] = held;
                return new ReceiveContext(link, held.Message) { UserToken = message };
            }

            await Task.WhenAny(next, Task.Delay(LookAgainAfter));
        }

        return null!;
    }

    public void DisposeMessage(ReceiveContext receiveContext, DispositionContext dispositionContext)
    {
        var message = (LockedMessage)receiveContext.UserToken;
        Interlocked.Add(ref _underWay.GetOrCreateValue(receiveContext.Link).Value, -message.Body.Length);
        _ = SettleAsync(message, dispositionContext);
    }

    private async Task SettleAsync(LockedMessage message, DispositionContext disposition)
    {
        if (!_locked.TryRemove(message, out _))
        {
            disposition.Complete(new Error("com.microsoft:message-lock-lost") { Description = "The message is settled already." });
            return;
        }

        switch (disposition.DeliveryState)
        {
            case Accepted:
                await _queues.CompleteAsync(_queue, [message]);
                break;
            case Rejected when !_queue.EndsWith(Flow.Ports.Queues.DeadLetterSuffix, StringComparison.Ordinal):
                await _queues.DeadLetterAsync(_queue, [message]);
                break;
            case Modified { UndeliverableHere: true }:
                await _queues.AbandonAsync(_queue, [message]);
                disposition.Complete(new Error(ErrorCode.NotImplemented) { Description = "Messages cannot be deferred here." });
                return;
            default:
                await _queues.AbandonAsync(_queue, [message]);
                break;
        }

        disposition.Complete();
    }

    // A reader that went away settles nothing: when its locks have expired, the queue gives the messages to others.
    private void Forget()
    {
        if (_locked.Count < MostHeld)
        {
            return;
        }

        foreach (var expired in _locked.Where(l => _clock.GetElapsedTime(l.Value.Since) > LockDuration))
        {
            _locked.TryRemove(expired);
        }
    }

    private async Task<Message> ManageAsync(Connection connection, Message request)
    {
        var isSending = request.ApplicationProperties?["operation"] is "com.microsoft:schedule-message" or "com.microsoft:cancel-scheduled-message";
        return await _rights.RefusalAsync(connection, isSending ? PeerRights.ToSend : PeerRights.ToReceive) is { } refusal
            ? RequestNode.Status(Unauthorized, refusal.Description)
            : await ManageAsync(request);
    }

    private async Task<Message> ManageAsync(Message request) => request.ApplicationProperties?["operation"] switch
    {
        "com.microsoft:renew-lock" when request.Body is Map body && body["lock-tokens"] is Guid[] tokens => Renew(tokens),
        "com.microsoft:peek-message" when request.Body is Map body && body["from-sequence-number"] is long from && body["message-count"] is int count => Peek(from, count),
        "com.microsoft:schedule-message" when _producers is not null && request.Body is Map body && body["messages"] is IList messages => await ScheduleAsync(_producers, messages),
        "com.microsoft:cancel-scheduled-message" when request.Body is Map body && body["sequence-numbers"] is long[] numbers => await CancelAsync(numbers),
        var other => RequestNode.Status(BadRequest, $"This endpoint does not do '{other}', or not so: it renews locks, peeks, schedules messages and cancels them."),
    };

    private static async Task<Message> ScheduleAsync(QueueProducers producers, IList messages)
    {
        var bytes = messages.OfType<Map>().Select(m => m["message"]).OfType<byte[]>().ToList();
        if (bytes.Count != messages.Count)
        {
            return RequestNode.Status(BadRequest, "Each of the messages has its bytes under 'message'.");
        }

        var numbers = await producers.EnqueueAsync(bytes.Select(QueueProducers.Decoded));
        var answer = RequestNode.Status(Ok, "OK");
        answer.BodySection = new AmqpValue { Value = new Map { ["sequence-numbers"] = numbers.Select(n => n + FirstNumber).ToArray() } };
        return answer;
    }

    private async Task<Message> CancelAsync(long[] numbers)
    {
        var cancelled = await _queues.CancelAsync(_queue, [.. numbers.Select(n => n - FirstNumber)]);
        return cancelled == numbers.Length ? RequestNode.Status(Ok, "OK") : RequestNode.Status(NotFound, $"{numbers.Length - cancelled} of the messages are not waiting: they are in the queue by now, or were cancelled before.");
    }

    private Message Renew(Guid[] tokens)
    {
        // The token of a lock is the tag that the message was sent with.
        var messages = tokens.Select(t => _locked.FirstOrDefault(l => l.Value.Message.DeliveryTag?.AsSpan().SequenceEqual(t.ToByteArray()) == true).Key).OfType<LockedMessage>().ToList();
        var until = _queues.Renew(_queue, messages, LockDuration);
        foreach (var (message, renewed) in messages.Zip(until))
        {
            if (renewed is not null && _locked.TryGetValue(message, out var held))
            {
                _locked.TryUpdate(message, held with { Since = _clock.GetTimestamp() }, held);
            }
        }

        if (messages.Count < tokens.Length || until.Any(u => u is null))
        {
            return RequestNode.Status(Gone, "The lock has expired, or the message is settled.");
        }

        var answer = RequestNode.Status(Ok, "OK");
        answer.BodySection = new AmqpValue { Value = new Map { ["expirations"] = until.Select(u => u!.Value.UtcDateTime).ToArray() } };
        return answer;
    }

    private Message Peek(long from, int count)
    {
        var messages = new List();
        foreach (var (number, at, body) in _queues.Peek(_queue, from - FirstNumber, Math.Clamp(count, 0, MostPeeked)))
        {
            var encoded = Annotated(number, at, body).Encode();
            messages.Add(new Map { ["message"] = encoded.Buffer[encoded.Offset..(encoded.Offset + encoded.Length)] });
        }

        if (messages.Count == 0)
        {
            return RequestNode.Status(NoContent, "No messages");
        }

        var answer = RequestNode.Status(Ok, "OK");
        answer.BodySection = new AmqpValue { Value = new Map { ["messages"] = messages } };
        return answer;
    }

    private Message ToMessage(LockedMessage locked)
    {
        var message = Annotated(locked.SequenceNumber, locked.EnqueuedAt, locked.Body);
        message.Header = new Header { DeliveryCount = (uint)(locked.DeliveryCount - 1) };
        message.MessageAnnotations[new Symbol("x-opt-locked-until")] = (_clock.GetUtcNow() + LockDuration).UtcDateTime;
        return message;
    }

    // The sender's own id is not kept: a message is known by its place.
    private Message Annotated(long sequenceNumber, DateTimeOffset enqueuedAt, ReadOnlyMemory<byte> body) => new()
    {
        Properties = new Properties { MessageId = string.Create(CultureInfo.InvariantCulture, $"{_queue}:{sequenceNumber}") },
        BodySection = new Data { Binary = body.ToArray() },
        MessageAnnotations = new MessageAnnotations { [new Symbol("x-opt-sequence-number")] = sequenceNumber + FirstNumber, [new Symbol("x-opt-enqueued-time")] = enqueuedAt.UtcDateTime },
    };

    /// <summary>A message in a reader's hand, and since when, by the clock's counter.</summary>
    private readonly record struct Held(Message Message, long Since);
}
