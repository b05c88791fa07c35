using System.Diagnostics;
using System.Diagnostics.Metrics;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Domain.Normalize;
using Microsoft.Extensions.Logging;

namespace CustomerPipeline.Application.Telemetry;

/// <summary>
/// What the stages tell an operator, by OpenTelemetry: a span for each batch, linked to what it was made of, from the webhook through the queue to the figure; how many, how long, how late.
/// A document carries the span that wrote it, while spans are recorded at all: the next stage goes on from there.
/// </summary>
public sealed partial class StageTelemetry : IDisposable
{
    /// <summary>Of the meter and of the source of spans.</summary>
    public const string SourceName = "CustomerPipeline";

    public const string MessagesName = "customerpipeline.ingest.messages";
    public const string TotalsName = "customerpipeline.ingest.totals";
    public const string ItemsName = "customerpipeline.stage.items";
    public const string DurationName = "customerpipeline.stage.duration";
    public const string LagName = "customerpipeline.stage.lag";
    public const string DamagedName = "customerpipeline.stage.damaged";

    public const string Ingest = "ingest";
    public const string Resolve = "resolve";
    public const string Value = "value";
    public const string Publish = "publish";
    public const string FigureFiles = "figure-files";
    public const string Snapshot = "snapshot";
    public const string Erase = "erase";
    public const string KeepFor = "keep-for";
    public const string Suggest = "suggest";

    /// <summary>No stage: whoever asks for a list of what is kept.</summary>
    public const string List = "list";

    /// <summary>The attribute of a CloudEvent that carries a trace: https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/distributed-tracing.md.</summary>
    public const string TraceAttribute = "traceparent";

    private const int MostLinks = 100;

    private static readonly ActivitySource Spans = new(SourceName);

    private readonly TimeProvider _clock;
    private readonly ILogger<StageTelemetry> _logger;
    private readonly Meter _meter = new(SourceName);
    private readonly Counter<long> _messages;
    private readonly Counter<long> _totals;
    private readonly Counter<long> _items;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _lag;
    private readonly Counter<long> _damaged;

    public StageTelemetry(TimeProvider clock, ILogger<StageTelemetry> logger)
    {
        _clock = clock;
        _logger = logger;
        _messages = _meter.CreateCounter<long>(MessagesName, "{message}", "Messages worked on, by outcome; one that is delivered again is worked on again.");
        _totals = _meter.CreateCounter<long>(TotalsName, "{record}", "Stored records whose source states a total, by whether the lines that were read add up to it.");
        _items = _meter.CreateCounter<long>(ItemsName, "{item}", "Messages or changed documents that a stage has worked on.");
        _duration = _meter.CreateHistogram<double>(DurationName, "s", "How long a stage worked on a batch.");
        _lag = _meter.CreateHistogram<double>(LagName, "s", "How long the first of a batch had been waiting for the stage.");
        _damaged = _meter.CreateCounter<long>(DamagedName, "{item}", "Messages or changed documents that a stage could not work on because a stored document is damaged.");
    }

    /// <summary>The span of now, for the next stage to go on from; null where none is recorded.</summary>
    public static string? Trace => Activity.Current is { Recorded: true } span ? span.Id : null;

    /// <summary>Works on a batch and tells of it.</summary>
    /// <param name="stage">ingest, resolve or value.</param>
    /// <param name="items">How many messages or documents.</param>
    /// <param name="traces">Where they come from; asked for only when spans are recorded.</param>
    /// <param name="since">When the first of them began to wait; null where that is not known.</param>
    /// <param name="work">The work.</param>
    public async Task RunAsync(string stage, int items, IEnumerable<string?> traces, DateTimeOffset? since, Func<Task> work)
    {
        var tag = new KeyValuePair<string, object?>("stage", stage);
        if (since is { } waiting)
        {
            _lag.Record(Math.Max(0, (_clock.GetUtcNow() - waiting).TotalSeconds), tag);
        }

        using var span = Start(stage, items, traces);
        var started = _clock.GetTimestamp();
        try
        {
            await work();
            _items.Add(items, tag);
        }
        catch (Exception e)
        {
            // The kind only: a message may hold what somebody wrote.
            span?.SetStatus(ActivityStatusCode.Error, e.GetType().Name);
            throw;
        }
        finally
        {
            _duration.Record(_clock.GetElapsedTime(started).TotalSeconds, tag);
        }
    }

