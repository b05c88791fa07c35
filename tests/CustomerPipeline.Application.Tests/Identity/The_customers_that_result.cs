using CsCheck;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests.Identity;

/// <summary>Whatever order things arrive in, however often, the customers are those of the definition; also when a value is found to be shared late.</summary>
public sealed class The_customers_that_result
{
    private static readonly string[] Pool =
        ["account:a:1", "account:a:2", "account:b:1", "loyalty:L1", "email:x@a.example", "email:y@a.example", "email:z@a.example", "phone:+1", "phone:+2", "card:a:c1", "device:a:d1", "device:a:d2", "email:noreply@a.example", "edge:e"];

    private static readonly Gen<Thing[]> Things = Gen.Select(Gen.Int[0, 9], Gen.Int[0, Pool.Length - 1].Array[0, 4])
        .Select((number, carries) => new Thing(number, [.. carries.Distinct().Select(c => Pool[c])]))
        .Array[1, 14];

    [Fact]
    public Task Do_not_depend_on_order_repetition_or_batching() => AssertAsync(Grown);

    [Fact]
    public Task Are_those_of_the_latest_versions_where_later_ones_say_otherwise() => AssertAsync(Corrected);

    private static Task AssertAsync(Func<Thing[], List<Thing>> versions) => Gen.Select(Things, Gen.Int[0, 1_000_000]).SampleAsync(
        async (things, seed) =>
        {
            var all = versions(things);
            var random = new Random(seed);
            var told = all.Concat(all.Where(_ => random.Next(3) == 0)).ToArray();
            random.Shuffle(told);

            var world = new IdentityWorld(new MemoryDocumentStore());
            for (var i = 0; i < told.Length;)
            {
                var size = 1 + random.Next(4);
                await world.ResolveAsync([.. told.Skip(i).Take(size)]);
                i += size;
            }

            Assert.Equal(IdentityOracle.Customers(all, world.Rules), await world.CustomersAsync());
            Assert.Empty(await world.UnrestAsync());
        },
        iter: Effort.Of(all: 3_000, usual: 500), print: t => $"{string.Join("; ", versions(t.Item1).Select(x => x.ToString()))} seed {t.Item2}");

    // A thing that comes again has what it says now, and a past.
    private static List<Thing> Corrected(Thing[] things) =>
        [.. things.GroupBy(t => t.Number).SelectMany(versions => versions.Select((thing, i) => thing with { Before = [.. versions.Take(i).Select(v => v.Carries)], Revision = i + 1 }))];

    // A thing that comes again has all it had before, and more: an order's identifiers only grow.
    private static List<Thing> Grown(Thing[] things) =>
        [.. things.GroupBy(t => t.Number).SelectMany(versions => versions.Select((thing, i) => new Thing(thing.Number, [.. versions.Take(i + 1).SelectMany(v => v.Carries).Distinct()]) { Revision = i + 1 }))];
}
