using System.Globalization;
using System.Text.Json;
using CsCheck;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.RocksDb;
using Microsoft.Extensions.Time.Testing;

namespace CustomerPipeline.Application.Tests;

/// <summary>Who reads the figures again and again reads only the days that changed, and finds what one who reads them for the first time does.</summary>
public sealed class Figures_while_the_store_changes
{
    private static readonly Gen<FlowPart> AnyPart = Gen.Select(Gen.Int[0, 40], Gen.Bool, (day, isDurations) => new FlowPart(new DateOnly(2026, 3, 1).AddDays(day), isDurations));

    /// <summary>Messages, an erasure and a rebuild in between, and reading at any time.</summary>
    [Fact]
    public Task Are_those_of_a_first_reader_and_leave_those_given_before_alone() => Gen.Select(StoryMessage.Any.Array[4, 40], Gen.Int[0, 4].Array[4]).SampleAsync(
        async (story, happenings) =>
        {
            await using var pipeline = new TestPipeline();
            using var again = pipeline.Make<FlowFigures>();
            var given = new List<(Figures Figures, string Text)>();
            foreach (var (some, happening) in story.Chunk((story.Length + 3) / 4).Zip(happenings))
            {
                await pipeline.TellAsync(some);
                switch (happening)
                {
                    case 0 when await AnyoneAsync(pipeline, story) is { } email:
                        await pipeline.EraseAsync(email);
                        break;
                    case 1:
                        await pipeline.Get<RebuildStore>().RunAsync(null, default);
                        break;
                    case 2:
                        continue;
                }

                using var first = pipeline.Make<FlowFigures>();
                var figures = await again.ReadAsync(default);
                given.Add((figures, Text(figures)));
                Assert.Equal(Text(await first.ReadAsync(default)), given[^1].Text);
            }

            Assert.All(given, g => Assert.Equal(g.Text, Text(g.Figures)));
        },
        iter: Effort.Of(all: 40, usual: 10), threads: 1);

    /// <summary>People and visits change no shard of the figures; metrics of the customer base depend on them all the same.</summary>
    [Fact]
    public async Task Of_the_customer_base_know_customers_without_orders_and_tickets_at_once()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("segment", Some.Identify("u1", "a@example.com"));
        Assert.Equal((1, 1), await ProspectsAsync());

        await pipeline.SendAsync("segment", Some.Identify("u2", "b@example.com"));
        Assert.Equal((2, 2), await ProspectsAsync());

        await pipeline.EraseAsync("email:a@example.com");
        Assert.Equal((1, 1), await ProspectsAsync());
        Assert.Empty((await pipeline.VerifyAsync()).Differences);

