using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;

namespace CustomerPipeline.Domain.Tests;

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
    [InlineData("good", "good")]
    [InlineData("bad", "bad")]
    [InlineData("offered", null)]
    [InlineData("unoffered", null)]
    public void Of_a_rating_counts_answers_and_no_offers(string score, string? answer) =>
        Assert.Equal(answer, Read.One(Some.ZendeskTicket("satisfaction_changed", current: score)).Ticket!.Satisfaction);

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
    public void Of_an_agent_is_no_customer() => Assert.Equal("not-a-customer", Read.Ignored(Some.ZendeskUser("1", role: "agent")));

    [Fact]
    public void Of_a_user_joins_the_account_to_the_email()
    {
        var record = Read.One(Some.ZendeskUser("900", "jo@example.com"));

        Assert.Equal((EntityKind.Person, "account:zendesk:900 email:jo@example.com"), (record.Kind, string.Join(' ', record.Identifiers)));
    }
}
