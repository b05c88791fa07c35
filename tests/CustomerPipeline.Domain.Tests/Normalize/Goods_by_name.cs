using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize;

public sealed class Goods_by_name
{
    [Fact]
    public void Are_written_alike_each_once_and_in_order() =>
        Assert.Equal(["category:shoes", "product:a", "product:b"], Good.Names([(" B ", "Shoes"), ("a", null), ("b", "shoes"), (" ", "")]));

    [Fact]
    public void Of_two_lists_are_one_list()
    {
        IReadOnlyList<string> known = ["product:b", "product:d"];

        Assert.Same(known, Good.Union(known, ["product:d"]));
        Assert.Equal(["product:a", "product:b", "product:d"], Good.Union(known, ["product:d", "product:a"]));
    }

    [Fact]
    public void Have_an_end()
    {
        var many = Enumerable.Range(0, 50).Select(i => $"{i:D2}").ToList();
        var names = Good.Names(many.Select(n => ((string?)n, (string?)null)));

        Assert.Equal(many.Take(40).Select(n => $"product:{n}"), names);
        Assert.Equal(40, Good.Union(names, ["product:x"]).Count);
        Assert.Equal("product:".Length + 80, Assert.Single(Good.Names([(new string('x', 100), null)])).Length);
    }
}
