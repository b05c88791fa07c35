using CustomerPipeline.Contracts;

namespace CustomerPipeline.Application.Tests.Identity;

/// <summary>The same protocol without a bound, up to a number of states, and with workers that stop for good.</summary>
public sealed class Workers_in_any_order(ITestOutputHelper output)
{
    // Every test run looks at so many states of each race, in the same order; IDENTITY_STATES=10000000 looks at more of them.
    private static readonly int MostStates = IdentityRaces.Setting("IDENTITY_STATES") ?? Effort.Of(all: 6_000, usual: 600);

    [Theory]
    [MemberData(nameof(IdentityRaces.All), MemberType = typeof(IdentityRaces))]
    public void End_in_the_same_customers(string race, Thing[] before, Thing[][] atOnce, int crashes, int preemptions, bool isInOrder)
    {
        _ = (preemptions, isInOrder);
        var open = IdentityRaces.Explore(before, atOnce, new Interleavings(crashes, MostStates));
        output.WriteLine($"{race}: {open.States:N0} states, {open.Ends:N0} ends");
        Assert.True(open.IsComplete || open.States >= MostStates);
    }

    /// <summary>As a host does that has lost its lease: another one is given the same changes, or later ones of the same entities, and may be done with them before the first one stops.</summary>
    [Theory]
    [MemberData(nameof(IdentityRaces.All), MemberType = typeof(IdentityRaces))]
    public void End_in_the_same_customers_when_one_stops_for_good_and_another_does_its_work(string race, Thing[] before, Thing[][] atOnce, int crashes, int preemptions, bool isInOrder)
    {
        _ = (crashes, preemptions, isInOrder);
        var bound = IdentityRaces.Setting("IDENTITY_PREEMPTIONS") ?? Effort.Of(all: 1, usual: 0);
        var states = IdentityRaces.Setting("IDENTITY_STATES") ?? Effort.Of(all: 1_000, usual: 200);
        for (var one = 0; one < atOnce.Length; one++)
        {
            var isOutdated = atOnce[one].All(thing => atOnce.Any(others => others.Any(other => other.Number == thing.Number && other.Revision > thing.Revision)));
            var (workers, leaves) = isOutdated ? (atOnce, one) : ([.. atOnce, atOnce[one]], atOnce.Length);
            var found = IdentityRaces.Explore(before, workers, new Interleavings(1, states, bound, isInOrder: true), leaves);
            output.WriteLine($"{race}, {one} {(isOutdated ? "may stop" : "twice")}: {found.States:N0} states, {found.Ends:N0} ends, {(found.IsComplete ? "complete" : "not complete")}");
        }
    }
}
