using CsCheck;
using CustomerPipeline.Application.Report.Tables;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.Functions.OData;
using Microsoft.OData.UriParser;

namespace CustomerPipeline.LocalRuntime.Tests;

public sealed class The_pages_of_a_feed
{
    private static readonly FigureTable Table = FigureTables.All.Single(t => t.Name == "CustomerValue");

    private static readonly Gen<object?[][]> Rows = Gen.Select(Gen.Char["abc\u00e5\ud7ff"].Array[1, 3], Gen.OneOf(Gen.Const(""), Gen.Const("EUR"), Gen.Const("USD")), Gen.Int[-3, 3], (customer, currency, sales) => (object?[])[new string(customer), currency, (decimal)sales, 0m])
        .Array[0, 30].Select(rows => rows.DistinctBy(r => (r[0], r[1])).Order(Comparer<object?[]>.Create(Table.Compare)).ToArray());

    [Fact]
    public void Have_each_row_once_in_order_whatever_their_size() => Gen.Select(Rows, Gen.Int[1, 7], Gen.OneOf(Gen.Const(""), Gen.Const("&$orderby=NetSales desc")), Gen.Int[0, 5], Gen.Int[0, 40]).Sample(
        (rows, size, order, skip, top) =>
        {
            var expected = (order.Length == 0 ? rows.AsEnumerable() : rows.OrderByDescending(r => (decimal)r[2]!).ThenBy(r => r, Comparer<object?[]>.Create(Table.Compare))).Skip(skip).Take(top).ToList();

            var told = new List<object?[]>();
            var from = $"$skip={skip}";
            long? left = top;
            for (FeedPage page; ; from = $"$skiptoken={page.Next!.Value.Position.Write()}")
            {
                page = Ask($"$top={left}{order}&{from}", rows, size);
                Assert.True(page.Rows.Count <= size);
                told.AddRange(page.Rows);
                if (page.Next is null)
                {
                    break;
                }

                left = page.Next.Value.Top;
                Assert.NotEmpty(page.Rows);
            }

            Assert.Equal(expected, told);
        });

    /// <summary>Rows that come and go between two pages make none appear twice, and none be missed that was there all the time.</summary>
    [Fact]
    public void Miss_and_repeat_nothing_that_stays_while_others_come_and_go() => Gen.Select(Rows, Rows, Gen.Int[1, 5]).Sample((stay, other, size) =>
    {
        var lasting = stay.Select(r => (r[0], r[1])).ToHashSet();
        var passing = other.Where(r => !lasting.Contains((r[0], r[1]))).ToList();
        var told = new List<object?[]>();
        var from = "";
        for (var turn = 0; ; turn++)
        {
            var now = stay.Concat(turn % 2 == 0 ? passing : []).Order(Comparer<object?[]>.Create(Table.Compare)).ToArray();
            var page = Ask(from, now, size);
            told.AddRange(page.Rows);
            if (page.Next is null)
            {
                break;
            }

            from = $"$skiptoken={page.Next.Value.Position.Write()}";
        }

        Assert.Equal(told.Count, told.Select(r => (r[0], r[1])).Distinct().Count());
        Assert.Empty(stay.Except(told));
    });

    private static FeedPage Ask(string query, object?[][] rows, int size) => new FeedQuery(
        Table, new ODataUriParser(FeedModel.Edm, new Uri("http://localhost/"), new Uri($"{Table.Name}?{query}", UriKind.Relative)), DateTimeOffset.UnixEpoch)
        .RunAsync(rows.ToAsyncEnumerable(), size, default).GetAwaiter().GetResult();
}
