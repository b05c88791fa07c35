using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using global::Azure.Core;

namespace CustomerPipeline.Azure.ServiceBus;

/// <summary>A token that lets its bearer use a queue.</summary>
/// <param name="Type">As claims-based security names it.</param>
/// <param name="Text">The token.</param>
/// <param name="Until">When it expires.</param>
public readonly record struct QueueToken(string Type, string Text, DateTimeOffset Until);

/// <summary>Where tokens for queues come from.</summary>
public interface IQueueTokens
{
    /// <param name="audience">The queue: amqp://HOST/QUEUE.</param>
    /// <param name="cancellationToken">Stops the asking.</param>
    ValueTask<QueueToken> GetAsync(string audience, CancellationToken cancellationToken);
}

/// <summary>Tokens of an identity of Microsoft Entra ID.</summary>
public sealed class EntraTokens(TokenCredential credential) : IQueueTokens
{
    private const string Scope = "https://servicebus.azure.net/.default";

    public async ValueTask<QueueToken> GetAsync(string audience, CancellationToken cancellationToken)
    {
        var token = await credential.GetTokenAsync(new TokenRequestContext([Scope]), cancellationToken);
        return new QueueToken("jwt", token.Token, token.ExpiresOn);
    }
}

/// <summary>Tokens signed with a shared access key: https://learn.microsoft.com/azure/service-bus-messaging/service-bus-sas.</summary>
public sealed class SharedAccessTokens(string keyName, string key, TimeProvider clock) : IQueueTokens
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    public ValueTask<QueueToken> GetAsync(string audience, CancellationToken cancellationToken)
    {
        var until = clock.GetUtcNow() + Life;
        var expiry = until.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var resource = Uri.EscapeDataString(audience);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes($"{resource}\n{expiry}")));
        return ValueTask.FromResult(new QueueToken("servicebus.windows.net:sastoken", $"SharedAccessSignature sr={resource}&sig={Uri.EscapeDataString(signature)}&se={expiry}&skn={Uri.EscapeDataString(keyName)}", until));
    }
}
