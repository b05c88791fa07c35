using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.RocksDb;

/// <summary>Changes as a runtime hands them over that keeps the positions itself, and passes one only when the function has returned: the local runtime.</summary>
public sealed class HandedChanges : IChangeFeed
{
    /// <inheritdoc />
    public Task PassAsync<T>(string consumer, string container, IReadOnlyList<Changed<T>> handed, Func<IReadOnlyList<Changed<T>>, Task> handle, CancellationToken cancellationToken) =>
        handed.Count == 0 ? Task.CompletedTask : handle(handed);
}
