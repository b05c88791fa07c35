using CustomerPipeline.Contracts;

namespace CustomerPipeline.Application.Tests.Identity;

/// <summary>The claim, merge and split protocol, in every order of its steps within a bound, with crashes between any two of them.</summary>
public sealed class Workers_that_race_and_crash(ITestOutputHelper output)
{
    [Theory]
    [MemberData(nameof(IdentityRaces.All), MemberType = typeof(IdentityRaces))]
    public void End_in_the_same_customers(string race, Thing[] before, Thing[][] atOnce, int crashes, int preemptions, bool isInOrder)
    {
        var bound = IdentityRaces.Setting("IDENTITY_PREEMPTIONS") ?? Effort.Of(all: preemptions, usual: 0);
        var bounded = IdentityRaces.Explore(before, atOnce, new Interleavings(crashes, int.MaxValue, bound, isInOrder));
        output.WriteLine($"{race}: with {bound} preemptions {bounded.States:N0} states, {(bounded.IsComplete ? "complete" : "not complete")}");
        Assert.True(bounded.IsComplete);
    }

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
