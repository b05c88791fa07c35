using System.Collections.Concurrent;
using System.Text.Json;
using CustomerPipeline.Application;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Maintenance.Erasing;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Report.Publish;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Contracts.Faults;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.LocalServices;
using CustomerPipeline.RocksDb;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CustomerPipeline.Contracts;

/// <summary>The handlers of the whole flow, driven by hand: a test decides what is delivered when, how often and to whom.</summary>
public sealed class TestPipeline : IAsyncDisposable
{
    private readonly TestAdapters _adapters;
    private readonly ServiceProvider _services;
    private readonly bool _ownsAdapters;
    private readonly ConcurrentDictionary<string, long> _next = new();

    /// <param name="rules">How messages are read.</param>
    /// <param name="identity">Who is one customer.</param>
    /// <param name="adapters">Where everything is kept; the pipeline disposes of them. The embedded ones if none are named.</param>
    /// <param name="receive">What is taken in.</param>
    /// <param name="clock">The system's if none is named.</param>
    /// <param name="faults">What goes wrong with its calls. Then the adapters outlive it, as they outlive a process.</param>
    public TestPipeline(NormalizationRules? rules = null, IdentityRules? identity = null, TestAdapters? adapters = null, ReceiveOptions? receive = null, TimeProvider? clock = null, FaultPlan? faults = null)
    {
        _ownsAdapters = faults is null;
        _adapters = adapters ?? new EmbeddedTestAdapters();
        var services = new ServiceCollection();
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>)).AddSingleton(clock ?? TimeProvider.System);
        services.AddSingleton(rules ?? NormalizationRules.Default);
        services.AddSingleton(identity ?? IdentityRules.Default).AddSingleton(receive ?? new ReceiveOptions());
        services.AddSingleton<CollectedEvents>().AddSingleton<IEventPublisher>(s => s.GetRequiredService<CollectedEvents>());
        _adapters.AddTo(services);
        services.AddSingleton<IFigureFiles>(new FolderFigureFiles(Path.Combine(_adapters.Folder, "parquet")));
        if (faults is not null)
        {
            FaultyPorts.Add(services, faults);
        }

        _services = services.AddPipeline().BuildServiceProvider();
    }

    /// <summary>Where the embedded adapters keep everything.</summary>
    public string Folder => _adapters.Folder;

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>A handler with something of the test's own, such as a store or options.</summary>
    public T Make<T>(params object[] own) => ActivatorUtilities.CreateInstance<T>(_services, own);

    /// <summary>Gives messages their places in the queue.</summary>
    public IReadOnlyList<Delivery> Enqueue(string queue, IEnumerable<ReadOnlyMemory<byte>> messages) =>
        [.. messages.Select(m => new Delivery(_next.AddOrUpdate(queue, 0, (_, last) => last + 1), m))];

    public Task IngestAsync(string queue, params IReadOnlyList<Delivery> deliveries) => Get<IngestMessagesHandler>().HandleAsync(queue, deliveries, default);

    /// <summary>Enqueues and ingests payloads of one source, and works everything through.</summary>
    public async Task SendAsync(string source, params ReadOnlyMemory<byte>[] messages)
    {
        var queue = Queues.Of(Normalizer.Find(source)!.Channel);
        await IngestAsync(queue, Enqueue(queue, messages));
        await DrainAsync(ranges => ranges, redeliver: () => false);
    }

    /// <summary>Enqueues and ingests a story, and works everything through.</summary>
    public async Task TellAsync(params IEnumerable<StoryMessage> story)
    {
        foreach (var queue in story.GroupBy(m => m.Queue))
        {
            await IngestAsync(queue.Key, Enqueue(queue.Key, queue.Select(m => m.ToMessage())));
        }

        await DrainAsync(ranges => ranges, redeliver: () => false);
    }

    /// <summary>
    /// Runs the two change-feed stages until nothing is left, each range by itself and all at once.
    /// </summary>
    /// <param name="most">How many changes a batch has, given the usual number.</param>
    /// <param name="redeliver">Whether a batch is delivered once more.</param>
    public async Task DrainAsync(Func<int, int> most, Func<bool> redeliver)
    {
        while (await PassAsync(most, redeliver) || await IngestSentAsync())
        {
        }
    }

    /// <summary>The customer who carries an identifier, such as <c>email:a@example.com</c>; null where nobody does.</summary>
    public Task<CustomerSummary?> LookUpAsync(string identifier) => Get<CustomersReader>().LookUpAsync(Identifier.Parse(identifier), default);

    /// <summary>Erases the customer who carries an identifier, and works everything through.</summary>
    public async Task EraseAsync(string identifier)
    {
        await Get<PrivacyRequests>().TakeAsync(PrivacyRequest.Erasure, "tester", [(await LookUpAsync(identifier))!.Customer], default);
        await WorkOffErasuresAsync();
    }

    /// <summary>Carries out the erasures that are open: as often as it takes for each stage to pass them.</summary>
    public async Task WorkOffErasuresAsync()
    {
        for (var i = 0; i < 4; i++)
        {
            await Get<ErasePeopleHandler>().RunAsync(default);
            await DrainAsync(most => most, () => false);
        }
    }

    /// <summary>Puts a body in place of a document's, whatever it is.</summary>
    public async Task OverwriteAsync(string container, Document document, ReadOnlyMemory<byte> body) =>
        Assert.True((await Get<IDocumentStore>().CommitAsync(container, document.Partition, [Write.Upsert(document.Id, body)], default)).IsCommitted);

    /// <summary>Ingests what the pipeline told itself: decisions about identity.</summary>
    /// <param name="queue">Another queue, whose messages came through one of the doors.</param>
    public async Task<bool> IngestSentAsync(string queue = Queues.Service)
    {
        var sent = await Get<RocksQueues>().ReceiveAsync(queue, 100, TimeSpan.FromMinutes(1));
        await IngestAsync(queue, Enqueue(queue, sent.Select(m => m.Body)));
        await Get<RocksQueues>().CompleteAsync(queue, sent);
        return sent.Count > 0;
    }

    /// <summary>Publishes what has changed, and gives the events of it.</summary>
    public async Task<IReadOnlyList<OutgoingEvent>> PublishAsync(bool redeliver = false)
    {
        foreach (var range in Enumerable.Range(0, _adapters.Ranges))
        {
            var again = redeliver;
            while (await PublishAsync(range, () => again && !(again = false)))
            {
            }
        }

        return Get<CollectedEvents>().Take();
    }

    /// <summary>One pass of both stages over all ranges, concurrently; false when there was nothing to do.</summary>
    public async Task<bool> PassAsync(Func<int, int> most, Func<bool> redeliver)
    {
        var ranges = Enumerable.Range(0, _adapters.Ranges).ToList();
        var worked = await Task.WhenAll(
            ranges.Select(range => Task.Run(() => ResolveAsync(range, most(50), redeliver))).Concat(ranges.Select(range => Task.Run(() => CountAsync(range, most(50), redeliver)))));
        return worked.Any(w => w);
    }

    /// <summary>Resolves changes of a range; false when there were none.</summary>
    public Task<bool> ResolveAsync(int range, int most, Func<bool> redeliver) =>
        StepAsync<EntityChange>(TestAdapters.Resolving, StageTelemetry.Resolve, range, most, redeliver, changes => Get<ResolveEntitiesHandler>().HandleAsync(changes, default));

    /// <summary>Finishes what was left undone with the customers of a range, and counts its changes; false when there were none.</summary>
    public Task<bool> CountAsync(int range, int most, Func<bool> redeliver) => StepAsync<CustomerChange>(TestAdapters.Counting, StageTelemetry.Value, range, most, redeliver, async changes =>
    {
        await Get<FinishCustomersHandler>().HandleAsync(changes, default);
        await Get<CountTouchesHandler>().HandleAsync(changes, default);
    });

    /// <summary>Writes the files of changed figures of a range; false when there were none.</summary>
    public Task<bool> WriteFilesAsync(int range) =>
        StepAsync<FiguresChange>(TestAdapters.Filing, StageTelemetry.FigureFiles, range, 50, () => false, changes => Get<WriteFigureFilesHandler>().HandleAsync(changes, default));

    /// <summary>Publishes changes of a range; false when there were none.</summary>
    public Task<bool> PublishAsync(int range, Func<bool> redeliver) =>
        StepAsync<PublishedChange>(TestAdapters.Publishing, StageTelemetry.Publish, range, 50, redeliver, changes => Get<PublishChangesHandler>().HandleAsync(changes, default));

    /// <summary>The quarantine as an operator sees it, after the rules were mended.</summary>
    public ReviewQuarantine Review(NormalizationRules? mended = null)
    {
        var reader = Make<MessageReader>(mended ?? Get<NormalizationRules>());
        return Make<ReviewQuarantine>(reader, Make<IngestMessagesHandler>(reader));
    }

    /// <summary>The same message, brought by somebody who may ask what it asks.</summary>
    public async Task<ReadOnlyMemory<byte>> SealAsync(ReadOnlyMemory<byte> message) =>
        (await Get<MessageSeals>().SealAsync(MessageEnvelope.TryRead(message, out var envelope, out _) ? envelope! : throw new ArgumentException("No envelope."), "tester", default)).Wrap();

    /// <summary>The rows of a metric over all time, one text each.</summary>
    public Task<IReadOnlyList<string>> AskAsync(string metric, params string[] by) => AskAsync(MetricRequest.All(MetricCatalog.Find(metric)!, by));

    /// <summary>The same, of a metric of histories or of the customer base, as of an instant.</summary>
    public Task<IReadOnlyList<string>> AskAsOfAsync(string metric, DateTimeOffset asOf) => AskAsync(MetricRequest.All(MetricCatalog.Find(metric)!) with { AsOf = asOf });

    private async Task<IReadOnlyList<string>> AskAsync(MetricRequest request)
    {
        var answer = await Get<MetricsReader>().AskAsync(request, default);
        return [.. answer.Rows.Select(row => $"{string.Join(' ', row.Dimensions.Select(d => d.Value))} = {row.Value}".Trim())];
    }

    /// <summary>Every metric by day, channel, source and currency, a text for each row.</summary>
    public async Task<IReadOnlyList<string>> FiguresAsync()
    {
        var figures = new List<string>();
        foreach (var metric in MetricCatalog.All)
        {
            figures.AddRange((await AskAsync(metric.Name, "day", "channel", "source", "currency")).Select(row => $"{metric.Name}: {row}"));
        }

        return figures;
    }

    public Task<Verification> VerifyAsync() => Get<VerifyStore>().RunAsync(null, default);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (_ownsAdapters)
        {
            await _adapters.DisposeAsync();
        }
    }

    private async Task<bool> StepAsync<T>(
        FeedConsumer consumer, string stage, int range, int most, Func<bool> redeliver, Func<IReadOnlyList<T>, Task> handle)
        where T : class
    {
        if (await _adapters.ReadChangesAsync(_services, consumer, range, Math.Max(1, most)) is not { } page)
        {
            return false;
        }

        var changes = Get<StageTelemetry>().Readable(stage, [.. page.Documents.Select(ChangeOf<T>)]);
        await handle(changes);
        if (redeliver())
        {
            await handle(changes);
            return true;
        }

        await page.PassAsync();
        return true;
    }

    // As the hosts have it: nothing in place of what is not even JSON.
    private static Changed<T> ChangeOf<T>(ReadOnlyMemory<byte> document)
        where T : class
    {
        try
        {
            return (Changed<T>)JsonSerializer.Deserialize(document.Span, typeof(Changed<T>), DocumentJson.Default)!;
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
