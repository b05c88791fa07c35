using System.Collections.Concurrent;
using System.Text;
using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Amqp.Types;

namespace CustomerPipeline.Azure.Tests.ServiceBus;

/// <summary>A broker on loopback that takes tokens and messages as Service Bus does, and keeps what it was given.</summary>
internal sealed class TestBroker : IDisposable
{
    private readonly ContainerHost _host;
    private readonly ConcurrentDictionary<string, byte> _ids = new();

    public TestBroker(int port, params string[] queues)
    {
        Endpoint = new Uri($"amqp://127.0.0.1:{port}");
        _host = new ContainerHost(new Amqp.Address(Endpoint.ToString()));
        _host.Listeners[0].SASL.EnableAnonymousMechanism = true;
        _host.RegisterRequestProcessor("$cbs", new Tokens(this));
        foreach (var queue in queues)
        {
            _host.RegisterMessageProcessor(queue, new Queue(this, queue));
        }

        _host.Open();
    }

    public Uri Endpoint { get; }

    /// <summary>Queue and body of each message, once for each message id.</summary>
    public ConcurrentQueue<string> Messages { get; } = new();

    /// <summary>Audience and token of each authorization.</summary>
    public ConcurrentQueue<string> Authorizations { get; } = new();

    public int StatusOfAuthorization { get; set; } = 202;

    /// <summary>The condition that messages are refused with; null takes them.</summary>
    public string? RefuseWith { get; set; }

    /// <summary>Takes so many messages and closes the link without an answer.</summary>
    public int DetachesAfterTaking { get; set; }

    public void Dispose() => _host.Close();

    private sealed class Tokens(TestBroker broker) : IRequestProcessor
    {
        public int Credit => 10;

        public void Process(RequestContext context)
        {
            var request = context.Message;
            broker.Authorizations.Enqueue($"{request.ApplicationProperties["operation"]} {request.ApplicationProperties["type"]} {request.ApplicationProperties["name"]} {request.Body}");
            context.Complete(new Message
            {
                Properties = new Properties { CorrelationId = request.Properties.MessageId },
                ApplicationProperties = new ApplicationProperties { ["status-code"] = broker.StatusOfAuthorization, ["status-description"] = "as told" },
            });
        }
    }

    private sealed class Queue(TestBroker broker, string name) : IMessageProcessor
    {
        public int Credit => 100;

        public void Process(MessageContext context)
        {
            if (broker.RefuseWith is { } condition)
            {
                context.Complete(new Error(new Symbol(condition)) { Description = "as told" });
                return;
            }

            var message = context.Message;
            if (broker._ids.TryAdd(message.Properties.MessageId, 0))
            {
                broker.Messages.Enqueue($"{name} {message.Properties.ContentType} {Encoding.UTF8.GetString((byte[])message.Body)}");
            }

            if (broker.DetachesAfterTaking > 0 && --broker.DetachesAfterTaking == 0)
            {
                context.Link.Close(TimeSpan.Zero, new Error(new Symbol("amqp:link:detach-forced")));
                return;
            }

            context.Complete();
        }
    }
}
