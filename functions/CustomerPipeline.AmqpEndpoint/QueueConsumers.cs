using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Amqp.Types;
using CustomerPipeline.RocksDb;

namespace CustomerPipeline.AmqpEndpoint;

/// <summary>
/// A queue, or a dead-letter queue, that consumers read by peek-lock: complete, abandon, dead-letter, release, over the link or by the queue's <c>$management</c>
/// node; renew, peek and schedule by that node
/// (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-request-response).
/// </summary>
internal sealed class QueueConsumers
{
    private const int Ok = 200;
    private const int NoContent = 204;
    private const int BadRequest = 400;
    private const int Unauthorized = 401;
    private const int NotFound = 404;
    private const int Gone = 410;
    private const int NotImplemented = 501;
    private const string LockLost = "com.microsoft:message-lock-lost";
    private const string LockLostAdvice = "The lock has expired, or the message is settled. It is delivered again if it is still in the queue.";
    private const string NoDeferral = "Messages cannot be deferred here. Complete, abandon or dead-letter the message.";
    private const string DeadLetterReason = "DeadLetterReason";
    private const string DeadLetterDescription = "DeadLetterErrorDescription";
    private const int MostPeeked = 250;

    // Of the messages of a queue whose locks are held, by all readers: locks outlive their readers.
    private const long MostBytesHeld = 64 * 1024 * 1024;

    // Of messages that a reader has not settled: one that does not read leaves them in this process's memory.
    private const long MostBytesUnderWay = 4 * 1024 * 1024;

    // Service Bus numbers messages from 1, and its clients begin to peek there.
    private const int FirstNumber = 1;

    /// <summary>How long a peer may take to agree to the end of a link.</summary>
    public static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LockDuration = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SettledAfter = TimeSpan.FromMilliseconds(20);

    private readonly string _queue;
    private readonly RocksQueues _queues;
    private readonly PeerConnections _connections;
    private readonly PeerRights _rights;
    private readonly QueueProducers? _producers;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<Delivery, long> _held = new();
    private long _bytesHeld;
    private long _lastLook;
    private readonly bool _isDeadLetters;

    /// <param name="queue">The queue.</param>
    /// <param name="queues">Where it is kept.</param>
    /// <param name="connections">Of the readers.</param>
    /// <param name="rights">Of the readers.</param>
    /// <param name="producers">Takes what is scheduled; null for a dead-letter queue.</param>
    /// <param name="clock">For locks.</param>
    public QueueConsumers(string queue, RocksQueues queues, PeerConnections connections, PeerRights rights, QueueProducers? producers, TimeProvider clock)
    {
        (_queue, _queues, _connections, _rights, _producers, _clock) = (queue, queues, connections, rights, producers, clock);
        _isDeadLetters = queue.EndsWith(Application.Ports.Queues.DeadLetterSuffix, StringComparison.Ordinal);
        Management = new RequestNode($"{queue}/$management", ManageAsync);
    }

    public RequestNode Management { get; }

    public void Attach(AttachContext context) => context.Complete(new QueueReader(this, context.Link), 0);

    /// <summary>Whether nobody reads any more what is sent by a link.</summary>
    public bool IsOver(ListenerLink link) => _connections.IsOver(link.Session.Connection);

    /// <summary>Takes the next message for a reader, or waits a while.</summary>
    /// <returns>The message; null when none came, or the reader may have none.</returns>
    public async Task<Delivery?> TakeAsync(QueueReader reader, ListenerLink link)
    {
        var next = _queues.NextMessage(_queue);
        ForgetExpired();
        if (reader.UnderWay > MostBytesUnderWay || Interlocked.Read(ref _bytesHeld) > MostBytesHeld)
        {
            await Task.Delay(SettledAfter);
            return null;
        }

        if (await _rights.RefusalAsync(link.Session.Connection, PeerRights.ToReceive) is { } refusal)
        {
            _ = link.CloseAsync(Farewell, refusal);
            return null;
        }

        if (await _queues.ReceiveAsync(_queue, 1, LockDuration) is [var message])
        {
            var delivery = new Delivery(message);
            Fill(delivery, message.SequenceNumber, message.Content, message.DeliveryCount - 1);
            delivery.MessageAnnotations[new Symbol("x-opt-locked-until")] = (_clock.GetUtcNow() + LockDuration).UtcDateTime;
            _held[delivery] = _clock.GetTimestamp();
            Interlocked.Add(ref _bytesHeld, delivery.Size);
            return delivery;
        }

        await Task.WhenAny(next, Task.Delay(LookAgainAfter));
        return null;
    }

