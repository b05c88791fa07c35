using CustomerPipeline.Application.Documents;

namespace CustomerPipeline.Application.Ports;

/// <summary>Hands a stage what is new in its change feed. A position is passed only when the stage has returned.</summary>
public interface IChangeFeed
{
    /// <summary>Hands over what the consumer has not passed yet: those of one document in order, at least once.</summary>
    /// <typeparam name="T">A type of document of the container.</typeparam>
    /// <param name="consumer">Whose position is kept; a name of <see cref="ChangeConsumers"/>.</param>
    /// <param name="container">Whose changes.</param>
    /// <param name="handed">What a trigger came with; empty where a timer looks for what triggers left.</param>
    /// <param name="handle">The stage. What it throws on is handed over again.</param>
    /// <param name="cancellationToken">The host is stopping.</param>
    Task PassAsync<T>(string consumer, string container, IReadOnlyList<Changed<T>> handed, Func<IReadOnlyList<Changed<T>>, Task> handle, CancellationToken cancellationToken);
}
