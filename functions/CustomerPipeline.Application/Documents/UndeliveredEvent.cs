using System.Text.Json.Serialization;

namespace CustomerPipeline.Application.Documents;

/// <summary>An event that a subscriber did not take, however often it was offered.</summary>
/// <param name="Subscriber">Its address.</param>
/// <param name="Event">The event.</param>
/// <param name="Reason">What the subscriber answered the last time.</param>
/// <param name="At">When it was given up.</param>
public sealed record UndeliveredEvent([property: JsonRequired] string Subscriber, [property: JsonRequired] OutgoingEvent Event, string Reason, DateTimeOffset At);
