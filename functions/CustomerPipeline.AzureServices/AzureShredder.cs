using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.AzureServices;

/// <summary>
/// There are no files of ours to clean: Cosmos DB and Blob Storage drop what is deleted by themselves. What a point-in-time backup still holds is gone when its retention ends;
/// docs/privacy.md says how long that is.
/// </summary>
public sealed class AzureShredder : IShredder
{
    public Task ShredAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
