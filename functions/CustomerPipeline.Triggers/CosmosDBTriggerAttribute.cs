using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>
/// Runs a function for the changed documents of a Cosmos DB container. The declaration has the name, constructor, properties and capabilities of the one in
/// Microsoft.Azure.Functions.Worker.Extensions.CosmosDB 4.16, so that the worker's generator makes the same metadata of either. The app that is deployed uses that package in its place.
/// </summary>
/// <param name="databaseName">The database.</param>
/// <param name="containerName">The container whose changes are read.</param>
[BindingCapabilities(KnownBindingCapabilities.FunctionLevelRetry)]
public sealed class CosmosDBTriggerAttribute(string databaseName, string containerName) : TriggerBindingAttribute
{
    /// <summary>The database.</summary>
    public string DatabaseName { get; } = databaseName;

    /// <summary>The container whose changes are read.</summary>
    public string ContainerName { get; } = containerName;

    /// <summary>Name of the setting, or of the group of settings, that says where the account is.</summary>
    public string? Connection { get; set; }

    /// <summary>The container in which the host keeps the positions of its readers.</summary>
    public string? LeaseContainerName { get; set; }

    /// <summary>The database of the lease container, if it is another one.</summary>
    public string? LeaseDatabaseName { get; set; }

    /// <summary>Like <see cref="Connection"/>, of the lease container.</summary>
    public string? LeaseConnection { get; set; }

    /// <summary>Separates the positions of several functions in one lease container.</summary>
    public string? LeaseContainerPrefix { get; set; }

    /// <summary>Where reading begins, as an ISO 8601 instant.</summary>
    public string? StartFromTime { get; set; }

    /// <summary>Regions, separated by commas.</summary>
    public string? PreferredLocations { get; set; }

    /// <summary>Request units a second of a lease container that the host makes.</summary>
    public int LeasesContainerThroughput { get; set; }

    /// <summary>Milliseconds between two looks at a partition without changes; 0 for the host's 5,000.</summary>
    public int FeedPollDelay { get; set; }

    /// <summary>Milliseconds; 0 for the host's 17,000.</summary>
    public int LeaseRenewInterval { get; set; }

    /// <summary>Milliseconds; 0 for the host's 13,000.</summary>
    public int LeaseAcquireInterval { get; set; }

    /// <summary>Milliseconds; 0 for the host's 60,000.</summary>
    public int LeaseExpirationInterval { get; set; }

    /// <summary>Documents that the function is given at once; 0 for what the service gives.</summary>
    public int MaxItemsPerInvocation { get; set; }

    /// <summary>Whether the host makes the lease container.</summary>
    public bool CreateLeaseContainerIfNotExists { get; set; }

    /// <summary>Whether reading begins with the oldest change.</summary>
    public bool StartFromBeginning { get; set; }
}
