using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.RocksDb;

namespace CustomerPipeline.Application.Tests;

/// <summary>Spans and metrics. Listeners hear the whole process: nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(What_operators_see), DisableParallelization = true)]
[Collection(nameof(What_operators_see))]
public sealed class What_operators_see : IAsyncDisposable
{
    private const string Ticket =
        """{"type":"zen:event-type:ticket.created","account_id":1,"id":"e1","time":"2026-02-01T10:00:00Z","detail":{"id":"7","subject":"secret subject","status":"NEW","created_at":"2026-02-01T10:00:00Z","updated_at":"2026-02-01T10:00:00Z","requester_id":"5","via":{"channel":"web"}},"event":{}}""";

    private readonly TestPipeline _pipeline = new();

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    [Fact]
    public async Task Is_one_trace_from_the_webhook_through_the_queue_to_the_figure()
    {
        var spans = new List<Activity>();
        using var listener = Listen(spans);
        using var requests = new ActivitySource("test");
        using var request = requests.StartActivity("POST")!;
        var posted = await _pipeline.Get<ReceiveMessagesHandler>().HandleAsync(new PostedMessages("zendesk", "application/json", _ => null, Encoding.UTF8.GetBytes(Ticket)), default);
        request.Stop();
        Activity.Current = null;

        Assert.IsType<Reception.Accepted>(posted);
        await WorkAsync(Queues.Service);

        Assert.Equal(["ingest", "resolve", "value"], spans.Where(s => s.TraceId == request.TraceId && s.Source.Name == StageTelemetry.SourceName).Select(s => s.DisplayName).Distinct());
        Assert.DoesNotContain("secret", string.Join(' ', spans.SelectMany(s => s.TagObjects.Select(t => $"{t.Value}"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_linked_where_a_batch_has_several_origins()
    {
        var spans = new List<Activity>();
        using var listener = Listen(spans);
        using var requests = new ActivitySource("test");
        foreach (var id in new[] { "7", "8" })
        {
            using var request = requests.StartActivity("POST");
            await _pipeline.Get<ReceiveMessagesHandler>().HandleAsync(new PostedMessages("zendesk", "application/json", _ => null, Encoding.UTF8.GetBytes(Ticket.Replace("\"7\"", $"\"{id}\"", StringComparison.Ordinal))), default);
        }

        Activity.Current = null;
        await WorkAsync(Queues.Service);

        var origins = spans.Where(s => s.Source.Name == "test").Select(s => s.TraceId).ToList();
        var ingest = Assert.Single(spans, s => s.DisplayName == "ingest");
        Assert.Equal(origins, [ingest.TraceId, Assert.Single(ingest.Links).Context.TraceId]);
    }

    [Fact]
    public async Task Leaves_nothing_in_documents_when_nobody_records()
    {
        await _pipeline.SendAsync("zendesk", Encoding.UTF8.GetBytes(Ticket));

        await foreach (var document in _pipeline.Get<IDocumentStore>().ScanAsync(Containers.Customers, default))
        {
            Assert.DoesNotContain("trace", Encoding.UTF8.GetString(document.Body.Span), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Counts_messages_by_outcome_and_tells_how_late_a_stage_is()
    {
        var measured = new Dictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == StageTelemetry.SourceName)
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (measured)
            {
                var name = $"{instrument.Name} {string.Join(',', tags.ToArray().Select(t => t.Value))}";
                measured[name] = measured.GetValueOrDefault(name) + value;
            }
        }

        listener.SetMeasurementEventCallback<long>((i, v, t, _) => Add(i, v, t));
        listener.SetMeasurementEventCallback<double>((i, v, t, _) => Add(i, v, t));
        listener.Start();

        await _pipeline.Get<ReceiveMessagesHandler>().HandleAsync(new PostedMessages("zendesk", "application/json", _ => null, Encoding.UTF8.GetBytes(Ticket)), default);
        await _pipeline.Get<ReceiveMessagesHandler>().HandleAsync(new PostedMessages("zendesk", "application/json", _ => null, "{}"u8.ToArray()), default);
        await WorkAsync(Queues.Service);

        await _pipeline.SendAsync(
            "square", Totals_that_sources_state.Payment("p1", 500, 500), Totals_that_sources_state.Payment("p2", 500, 700), Totals_that_sources_state.Payment("p2", 500, 700), Totals_that_sources_state.Payment("p3", 500, null));

        Assert.Equal((1, 1), (measured["customerpipeline.ingest.totals agrees"], measured["customerpipeline.ingest.totals differs"]));
        Assert.Equal(4, measured["customerpipeline.ingest.messages stored"]);
        Assert.Equal(1, measured["customerpipeline.ingest.messages quarantined"]);
        Assert.Equal(6, measured["customerpipeline.stage.items ingest"]);
        Assert.InRange(measured["customerpipeline.stage.items value"], 4, 8);
        Assert.InRange(measured["customerpipeline.stage.lag ingest"], 0, 60);
        Assert.True(measured["customerpipeline.stage.duration resolve"] > 0);
    }

    private static ActivityListener Listen(List<Activity> spans)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is StageTelemetry.SourceName or "test",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (spans)
                {
                    spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private async Task WorkAsync(string queue)
    {
        var messages = await _pipeline.Get<RocksQueues>().ReceiveAsync(queue, 100, TimeSpan.FromMinutes(1));
        await _pipeline.IngestAsync(queue, _pipeline.Enqueue(queue, messages.Select(m => m.Body)));
        await _pipeline.Get<RocksQueues>().CompleteAsync(queue, messages);
        await _pipeline.DrainAsync(most => most, () => false);
    }
}
