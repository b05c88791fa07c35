using System.Collections.ObjectModel;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using Microsoft.Azure.Cosmos;

namespace CustomerPipeline.AzureServices.Cosmos;

/// <summary>The containers of one database, and how each is set up.</summary>
public sealed class CosmosContainers(CosmosClient client, string database)
{
    /// <summary>Where change-feed consumers keep their places.</summary>
    public const string Leases = "leases";

    private readonly Dictionary<string, Container> _containers = Containers.All.Append(Leases).ToDictionary(name => name, name => client.GetContainer(database, name), StringComparer.Ordinal);

    public Container Of(string name) => _containers[name];

    /// <summary>
    /// Makes what is missing. In Azure the deployment does it, as the app's role may not; this is for a machine of one's own and for tests.
    /// </summary>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        Database made = await client.CreateDatabaseIfNotExistsAsync(database, cancellationToken: cancellationToken);
        foreach (var name in Containers.All)
        {
            await made.CreateContainerIfNotExistsAsync(PropertiesOf(name), cancellationToken: cancellationToken);
        }

        await made.CreateContainerIfNotExistsAsync(new ContainerProperties(Leases, "/id"), cancellationToken: cancellationToken);
    }

    /// <summary>Refuses an account whose reads may be older than what another worker has written: the protocol of identity relies on them (docs/decisions/0018).</summary>
    /// <exception cref="SettingsException">The account's default consistency is weaker than strong.</exception>
    public async Task CheckConsistencyAsync()
    {
        var account = await client.ReadAccountAsync();
        if (account.Consistency.DefaultConsistencyLevel != ConsistencyLevel.Strong)
        {
            throw new SettingsException(
                $"The Cosmos DB account {account.Id} has {account.Consistency.DefaultConsistencyLevel} consistency. Set its default consistency to Strong: workers must read what others have written.");
        }
    }

    // Everything is found by partition and id; whole containers are read in their order. Nothing else is asked, so nothing else is indexed.
    internal static ContainerProperties PropertiesOf(string name)
    {
        var properties = new ContainerProperties(name, CosmosItems.PartitionKeyPath);
        properties.IndexingPolicy.IncludedPaths.Add(new IncludedPath { Path = CosmosItems.PartitionKeyPath + "/?" });
        properties.IndexingPolicy.ExcludedPaths.Add(new ExcludedPath { Path = "/*" });
        properties.IndexingPolicy.CompositeIndexes.Add(new Collection<CompositePath> { new() { Path = CosmosItems.PartitionKeyPath }, new() { Path = "/id" } });
        return properties;
    }
}
