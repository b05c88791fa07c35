using Amqp;
using Amqp.Framing;
using Amqp.Sasl;
using global::Azure.Core;

namespace CustomerPipeline.Azure.ServiceBus;

/// <summary>
/// A connection to a Service Bus namespace over AMQP 1.0, opened when it is needed and again when it was lost. Each queue is authorized by a token of the app's identity
/// (claims-based security: https://docs.oasis-open.org/amqp/amqp-cbs/v1.0/amqp-cbs-v1.0.html), which is renewed before it expires.
/// </summary>
/// <param name="endpoint">amqps://NAMESPACE.servicebus.windows.net; amqp:// for a server of one's own machine.</param>
/// <param name="credential">Of the app's identity.</param>
/// <param name="clock">For the life of tokens.</param>
public sealed class ServiceBusConnection(Uri endpoint, TokenCredential credential, TimeProvider clock) : IAsyncDisposable
{
    private const string Scope = "https://servicebus.azure.net/.default";
    private const string AuthorizationNode = "$cbs";
    private const string ReplyTo = "authorization-replies";
    private const int SecurePort = 5671;
    private const int PlainPort = 5672;
    private static readonly TimeSpan RenewBefore = TimeSpan.FromMinutes(5);

    /// <summary>How long the service may take to answer.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, DateTimeOffset> _authorizedUntil = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SenderLink> _senders = new(StringComparer.Ordinal);
    private Connection? _connection;
    private Session? _session;
    private int _links;

    /// <summary>A link that messages can be sent by. Links are shared: any number of threads may send.</summary>
    /// <exception cref="AmqpException">The service cannot be reached, or refuses.</exception>
    public async Task<SenderLink> SenderAsync(string queue, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_connection is null or { IsClosed: true } || _session is null or { IsClosed: true })
            {
                await OpenAsync(cancellationToken);
            }

            if (!_authorizedUntil.TryGetValue(queue, out var until) || until - RenewBefore < clock.GetUtcNow())
            {
                _authorizedUntil[queue] = await AuthorizeAsync(queue, cancellationToken);
            }

            if (!_senders.TryGetValue(queue, out var sender) || sender.IsClosed)
            {
                _senders[queue] = sender = new SenderLink(_session, NewLinkName(queue), queue);
            }

            return sender;
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

    /// <summary>Gives up a link that failed, so that the next sender gets a new one.</summary>
    public async Task DropAsync(string queue, SenderLink failed)
    {
        await _gate.WaitAsync();
        try
        {
            if (_senders.TryGetValue(queue, out var sender) && sender == failed)
            {
                _senders.Remove(queue);
                failed.Close(TimeSpan.Zero);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { IsClosed: false } open)
        {
            await open.CloseAsync();
        }

        _gate.Dispose();
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        Forget();
        var isSecure = endpoint.Scheme == "amqps";
        var factory = new ConnectionFactory { SASL = { Profile = isSecure ? SaslProfile.External : SaslProfile.Anonymous } };
        _connection = await factory.CreateAsync(
            new Address(endpoint.Host, endpoint.Port > 0 ? endpoint.Port : isSecure ? SecurePort : PlainPort, null, null, "/", endpoint.Scheme), cancellationToken);
        _session = new Session(_connection);
    }

    // A name is free again only some time after its link was closed.
    private string NewLinkName(string node) => $"{node}-{++_links}";

    private void Forget()
    {
        _connection?.Close(TimeSpan.Zero);
        (_connection, _session) = (null, null);
        _authorizedUntil.Clear();
        _senders.Clear();
    }

    private async Task<DateTimeOffset> AuthorizeAsync(string queue, CancellationToken cancellationToken)
    {
        var token = await credential.GetTokenAsync(new TokenRequestContext([Scope]), cancellationToken);
        var requests = new SenderLink(_session, NewLinkName(AuthorizationNode), AuthorizationNode);
        var replies = new ReceiverLink(_session, NewLinkName(ReplyTo), new Attach { Source = new Source { Address = AuthorizationNode }, Target = new Target { Address = ReplyTo } }, null);
        try
        {
            using var request = new Message(token.Token)
            {
                Properties = new Properties { MessageId = queue, ReplyTo = ReplyTo },
                ApplicationProperties = new ApplicationProperties
                {
                    ["operation"] = "put-token",
                    ["type"] = "jwt",
                    ["name"] = $"amqp://{endpoint.Host}/{queue}",
                    ["expiration"] = token.ExpiresOn.UtcDateTime,
                },
            };
            await requests.SendAsync(request, Patience);
            using var reply = await replies.ReceiveAsync(Patience) ?? throw new AmqpException(ErrorCode.InternalError, $"The service did not answer to the authorization for {queue}.");
            replies.Accept(reply);
            if (reply.ApplicationProperties["status-code"] is not (200 or 202))
            {
                throw new AmqpException(
                    ErrorCode.UnauthorizedAccess, $"The app's identity may not use the queue {queue}: {reply.ApplicationProperties["status-code"]} {reply.ApplicationProperties["status-description"]}");
            }

            return token.ExpiresOn;
        }
        finally
        {
            await requests.CloseAsync();
            await replies.CloseAsync();
        }
    }
}
