using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize;

public sealed class A_zendesk_message
{
    [Fact]
    public void Of_a_ticket_names_its_requester_as_an_account() => Assert.Equal(["account:zendesk:900"], Read.One(Some.ZendeskTicket()).Identifiers.Select(i => i.Key));

    [Fact]
    public void Has_its_status_in_lower_case_whatever_the_form() => Assert.Equal("solved", Read.One(Some.ZendeskTicket("status_changed", status: "OPEN", current: "SOLVED")).Ticket!.Status);

    [Fact]
    public void Of_a_comment_is_a_reply_only_when_an_agent_says_it_in_public()
    {
        Assert.True(Read.One(Some.ZendeskTicket("comment_added", isPublicAgentReply: true)).Ticket!.PublicAgentReply);
        Assert.False(Read.One(Some.ZendeskTicket("comment_added")).Ticket!.PublicAgentReply);
    }

    [Theory]
    [InlineData("good", true)]
    [InlineData("bad", false)]
    [InlineData("offered", null)]
    [InlineData("unoffered", null)]
    public void Of_a_rating_counts_answers_and_no_offers(string score, bool? isSatisfied) =>
        Assert.Equal(isSatisfied, Read.One(Some.ZendeskTicket("satisfaction_changed", current: score)).Ticket!.Rating?.IsSatisfied);

    // Support API, "Ticket events" and "Tickets" (a deleted ticket has the status deleted).
    [Theory]
    [InlineData("marked_as_spam", "DELETED", true)]
    [InlineData("soft_deleted", "DELETED", true)]
    [InlineData("permanently_deleted", null, true)]
    [InlineData("undeleted", "SOLVED", false)]
    [InlineData("subject_changed", "OPEN", false)]
    [InlineData("subject_changed", "DELETED", true)]
    public void Of_a_deletion_deletes_the_ticket_and_says_nothing_of_its_status(string what, string? status, bool deleted)
    {
        var record = Read.One(Some.Message("zendesk", new { type = "zen:event-type:ticket." + what, id = "1", time = Some.Moment, detail = new { id = 5, status } }));

        Assert.Equal((deleted, status is "DELETED" ? null : status?.ToLowerInvariant()), (record.Deleted, record.Ticket!.Status));
    }

    [Fact]
    public void In_the_rest_form_has_the_first_reply_of_its_metric_set() => Assert.Equal(Some.Moment.AddMinutes(30), Read.One(Some.Message(
        "zendesk", new { ticket = new { id = 5, created_at = Some.Moment, metric_set = new { reply_time_in_minutes = new { calendar = 30 } } } })).Ticket!.FirstReplyAt);

    [Fact]
    public void Of_a_list_of_ratings_has_each() => Assert.Equal(2, Assert.IsType<Normalization.Normalized>(Normalizer.Normalize(
        Some.Message("zendesk", new { satisfaction_ratings = new[] { new { id = 1, ticket_id = 5, score = "good", created_at = Some.Moment }, new { id = 2, ticket_id = 6, score = "bad", created_at = Some.Moment } } }),
        NormalizationRules.Default)).Records.Count);

    [Fact]
    public void In_the_rest_form_is_ordered_by_when_it_was_generated()
    {
        InteractionRecord Exported(int minutes) => Read.One(Some.Message("zendesk", new
        {
            ticket = new { id = 5, created_at = Some.Moment, updated_at = Some.Moment, generated_timestamp = Some.Moment.AddMinutes(minutes).ToUnixTimeSeconds() },
        }));

        Assert.True(Exported(1).Version < Exported(2).Version);
        Assert.NotEqual(Exported(1).Id, Exported(2).Id);
        Assert.Equal(Some.Moment, Exported(2).OccurredAt);
    }

    [Fact]
    public void Of_no_known_shape_is_quarantined() => Assert.Equal("unknown-shape", Read.Quarantined(Some.Message("zendesk", new { macro = new { id = 1 } })).Code);

