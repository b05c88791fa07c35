using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.Contracts.Faults;

/// <summary>The ports of a pipeline, with a plan between it and them.</summary>
internal static class FaultyPorts
{
    public static void Add(IServiceCollection services, FaultPlan plan)
    {
        Decorate<IDocumentStore>(services, store => new Store(store, plan));
        Decorate<IRawArchive>(services, archive => new Archive(archive, plan));
        Decorate<IEventPublisher>(services, publisher => new Publisher(publisher, plan));
        Decorate<IFigureFiles>(services, files => new Files(files, plan));
    }

    private static void Decorate<T>(IServiceCollection services, Func<T, T> around)
        where T : class
    {
        var inner = services.Last(s => s.ServiceType == typeof(T));
        services.AddSingleton(s => around((T)(inner.ImplementationInstance ?? inner.ImplementationFactory?.Invoke(s) ?? ActivatorUtilities.CreateInstance(s, inner.ImplementationType!))));
    }

    private sealed class Store(IDocumentStore store, FaultPlan plan) : IDocumentStore
    {
        public ValueTask<Document?> ReadAsync(string container, string partition, string id, CancellationToken cancellationToken) =>
            plan.RunAsync($"read {container}", () => store.ReadAsync(container, partition, id, cancellationToken));

        public ValueTask<IReadOnlyList<Document?>> ReadManyAsync(string container, IReadOnlyList<DocumentKey> keys, CancellationToken cancellationToken) =>
            plan.RunAsync($"read many {container}", () => store.ReadManyAsync(container, keys, cancellationToken));

        public async IAsyncEnumerable<Document> ReadPartitionAsync(string container, string partition, string idPrefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await plan.RunAsync($"read partition {container}", () => ValueTask.FromResult(0));
            await foreach (var document in store.ReadPartitionAsync(container, partition, idPrefix, cancellationToken))
            {
                yield return document;
            }
        }

        public async IAsyncEnumerable<Document> ScanAsync(string container, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await plan.RunAsync($"scan {container}", () => ValueTask.FromResult(0));
            await foreach (var document in store.ScanAsync(container, cancellationToken))
            {
                yield return document;
            }
        }

        public async IAsyncEnumerable<Document> ReadAcrossAsync(string container, string id, string from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await plan.RunAsync($"read across {container}", () => ValueTask.FromResult(0));
            await foreach (var document in store.ReadAcrossAsync(container, id, from, cancellationToken))
            {
                yield return document;
            }
        }

        public ValueTask<CommitResult> CommitAsync(string container, string partition, IReadOnlyList<Write> writes, CancellationToken cancellationToken) =>
            plan.RunAsync($"commit {container}", () => store.CommitAsync(container, partition, writes, cancellationToken));
    }

    private sealed class Archive(IRawArchive archive, FaultPlan plan) : IRawArchive
    {
        public async ValueTask StoreAsync(IReadOnlyList<RawMessage> messages, CancellationToken cancellationToken) => await plan.RunAsync("archive", async () =>
        {
            await archive.StoreAsync(messages, cancellationToken);
            return 0;
        });

        public IAsyncEnumerable<RawMessage> ScanAsync(CancellationToken cancellationToken) => archive.ScanAsync(cancellationToken);

        public ValueTask DeleteAsync(IReadOnlyList<string> deliveryIds, CancellationToken cancellationToken) => archive.DeleteAsync(deliveryIds, cancellationToken);

        public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string deliveryId, CancellationToken cancellationToken) => archive.ReadAsync(deliveryId, cancellationToken);
    }

    private sealed class Publisher(IEventPublisher publisher, FaultPlan plan) : IEventPublisher
    {
        public async Task PublishAsync(IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken) => await plan.RunAsync("publish", async () =>
        {
            await publisher.PublishAsync(events, cancellationToken);
            return 0;
        });
    }

    private sealed class Files(IFigureFiles files, FaultPlan plan) : IFigureFiles
    {
        public async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => await plan.RunAsync("write file", async () =>
        {
            await files.WriteAsync(path, content, cancellationToken);
            return 0;
        });
    }
}
