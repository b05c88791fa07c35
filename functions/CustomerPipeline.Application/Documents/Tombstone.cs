using System.Text.Json.Serialization;

namespace CustomerPipeline.Application.Documents;

/// <summary>Something was erased, and when.</summary>
public sealed record Tombstone([property: JsonRequired] DateTimeOffset At);
