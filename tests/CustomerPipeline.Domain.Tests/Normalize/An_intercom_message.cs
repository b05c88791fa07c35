using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize;

public sealed class An_intercom_message
{
    private static readonly long Epoch = Some.Moment.ToUnixTimeSeconds();

    [Fact]
    public void Of_a_conversation_says_all_about_its_ticket_in_totals()
    {
        var record = Read.One(Some.Message("intercom", Notification(Conversation())));

        Assert.Equal("intercom:ticket:7 account:intercom:c1 email:jo@example.com", $"{record.Entity} {string.Join(' ', record.Identifiers)}");
        Assert.Equal(
            new TicketChange
            {
                CreatedAt = Some.Moment,
                Status = "solved",
                FirstReplyAt = Some.Moment.AddMinutes(10),
                SolvedAt = Some.Moment.AddHours(1),
                Reopens = 2,
                Handoffs = 1,
                Rating = new Rating(4, 1, 5),
            },
            record.Ticket);
    }

    [Fact]
    public void Of_the_rest_api_is_the_same_conversation_without_a_notification() =>
        Assert.Equal(Read.One(Some.Message("intercom", Notification(Conversation()))).Ticket, Read.One(Some.Message("intercom", Conversation())).Ticket);

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(5, true)]
    public void With_a_rating_satisfies_from_four_of_five(int rating, bool isSatisfied) =>
        Assert.Equal(isSatisfied, Read.One(Some.Message("intercom", Conversation(rating))).Ticket!.Rating!.Value.IsSatisfied);

    [Fact]
    public void With_a_rating_beyond_the_scale_is_quarantined() => Assert.Equal("invalid-number", Read.Quarantined(Some.Message("intercom", Conversation(6))).Code);

    [Fact]
    public void Of_a_contact_joins_the_account_to_email_and_phone()
    {
        var record = Read.One(Some.Message("intercom", Notification(new { type = "contact", id = "c1", email = "jo@example.com", phone = "+12025550142", updated_at = Epoch })));

        Assert.Equal((EntityKind.Person, 3), (record.Kind, record.Identifiers.Count));
    }

    [Fact]
    public void In_milliseconds_instead_of_seconds_is_quarantined() =>
        Assert.Equal("time-out-of-range", Read.Quarantined(Some.Message("intercom", new { type = "contact", id = "c1", updated_at = Epoch * 1000 })).Code);

    [Fact]
    public void Of_anything_else_is_ignored() => Assert.Equal("event-not-measured", Read.Ignored(Some.Message("intercom", Notification(new { type = "company", id = "1" }))));

    // Intercom, "Group conversations": further contacts are participants.
    [Fact]
    public void Of_a_group_conversation_belongs_to_the_contact_who_began_it()
    {
        object Group(object? source) => new { type = "conversation", id = "7", created_at = Epoch, source, contacts = new { contacts = new[] { new { id = "c1" }, new { id = "c2" } } } };

        Assert.Equal(["account:intercom:c2"], Read.One(Some.Message("intercom", Group(new { author = new { type = "user", id = "c2" } }))).Identifiers.Select(i => i.Key));
        Assert.Equal(["account:intercom:c1"], Read.One(Some.Message("intercom", Group(new { author = new { type = "admin", id = "a9" } }))).Identifiers.Select(i => i.Key));
    }

    [Fact]
    public void Of_a_deleted_conversation_needs_no_more_than_its_id() => Assert.True(Read.One(Some.Message("intercom", new
    {
        type = "notification_event",
        id = "n2",
        topic = "conversation.deleted",
        created_at = Epoch,
        data = new { item = new { type = "conversation", id = "7" } },
    })).Deleted);

    private static object Notification(object item) => new { type = "notification_event", id = "n1", topic = "conversation.admin.closed", created_at = Epoch, data = new { item } };

    private static object Conversation(int rating = 4) => new
    {
        type = "conversation",
        id = "7",
        created_at = Epoch,
        updated_at = Epoch + 3600,
        state = "closed",
        source = new { author = new { type = "user", id = "c1", email = "jo@example.com" } },
        contacts = new { contacts = new object?[] { new { type = "contact", id = "c1" }, null } },
        statistics = new { first_admin_reply_at = Epoch + 600, last_close_at = Epoch + 3600, count_reopens = 2, count_assignments = 2 },
        conversation_rating = new { rating },
    };
}