    public void Count(Outcome outcome) => _messages.Add(1, new KeyValuePair<string, object?>("outcome", outcome switch
    {
        Outcome.Stored => "stored",
        Outcome.Duplicate => "duplicate",
        Outcome.Quarantined => "quarantined",
        _ => "ignored",
    }));

    /// <summary>Counts a record that was stored by whether it agrees with the total that its source states.</summary>
    public void Count(TotalCheck total) => _totals.Add(1, new KeyValuePair<string, object?>("total", total.Differs ? "differs" : "agrees"));

    /// <summary>Works on something by itself. What cannot be worked on because a document is damaged is told of and passed over, so that the rest goes on.</summary>
    public async Task TryAsync(string stage, int items, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (CorruptDocumentException e)
        {
            PassOver(stage, items, e.Message);
        }
    }

    /// <summary>The changes that can be read. The others are told of and passed over.</summary>
    public IReadOnlyList<T> Readable<T>(string stage, IReadOnlyList<Changed<T>> changes)
        where T : class
    {
        var readable = changes.Select(c => c.Document).OfType<T>().ToList();
        if (readable.Count < changes.Count)
        {
            PassOver(stage, changes.Count - readable.Count, "What changed is not what this program writes. The command verify names every such document.");
        }

        return readable;
    }

    /// <summary>What is read from a document that can be done without; null where it is damaged, which is told of.</summary>
    public T? Read<T>(string stage, Document document, Func<Document, T> read)
        where T : class
    {
        try
        {
            return read(document);
        }
        catch (CorruptDocumentException e)
        {
            PassOver(stage, 1, e.Message);
            return null;
        }
    }

    /// <summary>The documents that can be read, with what is in them. The others are told of and passed over.</summary>
    public async IAsyncEnumerable<(Document Document, T Value)> ReadableAsync<T>(string stage, IAsyncEnumerable<Document> documents, Func<Document, T> read)
        where T : class
    {
        await foreach (var document in documents)
        {
            if (Read(stage, document, read) is { } value)
            {
                yield return (document, value);
            }
        }
    }

    /// <summary>Tells of what a stage did not do because a document is damaged.</summary>
    public void PassOver(string stage, int items, string why)
    {
        _damaged.Add(items, new KeyValuePair<string, object?>("stage", stage));
        LogDamaged(_logger, stage, items, why);
    }

    /// <summary>An instant that Cosmos DB tells in Unix seconds.</summary>
    public static DateTimeOffset? At(long? seconds) => seconds is { } known ? DateTimeOffset.FromUnixTimeSeconds(known) : null;

    /// <summary>The trace that a queue message carries.</summary>
    public static string? TraceOf(ReadOnlyMemory<byte> message) => MessageEnvelope.ReadAhead(message)?.Headers.FirstOrDefault(h => h.Key == TraceAttribute).Value;

    public void Dispose() => _meter.Dispose();

    [LoggerMessage(Level = LogLevel.Error, Message = "The stage {Stage} passed over {Items} because of a damaged document: {What}")]
    private static partial void LogDamaged(ILogger logger, string stage, int items, string what);

    // One trace goes on; what else is in the batch is linked.
    private static Activity? Start(string stage, int items, IEnumerable<string?> traces)
    {
        if (items == 0 || !Spans.HasListeners())
        {
            return null;
        }

        var origins = traces.OfType<string>().Distinct(StringComparer.Ordinal).Take(MostLinks).Select(t => ActivityContext.TryParse(t, null, isRemote: true, out var origin) ? origin : default).Where(c => c != default).ToList();
        var span = Spans.StartActivity(stage, ActivityKind.Consumer, origins.FirstOrDefault(), links: origins.Skip(1).Select(o => new ActivityLink(o)));
        span?.SetTag("customerpipeline.items", items);
        return span;
    }
}
