using System.Text.Json;

namespace CustomerPipeline.Application.Documents;

/// <summary>Something that happened, for whoever subscribed: a CloudEvent 1.0 whose data is JSON, without personal data.</summary>
/// <param name="Id">The same each time the same thing is told: subscribers drop what they know.</param>
/// <param name="Type">customerpipeline.…</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Data">The rest.</param>
public sealed record OutgoingEvent(string Id, string Type, string Subject, DateTimeOffset Time, JsonElement Data)
{
    /// <summary>The CloudEvents source of everything this pipeline tells.</summary>
    public const string Source = "/customerpipeline";
}
