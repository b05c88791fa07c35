using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;

namespace CustomerPipeline.Domain.Tests.Entities;

/// <summary>The API tells totals with whole seconds, webhooks single events with milliseconds (Zendesk): the same reply must not count twice.</summary>
public sealed class Totals_and_events_of_a_ticket
{
    [Theory]
    [InlineData(350, 1)]
    [InlineData(1_350, 2)]
    public void Count_a_reply_once(int milliseconds, int replies)
    {
        var told = new { id = "1", requester_id = "7", status = "open", created_at = Some.Moment, updated_at = Some.Moment.AddHours(1), metric_set = new { replies = 1 } };
        var totals = Read.One(Some.Message("zendesk", new { ticket = told }));
        var reply = Read.One(Some.Message("zendesk", new
        {
            type = "zen:event-type:ticket.comment_added",
            id = "e",
            time = Some.Moment.AddHours(1).AddMilliseconds(milliseconds),
            subject = "zen:ticket:1",
            detail = new { id = "1", requester_id = "7", status = "OPEN", created_at = Some.Moment },
            @event = new { comment = new { is_public = true, author = new { is_staff = true } } },
        }));

        Assert.Equal(replies, EntityFold.Of([reply, totals])!.Ticket!.Replies);
        Assert.Equal(1, EntityFold.Of([reply])!.Ticket!.Replies);
    }
}