    /// <summary>Gives back a message that was not sent.</summary>
    public Task GiveBackAsync(Delivery delivery)
    {
        Forget(delivery);
        return _queues.ReleaseAsync(_queue, delivery.Locked);
    }

    /// <summary>Does what a reader says over its link about a message.</summary>
    public async Task SettleAsync(Delivery delivery, DispositionContext disposition)
    {
        try
        {
            var refusal = disposition.DeliveryState switch
            {
                Accepted => await SettleAsync(delivery, Settlement.Complete, []),
                Rejected { Error.Info: { } info } => await SettleAsync(delivery, Settlement.DeadLetter, Changes(info)),
                Rejected => await SettleAsync(delivery, Settlement.DeadLetter, []),
                Modified { UndeliverableHere: true } => await SettleAsync(delivery, Settlement.Defer, []),
                Modified { MessageAnnotations: { } changes } => await SettleAsync(delivery, Settlement.Abandon, Changes(changes)),
                Modified => await SettleAsync(delivery, Settlement.Abandon, []),
                _ => await SettleAsync(delivery, Settlement.Release, []),
            };
            if (refusal is null)
            {
                disposition.Complete();
            }
            else
            {
                disposition.Complete(refusal);
            }
        }
        catch (Exception e) when (e is DataFolderException or ObjectDisposedException)
        {
            disposition.Complete(new Error(ErrorCode.InternalError) { Description = "That was not stored. The message is delivered again." });
        }
    }

    /// <summary>Returns why it cannot be done; null when it is done.</summary>
    private async Task<Error?> SettleAsync(Delivery delivery, Settlement settlement, IReadOnlyList<KeyValuePair<string, object>> changes)
    {
        if (!Forget(delivery) || !_queues.IsHeld(_queue, delivery.Locked))
        {
            return new Error(LockLost) { Description = LockLostAdvice };
        }

        var message = delivery.Locked;
        switch (settlement)
        {
            case Settlement.Complete:
                await _queues.CompleteAsync(_queue, [message]);
                return null;
            case Settlement.DeadLetter when !_isDeadLetters:
                var properties = changes.Count == 0 ? message.Content.Properties : MessageParts.WithProperties(message.Content.Properties, changes);
                await _queues.DeadLetterAsync(_queue, [message with { Content = message.Content with { Properties = properties } }]);
                return null;
            case Settlement.DeadLetter:
                await _queues.ReleaseAsync(_queue, message);
                return new Error(ErrorCode.NotAllowed) { Description = "The message is in the dead-letter queue already. Complete or abandon it." };
            case Settlement.Defer:
                await _queues.ReleaseAsync(_queue, message);
                return new Error(ErrorCode.NotImplemented) { Description = NoDeferral };
            case Settlement.Abandon when changes.Count > 0:
                await _queues.AbandonAsync(_queue, message, MessageParts.WithProperties(message.Content.Properties, changes));
                return null;
            case Settlement.Abandon:
                await _queues.AbandonAsync(_queue, [message]);
                return null;
            default:
                await _queues.ReleaseAsync(_queue, message);
                return null;
        }
    }

    private static IReadOnlyList<KeyValuePair<string, object>> Changes(Map changes) => [.. changes.Select(c => KeyValuePair.Create(c.Key.ToString()!, c.Value))];

    private bool Forget(Delivery delivery)
    {
        if (!_held.TryRemove(delivery, out _))
        {
            return false;
        }

        Interlocked.Add(ref _bytesHeld, -delivery.Size);
        return true;
    }

