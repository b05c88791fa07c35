using System.Collections;
using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using System.Text.Json;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.Functions;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.LocalRuntime.Tests;

public sealed class Every_function_of_the_app
{
    private static readonly Assembly App = typeof(IngestFunctions).Assembly;

    private static readonly DateTimeOffset Moment = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    // What the worker of Azure Functions reads trigger data with, where an app says nothing else.
    private static readonly JsonSerializerOptions WorkerOptions = new() { PropertyNameCaseInsensitive = true };

    [Fact]
    public void Can_be_bound_by_the_local_runtime() => Assert.Equal(
        [
            "Audience", "AudienceCustomers", "AudienceDelete", "AudienceExport", "AudiencePut", "Audiences",
            "Audit", "Customer", "CustomerErase", "CustomerExport", "CustomerLookup", "CustomerMerge", "CustomerNeverLink", "CustomerTimeline", "CustomerUnmerge", "CustomerWhy", "Customers", "Dashboard",
            "DeadLettersInStore", "DeadLettersOnline", "DeadLettersService", "Erase", "Feed", "FeedBatch", "FigureFiles", "FigureFilesCatchUp", "Health",
                "IdentityDecisionTakeBack", "IdentityPlan", "IdentityRules",
            "IngestInStore", "IngestOnline", "IngestService", "KeepFor", "Metric", "MetricExplain", "Metrics", "OpenApi", "PrivacyRequest", "PrivacyRequestDone", "PrivacyRequests", "Publish", "PublishCatchUp", "PublishedDay", "Quarantine", "QuarantineDiscard", "QuarantineMessage", "QuarantineMessages", "QuarantineRetry", "QuarantineRetryMessage",
            "Receive", "ReceiveEvents", "ReceiveEventsHandshake", "ReceiveOfInstance", "ReceiveOfLibrary", "Resolve", "ResolveCatchUp", "Restatements", "Snapshot", "SnapshotTake", "Snapshots",
                "Status", "SuggestionAccept", "SuggestionRefuse", "Suggestions", "SuggestionsDecide", "SuggestionsRun", "TellMetricChanges", "Value", "ValueCatchUp",
        ],
        BoundFunction.Discover(App).Select(f => f.Name));

    [Fact]
    public void Is_found_whatever_class_it_is_in()
    {
        var declared = App.GetTypes().SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static))
            .Where(m => m.IsDefined(typeof(FunctionAttribute)))
            .Select(m => m.Name + m.DeclaringType);

        Assert.Equal(declared.Order(), BoundFunction.Discover(App).Select(f => f.Method.Name + f.Method.DeclaringType).Order());
    }

    // Reflection may give each of two who ask a method for the first time parameters of their own.
    [Fact]
    public async Task Is_bound_by_hosts_that_start_at_once()
    {
        const int Hosts = 4;
        for (var i = 0; i < 40; i++)
        {
            var seenByNobody = new AssemblyLoadContext(null, isCollectible: true);
            var app = seenByNobody.LoadFromAssemblyPath(App.Location);
            using var start = new Barrier(Hosts);

            await Task.WhenAll(Enumerable.Range(0, Hosts).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    Assert.NotEmpty(BoundFunction.Discover(app));
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            seenByNobody.Unload();
        }
    }

    [Fact]
    public void Takes_a_queue_that_receives_messages()
    {
        var queues = BoundFunction.Discover(App).Select(f => f.Trigger).OfType<ServiceBusTriggerAttribute>().Select(t => t.QueueName!);

        Assert.Equal(Queues.AllWithDeadLetters.Order(), queues.Order());
    }

    [Fact]
    public void On_a_change_feed_is_retried_without_end_because_the_trigger_counts_a_failed_batch_as_done()
    {
        var functions = BoundFunction.Discover(App).Where(f => f.Trigger is CosmosDBTriggerAttribute).ToList();

        Assert.Equal(Containers.Described.Where(c => c.HasChangeFeed).Select(c => c.Name).Order(), functions.Select(f => ((CosmosDBTriggerAttribute)f.Trigger).ContainerName).Distinct().Order());
        Assert.All(functions, f => Assert.Equal(-1, f.Retry.MaxRetryCount));
        Assert.All(functions, f => Assert.True(((CosmosDBTriggerAttribute)f.Trigger).StartFromBeginning));
    }

    [Fact]
    public void On_a_change_feed_reads_what_was_written_with_the_serializer_options_that_the_worker_has()
    {
        // Of both sizes that the documents have: numbers that every store keeps, and those that are written as text.
        foreach (var number in new[] { 1, long.MaxValue })
        {
            var entity = EntityKey.Of("shop", EntityKind.Order, "1");
            var touch = new Touch { Entity = entity, Kind = EntityKind.Order, EntityRevision = number, At = Moment, FirstAt = Moment, LastAt = Moment };
            var state = new EntityState { Entity = entity, Kind = EntityKind.Order, Last = new RecordPosition(number, "r"), FirstAt = Moment, LastAt = Moment };
            var written = new Dictionary<string, ReadOnlyMemory<byte>>
            {
                [ChangeConsumers.Resolve] = new EntityChange { State = state, Revision = 2, StoredAt = number }.ToBody(DocumentJson.Default.EntityChange),
                [ChangeConsumers.Value] = new CustomerChange { Customer = "c", Touch = touch, StoredAt = number }.ToBody(DocumentJson.Default.CustomerChange),
                [ChangeConsumers.Publish] = new PublishedChange { Id = "p", Day = DateOnly.FromDateTime(Moment.Date), New = JsonSerializer.SerializeToElement(1.5m), PublishedAt = Moment }.ToBody(DocumentJson.Default.PublishedChange),
                [ChangeConsumers.FigureFiles] = new FiguresChange { Id = "f", Version = 2, Figures = new Dictionary<string, JsonElement> { ["orders"] = JsonSerializer.SerializeToElement(3) } }.ToBody(DocumentJson.Default.FiguresChange),
            };
            var functions = BoundFunction.Discover(App).Where(f => f.Trigger is CosmosDBTriggerAttribute).ToDictionary(f => f.Name, f => f.TriggerParameter.ParameterType);

            Assert.Equal(written.Keys.Order(), functions.Keys.Order());
            Assert.All(written, w =>
            {
                var read = JsonSerializer.Deserialize($"[{Encoding.UTF8.GetString(w.Value.Span)}]", functions[w.Key], WorkerOptions);
                var item = Assert.Single(((IEnumerable)read!).Cast<object>());
                Assert.Equal(Encoding.UTF8.GetString(w.Value.Span), JsonSerializer.Serialize(item, DocumentJson.Default.Options));
            });
        }
    }

    [Fact]
    public void Over_http_needs_a_key_of_the_platform_but_for_what_tells_nothing()
    {
        var open = BoundFunction.Discover(App).Where(f => f.Trigger is HttpTriggerAttribute { AuthLevel: AuthorizationLevel.Anonymous });

        Assert.Equal(["Dashboard", "Health", "OpenApi"], open.Select(f => f.Name));
    }
}
