using CustomerPipeline.Application;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.AzureServices.Entra;
using Microsoft.Extensions.Configuration;

namespace CustomerPipeline.AzureServices;

/// <summary>Where documents and raw messages are kept in Azure.</summary>
/// <param name="Cosmos">The account's endpoint.</param>
/// <param name="Database">In the account.</param>
/// <param name="RawArchive">The blob container of raw messages.</param>
/// <param name="FigureFiles">The blob container of published figures.</param>
public sealed record AzureStores(Uri Cosmos, string Database, Uri RawArchive, Uri FigureFiles);

/// <summary>Where events go.</summary>
/// <param name="Topic">Endpoint of the Event Grid topic.</param>
public sealed record AzureEvents(Uri Topic);

/// <summary>Where the queues are.</summary>
/// <param name="Namespace">The namespace: NAME.servicebus.windows.net.</param>
/// <param name="NamespaceId">Its resource id.</param>
public sealed record AzureQueues(string Namespace, string NamespaceId);

/// <summary>The deployed app's settings: addresses, and in the section <c>CustomerPipeline</c> what operators set on any machine. infra/ sets the addresses.</summary>
/// <param name="Stores">Cosmos DB and Blob Storage.</param>
/// <param name="Queues">Service Bus.</param>
/// <param name="Events">Event Grid.</param>
/// <param name="Callers">Whose tokens are accepted; null for none.</param>
/// <param name="Pipeline">How messages are read, and from whom.</param>
public sealed record AzureSettings(AzureStores Stores, AzureQueues Queues, AzureEvents Events, EntraTenant? Callers, PipelineSettings Pipeline)
{
    /// <summary>The first two are also those of the triggers' connections, so that functions and triggers cannot be at different places.</summary>
    public const string CosmosEndpoint = "CosmosConnection:accountEndpoint";

    public const string ServiceBusNamespace = "ServiceBusConnection:fullyQualifiedNamespace";

    public const string CosmosDatabase = "CosmosDatabase";

    public const string ServiceBusResourceId = "ServiceBusResourceId";

    public const string RawArchive = "RawArchive";

    public const string FigureFiles = "FigureFiles";

    public const string EventTopic = "EventTopic";

    public const string EntraAuthority = "EntraAuthority";

    public const string EntraTenantId = "EntraTenantId";

    public const string EntraClientId = "EntraClientId";

    public const string PipelineSection = "CustomerPipeline";

    /// <summary>Names of the settings that must be there, as the platform writes them.</summary>
    public static IReadOnlyList<string> Required { get; } = [.. new[] { CosmosEndpoint, CosmosDatabase, ServiceBusNamespace, ServiceBusResourceId, RawArchive, FigureFiles, EventTopic }.Select(n => n.Replace(":", "__", StringComparison.Ordinal))];

    /// <summary>Names of the settings that may be empty.</summary>
    public static IReadOnlyList<string> Optional { get; } = [EntraAuthority, EntraTenantId, EntraClientId];

    /// <summary>Reads the settings.</summary>
    /// <exception cref="SettingsException">One is missing or has no sensible value; the message says which.</exception>
    public static AzureSettings Read(IConfiguration configuration)
    {
        string Text(string name) => configuration[name] is { Length: > 0 } value ? value : throw new SettingsException($"The setting {name.Replace(":", "__", StringComparison.Ordinal)} is missing.");
        Uri Address(string name, string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : throw new SettingsException($"The setting {name.Replace(":", "__", StringComparison.Ordinal)} is no address: {text}");

        string Host(string name) => Uri.CheckHostName(Text(name)) == UriHostNameType.Dns ? Text(name) : throw new SettingsException($"The setting {name.Replace(":", "__", StringComparison.Ordinal)} is no host name: {Text(name)}");

        var pipeline = PipelineSettings.Read(configuration.GetSection(PipelineSection), AppContext.BaseDirectory);
        if (pipeline.Publish.Subscribers.Count > 0)
        {
            throw new SettingsException("EventSubscribers is a setting of the local host. In Azure, subscribe to the Event Grid topic.");
        }

        return new AzureSettings(
            new AzureStores(Address(CosmosEndpoint, Text(CosmosEndpoint)), Text(CosmosDatabase), Address(RawArchive, Text(RawArchive)), Address(FigureFiles, Text(FigureFiles))),
            new AzureQueues(Host(ServiceBusNamespace), Text(ServiceBusResourceId)),
            new AzureEvents(Address(EventTopic, Text(EventTopic))),
            configuration[EntraClientId] is { Length: > 0 } client ? new EntraTenant(Address(EntraAuthority, Text(EntraAuthority)), Text(EntraTenantId), client) : null,
            pipeline);
    }
}
