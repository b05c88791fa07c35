using System.Text.Json.Serialization;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Normalize.Sources;

/// <summary>
/// Zendesk event webhooks <c>zen:event-type:ticket.*</c> and <c>zen:event-type:user.*</c>, event schema 2022-11-06, and the forms of the Support REST API v2:
/// ticket, user, satisfaction rating, survey response. Ticket events carry no email of the requester: it comes with the user, joined by the requester's account.
/// </summary>
internal static class Zendesk
{
    private const string Source = "zendesk";
    private const string TicketEvents = "zen:event-type:ticket.";
    private const string UserEvents = "zen:event-type:user.";

    public static Normalization Normalize(MessageEnvelope envelope, NormalizationRules rules) =>
        SourceJson.Map(envelope.Data, SourceShapes.Default.ZendeskMessage, message => message.Type switch
        {
            { } type when type.StartsWith(TicketEvents, StringComparison.Ordinal) => TicketEvent(message, type[TicketEvents.Length..]),
            { } type when type.StartsWith(UserEvents, StringComparison.Ordinal) => UserEvent(message, type[UserEvents.Length..], rules),
            { } type when type.StartsWith("zen:event-type:", StringComparison.Ordinal) => Normalization.Ignore("event-not-measured"),
            _ => Rest(message, rules),
        } with
        {
            Instance = Normalizer.InstanceOf(Source, envelope, message.AccountId ?? envelope.HeaderOf("X-Zendesk-Account-Id")),
        });

    // The REST API answers with an object by its name, or with a list of them.
    private static Normalization Rest(ZendeskMessage message, NormalizationRules rules)
    {
        var records = new List<InteractionRecord>();
        records.AddRange((message.Tickets ?? []).Append(message.Ticket).OfType<ZendeskDetail>().Select(RestTicket));
        var users = (message.Users ?? []).Append(message.User).OfType<ZendeskDetail>().ToList();
        records.AddRange(users.Where(IsCustomer).Select(user => Customer(user, RestRecord(EntityKind.Person, user), rules)));
        records.AddRange((message.SatisfactionRatings ?? []).Append(message.SatisfactionRating).OfType<ZendeskSatisfaction>().Select(RestRating));

        if (message.SurveyResponse is { } survey)
        {
            records.Add(RestSurvey(survey));
        }

        return records.Count > 0 ? new Normalization.Normalized(records)
            : users.Count > 0 ? Normalization.Ignore("not-a-customer")
            : Normalization.Reject("unknown-shape", "The payload is no Zendesk event, and none of ticket, user, satisfaction_rating and survey_response, or a list of them. Wrap a bare object, as in {\"ticket\": {…}}.");
    }

    private static Normalization TicketEvent(ZendeskMessage message, string what)
    {
        var detail = message.Detail ?? new ZendeskDetail();
        var id = SourceJson.Required(detail.Id ?? IdOf(message.Subject), "detail.id");
        var record = EventRecord(message, EntityKind.Ticket, id);
        var current = message.Event?.Current?.ToLowerInvariant();
        var isAnswer = what.Contains("satisfaction", StringComparison.Ordinal) || what.Contains("csat", StringComparison.Ordinal);
        var ticket = record with
        {
            Identifiers = IdentifierNormalizer.Present(IdentifierNormalizer.Account(Source, detail.RequesterId)),
            Deleted = what switch
            {
                "marked_as_spam" or "soft_deleted" or "permanently_deleted" => true,
                "undeleted" => false,
                _ => IsDeleted(detail),
            },
            Ticket = new TicketChange
            {
                CreatedAt = detail.CreatedAt is { } createdAt ? SourceJson.Time(createdAt, "detail.created_at") : what == "created" ? record.OccurredAt : null,
                Status = StatusOf((what == "status_changed" ? current : null) ?? detail.Status),
                PublicAgentReply = what == "comment_added" && message.Event?.Comment is { IsPublic: true, Author.IsStaff: true },
                Rating = (isAnswer ? RatingOf(current) ?? ScaleOf(message.Event?.Rating) : null) ?? RatingOf(detail.Satisfaction?.Score),
                Subject = TicketSubject.Of(detail.TicketSubject),
                Handoff = what is "group_assignment_changed" or "agent_assignment_changed" && message.Event?.Previous is not null,
            },
        };

        // A merge joins two tickets about one thing, and not the people who wrote them: each keeps its requester.
        return new Normalization.Normalized(ticket);
    }

