using Azure.Core;
using Azure.Messaging.ServiceBus;

namespace CustomerPipeline.Cli.Brokers;

/// <summary>Where queues are, and how to be let in.</summary>
/// <param name="Host">The name of the machine or namespace.</param>
internal abstract record BrokerAddress(string Host)
{
    private const string What = "NAME.servicebus.windows.net, no connection string and no address such as amqp://localhost:5672";

    /// <summary>Reads an address: NAME.servicebus.windows.net (with the identity of whoever runs the program), a connection string of Service Bus or of its emulator, or the address of any AMQP 1.0 broker.</summary>
    /// <exception cref="FormatException">It is none; the message says what is.</exception>
    public static BrokerAddress Parse(string text, TokenCredential credential)
    {
        if (text.Contains("Endpoint=", StringComparison.OrdinalIgnoreCase))
        {
            return OfConnectionString(text);
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "amqp" or "amqps")
        {
            return new Amqp(address);
        }

        return text.EndsWith(".servicebus.windows.net", StringComparison.OrdinalIgnoreCase) && Uri.CheckHostName(text) == UriHostNameType.Dns
            ? new Namespace(text, credential)
            : throw new FormatException($"'{text[..Math.Min(text.Length, 40)]}' is no {What}.");
    }

    /// <summary>Makes a client. Nothing is connected before it is needed.</summary>
    public abstract IBroker Open();

    private static KeyHolder OfConnectionString(string text)
    {
        try
        {
            if (ServiceBusConnectionStringProperties.Parse(text) is { FullyQualifiedNamespace: { Length: > 0 } host, SharedAccessKeyName: not null, SharedAccessKey: not null })
            {
                return new KeyHolder(host, text);
            }
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // Said below, without the text, which has a key.
        }

        throw new FormatException("A connection string has Endpoint, SharedAccessKeyName and SharedAccessKey.");
    }

    /// <summary>A namespace of Service Bus, by an identity.</summary>
    public sealed record Namespace(string Host, TokenCredential Credential) : BrokerAddress(Host)
    {
        public override IBroker Open() => new ServiceBusBroker(new ServiceBusClient(Host, Credential, ServiceBusBroker.Options));
    }

    /// <summary>A namespace of Service Bus, or its emulator, by a shared access key.</summary>
    public sealed record KeyHolder(string Host, string ConnectionString) : BrokerAddress(Host)
    {
        public override IBroker Open() => new ServiceBusBroker(new ServiceBusClient(ConnectionString, ServiceBusBroker.Options));
    }

    /// <summary>A broker by its address; a user and a password in it are said at the connection, a path comes before the queues' names.</summary>
    public sealed record Amqp(Uri Endpoint) : BrokerAddress(Endpoint.Host)
    {
        public override IBroker Open() => new AmqpBroker(new AmqpConnection(Endpoint));
    }
}
