namespace CustomerPipeline.Application.Ports;

/// <summary>What a store still holds of documents and messages that were deleted: logs, old versions, files not yet compacted.</summary>
public interface IShredder
{
    /// <summary>When it returns, no byte that was deleted or replaced before the call can be read from the store's files any more.</summary>
    Task ShredAsync(CancellationToken cancellationToken);
}
