using System.Runtime.CompilerServices;
using Amqp;
using Amqp.Framing;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.AmqpEndpoint;

/// <summary>
/// What the peer of each connection may do, decided as for callers over HTTP: by the API key that it showed as the password of SASL PLAIN, or as a token at
/// the <c>$cbs</c> node. It is decided for each message, so that a key that is removed counts no longer on open connections.
/// </summary>
internal sealed class PeerRights(IAccessControl access)
{
    /// <summary>Hand in messages.</summary>
    public static IReadOnlyList<string> ToSend { get; } = [Scope.MessagesWrite];

    /// <summary>Read messages, which are personal data, and take them out of the queue.</summary>
    public static IReadOnlyList<string> ToReceive { get; } = [Scope.CustomersRead, Scope.OperationsWrite];

    private const int LongestKey = 256;

    private readonly ConditionalWeakTable<Connection, StrongBox<string?>> _keys = [];

    /// <summary>The peer of a connection showed a key at its start, or none.</summary>
    public void Begin(Connection connection, string? key) => _keys.AddOrUpdate(connection, new StrongBox<string?>(key));

    /// <summary>The peer of a connection shows a token. It takes the place of what was shown before.</summary>
    /// <returns>Null if it may do something, else why not.</returns>
    public async ValueTask<string?> TakeTokenAsync(Connection connection, string? token)
    {
        if (token?.StartsWith("SharedAccessSignature ", StringComparison.Ordinal) == true && await RefusalAsync(null, Scope.MessagesWrite) is not null)
        {
            return "A shared access signature cannot be checked, because only hashes of API keys are kept. Send an API key as the token, or by SASL PLAIN.";
        }

        if (!await IsKnownAsync(token))
        {
            return "There is no such API key.";
        }

        Begin(connection, token);
        return null;
    }

    /// <summary>Whether a key, shown before there is a connection, is one of this host, or none is needed.</summary>
    public async ValueTask<bool> IsKnownAsync(string? key)
    {
        foreach (var scope in Scope.All)
        {
            if (await RefusalAsync(key, scope) is null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the peer of a connection showed a key of this host, or none is needed.</summary>
    public ValueTask<bool> IsKnownAsync(Connection connection) => IsKnownAsync(_keys.TryGetValue(connection, out var shown) ? shown.Value : null);

    /// <summary>Returns why a peer may not do something; null if it may.</summary>
    public async ValueTask<Error?> RefusalAsync(Connection connection, IEnumerable<string> scopes)
    {
        var key = _keys.TryGetValue(connection, out var shown) ? shown.Value : null;
        foreach (var scope in scopes)
        {
            if (await RefusalAsync(key, scope) is { } why)
            {
                return new Error(ErrorCode.UnauthorizedAccess) { Description = why };
            }
        }

        return null;
    }

    private async ValueTask<string?> RefusalAsync(string? key, string scope) =>
        await access.AdmitAsync(new Credentials(key?.Length is > 0 and <= LongestKey ? key : null, null), scope, CancellationToken.None) switch
        {
            Admission.NotKnown when key is null => "Show an API key: as the password of SASL PLAIN, or as a token at $cbs.",
            Admission.NotKnown unknown => unknown.Why,
            Admission.NotAllowed refused => refused.Why,
            _ => null,
        };
}