    private static Normalization UserEvent(ZendeskMessage message, string what, NormalizationRules rules)
    {
        var detail = message.Detail ?? new ZendeskDetail();
        var id = SourceJson.Required(detail.Id ?? IdOf(message.Subject), "detail.id");
        if (!IsCustomer(detail))
        {
            return Normalization.Ignore("not-a-customer");
        }

        var record = Customer(detail, EventRecord(message, EntityKind.Person, id), rules, id);
        if (what != "merged")
        {
            return new Normalization.Normalized(record);
        }

        var target = SourceJson.Required(message.Event?.TargetUserId ?? message.Event?.User?.Id ?? message.Event?.Current, "event.target_user_id");
        return new Normalization.Normalized(record with
        {
            Identifiers = IdentifierNormalizer.Present([IdentifierNormalizer.Account(Source, target), .. record.Identifiers]),
            Person = record.Person! with { Deleted = true },
        });
    }

    private static InteractionRecord RestTicket(ZendeskDetail ticket)
    {
        var metrics = ticket.MetricSet;
        return RestRecord(EntityKind.Ticket, ticket) with
        {
            Identifiers = IdentifierNormalizer.Present(IdentifierNormalizer.Account(Source, ticket.RequesterId)),
            Deleted = IsDeleted(ticket),
            Ticket = new TicketChange
            {
                CreatedAt = SourceJson.Time(ticket.CreatedAt, "ticket.created_at"),
                Status = StatusOf(ticket.Status),
                Rating = RatingOf(ticket.Satisfaction?.Score),
                SolvedAt = metrics?.SolvedAt is { } solvedAt ? SourceJson.Time(solvedAt, "metric_set.solved_at") : null,
                FirstReplyAt = ticket.CreatedAt is { } createdAt && metrics?.ReplyTime?.Calendar is { } minutes and >= 0 and <= 10_000_000
                    ? SourceJson.Time(createdAt, "ticket.created_at").AddMinutes(minutes)
                    : null,
                Subject = TicketSubject.Of(ticket.TicketSubject),
                Replies = metrics?.Replies is { } replies ? Math.Clamp(replies, 0, 1_000_000) : null,
                Reopens = metrics?.Reopens is { } reopens ? Math.Clamp(reopens, 0, 1_000_000) : null,

                // Stations count where a ticket has been: one less is how often it moved.
                Handoffs = metrics is { AssigneeStations: { } agents, GroupStations: { } groups }
                    ? Math.Clamp(agents - 1, 0, 1_000_000) + Math.Clamp(groups - 1, 0, 1_000_000)
                    : null,
            },
        };
    }

    private static bool? IsDeleted(ZendeskDetail ticket) => ticket.Status is null ? null : string.Equals(ticket.Status, "deleted", StringComparison.OrdinalIgnoreCase);

    // What a ticket was before it was deleted stays known of it: a restored one goes on from there.
    private static string? StatusOf(string? status) => status?.ToLowerInvariant() is { } known && known != "deleted" ? known : null;

    private static InteractionRecord RestRating(ZendeskSatisfaction rating) =>
        RestRecord(EntityKind.Ticket, new ZendeskDetail { Id = rating.TicketId, CreatedAt = rating.CreatedAt, UpdatedAt = rating.UpdatedAt }, $"rating:{rating.Id}") with
        {
            Identifiers = IdentifierNormalizer.Present(IdentifierNormalizer.Account(Source, rating.RequesterId)),
            Ticket = new TicketChange { Rating = RatingOf(rating.Score) },
        };

