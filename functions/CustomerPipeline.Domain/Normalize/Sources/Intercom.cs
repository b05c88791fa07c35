using System.Text.Json.Serialization;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Normalize.Sources;

/// <summary>
/// Intercom conversations and contacts: webhook notifications, and the bare objects of the REST API. Follows API version 2.11. Times are epoch seconds;
/// a conversation's statistics are totals, so that the latest version says everything.
/// </summary>
internal static class Intercom
{
    private const string Source = "intercom";

    public static Normalization Normalize(MessageEnvelope envelope, NormalizationRules rules) =>
        SourceJson.Map(envelope.Data, SourceShapes.Default.IntercomObject, message =>
        {
            var item = message.Type == "notification_event" ? message.Data?.Item : message;
            return item?.Type switch
            {
                "conversation" => Conversation(item, message, rules),
                "contact" or "user" or "lead" => Contact(item, message, rules),
                null => Normalization.Reject("missing-field", "The payload has no type, or no data.item. Send the notification as Intercom sent it, or a conversation or contact of its API."),
                _ => Normalization.Ignore("event-not-measured"),
            } with
            {
                Instance = Normalizer.InstanceOf(Source, envelope, message.AppId),
            };
        });

    private static Normalization Conversation(IntercomObject conversation, IntercomObject message, NormalizationRules rules)
    {
        var id = SourceJson.Required(conversation.Id, "conversation id");
        if (message.Topic == "conversation.deleted")
        {
            // The notification names the conversation and says nothing else of it.
            return new Normalization.Normalized(Record(EntityKind.Ticket, id, conversation, message) with { Deleted = true, Ticket = new TicketChange() });
        }

        var createdAt = Time(conversation.CreatedAt, "created_at");
        var statistics = conversation.Statistics;
        var author = conversation.Source?.Author;

        // A conversation belongs to the contact who began it. The others of a group conversation take part in it, and are people of their own.
        var isContact = author?.Type is "user" or "lead" or "contact";
        var first = isContact && author?.Id is not null ? author.Id : (conversation.Contacts?.Contacts).Items() is [{ Id: var other }, ..] ? other : null;
        return new Normalization.Normalized(Record(EntityKind.Ticket, id, conversation, message) with
        {
            Identifiers = IdentifierNormalizer.Present(IdentifierNormalizer.Account(Source, first), isContact ? IdentifierNormalizer.Email(author?.Email) : null),
            Ticket = new TicketChange
            {
                CreatedAt = createdAt,
                Status = conversation.State?.ToLowerInvariant() switch
                {
                    "closed" => "solved",
                    "snoozed" => "pending",
                    "open" => "open",
                    _ => null,
                },
                FirstReplyAt = TimeOrNull(statistics?.FirstAdminReplyAt, "first_admin_reply_at"),
                SolvedAt = TimeOrNull(statistics?.LastCloseAt, "last_close_at"),
                Reopens = Count(statistics?.Reopens),

                // The first assignment gives a conversation its first owner: only those after it are handoffs.
                Handoffs = Count(statistics?.Assignments) is { } assignments ? Math.Max(0, assignments - 1) : null,
                Rating = RatingOf(conversation.Rating),
                Subject = TicketSubject.Of(conversation.Title),
            },
        });
    }

    private static Normalization Contact(IntercomObject contact, IntercomObject message, NormalizationRules rules)
    {
        var id = SourceJson.Required(contact.Id, "contact id");
        return new Normalization.Normalized(Record(EntityKind.Person, id, contact, message) with
        {
            Identifiers = IdentifierNormalizer.Present(
                IdentifierNormalizer.Account(Source, id), IdentifierNormalizer.Email(contact.Email), IdentifierNormalizer.Phone(contact.Phone, rules.DefaultRegion)),
            Person = new PersonProfile { Name = contact.Name, Deleted = message.Topic is "contact.deleted" or "user.deleted" },
        });
    }

    private static InteractionRecord Record(EntityKind kind, string id, IntercomObject item, IntercomObject message)
    {
        var at = Time(item.UpdatedAt ?? message.CreatedAt ?? item.CreatedAt, "updated_at");

        // A conversation of the REST API has no notification id: its version is its duplicate key.
        var key = ReferenceEquals(item, message) ? $"{id}:{at.UtcTicks}" : SourceJson.Required(message.Id, "id");
        return new InteractionRecord
        {
            Entity = EntityKey.Of(Source, kind, id),
            Id = StableHash.Of(Source, kind.Name(), key),
            Version = at.UtcTicks,
            Kind = kind,
            Channel = Channel.Service,
            OccurredAt = at,
        };
    }

    private static Rating? RatingOf(IntercomRating? rating) => rating?.Score switch
    {
        null => null,
        >= 1 and <= 5 and var score => new Rating((int)score, 1, 5),
        _ => throw new UnreadableFieldException("invalid-number", "conversation_rating.rating is not 1 to 5. Mend the payload and retry."),
    };

    private static int? Count(decimal? count) => count switch
    {
        null => null,
        >= 0 and <= 1_000_000 => (int)count,
        _ => throw new UnreadableFieldException("invalid-number", "A count in statistics is negative or impossibly large. Mend the payload and retry."),
    };

    private static DateTimeOffset? TimeOrNull(decimal? seconds, string field) => seconds is null ? null : Time(seconds, field);

    private static DateTimeOffset Time(decimal? seconds, string field) =>
        SourceJson.Time(seconds is >= 0 and < 10_000_000_000m ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : seconds is null ? null : DateTimeOffset.MaxValue, field);
}

/// <summary>A notification, a conversation or a contact: one shape for all, so that a payload is read once.</summary>
internal sealed class IntercomObject
{
    [JsonPropertyName("app_id")]
    [JsonConverter(typeof(TextIfAny))]
    public string? AppId { get; set; }

    public string? Type { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Id { get; set; }

    public string? Topic { get; set; }

    public IntercomNotification? Data { get; set; }

    [JsonPropertyName("created_at")]
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? CreatedAt { get; set; }

    [JsonPropertyName("updated_at")]
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? UpdatedAt { get; set; }

    public string? State { get; set; }

    public IntercomSource? Source { get; set; }

    public IntercomContacts? Contacts { get; set; }

    public IntercomStatistics? Statistics { get; set; }

    [JsonPropertyName("conversation_rating")]
    public IntercomRating? Rating { get; set; }

    public string? Email { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Phone { get; set; }

    public string? Name { get; set; }

    public string? Title { get; set; }
}

internal sealed class IntercomNotification
{
    public IntercomObject? Item { get; set; }
}

internal sealed class IntercomSource
{
    public IntercomAuthor? Author { get; set; }
}

internal sealed class IntercomAuthor
{
    public string? Type { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Id { get; set; }

    public string? Email { get; set; }
}

internal sealed class IntercomContacts
{
    public IReadOnlyList<IntercomAuthor?>? Contacts { get; set; }
}

internal sealed class IntercomStatistics
{
    [JsonPropertyName("first_admin_reply_at")]
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? FirstAdminReplyAt { get; set; }

    [JsonPropertyName("last_close_at")]
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? LastCloseAt { get; set; }

    [JsonPropertyName("count_reopens")]
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Reopens { get; set; }

    [JsonPropertyName("count_assignments")]
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Assignments { get; set; }
}

internal sealed class IntercomRating
{
    [JsonPropertyName("rating")]
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Score { get; set; }
}