    // A reader that went away settles nothing: when its locks have expired, the queue gives the messages to others.
    private void ForgetExpired()
    {
        var last = Interlocked.Read(ref _lastLook);
        if (_clock.GetElapsedTime(last) < LookAgainAfter || Interlocked.CompareExchange(ref _lastLook, _clock.GetTimestamp(), last) != last)
        {
            return;
        }

        foreach (var (delivery, since) in _held)
        {
            if (_clock.GetElapsedTime(since) > LockDuration)
            {
                Forget(delivery);
            }
        }
    }

    private async Task<Message> ManageAsync(Connection connection, Message request)
    {
        var isSending = request.ApplicationProperties?["operation"] is "com.microsoft:schedule-message" or "com.microsoft:cancel-scheduled-message";
        return await _rights.RefusalAsync(connection, isSending ? PeerRights.ToSend : PeerRights.ToReceive) is { } refusal
            ? RequestNode.Status(Unauthorized, refusal.Description)
            : await ManageAsync(request);
    }

    private async Task<Message> ManageAsync(Message request) => (request.ApplicationProperties?["operation"], request.Body as Map) switch
    {
        ("com.microsoft:renew-lock", { } body) when body["lock-tokens"] is Guid[] tokens => Renew(tokens),
        ("com.microsoft:update-disposition", { } body) when body["lock-tokens"] is Guid[] tokens && body["disposition-status"] is string status => await SettleAsync(tokens, status, body),
        ("com.microsoft:peek-message", { } body) when body["from-sequence-number"] is long from && body["message-count"] is int count => Peek(from, count),
        ("com.microsoft:schedule-message", { } body) when _producers is not null && body["messages"] is IList messages => await ScheduleAsync(_producers, messages),
        ("com.microsoft:cancel-scheduled-message", { } body) when body["sequence-numbers"] is long[] numbers => await CancelAsync(numbers),
        ("com.microsoft:receive-by-sequence-number", _) => RequestNode.Status(NotImplemented, NoDeferral, ErrorCode.NotImplemented),
        var (other, _) => RequestNode.Status(NotImplemented,
            $"This endpoint does not do '{other}', or not so: it renews locks, settles, peeks, schedules messages and cancels them.", ErrorCode.NotImplemented),
    };

    private async Task<Message> SettleAsync(Guid[] tokens, string status, Map request)
    {
        Settlement? settlement = status switch
        {
            "completed" => Settlement.Complete,
            "abandoned" => Settlement.Abandon,
            "suspended" => Settlement.DeadLetter,
            "defered" => Settlement.Defer,
            _ => null,
        };
        if (settlement is null)
        {
            return RequestNode.Status(BadRequest, $"Unknown disposition-status '{status}'. Known: completed, abandoned, suspended, defered.", ErrorCode.InvalidField);
        }

        List<KeyValuePair<string, object>> changes = [.. request["properties-to-modify"] is Map map ? Changes(map) : []];
        changes.AddRange(new[] { (DeadLetterReason, request["deadletter-reason"]), (DeadLetterDescription, request["deadletter-description"]) }
            .Where(c => c.Item2 is not null).Select(c => KeyValuePair.Create(c.Item1, c.Item2)));
        foreach (var token in tokens)
        {
            var refusal = DeliveryOf(token) is { } delivery ? await SettleAsync(delivery, settlement.Value, changes) : new Error(LockLost) { Description = LockLostAdvice };
            if (refusal is not null)
            {
                return RequestNode.Status((string)refusal.Condition == LockLost ? Gone : NotImplemented, refusal.Description, refusal.Condition);
            }
        }

        return RequestNode.Status(Ok, "OK");
    }

    private static async Task<Message> ScheduleAsync(QueueProducers producers, IList messages)
    {
        var bytes = messages.OfType<Map>().Select(m => m["message"]).OfType<byte[]>().ToList();
        if (bytes.Count != messages.Count)
        {
            return RequestNode.Status(BadRequest, "Each of the messages has its bytes under 'message'.", ErrorCode.InvalidField);
        }

        var numbers = await producers.EnqueueAsync(bytes.Select(MessageParts.Decoded));
        var answer = RequestNode.Status(Ok, "OK");
        answer.BodySection = new AmqpValue { Value = new Map { ["sequence-numbers"] = numbers.Select(n => n + FirstNumber).ToArray() } };
        return answer;
    }