    private static InteractionRecord RestSurvey(ZendeskSurveyResponse survey)
    {
        var ticket = survey.Subjects.Items().FirstOrDefault(s => s.Type == "ticket")?.Id;
        return RestRecord(EntityKind.Ticket, new ZendeskDetail { Id = ticket, CreatedAt = survey.CreatedAt, UpdatedAt = survey.UpdatedAt }, $"survey:{survey.Id}") with
        {
            // The person who answers may be another one than the requester, and the ticket itself names the requester.
            Ticket = new TicketChange { Rating = survey.Answers.Items().Select(a => ScaleOf(a.Rating)).FirstOrDefault(r => r is not null) },
        };
    }

    private static InteractionRecord Customer(ZendeskDetail user, InteractionRecord record, NormalizationRules rules, string? id = null) => record with
    {
        Identifiers = IdentifierNormalizer.Present(
            IdentifierNormalizer.Account(Source, id ?? user.Id),
            IdentifierNormalizer.Email(user.Email),
            user.IsPhoneShared == true ? null : IdentifierNormalizer.Phone(user.Phone, rules.DefaultRegion)),
        Person = new PersonProfile { Name = user.Name },
    };

    // Agents are not customers; what they write reaches the pipeline with the tickets.
    private static bool IsCustomer(ZendeskDetail user) => user.Role?.ToLowerInvariant() is not ("agent" or "admin");

    private static InteractionRecord EventRecord(ZendeskMessage message, EntityKind kind, string id) =>
        Record(kind, id, StableHash.Of(Source, SourceJson.Required(message.Id, "id")), SourceJson.Time(message.Time, "time"));

    // The REST form has no event id: object and version are its duplicate key.
    private static InteractionRecord RestRecord(EntityKind kind, ZendeskDetail detail, string? key = null)
    {
        var at = SourceJson.Time(detail.UpdatedAt ?? detail.CreatedAt, "updated_at");
        var id = SourceJson.Required(detail.Id, "id");

        // A system update moves generated_timestamp and leaves updated_at (Zendesk, "Incremental exports").
        var generated = detail.Generated is { } seconds and > 0 and < 4_102_444_800 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : at;
        var version = generated > at ? generated : at;
        return Record(kind, id, StableHash.Of(Source, kind.Name(), key ?? id, version.UtcTicks.ToString(System.Globalization.CultureInfo.InvariantCulture)), at) with
        {
            Version = version.UtcTicks,
        };
    }

    private static InteractionRecord Record(EntityKind kind, string id, string recordId, DateTimeOffset at) => new()
    {
        Entity = EntityKey.Of(Source, kind, id),
        Id = recordId,
        Version = at.UtcTicks,
        Kind = kind,
        Channel = Channel.Service,
        OccurredAt = at,
    };

    // An offer is no answer.
    private static Rating? RatingOf(string? score) => score?.ToLowerInvariant() switch
    {
        "good" or "good_with_comment" => Rating.Good,
        "bad" or "bad_with_comment" => Rating.Bad,
        { Length: 1 } digit when digit[0] is >= '1' and <= '5' => new Rating(digit[0] - '0', 1, 5),
        _ => null,
    };

    private static Rating? ScaleOf(decimal? rating) => rating switch
    {
        null => null,
        >= 1 and <= 5 => new Rating((int)rating, 1, 5),
        _ => throw new UnreadableFieldException("invalid-number", "The rating is not 1 to 5. Mend the payload and retry."),
    };

    private static string? IdOf(string? subject)
    {
        var colon = subject?.LastIndexOf(':') ?? -1;
        return colon < 0 ? null : subject![(colon + 1)..];
    }
}

