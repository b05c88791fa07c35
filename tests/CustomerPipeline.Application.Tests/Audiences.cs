using CsCheck;
using CustomerPipeline.Application.Audit;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Audiences;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Report.Publish;
using CustomerPipeline.Application.Report.Snapshots;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Snapshots;

namespace CustomerPipeline.Application.Tests;

/// <summary>Customers by a saved filter: who they are, who is exported, and what subscribers hear of them.</summary>
public sealed class Audiences : IAsyncDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 0, 5, 0, TimeSpan.Zero);
    private static readonly CustomerFilter Identified = CustomerFilter.None with { IsIdentified = true };

    // Who there is at each pass, whether what has changed is published then, and before which pass the filter changes.
    private static readonly Gen<(int[], bool[], int)> Passes = Gen.Select(Gen.Int[0, 1 << 6].Array[2, 8], Gen.Bool.Array[8], Gen.Int[0, 7]);

    private readonly TestPipeline _pipeline = new();

    private AudienceStore Store => _pipeline.Get<AudienceStore>();

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    /// <summary>Customers come and go, the filter changes, events are sent late and twice. Applied to the first members, they give the last ones.</summary>
    [Fact]
    public async Task Have_the_members_that_their_events_lead_to() => await Passes.SampleAsync(
        async (passes, publishes, change) =>
        {
            await using var pipeline = new TestPipeline();
            await pipeline.Get<AudienceStore>().PutAsync("known", "Known", Identified, default);
            HashSet<string> members = [];
            for (var pass = 0; pass < passes.Length; pass++)
            {
                if (pass == change)
                {
                    await pipeline.Get<AudienceStore>().PutAsync("known", "All", CustomerFilter.None, default);
                }

                var customers = CustomersOf(passes[pass]);
                await pipeline.Get<TellAudiences>().RunAsync(customers, Now.AddDays(pass), default);
                if (pass == 0)
                {
                    members = [.. Members(customers, pass >= change)];
                }

                if (publishes[pass] || pass == passes.Length - 1)
                {
                    Apply(members, await pipeline.PublishAsync(redeliver: true));
                }
            }

            Assert.Equal(Members(CustomersOf(passes[^1]), passes.Length > change), members.Order(StringComparer.Ordinal));
        },
        iter: Effort.Of(all: 100, usual: 12), threads: 1);

    [Fact]
    public async Task Are_the_customers_of_the_list_with_the_same_filter()
    {
        await TellAsync();
        var (standings, filter) = (_pipeline.Get<StandingsReader>(), Read("currency=USD&leastValue=11.00&consent=required"));
        await Store.PutAsync("usd", "Dollars", filter, default);
        await _pipeline.Get<TakeSnapshotHandler>().HandleAsync(null, default);

        var listed = await standings.ListAsync(new StandingQuestion(filter, StandingOrder.Customer, false), 100, null, default);
        var partition = AudienceMembers.PartitionOf((await Store.FindAsync("usd", default))!);
        var kept = await _pipeline.Get<IDocumentStore>().ReadPartitionAsync(Containers.Events, partition, "", default)
            .SelectMany(d => d.As(DocumentJson.Default.AudienceMembers).Members).ToListAsync();

        Assert.Equal(3, listed.Count);
        Assert.Equal(listed.Customers.Select(c => c.Customer), kept.Order(StringComparer.Ordinal));
        Assert.All(listed.Customers, c => Assert.True(c.MayBeWrittenTo && c.Purchases!.Value >= 1_100));
    }

    [Fact]
    public async Task Tell_nothing_when_they_are_defined_or_removed_and_everything_in_between()
    {
        var tell = _pipeline.Get<TellAudiences>();
        await Store.PutAsync("known", "Known", Identified, default);
        await tell.RunAsync(CustomersOf(0b011), Now, default);
        Assert.Empty(await _pipeline.PublishAsync());

        await tell.RunAsync(CustomersOf(0b110), Now.AddDays(1), default);
        var told = await _pipeline.PublishAsync();
        Assert.Equal(
            [$"{EventTypes.CustomerEnteredAudience} c2", $"{EventTypes.CustomerLeftAudience} c0"],
            told.Select(e => $"{e.Type} {e.Subject}").Order(StringComparer.Ordinal));
        Assert.All(told, e => Assert.Equal("known", e.Data.GetProperty("audience").GetString()));
        await tell.RunAsync(CustomersOf(0b110), Now.AddDays(2), default);
        Assert.Empty(await _pipeline.PublishAsync());

        await tell.RunAsync(CustomersOf(0b111), Now.AddDays(3), default);
        Assert.True(await Store.RemoveAsync("known", default));
        Assert.False(await Store.RemoveAsync("known", default));
        await tell.RunAsync(CustomersOf(0), Now.AddDays(4), default);
        await Store.PutAsync("known", "Known", Identified, default);
        await tell.RunAsync(CustomersOf(0b001), Now.AddDays(5), default);

        Assert.Empty(await _pipeline.PublishAsync());
    }

    [Fact]
    public async Task That_are_removed_leave_nothing_of_their_members()
    {
        await Store.PutAsync("known", "Known", Identified, default);
        foreach (var pass in new[] { 0b001, 0b011 })
        {
            await _pipeline.Get<TellAudiences>().RunAsync(CustomersOf(pass), Now, default);
        }

        await Store.RemoveAsync("known", default);

        Assert.Empty(await _pipeline.Get<IDocumentStore>().ScanAsync(Containers.Events, default).ToListAsync());
        Assert.Empty(await _pipeline.Get<IDocumentStore>().ScanAsync(Containers.Snapshots, default).ToListAsync());
    }

    [Fact]
    public async Task Say_of_a_customer_who_was_merged_where_the_id_leads()
    {
        await TellAsync();
        await Store.PutAsync("known", "Known", Identified, default);
        var snapshots = _pipeline.Get<TakeSnapshotHandler>();
        await snapshots.HandleAsync(null, default);
        await _pipeline.PublishAsync();
        await _pipeline.SendAsync("segment", Some.SignedInWithBoth("somebody1@example.com", "somebody2@example.com"));
        await snapshots.HandleAsync(null, default);

        var told = (await _pipeline.PublishAsync()).Where(e => e.Type is EventTypes.CustomerLeftAudience or EventTypes.CustomerEnteredAudience);

        var left = Assert.Single(told);
        Assert.Equal(EventTypes.CustomerLeftAudience, left.Type);
        Assert.Equal((await _pipeline.LookUpAsync("email:somebody1@example.com"))!.Customer, left.Data.GetProperty("mergedInto").GetString());
        Assert.NotEqual(left.Subject, left.Data.GetProperty("mergedInto").GetString());
    }

    [Fact]
    public async Task Forget_people_who_were_erased_with_the_next_snapshot()
    {
        await TellAsync();
        await Store.PutAsync("known", "Known", Identified, default);
        var (snapshots, gone) = (_pipeline.Get<TakeSnapshotHandler>(), (await _pipeline.LookUpAsync("email:somebody1@example.com"))!.Customer);
        await snapshots.HandleAsync(null, default);
        Assert.Contains(gone, await MembersTextAsync());
        await _pipeline.EraseAsync("email:somebody1@example.com");
        await _pipeline.PublishAsync();

        await snapshots.HandleAsync(null, default);

        Assert.DoesNotContain(gone, await MembersTextAsync());
        var left = Assert.Single(await _pipeline.PublishAsync(), e => e.Type == EventTypes.CustomerLeftAudience);
        Assert.Equal((gone, false), (left.Subject, left.Data.TryGetProperty("mergedInto", out _)));
        Assert.Equal(4, (await ExportAsync("known", 100)).Sum(p => p.Page.Customers.Count));
        Assert.Empty((await _pipeline.VerifyAsync()).Differences);
    }

    [Fact]
    public async Task Are_exported_page_by_page_as_far_as_their_members_agreed_and_that_is_written_down()
    {
        await TellAsync();
        await Store.PutAsync("known", "Known", Identified, default);

        var pages = await ExportAsync("known", 2);

        Assert.Equal([2, 2, 1], pages.Select(p => p.Page.Customers.Count));
        Assert.Equal(5, pages[0].Page.Count);
        Assert.All(pages, p => Assert.Equal(p.Page.Customers.Count, p.Customers.Count + p.WithoutConsent + p.Gone));
        var exported = pages.SelectMany(p => p.Customers).ToList();
        Assert.Equal(
            ["email:somebody1@example.com", "email:somebody2@example.com", "email:somebody3@example.com"],
            exported.SelectMany(c => c.Identifiers.Keys).Select(i => i.ToString())
                .Where(i => i.StartsWith("email", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(2, pages.Sum(p => p.WithoutConsent));

        var entries = await _pipeline.Get<AuditLog>().ListAsync(StageTelemetry.List, default).Select(e => e.Value).ToListAsync();
        Assert.Equal(3, entries.Count);
        Assert.All(entries, e => Assert.Equal((ExportAudience.Action, "tester", "known"), (e.Action, e.By, e.Of)));
        Assert.Equal(exported.Select(c => c.Customer).Order(StringComparer.Ordinal), entries.SelectMany(e => e.Customers).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Are_exported_by_the_consent_of_now_and_not_by_that_of_the_figures()
    {
        await TellAsync();
        await Store.PutAsync("written-to", "May be written to", Read("consent=required"), default);
        var reader = _pipeline.Get<StandingsReader>();
        await _pipeline.SendAsync("shopify", Profile(1, "unsubscribed"));

        Assert.Equal(2, (await ExportAsync("written-to", 100)).Single().Customers.Count);
        Assert.Equal(2, (await reader.ListAsync(new StandingQuestion(Read("consent=required"), StandingOrder.Value, true), 100, null, default)).Count);
    }

    [Fact]
    public async Task Are_a_hundred_at_most_and_keep_the_day_of_their_first_definition()
    {
        foreach (var number in Enumerable.Range(0, AudienceStore.Most))
        {
            Assert.NotNull(await Store.PutAsync($"a{number}", "", CustomerFilter.None, default));
        }

        Assert.Null(await Store.PutAsync("one-more", "", CustomerFilter.None, default));
        var first = await Store.FindAsync("a7", default);
        var changed = await Store.PutAsync("a7", "Changed", Identified, default);

        Assert.Equal((first!.CreatedAt, "Changed", "true"), (changed!.CreatedAt, changed.Title, changed.Filter["identified"]));
        Assert.Equal(AudienceStore.Most, await Store.ListAsync(StageTelemetry.List, "", default).CountAsync());
    }

    [Theory]
    [InlineData("""{"name":"broken","title":"Broken","filter":{"stage":"retired"}}""")]
    [InlineData("""{"name":7}""")]
    public async Task That_are_damaged_are_found_by_verification_and_hold_up_no_other(string body)
    {
        await Store.PutAsync("broken", "Broken", Identified, default);
        await Store.PutAsync("known", "Known", Identified, default);
        var document = (await _pipeline.Get<IDocumentStore>().ReadAsync(Containers.Snapshots, Audience.Partition, "broken", default))!;
        await _pipeline.OverwriteAsync(Containers.Snapshots, document, System.Text.Encoding.UTF8.GetBytes(body));

        await _pipeline.Get<TellAudiences>().RunAsync(CustomersOf(0b01), Now, default);
        await _pipeline.Get<TellAudiences>().RunAsync(CustomersOf(0b10), Now.AddDays(1), default);

        Assert.Equal(2, (await _pipeline.PublishAsync()).Count);
        await Assert.ThrowsAsync<CorruptDocumentException>(() => Store.FindAsync("broken", default));
        Assert.NotEmpty((await _pipeline.VerifyAsync()).Differences);
        Assert.NotNull(await Store.PutAsync("broken", "Whole", Identified, default));
        Assert.Empty((await _pipeline.VerifyAsync()).Differences);
    }

    [Fact]
    public void Are_described_as_kinds_of_their_containers()
    {
        var audience = new Audience("known", "Known", new Dictionary<string, string>(), Now, Now);

        Assert.Equal("audience", Containers.Of(Containers.Snapshots).KindOf(Audience.Partition, audience.Name)!.Name);
        Assert.Equal("members of an audience", Containers.Of(Containers.Events).KindOf(AudienceMembers.PartitionOf(audience), "007")!.Name);
        Assert.All(["", "-a", "A", "a b", "å", "a:b", new string('a', 41)], name => Assert.False(Audience.IsName(name), name));
    }

    private static void Apply(HashSet<string> members, IReadOnlyList<OutgoingEvent> events)
    {
        foreach (var told in events.OrderBy(e => e.Time))
        {
            _ = told.Type == EventTypes.CustomerEnteredAudience ? members.Add(told.Subject) : members.Remove(told.Subject);
        }
    }

    // Each bit is a customer; every third of them is not identified.
    private static List<CustomerStanding> CustomersOf(int bits) =>
        [.. Enumerable.Range(0, 7).Where(i => (bits & (1 << i)) != 0)
            .Select(i => new CustomerStanding { Customer = $"c{i}", IsIdentified = i % 3 != 2 || bits < 8 })];

    private static IEnumerable<string> Members(List<CustomerStanding> customers, bool all) =>
        customers.Where(c => all || c.IsIdentified).Select(c => c.Customer).Order(StringComparer.Ordinal);

    private static CustomerFilter Read(string query) =>
        CustomerFilter.Read(query.Split('&').Select(p => p.Split('=')).ToDictionary(p => p[0], p => p[1])).Filter!;

    private static ReadOnlyMemory<byte> Profile(int number, string consent) => Some.Message(
        "shopify",
        new
        {
            id = number,
            admin_graphql_api_id = $"gid://shopify/Customer/{number}",
            created_at = Some.Moment,
            updated_at = Some.Moment.AddDays(consent == "subscribed" ? 0 : 1),
            email = $"somebody{number}@example.com",
            email_marketing_consent = new { state = consent },
        },
        "customers/update");

    // Five customers of somewhat more than ten dollars each, three of whom agreed to be written to.
    private async Task TellAsync()
    {
        await _pipeline.SendAsync("shopify", [.. Enumerable.Range(1, 5).Select(i => Some.ShopifyOrder(i, $"{10 + i}.00", email: $"somebody{i}@example.com"))]);
        await _pipeline.SendAsync("shopify", [.. Enumerable.Range(1, 3).Select(i => Profile(i, "subscribed"))]);
    }

    private async Task<List<ExportedAudience>> ExportAsync(string name, int size)
    {
        var (pages, audience) = (new List<ExportedAudience>(), (await Store.FindAsync(name, default))!);
        do
        {
            pages.Add(await _pipeline.Get<ExportAudience>().RunAsync(audience, "tester", size, pages.LastOrDefault()?.Page.Continuation, default));
        }
        while (pages[^1].Page.Continuation is not null);
        return pages;
    }

    private async Task<string> MembersTextAsync() => string.Concat(await _pipeline.Get<IDocumentStore>().ScanAsync(Containers.Events, default)
        .Where(d => AudienceMembers.IsPartition(d.Partition)).Select(d => System.Text.Encoding.UTF8.GetString(d.Body.Span)).ToListAsync());
}
