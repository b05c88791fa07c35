using System.Globalization;
using CsCheck;
using CustomerPipeline.Application.Report.Tables;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.Functions.OData;
using Microsoft.OData;
using Microsoft.OData.UriParser;

namespace CustomerPipeline.LocalRuntime.Tests;

/// <summary>Filters as OData text, against what C# makes of the same question over the same rows.</summary>
public sealed class The_filters_of_a_feed
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private static readonly string[] Comparisons = ["eq", "ne", "gt", "ge", "lt", "le"];

    private static readonly Gen<DateOnly> Days = Gen.Int[-3, 3].Select(n => new DateOnly(2026, 3, 1).AddDays(n));

    private static readonly Gen<DateTimeOffset> Instants = Gen.Select(Days, OneOf(0, 1, 86_399), OneOf(0, 120, -330))
        .Select((day, second, offset) => new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue).AddSeconds(second), TimeSpan.FromMinutes(offset)));

    private static readonly Gen<TimeSpan> Durations = OneOf(TimeSpan.Zero, TimeSpan.FromDays(1), TimeSpan.FromHours(36), TimeSpan.FromSeconds(1.5),
        TimeSpan.FromDays(-2));
    private static readonly Gen<string> Texts = Gen.Char["aB'\u00e5 "].Array[0, 3].Select(c => new string(c));
    private static readonly Gen<decimal> Numbers = Gen.OneOf(Gen.Int[-3, 3].Select(n => (decimal)n),
        OneOf(0.5m, -2.25m, 16777217.5m, 9007199254740993m, 0.000001m));

    private static readonly Gen<object?[]> Standings = Gen.Select(OrNull(Gen.Bool), Texts.Array[3], OrNull(Gen.Int[-3, 3]), OrNull(Gen.Int[0, 3]), OrNull(Numbers).Array[3])
        .Select((identified, texts, recency, frequency, amounts) =>
            (object?[])[identified, .. texts.Select(t => t.Length == 0 ? null : t), (long?)recency, (long?)frequency, .. amounts.Cast<object?>()]);

    private static readonly Gen<object?[]> CustomerRows = Gen.Select(Texts, OrNull(Instants), OrNull(Instants), Gen.Int[-3, 3], Gen.Int[0, 3], Gen.Int[0, 9], Standings, OrNull(Gen.Int[0, 2]))
        .Select((id, first, last, orders, purchases, tickets, standing, broken) =>
            (object?[])[id, first?.ToUniversalTime(), last?.ToUniversalTime(), (long)orders, (long)purchases, (long)tickets, .. standing, (long?)broken]);

    private static readonly FigureTable Sales = FigureTables.All.Single(t => t.Name == "DailyChannelSales");

    private static readonly Gen<object?[]> SalesRows = Gen.Select(Days, Texts, Texts, Numbers.Array[Sales.Columns.Count - 3])
        .Select((day, channel, currency, sums) => (object?[])[day, channel, currency, .. sums.Cast<object>()]);

    [Fact]
    public void Find_the_customers_that_the_same_question_in_csharp_finds() => Check("Customers", CustomerRows);

    [Fact]
    public void Find_the_sales_that_the_same_question_in_csharp_finds() => Check("DailyChannelSales", SalesRows);

    [Theory]
    [InlineData("Day ge 2026-03-02T00:00:00Z", "2026-03-02 2026-03-03")]
    [InlineData("Day gt 2026-03-02T00:00:01Z", "2026-03-03")]
    [InlineData("Day eq 2026-03-02T02:00:00+02:00", "2026-03-02")]
    [InlineData("2026-03-02T00:00:00Z eq Day", "2026-03-02")]
    [InlineData("date(Day) eq 2026-03-02", "2026-03-02")]
    [InlineData("Day add duration'P1D' eq 2026-03-03", "2026-03-02")]
    [InlineData("Day sub 2026-03-01 ge duration'P1D'", "2026-03-02 2026-03-03")]
    [InlineData("Day lt date(now()) sub duration'P1D'", "2026-03-01 2026-03-02")]
    [InlineData("Day in (2026-03-01,2026-03-03)", "2026-03-01 2026-03-03")]
    [InlineData("Day eq @d&@d=2026-03-02", "2026-03-02")]
    [InlineData("Day ge @d&@d=2026-03-02T00:00:00Z", "2026-03-02 2026-03-03")]
    [InlineData("Day ge @d", "")]
    [InlineData("@d eq null", "2026-03-01 2026-03-02 2026-03-03")]
    [InlineData("day(Day) eq 2 and hour(2026-03-02T23:30:00-05:00) eq 23", "2026-03-02")]
    [InlineData("time(2026-03-02T23:30:00Z) gt 23:29:00 and day(Day) eq 1", "2026-03-01")]
    [InlineData("substring(Channel,1) eq '2'", "2026-03-02")]
    [InlineData("substring(Channel,0,1) eq 'c' and substring(Channel,9) eq ''", "2026-03-01 2026-03-02 2026-03-03")]
    [InlineData("Day lt maxdatetime() and second(now()) eq 7 and minute(now()) eq 6", "2026-03-01 2026-03-02 2026-03-03")]
    [InlineData("day(Day) div 2 eq 1", "2026-03-02 2026-03-03")]
    [InlineData("NetSales ne 0 and 6 div NetSales eq 3", "2026-03-02")]
    [InlineData("Day eq null or Channel eq 'c3'", "2026-03-03")]
    public async Task Find(string filter, string days)
    {
        object?[] Row(int day) => [new DateOnly(2026, 3, day), $"c{day}", "EUR", .. Enumerable.Repeat((object)(decimal)(day % 3), Sales.Columns.Count - 3)];

        var page = await Ask("DailyChannelSales", filter, [Row(1), Row(2), Row(3)]);

        Assert.Equal(days, string.Join(' ', page.Rows.Select(r => ((DateOnly)r[0]!).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))));
    }

    [Theory]
    [InlineData("Customer has 'x'")]
    [InlineData("Orders has 1")]
    [InlineData("Orders in @p&@p=[1,2]")]
    [InlineData("cast(Orders,Edm.String) eq '1'")]
    [InlineData("isof(Orders,Edm.Int64)")]
    [InlineData("matchesPattern(Customer,'a')")]
    [InlineData("Orders gt 1e-30")]
    public Task Refuse_what_is_not_supported(string filter) =>
        Assert.ThrowsAsync<UnsupportedExpressionException>(() => Ask("Customers", filter, [["c", null, null, 1L, 1L, 1L]]));

    [Theory]
    [InlineData("6 div Orders eq 3")]
    [InlineData("6 mod Orders eq 3")]
    [InlineData("FirstSeen add duration'P9999999D' gt 2026-01-01")]
    [InlineData("Orders in (1,'x')")]
    [InlineData("Orders add 'x' eq 1")]
    [InlineData("Orders eq @p&@p='x'")]
    [InlineData("Orders eq 1&$filter=Orders eq 2")]
    [InlineData("substring(Customer,-1) eq 'c'")]
    public Task Refuse_what_has_no_value(string filter) =>
        Assert.ThrowsAnyAsync<ODataException>(() => Ask("Customers", filter, [["c", Now, null, 0L, 1L, 1L]]));

    private static void Check(string table, Gen<object?[]> rows) =>
        Gen.Select(rows.Array[0, 8], Filters(FigureTables.All.Single(t => t.Name == table), depth: 2)).Sample((some, filter) =>
        {
            var expected = some.Where(row => filter.Of(row) is true).ToList();
            var found = Ask(table, filter.Text, some).GetAwaiter().GetResult().Rows;

            Assert.True(expected.SequenceEqual(found), $"{filter.Text} found {found.Count} of {expected.Count}.");
        });

    private static Task<FeedPage> Ask(string table, string filter, object?[][] rows)
    {
        // As a client writes it: what means something in an address is escaped, but the aliases are options of their own.
        var options = filter.Split('&').Select(o =>
            Uri.EscapeDataString(o).Replace("%40", "@", StringComparison.Ordinal).Replace("%3D", "=", StringComparison.Ordinal));
        var uri = new ODataUriParser(FeedModel.Edm, new Uri("http://localhost/"), new Uri($"{table}?$filter={string.Join('&', options)}", UriKind.Relative));
        return new FeedQuery(FigureTables.All.Single(t => t.Name == table), uri, Now).RunAsync(rows.ToAsyncEnumerable(), 100, default);
    }

    private sealed record Asked<T>(string Text, Func<object?[], T> Of);

    private static Gen<Asked<bool?>> Filters(FigureTable table, int depth)
    {
        var (numbers, texts, days, instants, durations) = (NumbersOf(table), TextsOf(table), DaysOf(table), InstantsOf(table), DurationsOf(table));
        Gen<Asked<bool?>>[] leaves =
        [
            Compared(numbers, numbers, (a, b) => a.CompareTo(b)),
            Compared(texts, texts, string.CompareOrdinal),
            Compared(days, days, (a, b) => a.CompareTo(b)),
            Compared(instants, instants, (a, b) => a.CompareTo(b)),
            Compared(days, instants, (a, b) => Midnight(a).CompareTo(b)),
            Compared(instants, days, (a, b) => a.CompareTo(Midnight(b))),
            Compared(durations, durations, (a, b) => a.CompareTo(b)),
            Gen.Select(texts, texts, (a, b) =>
                new Asked<bool?>($"contains({a.Text},{b.Text})", row => (a.Of(row), b.Of(row)) is ({ } x, { } y) ? x.Contains(y, StringComparison.Ordinal)
                : null)),
            .. TruthsOf(table),
            Gen.Select(OneOf(NumberColumns(table)), Numbers.Array[1, 3], (a, list) =>
                new Asked<bool?>($"{a.Text} in ({string.Join(',', list.Select(n => n.ToString(CultureInfo.InvariantCulture)))})", row =>
                    list.Contains(a.Of(row) ?? decimal.MaxValue))),
            Gen.Select(texts, Texts.Array[1, 3], (a, list) =>
                new Asked<bool?>($"{a.Text} in ({string.Join(',', list.Select(Quoted))})", row => list.Contains(a.Of(row)))),
        ];
        var leaf = Gen.OneOf(leaves);
        if (depth == 0)
        {
            return leaf;
        }

        var inner = Filters(table, depth - 1);
        return Gen.OneOf(
            leaf,
            Gen.Select(inner, inner, (a, b) => new Asked<bool?>($"({a.Text}) and ({b.Text})", row => a.Of(row) & b.Of(row))),
            Gen.Select(inner, inner, (a, b) => new Asked<bool?>($"({a.Text}) or ({b.Text})", row => a.Of(row) | b.Of(row))),
            inner.Select(a => new Asked<bool?>($"not ({a.Text})", row => !a.Of(row))));
    }

    private static Gen<Asked<decimal?>> NumbersOf(FigureTable table)
    {
        var (literal, column) = (Numbers.Select(n => new Asked<decimal?>(n.ToString(CultureInfo.InvariantCulture), _ => n)), OneOf(NumberColumns(table)));
        var leaf = Gen.OneOf(literal, column);

        // The library gives a sum of literals, or of a whole number and a literal with a fraction, a type that it does not compare with decimals.
        var operand = Gen.OneOf(Numbers.Select(n => new Asked<decimal?>($"{n.ToString(CultureInfo.InvariantCulture)}M", _ => n)), column);
        return Gen.OneOf(
            leaf,
            Gen.Select(column, operand, (a, b) => new Asked<decimal?>($"{a.Text} add {b.Text}", row => a.Of(row) + b.Of(row))),
            Gen.Select(operand, column, (a, b) => new Asked<decimal?>($"{a.Text} sub {b.Text}", row => a.Of(row) - b.Of(row))),
            InstantsOf(table).Select(a => new Asked<decimal?>($"hour({a.Text})", row => a.Of(row)?.Hour)),
            DaysOf(table).Select(a => new Asked<decimal?>($"day({a.Text})", row => a.Of(row)?.Day)),
            TextsOf(table).Select(a => new Asked<decimal?>($"length({a.Text})", row => a.Of(row)?.Length)));
    }

    private static IEnumerable<Gen<Asked<bool?>>> TruthsOf(FigureTable table) => Columns(table, ColumnType.Truth, value => (bool?)value)
        .Select(c => Gen.Bool.Select(b => new Asked<bool?>($"{c.Text} eq {(b ? "true" : "false")}", row => c.Of(row) == b)));

    private static Asked<decimal?>[] NumberColumns(FigureTable table) =>
        [.. Columns(table, ColumnType.DecimalNumber, value => (decimal?)value), .. Columns(table, ColumnType.WholeNumber, value => (decimal?)(long?)value)];

    private static Gen<Asked<string?>> TextsOf(FigureTable table)
    {
        var leaf = Gen.OneOf(Texts.Select(t => new Asked<string?>(Quoted(t), _ => t)),
            OneOf(Columns(table, ColumnType.Text, value => (string?)value).ToArray()));
        return Gen.OneOf(
            leaf,
            leaf.Select(a => new Asked<string?>($"tolower({a.Text})", row => a.Of(row)?.ToLowerInvariant())),
            Gen.Select(leaf, Gen.Int[0, 4], (a, n) =>
                new Asked<string?>($"substring({a.Text},{n})", row => a.Of(row) is { } text ? text[Math.Min(n, text.Length)..] : null)));
    }

    private static Gen<Asked<DateOnly?>> DaysOf(FigureTable table)
    {
        Gen<Asked<DateOnly?>>[] columns = [.. Columns(table, ColumnType.Date, value => (DateOnly?)value).Select(c => Gen.Const(c))];
        var leaf = Gen.OneOf([Days.Select(d => new Asked<DateOnly?>($"{d:yyyy-MM-dd}", _ => d)), .. columns]);
        return Gen.OneOf(
            leaf,
            InstantsOf(table).Select(a => new Asked<DateOnly?>($"date({a.Text})", row => a.Of(row) is { } at ? DateOnly.FromDateTime(at.DateTime) : null)),
            Gen.Select(leaf, Durations, (a, d) =>
                new Asked<DateOnly?>($"{a.Text} add {Literal(d)}", row => a.Of(row) is { } day ? DateOnly.FromDateTime((Midnight(day) + d).DateTime) : null)));
    }

    private static Gen<Asked<DateTimeOffset?>> InstantsOf(FigureTable table)
    {
        Gen<Asked<DateTimeOffset?>>[] columns = [.. Columns(table, ColumnType.Instant, value => (DateTimeOffset?)value).Select(c => Gen.Const(c))];
        var leaf = Gen.OneOf([Gen.Const(new Asked<DateTimeOffset?>("now()", _ => Now)),
            Instants.Select(i => new Asked<DateTimeOffset?>($"{i:yyyy-MM-dd'T'HH:mm:sszzz}", _ => i)), .. columns]);
        return Gen.OneOf(
            leaf,
            Gen.Select(leaf, Durations, (a, d) => new Asked<DateTimeOffset?>($"{a.Text} add {Literal(d)}", row => a.Of(row) + d)),
            Gen.Select(leaf, Durations, (a, d) => new Asked<DateTimeOffset?>($"{a.Text} sub {Literal(d)}", row => a.Of(row) - d)));
    }

    private static Gen<Asked<TimeSpan?>> DurationsOf(FigureTable table) => Gen.OneOf(
        Durations.Select(d => new Asked<TimeSpan?>(Literal(d), _ => d)),
        Gen.Select(InstantsOf(table), InstantsOf(table), (a, b) => new Asked<TimeSpan?>($"({a.Text}) sub ({b.Text})", row => a.Of(row) - b.Of(row))));

    private static Gen<Asked<bool?>> Compared<TLeft, TRight>(Gen<Asked<TLeft?>> left, Gen<Asked<TRight?>> right, Func<TLeft, TRight, int> compare)
        where TLeft : struct
        where TRight : struct =>
        Gen.Select(left, right, OneOf(Comparisons), (a, b, by) =>
            new Asked<bool?>($"({a.Text}) {by} ({b.Text})", row =>
                Holds(by, a.Of(row) is { } x ? b.Of(row) is { } y ? compare(x, y) : null : null, a.Of(row) is null, b.Of(row) is null)));

    private static Gen<Asked<bool?>> Compared(Gen<Asked<string?>> left, Gen<Asked<string?>> right, Func<string, string, int> compare) =>
        Gen.Select(left, right, OneOf(Comparisons), (a, b, by) =>
            new Asked<bool?>($"({a.Text}) {by} ({b.Text})", row =>
                Holds(by, (a.Of(row), b.Of(row)) is ({ } x, { } y) ? compare(x, y) : null, a.Of(row) is null, b.Of(row) is null)));

    // 5.1.1.1: null equals null and nothing else, and no order comparison with null is true.
    private static bool Holds(string by, int? order, bool isLeftNull, bool isRightNull) => by switch
    {
        "eq" => order is null ? isLeftNull && isRightNull : order == 0,
        "ne" => order is null ? !(isLeftNull && isRightNull) : order != 0,
        "gt" => order > 0,
        "ge" => order >= 0,
        "lt" => order < 0,
        _ => order <= 0,
    };

    private static IEnumerable<Asked<T?>> Columns<T>(FigureTable table, ColumnType type, Func<object?, T?> of) =>
        table.Columns.Index().Where(c => c.Item.Type == type).Select(c => new Asked<T?>(c.Item.Name, row => of(row[c.Index])));

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static DateTimeOffset Midnight(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Literal(TimeSpan duration) => $"duration'{System.Xml.XmlConvert.ToString(duration)}'";

    private static Gen<T?> OrNull<T>(Gen<T> gen)
        where T : struct => Gen.OneOf(Gen.Const((T?)null), gen.Select(v => (T?)v));
}
