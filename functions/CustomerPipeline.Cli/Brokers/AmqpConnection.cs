using Amqp;
using Amqp.Framing;
using Amqp.Sasl;

namespace CustomerPipeline.Cli.Brokers;

/// <summary>A connection to a broker over AMQP 1.0, opened when it is needed and again when it was lost.</summary>
/// <param name="endpoint">amqps://HOST or amqp://HOST; a user and a password in it are said at the connection, a path comes before the queues' names.</param>
internal sealed class AmqpConnection(Uri endpoint) : IAsyncDisposable
{
    private const int SecurePort = 5671;
    private const int PlainPort = 5672;

    // A broker that makes queues when they are asked for, as RabbitMQ does, makes one whose configuration outlives it.
    private const uint Outlives = 1;

    // The service speaks up before that, or the connection is over.
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    /// <summary>How long the service may take to answer.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, SenderLink> _senders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ReceiverLink> _receivers = new(StringComparer.Ordinal);
    private Connection? _connection;
    private Session? _session;
    private int _links;

    /// <summary>A link that messages can be sent by. Links are shared: any number of threads may send.</summary>
    /// <exception cref="AmqpException">The service cannot be reached, or refuses.</exception>
    public async Task<SenderLink> SenderAsync(string queue, CancellationToken cancellationToken) =>
        await LinkAsync(queue, _senders, session => new SenderLink(session, NewLinkName(queue), new Target { Address = AddressOf(queue), Durable = Outlives }, null), cancellationToken);

    /// <summary>A link that messages come by, locked until they are settled.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="most">How many may be under way, unsettled.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <exception cref="AmqpException">The service cannot be reached, or refuses.</exception>
    public async Task<ReceiverLink> ReceiverAsync(string queue, int most, CancellationToken cancellationToken) =>
        await LinkAsync(
            queue, _receivers,
            session =>
            {
                var receiver = new ReceiverLink(session, NewLinkName(queue), new Source { Address = AddressOf(queue), Durable = Outlives }, null);
                receiver.SetCredit(most);
                return receiver;
            },
            cancellationToken);

    /// <summary>Gives up a link that failed, or whose messages are to go back, so that the next receiver gets a new one.</summary>
    public Task DropAsync(string queue, ReceiverLink failed) => DropAsync(queue, failed, _receivers);

    /// <summary>Gives up a link that failed, so that the next sender gets a new one.</summary>
    public Task DropAsync(string queue, SenderLink failed) => DropAsync(queue, failed, _senders);

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_connection is { IsClosed: false } open)
            {
                await open.CloseAsync();
            }
        }
        catch (AmqpException)
        {
            // The other side was faster.
        }

        _gate.Dispose();
    }

    private async Task<T> LinkAsync<T>(string queue, Dictionary<string, T> links, Func<Session, T> open, CancellationToken cancellationToken)
        where T : Link
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_connection is null or { IsClosed: true } || _session is null or { IsClosed: true })
            {
                await OpenAsync(cancellationToken);
            }

            if (!links.TryGetValue(queue, out var link) || link.IsClosed)
            {
                links[queue] = link = open(_session!);
            }

            return link;
        }
        catch
        {
            Forget();
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task DropAsync<T>(string queue, T failed, Dictionary<string, T> links)
        where T : Link
    {
        await _gate.WaitAsync();
        try
        {
            if (links.TryGetValue(queue, out var link) && link == failed)
            {
                links.Remove(queue);
                failed.Close(TimeSpan.Zero);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        Forget();
        var isSecure = endpoint.Scheme == "amqps";
        var user = endpoint.UserInfo.Split(':', 2) is [{ Length: > 0 } name, var password] ? (Name: Uri.UnescapeDataString(name), Password: Uri.UnescapeDataString(password)) : default;
        var factory = new ConnectionFactory { AMQP = { IdleTimeout = (int)Silence.TotalMilliseconds } };
        if (user.Name is null)
        {
            factory.SASL.Profile = isSecure ? SaslProfile.External : SaslProfile.Anonymous;
        }

        _connection = await factory.CreateAsync(
            new Address(endpoint.Host, endpoint.Port > 0 ? endpoint.Port : isSecure ? SecurePort : PlainPort, user.Name, user.Password, "/", endpoint.Scheme), cancellationToken);
        _session = new Session(_connection);
    }

    // A name is free again only some time after its link was closed.
    private string NewLinkName(string node) => $"{node}-{++_links}";

    private void Forget()
    {
        _connection?.Close(TimeSpan.Zero);
        (_connection, _session) = (null, null);
        _senders.Clear();
        _receivers.Clear();
    }

    private string AddressOf(string queue) => endpoint.AbsolutePath.TrimEnd('/') is { Length: > 0 } before ? $"{before}/{queue}" : queue;
}
