using CustomerPipeline.Contracts;

namespace CustomerPipeline.Application.Tests.Identity;

/// <summary>Workers that resolve things at once, and how their schedules are run.</summary>
internal static class IdentityRaces
{
    /// <summary>
    /// What stands in the store before, what each of the workers brings at once, how many crashes there may be, within how many preemptions every schedule there is is run
    /// (IDENTITY_PREEMPTIONS=3 runs more of them; a default run, those without any), and whether of a worker's calls at once only one order is.
    /// </summary>
    public static TheoryData<string, Thing[], Thing[][], int, int, bool> All => new()
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

    /// <summary>Runs the schedules of workers on what stands in the store, and holds the customers at each end against the oracle.</summary>
    public static Exploration Explore(Thing[] before, Thing[][] atOnce, Interleavings interleavings, int? leaves = null)
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

    /// <summary>A number from the environment; null where it is not set.</summary>
    public static int? Setting(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : null;
}
