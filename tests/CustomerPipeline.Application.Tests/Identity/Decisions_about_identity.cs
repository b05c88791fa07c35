using CsCheck;
using CustomerPipeline.Application.Audit;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.RocksDb;

namespace CustomerPipeline.Application.Tests.Identity;

public sealed class Decisions_about_identity : IAsyncLifetime
{
    private readonly TestPipeline _pipeline = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    private DecideIdentityHandler Decide => _pipeline.Get<DecideIdentityHandler>();

    [Fact]
    public async Task A_merge_makes_one_customer_and_taking_it_back_makes_two_again()
    {
        var (a, b) = await TwoCustomersAsync();

        var decision = await AcceptedAsync(Decide.MergeAsync(b, a, "tester", default));
        Assert.Equal((a, 2), await OrdersOfAsync(b));
        Assert.Equal(["= 1"], await _pipeline.AskAsync("new-customers"));

        await AcceptedAsync(Decide.TakeBackAsync(decision, "tester", default));
        Assert.Equal(((a, 1), (b, 1)), (await OrdersOfAsync(a), await OrdersOfAsync(b)));
        Assert.Equal(["= 2"], await _pipeline.AskAsync("new-customers"));
        await AssertAtRestAsync();
    }

    [Fact]
    public async Task A_never_link_parts_what_an_identifier_joined_and_keeps_it_apart()
    {
        var (a, b) = await TwoCustomersAsync();
        await _pipeline.SendAsync("segment", Some.SignedInWithBoth("a@example.com", "b@example.com"));
        Assert.Equal((a, 2), await OrdersOfAsync(b));

        var decision = await AcceptedAsync(Decide.NeverLinkAsync(a, b, "tester", default));
        Assert.NotEqual((await OrdersOfAsync(a)).Customer, (await _pipeline.LookUpAsync("email:b@example.com"))!.Customer);

        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(9, customer: 77, email: "a@example.com"), Some.ShopifyOrder(10, customer: 77, email: "b@example.com"));
        Assert.NotEqual((await _pipeline.LookUpAsync("email:a@example.com"))!.Customer, (await _pipeline.LookUpAsync("email:b@example.com"))!.Customer);
        await AssertAtRestAsync();

