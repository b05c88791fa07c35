using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CustomerPipeline.Application;
using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Demo;
using CustomerPipeline.RocksDb;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;

namespace CustomerPipeline.Bench.Cloud;

/// <summary>
/// What the same messages would cost in Azure, at several batch sizes, against batches of one: the handlers run on the embedded store, and every call is charged by the published table.
/// </summary>
internal static class CloudBench
{
    private static readonly int[] BatchSizes = [1, 10, 100, 500];

    public static async Task RunAsync(int count, FileInfo? output, CancellationToken cancellationToken)
    {
        var messages = FlowBench.ToQueue(ShopGenerator.Generate(seed: 1, 2 * count));
        var batches = new List<BatchProfile>();
        foreach (var size in BatchSizes)
        {
            batches.Add(await MeasureAsync(messages, size, cancellationToken));
        }

        var profile = new CloudProfile
        {
            Measured = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime),
            Messages = messages.Count / 2,
            MessageBytes = Math.Round(messages.Average(m => (double)m.Body.Length)),
            ArchivedBytes = Math.Round(messages.Chunk(500).Sum(c => (double)Compressed(c.Select(m => m.Body))) / messages.Count),
            BusiestQueue = Math.Round(messages.GroupBy(m => m.Queue).Max(q => (double)q.Count()) / messages.Count, 2),
            Batches = batches,
        };
        Show(profile);
        if (output is not null)
        {
            await File.WriteAllTextAsync(output.FullName, profile.ToJson(), cancellationToken);
        }
    }

    private static void Show(CloudProfile profile)
    {
        var table = new Table().Title($"Request units a message, {profile.Messages:N0} messages of {profile.MessageBytes:N0} bytes").AddColumns("Batch", "Calls", "Units", "of batches of one", "CPU µs");
        foreach (var batch in profile.Batches)
        {
            table.AddRow($"{batch.Batch}", $"{batch.Calls:N1}", $"{batch.AllUnits:N0}", $"{batch.AllUnits / profile.Batches[0].AllUnits:N2}", $"{batch.ProcessorMicroseconds:N0}");
        }

        AnsiConsole.Write(table);
        AnsiConsole.Write(CloudModel.Report(profile));
    }

    // The first half fills the store; the second is measured.
    private static async Task<BatchProfile> MeasureAsync(IReadOnlyList<(string Queue, ReadOnlyMemory<byte> Body)> messages, int size, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("customerpipeline-bench-");
        try
        {
            await using var services = Services(folder.FullName);
            var store = services.GetRequiredService<MeteredStore>();
            var half = messages.Count / 2;
            var places = new Dictionary<string, long>(StringComparer.Ordinal);
            await WorkAsync(services, messages.Take(half), places, 500, cancellationToken);
            store.Take();
            var before = await StoredBytesAsync(store, cancellationToken);
            var measured = await Measured.OfAsync(half, () => WorkAsync(services, messages.Skip(half).Take(half), places, size, cancellationToken));
            var uses = store.Take();
            return new BatchProfile
            {
                Batch = size,
                ProcessorMicroseconds = Math.Round(measured.ProcessorMicroseconds),
                Calls = Math.Round(uses.Values.Sum(u => u.Calls) / (double)half, 2),
                StoredBytes = Math.Round((await StoredBytesAsync(store, cancellationToken) - before) / (double)half),
                Changed = CloudModel.Feeds.ToDictionary(feed => feed, feed => Math.Round(uses[feed].Changed / (double)half, 2)),
                Units = uses.OrderBy(u => u.Key, StringComparer.Ordinal).ToDictionary(u => u.Key, u => Math.Round(u.Value.Units / half, 2)),
                BusiestPartition = uses.OrderBy(u => u.Key, StringComparer.Ordinal).ToDictionary(u => u.Key, u => Math.Round(u.Value.UnitsByPartition.Where(p => p.Key.Length > 0).Max(p => p.Value) / u.Value.Units, 4)),
            };
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static ServiceProvider Services(string folder)
    {
        var services = new ServiceCollection();
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        return services
            .AddSingleton(s => RocksEngine.Open(folder, s.GetRequiredService<TimeProvider>())).AddSingleton<IShredder>(s => s.GetRequiredService<RocksEngine>())
            .AddSingleton(s => new MeteredStore(new RocksDocumentStore(s.GetRequiredService<RocksEngine>()))).AddSingleton<IDocumentStore>(s => s.GetRequiredService<MeteredStore>())
            .AddSingleton<RocksQueues>().AddSingleton<IMessageSender>(s => s.GetRequiredService<RocksQueues>())
            .AddSingleton<RocksChangeFeed>().AddSingleton<IRawArchive, RocksRawArchive>().AddSingleton<IStageBacklog, EmbeddedBacklog>()
            .AddPipeline().BuildServiceProvider();
    }

    // All stages in turn, each with as many at once as it may take.
    private static async Task WorkAsync(
        ServiceProvider services, IEnumerable<(string Queue, ReadOnlyMemory<byte> Body)> messages, Dictionary<string, long> places, int size, CancellationToken cancellationToken)
    {
        var ingest = services.GetRequiredService<IngestMessagesHandler>();
        foreach (var window in messages.Chunk(3 * size))
        {
            foreach (var queue in window.GroupBy(m => m.Queue))
            {
                var next = places.GetValueOrDefault(queue.Key);
                places[queue.Key] = next + queue.Count();
                await ingest.HandleAsync(queue.Key, [.. queue.Select((m, i) => new Delivery(next + i, m.Body))], cancellationToken);
            }

            await FollowAsync(services, ChangeConsumers.Resolve, Containers.Interactions, size, DocumentJson.Default.EntityChange, services.GetRequiredService<ResolveEntitiesHandler>().HandleAsync, cancellationToken);
            await FollowAsync(services, ChangeConsumers.Value, Containers.Customers, size, DocumentJson.Default.CustomerChange, services.GetRequiredService<CountTouchesHandler>().HandleAsync, cancellationToken);
        }
    }

    private static async Task FollowAsync<T>(
        ServiceProvider services, string consumer, string container, int size, JsonTypeInfo<T> shape, Func<IReadOnlyList<T>, CancellationToken, Task> handle, CancellationToken cancellationToken)
    {
        var feed = services.GetRequiredService<RocksChangeFeed>();
        var changes = feed.ReadNext(consumer, container, int.MaxValue);
        if (changes.Fault is { } fault)
        {
            throw fault;
        }

        await feed.PassAsync(consumer, container, changes);
        foreach (var batch in changes.Documents.Chunk(size))
        {
            await handle([.. batch.Select(d => JsonSerializer.Deserialize(d.Body.Span, shape)!)], cancellationToken);
        }
    }

    private static async Task<long> StoredBytesAsync(MeteredStore store, CancellationToken cancellationToken)
    {
        var bytes = 0L;
        foreach (var container in Containers.All)
        {
            await foreach (var document in store.ScanAsync(container, cancellationToken))
            {
                bytes += document.Body.Length;
            }
        }

        return bytes;
    }

    private static long Compressed(IEnumerable<ReadOnlyMemory<byte>> bodies)
    {
        using var content = new MemoryStream();
        using (var gzip = new GZipStream(content, CompressionLevel.Optimal, leaveOpen: true))
        {
            foreach (var body in bodies)
            {
                gzip.Write(body.Span);
            }
        }

        return content.Length;
    }
}
