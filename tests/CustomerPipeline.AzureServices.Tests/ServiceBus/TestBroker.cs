using System.Collections.Concurrent;
using System.Text;
using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Amqp.Sasl;
using Amqp.Types;
using CustomerPipeline.AmqpEndpoint;

namespace CustomerPipeline.AzureServices.Tests.ServiceBus;

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
        _host.Listeners[0].SASL.EnableMechanism("MSSBCBS", SaslProfile.Anonymous);

        _host.AddressResolver = (_, attach) =>
        {
            // Service Bus's clients make their batches by this, and write a queue as a path.
            attach.MaxMessageSize = 256 * 1024;
            return (attach.Role ? ((Source)attach.Source).Address : ((Target)attach.Target).Address).Trim('/');
        };
        _host.RegisterRequestProcessor("$cbs", new Tokens());
        foreach (var queue in queues)
        {
            _host.RegisterMessageProcessor(queue, new Queue(this, queue));
        }

        _host.Open();
    }

    public Uri Endpoint { get; }

    /// <summary>Queue and body of each message, once for each message id.</summary>
    public ConcurrentQueue<string> Messages { get; } = new();

    /// <summary>How often messages came, alone or in a batch.</summary>
    public int Transfers { get; private set; }

    /// <summary>The condition that messages are refused with; null takes them.</summary>
    public string? RefuseWith { get; set; }

    /// <summary>Takes so many transfers and closes the link without an answer.</summary>
    public int DetachesAfterTaking { get; set; }

    public void Dispose() => _host.Close();

    private sealed class Tokens : IRequestProcessor
    {
        public int Credit => 10;

        public void Process(RequestContext context)
        {
            var request = context.Message;
            context.Complete(new Message
            {
                Properties = new Properties { CorrelationId = request.Properties.MessageId },
                ApplicationProperties = new ApplicationProperties { ["status-code"] = 202, ["status-description"] = "Accepted" },
            });
        }
    }

    private sealed class Queue(TestBroker broker, string name) : IMessageProcessor
    {
        // Service Bus's batched message format.
        private const uint BatchFormat = 0x80013700;

        public int Credit => 100;

        public void Process(MessageContext context)
        {
            if (broker.RefuseWith is { } condition)
            {
                context.Complete(new Error(new Symbol(condition)) { Description = "as told" });
                return;
            }

            broker.Transfers++;
            foreach (var message in context.Message.Format == BatchFormat ? MessageParts.SectionsOf(context.Message).Select(MessageParts.Decoded) : [context.Message])
            {
                if (broker._ids.TryAdd(message.Properties.MessageId, 0))
                {
                    broker.Messages.Enqueue($"{name} {message.Properties.ContentType} {Encoding.UTF8.GetString((byte[])message.Body).TrimEnd()}");
                }
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
