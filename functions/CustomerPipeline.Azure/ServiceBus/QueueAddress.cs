using global::Azure.Core;

namespace CustomerPipeline.Azure.ServiceBus;

/// <summary>Where queues are, and how to be let in.</summary>
/// <param name="Endpoint">amqps://HOST or amqp://HOST; a user and a password in it are said at the connection, a path comes before the queues' names.</param>
/// <param name="Tokens">Tokens for each queue; null for brokers that know none.</param>
public sealed record QueueAddress(Uri Endpoint, IQueueTokens? Tokens)
{
    /// <summary>Reads an address: NAME.servicebus.windows.net (with the identity of whoever runs the program), a connection string of Service Bus or of its emulator, or the address of any AMQP 1.0 broker.</summary>
    /// <exception cref="FormatException">It is none; the message says what is.</exception>
    public static QueueAddress Parse(string text, TokenCredential credential, TimeProvider clock)
    {
        if (text.Contains("Endpoint=", StringComparison.OrdinalIgnoreCase))
        {
            return OfConnectionString(text, clock);
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "amqp" or "amqps")
        {
            return new QueueAddress(address, null);
        }

        return text.EndsWith(".servicebus.windows.net", StringComparison.OrdinalIgnoreCase) && Uri.CheckHostName(text) == UriHostNameType.Dns
            ? new QueueAddress(new Uri($"amqps://{text}"), new EntraTokens(credential))
            : throw new FormatException($"'{text[..Math.Min(text.Length, 40)]}' is no NAME.servicebus.windows.net, no connection string and no address such as amqp://localhost:5672.");
    }

    private static QueueAddress OfConnectionString(string text, TimeProvider clock)
    {
        var parts = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(p => p.Split('=', 2)).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1], StringComparer.OrdinalIgnoreCase);
        if (!Uri.TryCreate(parts.GetValueOrDefault("Endpoint"), UriKind.Absolute, out var endpoint) || parts.GetValueOrDefault("SharedAccessKeyName") is not { } name || parts.GetValueOrDefault("SharedAccessKey") is not { } key)
        {
            throw new FormatException("A connection string has Endpoint, SharedAccessKeyName and SharedAccessKey.");
        }

        var isEmulator = bool.TryParse(parts.GetValueOrDefault("UseDevelopmentEmulator"), out var said) && said;
        var port = endpoint.Port > 0 ? $":{endpoint.Port}" : "";
        return new QueueAddress(new Uri($"{(isEmulator ? "amqp" : "amqps")}://{endpoint.Host}{port}"), new SharedAccessTokens(name, key, clock));
    }
}