    private async Task<Message> CancelAsync(long[] numbers)
    {
        var cancelled = await _queues.CancelAsync(_queue, [.. numbers.Select(n => n - FirstNumber)]);
        return cancelled == numbers.Length ? RequestNode.Status(Ok, "OK") : RequestNode.Status(NotFound, $"{numbers.Length - cancelled} of the messages are not waiting: they are in the queue by now, or were cancelled before.");
    }

    // The token of a lock is the tag that the message was sent with.
    private Delivery? DeliveryOf(Guid token) => _held.Keys.FirstOrDefault(d => d.DeliveryTag?.AsSpan().SequenceEqual(token.ToByteArray()) == true);

    private Message Renew(Guid[] tokens)
    {
        var deliveries = tokens.Select(DeliveryOf).OfType<Delivery>().ToList();
        var until = _queues.Renew(_queue, [.. deliveries.Select(d => d.Locked)], LockDuration);
        foreach (var (delivery, renewed) in deliveries.Zip(until))
        {
            if (renewed is not null && _held.TryGetValue(delivery, out var since))
            {
                _held.TryUpdate(delivery, _clock.GetTimestamp(), since);
            }
        }

        if (deliveries.Count < tokens.Length || until.Any(u => u is null))
        {
            return RequestNode.Status(Gone, LockLostAdvice, LockLost);
        }

        var answer = RequestNode.Status(Ok, "OK");
        answer.BodySection = new AmqpValue { Value = new Map { ["expirations"] = until.Select(u => u!.Value.UtcDateTime).ToArray() } };
        return answer;
    }

    private Message Peek(long from, int count)
    {
        var messages = new List();
        foreach (var stored in _queues.Peek(_queue, from - FirstNumber, Math.Clamp(count, 0, MostPeeked)))
        {
            var message = new Message();
            Fill(message, stored.SequenceNumber, stored.Content, stored.Deliveries);
            messages.Add(new Map { ["message"] = MessageParts.BytesOf(message) });
        }

        if (messages.Count == 0)
        {
            return RequestNode.Status(NoContent, "No messages");
        }

        var answer = RequestNode.Status(Ok, "OK");
        answer.BodySection = new AmqpValue { Value = new Map { ["messages"] = messages } };
        return answer;
    }

    private void Fill(Message message, long sequenceNumber, MessageContent content, int deliveriesBefore)
    {
        var kept = MessageParts.MessageOf(content.Properties);
        message.Header = kept.Header ?? new Header();
        message.Header.DeliveryCount = (uint)deliveriesBefore;
        message.MessageAnnotations = kept.MessageAnnotations ?? new MessageAnnotations();
        message.MessageAnnotations[new Symbol("x-opt-sequence-number")] = sequenceNumber + FirstNumber;
        message.MessageAnnotations[new Symbol("x-opt-enqueued-time")] = content.EnqueuedAt.UtcDateTime;
        message.ApplicationProperties = kept.ApplicationProperties;
        message.BodySection = new Data { Binary = content.Body.ToArray() };
        message.Properties = kept.Properties ?? new Properties();
        if (message.Properties.GetMessageId() is null)
        {
            // What comes over HTTP has no id of its own: it is known by its place.
            message.Properties.MessageId = string.Create(CultureInfo.InvariantCulture, $"{_queue}:{sequenceNumber}");
        }

        // The words of Service Bus (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-dead-letter-queues).
        var (reason, description) = content.Cause switch
        {
            DeadLetterCause.TooManyDeliveries => ("MaxDeliveryCountExceeded", $"Message could not be consumed after {RocksQueues.MostDeliveries} delivery attempts."),
            DeadLetterCause.Expired => ("TTLExpiredException", "The message expired and was dead lettered."),
            _ => (null, null),
        };
        if (reason is not null)
        {
            message.ApplicationProperties ??= new ApplicationProperties();
            message.ApplicationProperties[DeadLetterReason] = reason;
            message.ApplicationProperties[DeadLetterDescription] = description;
        }
    }

    private enum Settlement
    {
        Complete,
        Abandon,
        Release,
        DeadLetter,
        Defer,
    }
}
