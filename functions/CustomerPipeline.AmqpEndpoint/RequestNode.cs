using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Amqp.Types;

namespace CustomerPipeline.AmqpEndpoint;

/// <summary>
/// A node that answers requests, such as <c>$cbs</c>. Clients of Service Bus do not name the address of the answer in their link, as the standard way would have it: an answer goes to the link of the same
/// connection that reads from the node, the one that is named as reply-to if there is one.
/// </summary>
/// <param name="name">Of the node.</param>
/// <param name="answer">Makes the answer: status and description, and what else is in it. An <see cref="AmqpException"/> is an answer too.</param>
internal sealed class RequestNode(string name, Func<Connection, Message, Task<Message>> answer)
{
    private const int Credit = 100;
    private const int BadRequest = 400;

    private readonly ConditionalWeakTable<Connection, ConcurrentDictionary<AnswerLink, byte>> _readers = [];

    public void Attach(AttachContext context)
    {
        if (context.Attach.Role)
        {
            var readers = _readers.GetOrCreateValue(context.Link.Session.Connection);
            var reader = new AnswerLink(context.Link, (context.Attach.Target as Target)?.Address, readers);
            readers[reader] = 0;
            context.Complete(reader, 0);
        }
        else
        {
            context.Complete(new RequestLink(this), Credit);
        }
    }

    /// <summary>The usual answer.</summary>
    /// <param name="code">As HTTP's.</param>
    /// <param name="description">What went wrong, for people.</param>
    /// <param name="condition">What went wrong, for clients: an AMQP error condition.</param>
    public static Message Status(int code, string description, string? condition = null)
    {
        var answer = new Message
        {
            Properties = new Properties(),
            ApplicationProperties = new ApplicationProperties { ["status-code"] = code, ["statusCode"] = code, ["status-description"] = description, ["statusDescription"] = description },
        };
        if (condition is not null)
        {
            answer.ApplicationProperties["errorCondition"] = new Symbol(condition);
        }

        return answer;
    }

    private async Task AnswerAsync(MessageContext context)
    {
        var request = context.Message;
        var readers = _readers.GetOrCreateValue(context.Link.Session.Connection);
        var replyTo = request.Properties?.ReplyTo;
        var reader = readers.Keys.FirstOrDefault(r => r.IsNamed(replyTo)) ?? readers.Keys.FirstOrDefault();
        if (reader is null)
        {
            context.Complete(new Error(ErrorCode.NotAllowed) { Description = $"No link of this connection reads from {name}: the answer would be lost." });
            return;
        }

        context.Complete();
        var reply = await ReplyAsync(context.Link.Session.Connection, request);
        reply.Properties ??= new Properties();
        reply.Properties.SetCorrelationId(request.Properties?.GetMessageId());
        reply.Properties.To = replyTo;
        reader.Send(reply);
    }

    private async Task<Message> ReplyAsync(Connection connection, Message request)
    {
        try
        {
            return await answer(connection, request);
        }
        catch (AmqpException e)
        {
            return Status(BadRequest, e.Error.Description, e.Error.Condition);
        }
    }

    private sealed class RequestLink(RequestNode node) : LinkEndpoint
    {
        public override void OnMessage(MessageContext messageContext) => _ = node.AnswerAsync(messageContext);

        public override void OnFlow(FlowContext flowContext)
        {
            // Requests come in here; nothing goes out.
        }

        public override void OnDisposition(DispositionContext dispositionContext) => dispositionContext.Complete();
    }

    // An answer waits until its reader has room for it.
    private sealed class AnswerLink(ListenerLink link, string? address, ConcurrentDictionary<AnswerLink, byte> readers) : LinkEndpoint
    {
        private const int MostWaiting = 1_000;

        private readonly Lock _gate = new();
        private readonly Queue<Message> _waiting = new();
        private int _credit;

        public bool IsNamed(string? replyTo) => replyTo is not null && (address == replyTo || link.Name == replyTo);

        public void Send(Message answer)
        {
            lock (_gate)
            {
                // Who never reads the answers does not get them all.
                if (_waiting.Count < MostWaiting)
                {
                    _waiting.Enqueue(answer);
                }

                SendWaiting();
            }
        }

        public override void OnFlow(FlowContext flowContext)
        {
            lock (_gate)
            {
                _credit += flowContext.Messages;
                SendWaiting();
            }
        }

        public override void OnDisposition(DispositionContext dispositionContext) => dispositionContext.Complete();

        public override void OnLinkClosed(ListenerLink link, Error error) => readers.TryRemove(this, out _);

        private void SendWaiting()
        {
            while (_credit > 0 && _waiting.TryDequeue(out var answer))
            {
                _credit--;
                link.SendMessage(answer);
            }
        }
    }
}
