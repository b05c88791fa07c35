using CsCheck;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

/// <summary>Two shops, two help desks: their numbers are their own.</summary>
public sealed class Several_systems_of_a_vendor
{
    [Fact]
    public async Task Do_not_share_numbers_however_their_messages_come()
    {
        // Each of two help desks has tickets 1 to 4, and requesters of the same numbers; a list of its API names no account.
        var messages = new[] { "11", "22" }.SelectMany(account => Enumerable.Range(1, 4).SelectMany(number => new[]
        {
            Ticket(account, number, Some.Moment),
            Ticket(account, number, Some.Moment.AddHours(1)),
            User(account, number),
        })).ToArray();
        await Gen.Shuffle(messages).SampleAsync(
            async shuffled =>
            {
                await using var pipeline = new TestPipeline();
                await pipeline.SendAsync("zendesk", shuffled);

                Assert.Equal(["= 8"], await pipeline.AskAsync("tickets"));
                foreach (var account in new[] { "11", "22" })
                {
                    var found = await pipeline.LookUpAsync($"email:jo1.{account}@mail.example");
                    Assert.Equal(1, found!.Tickets);
                }

                Assert.Empty((await pipeline.VerifyAsync()).Differences);
            },
            iter: Effort.Of(all: 50, usual: 5), threads: 1);
    }

    [Fact]
    public async Task Keep_plain_keys_for_the_first_also_when_its_messages_name_none_and_after_a_start()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("zendesk", Ticket(null, 1, Some.Moment));
        await pipeline.SendAsync("zendesk", Ticket("11", 1, Some.Moment.AddHours(1)));
        await pipeline.SendAsync("zendesk", Ticket("22", 1, Some.Moment.AddHours(2)));

        Assert.Equal(["= 2"], await pipeline.AskAsync("tickets"));
        var later = new SourceInstances(pipeline.Get<IDocumentStore>());
        await later.LoadAsync(default);
        Assert.Equal(["zendesk:ticket:1", "zendesk@22:ticket:1"], new[] { "11", "22" }.Select(account =>
            Assert.IsType<Normalization.Normalized>(later.Place(Normalizer.Normalize(Ticket(account, 1, Some.Moment), NormalizationRules.Default))).Records[0].Entity.Text));
    }

    [Fact]
    public async Task Stay_apart_when_one_of_their_people_is_erased()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("zendesk", [.. new[] { "11", "22" }.SelectMany(account => new[] { Ticket(account, 1, Some.Moment), User(account, 1) })]);

        await pipeline.EraseAsync("email:jo1.22@mail.example");

        Assert.Null(await pipeline.LookUpAsync("email:jo1.22@mail.example"));
        Assert.Equal(1, (await pipeline.LookUpAsync("email:jo1.11@mail.example"))!.Tickets);
        Assert.Empty((await pipeline.VerifyAsync()).Differences);
    }

    private static ReadOnlyMemory<byte> Ticket(string? account, int number, DateTimeOffset at) => Some.Message("zendesk", new
    {
        account_id = account,
        id = $"{account}-{number}-{at:O}",
        time = at,
        type = "zen:event-type:ticket.created",
        subject = $"zen:ticket:{number}",
        detail = new { id = $"{number}", requester_id = $"{number}", status = "NEW", created_at = Some.Moment, updated_at = at },
    });

    private static ReadOnlyMemory<byte> User(string account, int number) => Some.Message("zendesk", new
    {
        account_id = account,
        id = $"{account}-user-{number}",
        time = Some.Moment,
        type = "zen:event-type:user.created",
        subject = $"zen:user:{number}",
        detail = new { id = $"{number}", email = $"jo{number}.{account}@mail.example", role = "end-user", created_at = Some.Moment, updated_at = Some.Moment },
    });
}