        async Task<(int Now, int AsOf)> ProspectsAsync()
        {
            const string Prospects = "prospect = ";
            int Read(IEnumerable<string> rows) =>
                int.Parse(rows.Single(r => r.StartsWith(Prospects, StringComparison.Ordinal))[Prospects.Length..], CultureInfo.InvariantCulture);
            return (Read(await pipeline.AskAsync("customers-by-stage")), Read(await pipeline.AskAsOfAsync("customers-by-stage", Some.Received)));
        }
    }

    /// <summary>A head after any commits, against a list of all that each of them changed.</summary>
    [Fact]
    public void Changed_where_the_head_says_or_it_says_nothing() => Gen.Select(AnyPart.HashSet[0, 4].Array[1, 40], Gen.Int[0, 39], Gen.Int[0, 39]).Sample((commits, one, other) =>
    {
        var heads = new List<Stored<ShardHead>>();
        foreach (var (number, parts) in commits.Index())
        {
            heads.Add(new Stored<ShardHead>(ShardHead.After(heads.LastOrDefault(), parts), $"etag{number}"));
        }

        var (from, to) = (Math.Min(one, other) % heads.Count, Math.Max(one, other) % heads.Count);
        var changed = heads[to].Value.ChangedAfter(heads[from].Value);
        var truth = commits[(from + 1)..(Math.Max(from, to) + 1)].SelectMany(c => c).Distinct().ToList();

        Assert.True(heads.TrueForAll(h => h.Value.Lately.Count <= 24));
        Assert.True(JsonSerializer.SerializeToUtf8Bytes(heads[^1].Value, DocumentJson.Default.ShardHead).Length < 1_000);
        if (from == 0 || (from < to && commits[1..(to + 1)].SelectMany(c => c).Distinct().Count() > 24))
        {
            Assert.True(changed is null || truth.ToHashSet().SetEquals(changed));
        }
        else if (from <= to)
        {
            Assert.Equal(truth.Order(Comparer<FlowPart>.Create(InOrder)), changed!.Order(Comparer<FlowPart>.Create(InOrder)));
        }
    });

    [Fact]
    public void Changed_all_over_in_a_shard_that_was_made_anew()
    {
        static ShardHead Head(string firstETag, int commits) =>
            Enumerable.Range(1, commits).Aggregate(default(Stored<ShardHead>), (head, n) => new(ShardHead.After(head, [new FlowPart(new DateOnly(2026, 3, n), false)]), n == 1 ? firstETag : $"{n}"))!.Value;

        Assert.Equal(new DateOnly(2026, 3, 4), Assert.Single(Head("a", 4).ChangedAfter(Head("a", 3))!).Day);
        Assert.Null(Head("b", 4).ChangedAfter(Head("a", 3)));
        Assert.Null(Head("a", 3).ChangedAfter(new ShardHead(2)));
        Assert.Null(new ShardHead(4).ChangedAfter(Head("a", 3)));
    }

    [Fact]
    public async Task Are_read_where_they_changed_and_all_of_them_once_an_hour()
    {
        var clock = new FakeTimeProvider(Some.Received);
        await using var pipeline = new TestPipeline(clock: clock);
        Task BuyAsync(int order, int day) => pipeline.SendAsync("shopify", Some.ShopifyOrder(order, email: "somebody@example.com", at: Some.Moment.AddDays(day)));
        var days = await AskAsync(async () =>
        {
            await BuyAsync(1, 0);
            await BuyAsync(2, 1);
        });
        Assert.Equal(2, days.Count);

        // What is out of order in the store shows who reads it.
        var first = await pipeline.Get<IDocumentStore>().ScanAsync(Containers.Values, default).FirstAsync(d => d.Id.StartsWith(Containers.FlowPrefix, StringComparison.Ordinal));
        await pipeline.OverwriteAsync(Containers.Values, first, "damaged"u8.ToArray());
        Assert.Equal(3, (await AskAsync(() => BuyAsync(3, 2))).Count);

        clock.Advance(TimeSpan.FromHours(1));
        await Assert.ThrowsAsync<CorruptDocumentException>(() => AskAsync(() => BuyAsync(4, 3)));

        await pipeline.OverwriteAsync(Containers.Values, first, first.Body);
        Assert.Equal(4, (await AskAsync(() => Task.CompletedTask)).Count);

        async Task<IReadOnlyList<(DateOnly Day, Domain.Value.FlowDay Flow)>> AskAsync(Func<Task> before)
        {
            await before();
            return (await pipeline.Get<FlowFigures>().ReadAsync(default)).Days;
        }
    }

    private static async Task<string?> AnyoneAsync(TestPipeline pipeline, StoryMessage[] story)
    {
        foreach (var email in story.Select(m => m.Email).OfType<int>().Distinct())
        {
            if (await pipeline.LookUpAsync($"email:{StoryMessage.Mail(email)}") is not null)
            {
                return $"email:{StoryMessage.Mail(email)}";
            }
        }

        return null;
    }

    private static string Text(Figures figures) => string.Join('\n', figures.Days.Select(d => $"{d.Day:O} " + string.Join(
        ' ', d.Flow.Cells.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key}: {string.Join(',', c.Value.OrderBy(m => m.Key, StringComparer.Ordinal))}"))));

    private static int InOrder(FlowPart left, FlowPart right) => string.CompareOrdinal(left.Name, right.Name);
}