    [Fact]
    public void With_nine_digits_of_a_second_is_read() =>
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 10, 0, 0, 123, 456, TimeSpan.Zero).AddTicks(7), Read.One(Some.Message("zendesk", new
        {
            type = "zen:event-type:ticket.created",
            id = "1",
            time = "2026-03-01T10:00:00.123456789Z",
            detail = new { id = 5 },
        })).OccurredAt);

    [Fact]
    public void In_the_rest_form_has_integers_and_lower_case()
    {
        var record = Read.One(Some.Message("zendesk", new
        {
            ticket = new
            {
                id = 35436,
                requester_id = 900,
                status = "solved",
                created_at = Some.Moment,
                updated_at = Some.Moment.AddHours(2),
                satisfaction_rating = new { score = "good" },
                metric_set = new { reopens = 1, assignee_stations = 3, group_stations = 1, solved_at = Some.Moment.AddHours(1) },
            },
        }));

        Assert.Equal("zendesk:ticket:35436 account:zendesk:900", $"{record.Entity} {record.Identifiers[0]}");
        Assert.Equal(("solved", 1, 2, true, Some.Moment.AddHours(1)), (record.Ticket!.Status, record.Ticket.Reopens, record.Ticket.Handoffs, record.Ticket.Rating?.IsSatisfied, record.Ticket.SolvedAt));
    }

    [Fact]
    public void In_a_list_of_the_rest_form_is_a_record_each()
    {
        var users = new object?[] { new { id = 1, email = "a@example.com", updated_at = Some.Moment }, null, new { id = 2, role = "agent", updated_at = Some.Moment } };

        Assert.Equal("zendesk:person:1", Assert.Single(Read.All(Some.Message("zendesk", new { users }))).Entity.Text);
        Assert.Equal("not-a-customer", Read.Ignored(Some.Message("zendesk", new { users = users[2..] })));
    }

    [Fact]
    public void Of_a_satisfaction_rating_or_a_survey_rates_its_ticket()
    {
        var rating = Read.One(Some.Message("zendesk", new { satisfaction_rating = new { id = 1, ticket_id = 7, score = "bad", created_at = Some.Moment } }));
        var survey = Read.One(Some.Message("zendesk", new
        {
            survey_response = new { id = "s", created_at = Some.Moment, subjects = new[] { new { id = "7", type = "ticket" } }, answers = new[] { new { rating = 4 } } },
        }));

        Assert.Equal(("zendesk:ticket:7", false), (rating.Entity.Text, rating.Ticket!.Rating?.IsSatisfied));
        Assert.Equal(("zendesk:ticket:7", new Rating(4, 1, 5)), (survey.Entity.Text, survey.Ticket!.Rating));
    }

    [Fact]
    public void Of_merged_tickets_joins_no_requesters()
    {
        var records = Read.All(Some.Message("zendesk", new
        {
            type = "zen:event-type:ticket.merged",
            id = "e",
            time = Some.Moment,
            detail = new { id = "1", requester_id = "900", status = "CLOSED" },
            @event = new { target_ticket_id = "2" },
        }));

        Assert.Equal(["zendesk:ticket:1"], records.Select(r => r.Entity.Text));
        Assert.Equal(["account:zendesk:900"], records[0].Identifiers.Select(i => i.Key));
    }

    [Fact]
    public void Of_merged_users_puts_both_accounts_on_one_person()
    {
        var record = Read.One(Some.Message("zendesk", new { type = "zen:event-type:user.merged", id = "e", time = Some.Moment, detail = new { id = "1" }, @event = new { user = new { id = "2" } } }));

        Assert.Equal(("account:zendesk:1 account:zendesk:2", true), (string.Join(' ', record.Identifiers), record.Person!.Deleted));
    }

    [Fact]
    public void Of_an_agent_is_no_customer() => Assert.Equal("not-a-customer", Read.Ignored(Some.ZendeskUser("1", role: "agent")));

    [Fact]
    public void Of_a_user_joins_the_account_to_the_email()
    {
        var record = Read.One(Some.ZendeskUser("900", "jo@example.com"));

        Assert.Equal((EntityKind.Person, "account:zendesk:900 email:jo@example.com"), (record.Kind, string.Join(' ', record.Identifiers)));
    }

    [Fact]
    public void That_answers_a_survey_does_not_say_whose_the_ticket_is()
    {
        var survey = new { survey_response = new { id = "9", responder_id = "7", created_at = Some.Moment, updated_at = Some.Moment, subjects = new[] { new { type = "ticket", id = "1" } }, answers = new[] { new { rating = 5, type = "rating_scale" } } } };

        Assert.Empty(Read.One(Some.Message("zendesk", survey)).Identifiers);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Of_a_user_with_a_shared_phone_leaves_it_out(bool isShared, bool isKnown)
    {
        var user = new { user = new { id = "7", role = "end-user", phone = "+12125550142", shared_phone_number = isShared, created_at = Some.Moment, updated_at = Some.Moment } };

        Assert.Equal(isKnown, Read.One(Some.Message("zendesk", user)).Identifiers.Any(i => i.Type == Domain.Identity.IdentifierType.Phone));
    }
}
