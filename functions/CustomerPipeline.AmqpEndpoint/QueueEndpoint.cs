using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using Amqp.Transactions;
using Amqp.Types;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.LocalServices;
using CustomerPipeline.RocksDb;
using Microsoft.Extensions.Hosting;

namespace CustomerPipeline.AmqpEndpoint;

/// <summary>
/// The queues of this machine over AMQP 1.0, as a Service Bus namespace has them: producers and consumers use their own client libraries, with the connection string of the development emulator. It listens on
/// loopback, and asks for an API key once any exists.
/// </summary>
public sealed class QueueEndpoint : IHostedService, IDisposable
{
    /// <summary>What Service Bus clients expect of an emulator.</summary>
    public const int DefaultPort = 5672;

    private const int Accepted = 202;
    private const int Unauthorized = 401;
    private const string ManagementSuffix = "/$management";
    private static readonly Symbol SessionFilter = "com.microsoft:session-filter";

    private readonly ContainerHost _host;
    private readonly int _port;

    public QueueEndpoint(int port, RocksQueues queues, ReceiveOptions options, IAccessControl access, TimeProvider clock, PeerLimits? limits = null)
    {
        _port = port;
        _host = new ContainerHost(new Amqp.Address($"amqp://127.0.0.1:{port}"));
        var listener = _host.Listeners[0];
        var rights = new PeerRights(access);
        foreach (var mechanism in new[] { "ANONYMOUS", PeerSasl.Plain, "MSSBCBS" })
        {
            listener.SASL.EnableMechanism(mechanism, new PeerSasl(mechanism, rights));
        }

        var connections = new PeerConnections(limits ?? new PeerLimits(), rights, clock);
        listener.HandlerFactory = _ =>
        {
            var peer = connections.Expect();
            PeerSasl.Begin(peer);
            return peer;
        };
        listener.AMQP.MaxFrameSize = 64 * 1024;
        listener.AMQP.MaxSessionsPerConnection = 256;
        listener.AMQP.MaxLinksPerSession = 256;

        // The library reads the address by itself otherwise, and fails at a target that has none.
        _host.AddressResolver = (_, _) => "";
        _host.RegisterLinkProcessor(new Nodes(queues, connections, options, rights, clock));
    }

    /// <summary>After how long without a word from the other side a connection is over: clients speak up before that.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>For Service Bus clients; the key is the emulator's, and anything will do.</summary>
    public static string ConnectionString(int port) =>
        $"Endpoint=sb://localhost{(port == DefaultPort ? "" : $":{port}")};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;";

    /// <exception cref="ListeningPortException">The port is in use.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        ListeningPort.Require(_port, "--amqp-port, or 0 for none");
        _host.Listeners[0].AMQP.IdleTimeout = (int)IdleTimeout.TotalMilliseconds;
        _host.Open();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _host.Close();
        return Task.CompletedTask;
    }

    public void Dispose() => _host.Close();

    /// <summary>Which node a link is for.</summary>
    private sealed class Nodes : ILinkProcessor
    {
        private readonly RequestNode _tokens;
        private readonly PeerRights _rights;
        private readonly PeerConnections _connections;

        private readonly Dictionary<string, QueueProducers> _producers = new(StringComparer.OrdinalIgnoreCase);
        private readonly Dictionary<string, QueueConsumers> _consumers = new(StringComparer.OrdinalIgnoreCase);

        public Nodes(RocksQueues queues, PeerConnections connections, ReceiveOptions options, PeerRights rights, TimeProvider clock)
        {
            (_rights, _connections) = (rights, connections);
            _tokens = new RequestNode("$cbs", TakeTokenAsync);
            foreach (var queue in Queues.All)
            {
                _producers[queue] = new QueueProducers(queue, queues, connections, rights, options);
                _consumers[queue] = new QueueConsumers(queue, queues, connections, rights, _producers[queue], clock);
                _consumers[Queues.DeadLettersOf(queue)] = new QueueConsumers(Queues.DeadLettersOf(queue), queues, connections, rights, null, clock);
            }
        }

        private async Task<Message> TakeTokenAsync(Connection connection, Message request) =>
            await _rights.TakeTokenAsync(connection, request.Body as string) is not { } refusal ? RequestNode.Status(Accepted, "Accepted")
                : RequestNode.Status(Unauthorized, refusal);

        public void Process(AttachContext attachContext) => _ = ProcessAsync(attachContext);

        private async Task ProcessAsync(AttachContext attachContext)
        {
            var attach = attachContext.Attach;
            var address = (attach.Role ? (attach.Source as Source)?.Address : (attach.Target as Target)?.Address) ?? "";
            var name = (Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps" or "sb" ? uri.AbsolutePath : address).Trim('/');
            if (!_connections.TryAddLink(attachContext.Link))
            {
                attachContext.Complete(new Error(Amqp.ErrorCode.ResourceLimitExceeded) { Description = "The connection has too many links. Close some first." });
            }
            else if (name == "$cbs")
            {
                _tokens.Attach(attachContext);
            }
            else if (name.EndsWith(ManagementSuffix, StringComparison.OrdinalIgnoreCase) && _consumers.TryGetValue(name[..^ManagementSuffix.Length], out var managed))
            {
                managed.Management.Attach(attachContext);
            }
            else if (RefusalOf(attach) is { } missing)
            {
                attachContext.Complete(new Error(Amqp.ErrorCode.NotImplemented) { Description = missing });
            }
            else if (await _rights.RefusalAsync(attachContext.Link.Session.Connection, attach.Role ? PeerRights.ToReceive : PeerRights.ToSend) is { } refusal)
            {
                attachContext.Complete(refusal);
            }
            else if (attach.Role && _consumers.TryGetValue(name, out var consumers))
            {
                consumers.Attach(attachContext);
            }
            else if (!attach.Role && _producers.TryGetValue(name, out var queue))
            {
                queue.Attach(attachContext);
            }
            else
            {
                // Clients tell what is missing by these words.
                attachContext.Complete(new Error(Amqp.ErrorCode.NotFound) { Description = $"The messaging entity '{name}' could not be found. There are: {string.Join(", ", Queues.All)}." });
            }
        }

        // What a link asks for and the endpoint does not do.
        private static string? RefusalOf(Attach attach) => attach switch
        {
            { Role: false, Target: Coordinator } => "This endpoint has no transactions. Send and settle without one.",
            { Role: true, Source: Source { FilterSet: { } filters } } when filters.ContainsKey(SessionFilter) =>
                "The queues of this endpoint have no sessions. Open a receiver without one.",
            { Role: true, SndSettleMode: SenderSettleMode.Settled } =>
                "This endpoint does not receive and delete, because a message that counts as read when it is sent is lost with the connection. Read by peek-lock.",
            _ => null,
        };
    }
}
