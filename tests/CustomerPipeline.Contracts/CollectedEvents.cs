using System.Collections.Concurrent;
using System.Text.Json;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using Json.Schema;

namespace CustomerPipeline.Contracts;

/// <summary>Events, kept for a test to look at. Each of them must be what its schema in docs/events says.</summary>
public sealed class CollectedEvents : IEventPublisher
{
    private static readonly ConcurrentDictionary<string, JsonSchema> Schemas = new();
    private static readonly EvaluationOptions Strictly = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    private readonly ConcurrentQueue<OutgoingEvent> _events = new();

    public Task PublishAsync(IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        foreach (var @event in events)
        {
            AssertDescribed(@event.Type, @event.Data);
            _events.Enqueue(@event);
        }

        return Task.CompletedTask;
    }

    /// <summary>What came since it was asked last.</summary>
    public IReadOnlyList<OutgoingEvent> Take()
    {
        var taken = new List<OutgoingEvent>();
        while (_events.TryDequeue(out var @event))
        {
            taken.Add(@event);
        }

        return taken;
    }

    /// <summary>Fails if the data of an event of a type is not what its schema says.</summary>
    public static void AssertDescribed(string type, JsonElement data) => Assert.True(IsDescribed(type, data), $"{data} is not what the schema of {type} says.");

    public static bool IsDescribed(string type, JsonElement data) =>
        Schemas.GetOrAdd(type, t => JsonSchema.FromFile(Repository.PathOf("docs", "events", $"{t}.schema.json"))).Evaluate(data, Strictly).IsValid;
}
