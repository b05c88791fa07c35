using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests.Identity;

/// <summary>The claim, merge and split protocol, in every order of its steps, with crashes between any two of them.</summary>
public sealed class Workers_that_race_and_crash(ITestOutputHelper output)
{
    // Every test run looks at so many states of each race, in the same order; IDENTITY_STATES=10000000 looks at more of them.
    private static readonly int MostStates = Setting("IDENTITY_STATES") ?? Effort.Of(all: 6_000, usual: 600);

    /// <summary>
    /// What stands in the store before, what each of the workers brings at once, how many crashes there may be, within how many preemptions every schedule there is is run
    /// (IDENTITY_PREEMPTIONS=3 runs more of them; a default run, those without any), and whether of a worker's calls at once only one order is.
    /// </summary>
    public static TheoryData<string, Thing[], Thing[][], int, int, bool> Races => new()
    {
        { "three share identifiers pairwise", [], [[new(1, "email:a@x.example", "account:s:b")], [new(2, "account:s:b", "account:t:c")], [new(3, "account:t:c", "email:a@x.example")]], 0, 2, false },
        { "three share identifiers pairwise and one dies", [], [[new(1, "email:a@x.example", "account:s:b")], [new(2, "account:s:b", "account:t:c")], [new(3, "account:t:c", "email:a@x.example")]], 1, 1, false },
        { "two merge what is there", [new(1, "email:a@x.example"), new(2, "phone:+1"), new(3, "account:s:c")], [[new(4, "email:a@x.example", "phone:+1")], [new(5, "phone:+1", "account:s:c")]], 1, 1, false },
        { "a device turns out to be shared", [], [[new(1, "device:d:d", "account:s:1")], [new(2, "device:d:d", "account:s:2")]], 2, 1, false },
        { "an anonymous order becomes known", [new(1, "account:s:1")], [[new(2)], [new(2, "account:s:1") { Revision = 2 }]], 2, 1, false },
        { "a tie is cut before it ever held", [new(1, "account:s:1")], [[new(2, "account:s:1")], [new(2, "account:s:1", "account:t:2") { Revision = 2, Cut = ["account:s:1"] }]], 1, 1, false },
        { "an order learns more of who bought it before it is first put", [new(1, "account:s:1")], [[new(2, "account:s:1", "phone:+2")], [new(2, "account:s:1", "phone:+2", "account:t:2") { Revision = 2 }]], 0, 1, false },
        { "a merge is taken back", [new(1, "account:s:1", "edge:m"), new(2, "account:s:2", "edge:m")], [[new(1, "account:s:1", "edge:m") { Revision = 2, Cut = ["edge:m"] }], [new(2, "account:s:2", "edge:m") { Revision = 2, Cut = ["edge:m"] }]], 1, 0, false },
        { "two merges are taken back", [new(1, "account:s:1", "edge:m"), new(2, "account:s:2", "edge:m", "edge:n"), new(3, "account:s:3", "edge:n")], [[new(1, "account:s:1", "edge:m") { Revision = 2, Cut = ["edge:m"] }], [new(2, "account:s:2", "edge:m", "edge:n") { Revision = 2, Cut = ["edge:m", "edge:n"] }], [new(3, "account:s:3", "edge:n") { Revision = 2, Cut = ["edge:n"] }]], 0, 0, false },
        { "a tie comes while another goes", [new(1, "account:s:1", "edge:m"), new(2, "account:s:2", "edge:m")], [[new(1, "account:s:1", "edge:m", "account:t:5") { Revision = 2, Cut = ["edge:m"] }], [new(3, "account:t:5", "account:s:2")]], 1, 0, false },
        { "an order is moved from one customer to another", [new(1, "account:s:1"), new(2, "account:s:2"), new(3, "account:s:1")], [[new(1, "account:s:2") { Revision = 2, Before = [["account:s:1"]] }], [new(4, "account:s:1")]], 1, 1, false },
        { "two orders of one customer are moved to two", [new(1, "account:s:9"), new(2, "account:s:9")], [[new(1, "account:s:1") { Revision = 2, Before = [["account:s:9"]] }], [new(2, "account:s:2") { Revision = 2, Before = [["account:s:9"]] }]], 1, 1, false },
        { "an order is moved while its old and new customer become one", [new(1, "account:s:1"), new(2, "account:s:1", "phone:+1"), new(3, "account:s:2")], [[new(1, "account:s:2") { Revision = 2, Before = [["account:s:1"]] }], [new(4, "account:s:2", "phone:+1")]], 0, 1, true },
        { "a device turns out to be shared while it joins", [new(1, "device:d:d"), new(2, "account:s:1")], [[new(3, "device:d:d", "account:s:1")], [new(4, "device:d:d", "account:s:2")], [new(5, "device:d:d")]], 0, 1, false },
        { "a device turns out to be shared late", [new(1, "device:d:d", "account:s:1"), new(2, "device:d:d")], [[new(3, "device:d:d", "account:s:2")], [new(2, "device:d:d", "account:s:1") { Revision = 2 }]], 1, 1, false },
        { "a device turns out to be shared while a split takes it along", [new(1, "account:s:1", "edge:m"), new(2, "edge:m", "device:d:d"), new(3, "device:d:d", "account:s:3")], [[new(2, "edge:m", "device:d:d") { Revision = 2, Cut = ["edge:m"] }], [new(4, "device:d:d", "account:s:4")]], 0, 2, true },
        { "a device turns out to be shared while a batch joins by it", [new(1, "phone:+5"), new(2, "device:d:d", "account:s:1")], [[new(3, "device:d:d", "phone:+5"), new(4, "device:d:d")], [new(5, "device:d:d", "account:s:2")]], 0, 1, true },
    };