internal sealed class ZendeskMessage
{
    [JsonPropertyName("account_id")]
    [JsonConverter(typeof(TextIfAny))]
    public string? AccountId { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Type { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Id { get; set; }

    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? Time { get; set; }

    public string? Subject { get; set; }

    public ZendeskDetail? Detail { get; set; }

    public ZendeskChange? Event { get; set; }

    public ZendeskDetail? Ticket { get; set; }

    public IReadOnlyList<ZendeskDetail?>? Tickets { get; set; }

    public ZendeskDetail? User { get; set; }

    public IReadOnlyList<ZendeskDetail?>? Users { get; set; }

    [JsonPropertyName("satisfaction_rating")]
    public ZendeskSatisfaction? SatisfactionRating { get; set; }

    [JsonPropertyName("satisfaction_ratings")]
    public IReadOnlyList<ZendeskSatisfaction?>? SatisfactionRatings { get; set; }

    [JsonPropertyName("survey_response")]
    public ZendeskSurveyResponse? SurveyResponse { get; set; }
}

/// <summary>The fields used of a ticket or a user.</summary>
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

    [JsonPropertyName("updated_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? UpdatedAt { get; set; }

    [JsonPropertyName("generated_timestamp")]
    public long? Generated { get; set; }

    public string? Status { get; set; }

    public string? Role { get; set; }

    public string? Email { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Phone { get; set; }

    /// <summary>Several users have the number (Support API, Users), so it does not identify one of them.</summary>
    [JsonPropertyName("shared_phone_number")]
    [JsonConverter(typeof(TrueIfAny))]
    public bool? IsPhoneShared { get; set; }

    public string? Name { get; set; }

    [JsonPropertyName("subject")]
    [JsonConverter(typeof(LooseText))]
    public string? TicketSubject { get; set; }

    [JsonPropertyName("satisfaction_rating")]
    public ZendeskSatisfaction? Satisfaction { get; set; }

    [JsonPropertyName("metric_set")]
    public ZendeskMetricSet? MetricSet { get; set; }
}

internal sealed class ZendeskMetricSet
{
    [JsonPropertyName("solved_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? SolvedAt { get; set; }

    public int? Reopens { get; set; }

    public int? Replies { get; set; }

    [JsonPropertyName("assignee_stations")]
    public int? AssigneeStations { get; set; }

    [JsonPropertyName("group_stations")]
    public int? GroupStations { get; set; }

    [JsonPropertyName("reply_time_in_minutes")]
    public ZendeskMinutes? ReplyTime { get; set; }
}

internal sealed class ZendeskMinutes
{
    public int? Calendar { get; set; }
}

internal sealed class ZendeskSatisfaction
{
    [JsonConverter(typeof(LooseText))]
    public string? Id { get; set; }

    [JsonPropertyName("ticket_id")]
    [JsonConverter(typeof(LooseText))]
    public string? TicketId { get; set; }

    [JsonPropertyName("requester_id")]
    [JsonConverter(typeof(LooseText))]
    public string? RequesterId { get; set; }

    [JsonPropertyName("created_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? CreatedAt { get; set; }

    [JsonPropertyName("updated_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? UpdatedAt { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Score { get; set; }
}

internal sealed class ZendeskSurveyResponse
{
    [JsonConverter(typeof(LooseText))]
    public string? Id { get; set; }

    [JsonPropertyName("responder_id")]
    [JsonConverter(typeof(LooseText))]
    public string? ResponderId { get; set; }

    [JsonPropertyName("created_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? CreatedAt { get; set; }

    [JsonPropertyName("updated_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? UpdatedAt { get; set; }

    public IReadOnlyList<ZendeskSurveySubject?>? Subjects { get; set; }

    public IReadOnlyList<ZendeskSurveyAnswer?>? Answers { get; set; }
}

internal sealed class ZendeskSurveySubject
{
    [JsonConverter(typeof(LooseText))]
    public string? Id { get; set; }

    public string? Type { get; set; }
}

internal sealed class ZendeskSurveyAnswer
{
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Rating { get; set; }
}

internal sealed class ZendeskChange
{
    [JsonConverter(typeof(TextIfAny))]
    public string? Current { get; set; }

    [JsonConverter(typeof(TextIfAny))]
    public string? Previous { get; set; }

    public ZendeskComment? Comment { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Rating { get; set; }

    [JsonPropertyName("target_user_id")]
    [JsonConverter(typeof(LooseText))]
    public string? TargetUserId { get; set; }

    public ZendeskUserReference? User { get; set; }
}

internal sealed class ZendeskUserReference
{
    [JsonConverter(typeof(LooseText))]
    public string? Id { get; set; }
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
