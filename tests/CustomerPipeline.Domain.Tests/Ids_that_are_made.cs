using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Tests;

/// <summary>Ids and buckets are in stores: what they come out as may never change.</summary>
public sealed class Ids_that_are_made
{
    [Fact]
    public void Are_what_they_always_were()
    {
        var entity = EntityKey.Of("shopify", EntityKind.Order, "1001");

        Assert.Equal("74e52a9be055353dff31f8e12e0faf16", StableHash.Of("shopify", null, "1001"));
        Assert.Equal("ca9d1afe9252e8ab99c8b556339c8507", StableHash.Of("shopify:1001"u8));
        Assert.Equal("0mhdhqdfe9h0a", StableHash.ToBase32(StableHash.Bits("shopify", "1001"), 13));
        Assert.Equal([3289, 3360, 2380], new[] { "", "a", "shopify:order:1001" }.Select(key => StableHash.Bucket(key, 4_096)));
        Assert.Equal("c1mt83h0m0422h3rpr3r", CustomerId.FoundedBy(entity, Some.Moment));
        Assert.Equal("c1mt83h05tszcstwsamf", CustomerId.FoundedBy(entity, Some.Moment, attempt: 1));
        Assert.Equal("c0000000m0422h3rpr3r", CustomerId.FoundedBy(entity, DateTimeOffset.UnixEpoch.AddYears(-1)));
    }

    [Fact]
    public void Tell_apart_where_one_part_ends_and_the_next_begins()
    {
        string[] ids = [StableHash.Of("ab", "c"), StableHash.Of("a", "bc"), StableHash.Of("abc"), StableHash.Of("ab", "c", ""), StableHash.Of("ab", "c", null), StableHash.Of("ab", null, "c"), StableHash.Of()];

        Assert.Distinct(ids);
    }

    [Fact]
    public void Of_customers_sort_by_their_age()
    {
        var entity = EntityKey.Of("s", EntityKind.Order, "1");
        var ids = new[] { -1d, 0, 1, 60, 1e6, 1e9 }.Select(seconds => CustomerId.FoundedBy(entity, DateTimeOffset.UnixEpoch.AddSeconds(seconds))).ToList();

        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Equal(ids[0], ids[1]);
    }

    [Fact]
    public void Of_records_order_them_by_version_and_then_by_id()
    {
        RecordPosition Of(long version, string id) => new(version, id);

        Assert.True(Of(1, "b") < Of(2, "a") && Of(1, "a") < Of(1, "b") && !(Of(1, "a") < Of(1, "a")));
        Assert.True(Of(2, "a") > Of(1, "b") && !(Of(1, "a") > Of(1, "a")));
        Assert.True(Of(1, "a") <= Of(1, "a") && Of(1, "a") >= Of(1, "a") && !(Of(1, "b") <= Of(1, "a")) && !(Of(1, "a") >= Of(1, "b")));
    }

    [Fact]
    public void Of_returns_order_them_by_time_amount_and_day()
    {
        OrderReturn Of(int hour, long amount, int? day = null) => new(Some.Moment.AddHours(hour), amount, day is { } d ? new DateOnly(2026, 3, d) : null);
        OrderReturn[] rising = [Of(0, 9, 9), Of(1, 1), Of(1, 2), Of(1, 2, 1), Of(1, 2, 2)];

        foreach (var (left, right) in rising.SelectMany((left, i) => rising.Select((right, j) => ((left, i), (right, j)))))
        {
            Assert.Equal(
                (left.i < right.j, left.i > right.j, left.i <= right.j, left.i >= right.j),
                (left.left < right.right, left.left > right.right, left.left <= right.right, left.left >= right.right));
        }
    }

    [Fact]
    public void A_name_of_an_edge_that_is_too_long_is_kept_as_its_hash()
    {
        Assert.Equal(new string('e', 254), IdentifierNormalizer.Edge(new string('e', 254))?.Value);
        Assert.Equal(StableHash.Of(new string('e', 255)), IdentifierNormalizer.Edge(new string('e', 255))?.Value);
    }
}