    [Theory]
    [MemberData(nameof(Races))]
    public void End_in_the_same_customers(string race, Thing[] before, Thing[][] atOnce, int crashes, int preemptions, bool isInOrder)
    {
        var bound = Setting("IDENTITY_PREEMPTIONS") ?? Effort.Of(all: preemptions, usual: 0);
        var open = Explore(before, atOnce, new Interleavings(crashes, MostStates));
        var bounded = Explore(before, atOnce, new Interleavings(crashes, int.MaxValue, bound, isInOrder));
        output.WriteLine($"{race}: {open.States:N0} states, {open.Ends:N0} ends; with {bound} preemptions {bounded.States:N0} states, {(bounded.IsComplete ? "complete" : "not complete")}");
        Assert.True(open.IsComplete || open.States >= MostStates);
        Assert.True(bounded.IsComplete);
    }

    /// <summary>As a host does that has lost its lease: another one is given the same changes, or later ones of the same entities, and may be done with them before the first one stops.</summary>
    [Theory]
    [MemberData(nameof(Races))]
    public void End_in_the_same_customers_when_one_stops_for_good_and_another_does_its_work(string race, Thing[] before, Thing[][] atOnce, int crashes, int preemptions, bool isInOrder)
    {
        _ = (crashes, preemptions, isInOrder);
        var bound = Setting("IDENTITY_PREEMPTIONS") ?? Effort.Of(all: 1, usual: 0);
        var states = Setting("IDENTITY_STATES") ?? Effort.Of(all: 1_000, usual: 200);
        for (var one = 0; one < atOnce.Length; one++)
        {
            var isOutdated = atOnce[one].All(thing => atOnce.Any(others => others.Any(other => other.Number == thing.Number && other.Revision > thing.Revision)));
            var (workers, leaves) = isOutdated ? (atOnce, one) : ([.. atOnce, atOnce[one]], atOnce.Length);
            var found = Explore(before, workers, new Interleavings(1, states, bound, isInOrder: true), leaves);
            output.WriteLine($"{race}, {one} {(isOutdated ? "may stop" : "twice")}: {found.States:N0} states, {found.Ends:N0} ends, {(found.IsComplete ? "complete" : "not complete")}");
        }
    }

    private static Exploration Explore(Thing[] before, Thing[][] atOnce, Interleavings interleavings, int? leaves = null)
    {
        var expected = IdentityOracle.Customers(before.Concat(atOnce.SelectMany(things => things)), Domain.Identity.IdentityRules.Default);
        return interleavings.Explore(
            async store =>
            {
                var world = new IdentityWorld(store);
                foreach (var thing in before)
                {
                    await world.ResolveAsync(thing);
                }
            },
            [.. atOnce.Select(things => (Work)((store, remembers) => new IdentityWorld(store) { Remembers = remembers }.ResolveAsync(things)))],
            async store =>
            {
                var world = new IdentityWorld(store);
                if (leaves is not null)
                {
                    await world.FinishAsync();
                }

                Assert.Equal(expected, await world.CustomersAsync());
                Assert.Empty(await world.UnrestAsync());
            }, leaves);
    }

    private static int? Setting(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>Two customers with 10,000 interactions each become one, by a worker that dies again and again.</summary>
    [Fact]
    public async Task Move_ten_thousand_interactions_however_often_they_die()
    {
        const int Each = 10_000;
        var store = new MemoryDocumentStore();
        var world = new IdentityWorld(store);
        foreach (var chunk in Enumerable.Range(0, 2 * Each).Chunk(500))
        {
            await world.ResolveAsync([.. chunk.Select(i => new Thing(i, i < Each ? "account:s:1" : "account:s:2"))]);
        }

        var link = new Thing(2 * Each, "account:s:1", "account:s:2");
        var deaths = 0;
        for (var seed = 0; ; seed++)
        {
            try
            {
                var failing = new FailingStore(store);
                failing.Fail(seed, oneIn: 20);
                await new IdentityWorld(failing).ResolveAsync(link);
                break;
            }
            catch (PlannedFaultException)
            {
                deaths++;
            }
        }

        Assert.True(deaths > 3, "It never died: the test is asleep.");
        Assert.Equal((2 * Each) + 1, (await world.CustomersAsync()).Split(',').Length);
        Assert.Empty(await world.UnrestAsync());
    }
}