        await AcceptedAsync(Decide.TakeBackAsync(decision, "tester", default));
        Assert.Equal((await _pipeline.LookUpAsync("email:a@example.com"))!.Customer, (await _pipeline.LookUpAsync("email:b@example.com"))!.Customer);
        await AssertAtRestAsync();
    }

    [Fact]
    public async Task An_unmerge_cuts_an_identifier_off()
    {
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, customer: 1, email: "both@example.com"), Some.ShopifyOrder(2, customer: 2, email: "both@example.com"));
        var customer = (await _pipeline.LookUpAsync("email:both@example.com"))!;
        Assert.Equal(2, customer.Orders);

        var decision = await AcceptedAsync(Decide.UnmergeAsync(customer.Customer, Identifier.Parse("email:both@example.com"), "tester", default));
        Assert.NotEqual((await _pipeline.LookUpAsync("account:shopify:gid://shopify/Customer/1"))?.Customer ?? "1", (await _pipeline.LookUpAsync("account:shopify:gid://shopify/Customer/2"))?.Customer ?? "2");
        Assert.Equal(["= 2"], await _pipeline.AskAsync("new-customers"));
        await AssertAtRestAsync();

        await AcceptedAsync(Decide.TakeBackAsync(decision, "tester", default));
        Assert.Equal(2, (await _pipeline.LookUpAsync("email:both@example.com"))!.Orders);
        await AssertAtRestAsync();
    }

    [Fact]
    public async Task A_decision_that_makes_no_sense_is_refused_with_a_reason()
    {
        var (a, b) = await TwoCustomersAsync();
        var apart = await AcceptedAsync(Decide.NeverLinkAsync(a, b, "tester", default));

        Assert.Equal("never-link", Assert.IsType<DecisionResult.Refused>(await Decide.MergeAsync(a, b, "tester", default)).Code);
        Assert.Equal("already-one", Assert.IsType<DecisionResult.Refused>(await Decide.MergeAsync(a, a, "tester", default)).Code);
        Assert.Equal("not-tied", Assert.IsType<DecisionResult.Refused>(await Decide.UnmergeAsync(a, Identifier.Parse("phone:+1"), "tester", default)).Code);
        Assert.IsType<DecisionResult.Unknown>(await Decide.MergeAsync(a, "c0000000000000000000", "tester", default));
        Assert.IsType<DecisionResult.Unknown>(await Decide.TakeBackAsync("20260101-0000000000000000", "tester", default));
        await AcceptedAsync(Decide.TakeBackAsync(apart, "tester", default));
    }

    [Fact]
    public async Task A_decision_that_is_taken_back_twice_is_taken_back_once()
    {
        var (a, b) = await TwoCustomersAsync();
        var decision = await AcceptedAsync(Decide.MergeAsync(a, b, "tester", default));

        Assert.Equal(await AcceptedAsync(Decide.TakeBackAsync(decision, "tester", default)), await AcceptedAsync(Decide.TakeBackAsync(decision, "another", default)));
        Assert.Equal(2, (await _pipeline.VerifyAsync()).Customers);
    }

    [Fact]
    public async Task Every_decision_is_written_down_without_personal_data()
    {
        var (a, b) = await TwoCustomersAsync();
        var decision = await AcceptedAsync(Decide.MergeAsync(a, b, "tester", default));
        await AcceptedAsync(Decide.TakeBackAsync(decision, "somebody-else", default));

        var entries = await _pipeline.Get<AuditLog>().ListAsync(StageTelemetry.List, default).Select(e => e.Value).OrderBy(e => e.At).ToListAsync();
        Assert.Equal([("merge", "tester"), ("take-back", "somebody-else")], entries.Select(e => (e.Action, e.By)));
        Assert.Equal(decision, entries[1].Of);
        Assert.Equal(entries[1].Id, entries[0].TakenBackBy);
        Assert.All(await _pipeline.Get<IDocumentStore>().ScanAsync(Containers.Audit, default).ToListAsync(), d => Assert.DoesNotContain("@", System.Text.Encoding.UTF8.GetString(d.Body.Span)));
    }

    [Fact]
    public async Task Why_tells_which_interactions_and_identifiers_make_one_customer_and_since_when()
    {
        var (a, b) = await TwoCustomersAsync();
        var decision = await AcceptedAsync(Decide.MergeAsync(a, b, "tester", default));

        var page = (await _pipeline.Get<IdentityEvidence>().ReadAsync(b, 1, null, default))!;
        var second = (await _pipeline.Get<IdentityEvidence>().ReadAsync(b, 1, page.Continuation, default))!;

        Assert.Equal((a, IdentityRules.Default.Version), (page.Customer, page.RuleVersion));
        var evidence = Assert.Single(page.Entities).Identifiers;
        Assert.Equal(["email:a@example.com ties", $"edge:{decision} ties"], evidence.Select(e => $"{e.Identifier} {e.Tie}"));
        Assert.Equal((Some.Moment, "channel-online:0", (string?)null), (evidence[0].At, evidence[0].Delivery, evidence[0].Decision));
        Assert.Equal(decision, evidence[1].Decision);
        Assert.Null(second.Continuation);
        Assert.NotEqual(page.Entities[0].Entity, Assert.Single(second.Entities).Entity);
    }

    [Fact]
    public Task Taken_back_leave_the_world_as_if_they_had_never_been() => Gen.Select(StoryMessage.Any.Array[5, 40], Gen.Int[0, 1_000_000]).SampleAsync(
        async (story, seed) =>
        {
            await using var never = new TestPipeline();
            await using var decided = new TestPipeline();
            var random = new Random(seed);
            var half = story.Length / 2;
            await never.TellAsync(story);
            await decided.TellAsync(story[..half]);
            var decisions = new List<string>();
            for (var i = 0; i < 4; i++)
            {
                if (await DecideAsync(decided, random) is { } decision)
                {
                    decisions.Add(decision);
                }
            }

            await decided.TellAsync(story[half..]);
            Assert.DoesNotContain((await decided.VerifyAsync()).Differences, d => d.Check != "ledger");
            decisions.Reverse();
            foreach (var decision in decisions)
            {
                Assert.IsType<DecisionResult.Accepted>(await decided.Get<DecideIdentityHandler>().TakeBackAsync(decision, "tester", default));
                await decided.DrainAsync(most => most, () => false);
            }

            Assert.Empty((await decided.VerifyAsync()).Differences);
            Assert.Equal(await FiguresAsync(never), await FiguresAsync(decided));
            Assert.Equal((await never.VerifyAsync()).Customers, (await decided.VerifyAsync()).Customers);
        },
        iter: Effort.Of(all: 25, usual: 6), threads: 1);

    [Fact]
    public Task Hold_after_a_rebuild() => Gen.Select(StoryMessage.Any.Array[5, 40], Gen.Int[0, 1_000_000]).SampleAsync(
        async (story, seed) =>
        {
            await using var pipeline = new TestPipeline();
            var random = new Random(seed);
            await pipeline.TellAsync(story);
            await DecideAsync(pipeline, random);
            await DecideAsync(pipeline, random);
            var (before, customers) = (await FiguresAsync(pipeline), (await pipeline.VerifyAsync()).Customers);

            await pipeline.Get<RebuildStore>().RunAsync(null, default, portion: 7);

            Assert.Equal(before, await FiguresAsync(pipeline));
            Assert.Equal(customers, (await pipeline.VerifyAsync()).Customers);
            Assert.DoesNotContain((await pipeline.VerifyAsync()).Differences, d => d.Check != "ledger");
        },
        iter: Effort.Of(all: 25, usual: 6), threads: 1);

    private static async Task<string?> DecideAsync(TestPipeline pipeline, Random random)
    {
        var summaries = await pipeline.Get<IDocumentStore>().ScanAsync(Containers.Customers, default)
            .Where(d => d.Id == Containers.SummaryId).Select(d => d.As(DocumentJson.Default.CustomerDocument).Summary!).ToListAsync();
        var live = summaries.Where(s => s.Touches > 0).ToList();
        if (live.Count == 0)
        {
            return null;
        }

        var (one, other) = (live[random.Next(live.Count)], summaries[random.Next(summaries.Count)]);
        var handler = pipeline.Get<DecideIdentityHandler>();
        var result = random.Next(3) switch
        {
            0 => await handler.MergeAsync(one.Customer, other.Customer, "tester", default),
            1 => await handler.NeverLinkAsync(one.Customer, other.Customer, "tester", default),
            _ => one.Identifiers.Count == 0 ? null : await handler.UnmergeAsync(one.Customer, one.Identifiers.Keys.ElementAt(random.Next(one.Identifiers.Count)), "tester", default),
        };
        await pipeline.DrainAsync(most => most, () => false);
        return (result as DecisionResult.Accepted)?.Decision;
    }

    private static async Task<List<string>> FiguresAsync(TestPipeline pipeline)
    {
        var figures = new List<string>();
        foreach (var metric in MetricCatalog.All)
        {
            figures.AddRange((await pipeline.AskAsync(metric.Name, [.. metric.Dimensions])).Select(row => $"{metric.Name}: {row}"));
        }

        return figures;
    }

    private async Task<(string Older, string Newer)> TwoCustomersAsync()
    {
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: "a@example.com"));
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(2, email: "b@example.com", at: Some.Moment.AddDays(1)));
        return ((await _pipeline.LookUpAsync("email:a@example.com"))!.Customer, (await _pipeline.LookUpAsync("email:b@example.com"))!.Customer);
    }

    private async Task<string> AcceptedAsync(Task<DecisionResult> decided)
    {
        var decision = Assert.IsType<DecisionResult.Accepted>(await decided).Decision;
        await _pipeline.DrainAsync(most => most, () => false);
        return decision;
    }

    private async Task<(string Customer, int Orders)> OrdersOfAsync(string id)
    {
        var customer = (await _pipeline.Get<CustomersReader>().FindAsync(id, default))!;
        return (customer.Customer, customer.Orders);
    }


    private async Task AssertAtRestAsync() => Assert.Empty((await _pipeline.VerifyAsync()).Differences);
}
