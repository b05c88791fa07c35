using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.RocksDb;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.Contracts;

/// <summary>Changed documents, and how to say that they were worked on.</summary>
public sealed record ChangePage(IReadOnlyList<ReadOnlyMemory<byte>> Documents, Func<Task> PassAsync);

/// <summary>Where a <see cref="TestPipeline"/> keeps everything. The queues are those of this machine.</summary>
public abstract class TestAdapters : IAsyncDisposable
{
    public static readonly FeedConsumer Resolving = new(ChangeConsumers.Resolve, Containers.Interactions);
    public static readonly FeedConsumer Counting = new(ChangeConsumers.Value, Containers.Customers);
    public static readonly FeedConsumer Publishing = new(ChangeConsumers.Publish, Containers.Snapshots);
    public static readonly FeedConsumer Filing = new(ChangeConsumers.FigureFiles, Containers.Snapshots);

    private readonly TemporaryFolder _folder = new();

    protected TestAdapters() => Engine = RocksEngine.Open(_folder.Path, TimeProvider.System);

    protected RocksEngine Engine { get; }

    /// <summary>Of this machine's files.</summary>
    public string Folder => _folder.Path;

    /// <summary>How many ranges a change feed has.</summary>
    public abstract int Ranges { get; }

    /// <summary>Planned faults so far.</summary>
    public abstract int Faults { get; }

    public virtual void AddTo(IServiceCollection services) => services
        .AddSingleton(Engine)
        .AddSingleton<RocksChangeFeed>()
        .AddSingleton<RocksQueues>().AddSingleton<IMessageSender>(s => s.GetRequiredService<RocksQueues>()).AddSingleton<IScheduledMessages>(s => s.GetRequiredService<RocksQueues>())
        .AddSingleton<IStageBacklog>(s => new EmbeddedBacklog(s.GetRequiredService<RocksQueues>(), s.GetRequiredService<RocksChangeFeed>(), TimeProvider.System));

    /// <summary>Changes that a consumer has not passed; null when there are none.</summary>
    public abstract Task<ChangePage?> ReadChangesAsync(IServiceProvider services, FeedConsumer consumer, int range, int most);

    /// <summary>From now on one call in so many fails, before it takes effect or after.</summary>
    public abstract void Fail(int seed, int oneIn);

    public abstract void StopFailing();

    /// <summary>Whether an exception is what a planned fault looks like.</summary>
    public abstract bool IsFault(Exception exception);

    public virtual ValueTask DisposeAsync()
    {
        Engine.Dispose();
        _folder.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

/// <summary>The embedded adapters.</summary>
public sealed class EmbeddedTestAdapters : TestAdapters
{
    private readonly FailingStore _store;

    public EmbeddedTestAdapters() => _store = new FailingStore(new RocksDocumentStore(Engine));

    public override int Ranges => RocksChangeFeed.Ranges;

    public override int Faults => _store.Faults;

    public override void AddTo(IServiceCollection services)
    {
        base.AddTo(services);
        services.AddSingleton<IDocumentStore>(_store).AddSingleton<IShredder>(Engine).AddSingleton<IRawArchive, RocksRawArchive>().AddSingleton<RebuildStore>();
    }

    public override Task<ChangePage?> ReadChangesAsync(IServiceProvider services, FeedConsumer consumer, int range, int most)
    {
        var feed = services.GetRequiredService<RocksChangeFeed>();
        var after = feed.ReadPlace(consumer.Name, consumer.Container, range);
        var (documents, place) = feed.Read(consumer.Container, range, after, most);
        return Task.FromResult(place == after ? null : new ChangePage([.. documents.Select(d => d.Body)], () => feed.SavePlaceAsync(consumer.Name, consumer.Container, range, place)));
    }

    public override void Fail(int seed, int oneIn) => _store.Fail(seed, oneIn);

    public override void StopFailing() => _store.StopFailing();

    public override bool IsFault(Exception exception) => exception is PlannedFaultException;
}
