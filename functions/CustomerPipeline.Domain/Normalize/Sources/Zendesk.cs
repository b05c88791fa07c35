using System.Text.Json;
using System.Text.Json.Serialization;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Normalize.Sources;

/// <summary>
/// Zendesk event webhooks <c>zen:event-type:ticket.*</c> and <c>zen:event-type:user.*</c>, event schema 2022-11-06. Ticket events carry no email of the
/// requester: it comes with the user events, joined by the requester's account.
/// </summary>
internal static class Zendesk
{
    private const string Source = "zendesk";
    private const string TicketEvents = "zen:event-type:ticket.";
    private const string UserEvents = "zen:event-type:user.";

    public static Normalization Normalize(MessageEnvelope envelope, NormalizationRules rules) =>
        SourceJson.Map(envelope.Data, SourceShapes.Default.ZendeskEvent, message => message.Type switch
        {
            { } type when type.StartsWith(TicketEvents, StringComparison.Ordinal) => Ticket(message, type[TicketEvents.Length..]),
            { } type when type.StartsWith(UserEvents, StringComparison.Ordinal) => User(message, rules),
            { } type when type.StartsWith("zen:event-type:", StringComparison.Ordinal) => Normalization.Ignore("event-not-measured"),
            null => Normalization.Reject("missing-field", "The payload has no type: it is no Zendesk event. Send the webhook body as Zendesk sent it."),
            _ => Normalization.Reject("unknown-event", "The type is no Zendesk event type. Send the webhook body as Zendesk sent it."),
        });

    private static Normalization Ticket(ZendeskEvent message, string what)
    {
        var detail = message.Detail ?? new ZendeskDetail();
        var record = Record(message, EntityKind.Ticket, SourceJson.Required(detail.Id ?? IdOf(message.Subject), "detail.id"));
        var current = message.Event?.Current is { ValueKind: JsonValueKind.String } text ? text.GetString()?.ToLowerInvariant() : null;
        return new Normalization.Normalized(record with
        {
            Identifiers = IdentifierNormalizer.Present(IdentifierNormalizer.Account(Source, detail.RequesterId)),
            Ticket = new TicketChange
            {
                CreatedAt = detail.CreatedAt is { } createdAt ? SourceJson.Time(createdAt, "detail.created_at") : what == "created" ? record.OccurredAt : null,
                Status = (what == "status_changed" ? current : null) ?? detail.Status?.ToLowerInvariant(),
                PublicAgentReply = what == "comment_added" && message.Event?.Comment is { IsPublic: true, Author.IsStaff: true },
                Satisfaction = Answer((what.Contains("satisfaction", StringComparison.Ordinal) || what.Contains("csat", StringComparison.Ordinal) ? current : null)
                    ?? detail.Satisfaction?.Score?.ToLowerInvariant()),
                Handoff = what is "group_assignment_changed" or "agent_assignment_changed" && message.Event?.Previous is { ValueKind: JsonValueKind.String or JsonValueKind.Number },
            },
        });
    }

    private static Normalization User(ZendeskEvent message, NormalizationRules rules)
    {
        var detail = message.Detail ?? new ZendeskDetail();
        var id = SourceJson.Required(detail.Id ?? IdOf(message.Subject), "detail.id");

        // Agents are not customers; what they write reaches the pipeline with the tickets.
        if (detail.Role?.ToLowerInvariant() is "agent" or "admin")
        {
            return Normalization.Ignore("not-a-customer");
        }

        return new Normalization.Normalized(Record(message, EntityKind.Person, id) with
        {
            Identifiers = IdentifierNormalizer.Present(
                IdentifierNormalizer.Account(Source, id),
                IdentifierNormalizer.Email(detail.Email),
                IdentifierNormalizer.Phone(detail.Phone, rules.DefaultRegion)),
            Person = new PersonProfile { Name = detail.Name },
        });
    }

    private static InteractionRecord Record(ZendeskEvent message, EntityKind kind, string id)
    {
        var at = SourceJson.Time(message.Time, "time");
        return new InteractionRecord
        {
            Entity = EntityKey.Of(Source, kind, id),
            Id = StableHash.Of(Source, SourceJson.Required(message.Id, "id")),
            Version = at.UtcTicks,
            Kind = kind,
            Channel = Channel.Service,
            OccurredAt = at,
        };
    }

    // An offer is no answer.
    private static string? Answer(string? score) => score is "good" or "bad" ? score : null;

    private static string? IdOf(string? subject)
    {
        var colon = subject?.LastIndexOf(':') ?? -1;
        return colon < 0 ? null : subject![(colon + 1)..];
    }
}

internal sealed class ZendeskEvent
{
    public string? Type { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Id { get; set; }

    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? Time { get; set; }

    public string? Subject { get; set; }

    public ZendeskDetail? Detail { get; set; }

    public ZendeskChange? Event { get; set; }
}

internal sealed class ZendeskDetail
{
    [JsonConverter(typeof(LooseText))]
    public string? Id { get; set; }

    [JsonPropertyName("requester_id")]
    [JsonConverter(typeof(LooseText))]
    public string? RequesterId { get; set; }

    [JsonPropertyName("created_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? CreatedAt { get; set; }

    public string? Status { get; set; }

    public string? Role { get; set; }

    public string? Email { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Phone { get; set; }

    public string? Name { get; set; }

    [JsonPropertyName("satisfaction_rating")]
    public ZendeskSatisfaction? Satisfaction { get; set; }
}

internal sealed class ZendeskSatisfaction
{
    public string? Score { get; set; }
}

internal sealed class ZendeskChange
{
    public JsonElement? Current { get; set; }

    public JsonElement? Previous { get; set; }

    public ZendeskComment? Comment { get; set; }
}

internal sealed class ZendeskComment
{
    [JsonPropertyName("is_public")]
    public bool? IsPublic { get; set; }

    public ZendeskAuthor? Author { get; set; }
}

internal sealed class ZendeskAuthor
{
    [JsonPropertyName("is_staff")]
    public bool? IsStaff { get; set; }
}
