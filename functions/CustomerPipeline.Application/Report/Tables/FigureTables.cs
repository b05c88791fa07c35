using System.Globalization;
using System.Runtime.CompilerServices;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Snapshots;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Report.Tables;

/// <summary>
/// All figures as tables, made from the catalogue: what adds up, by day and channel, side by side; what does not, one below the other with what it is made of; a table for each metric of the customer
/// base; the customers, by ids that tell nothing of them; and what they are all related by.
/// </summary>
public sealed class FigureTables(MetricsReader metrics, CensusReader census, CustomerStore customers)
{
    private const string Sales = "DailyChannelSales";
    private const string Activity = "DailyChannelActivity";
    private const string Indicators = "DailyChannelIndicators";
    private const string CustomerTable = "Customers";
    private const string CustomerValue = "CustomerValue";
    private const string Dates = "Dates";
    private const string Channels = "Channels";
    private const string Metrics = "Metrics";

    private static readonly TableColumn Day = new("Day", ColumnType.Date, "The day.");
    private static readonly TableColumn Channel = new("Channel", ColumnType.Text, "online, in-store or service; empty for figures of all channels together.");
    private static readonly TableColumn Currency = new("Currency", ColumnType.Text, "ISO 4217 code; empty for figures that are no money. Currencies must not be added up.");
    private static readonly TableColumn AsOf = new("AsOf", ColumnType.Instant, "The instant that the figures are as of.");
    private static readonly TableColumn Value = new("Value", ColumnType.DecimalNumber, "The figure; empty where nothing can be said.", IsNullable: true);
    private static readonly TableColumn Details = new("Details", ColumnType.Text, "What the figure is made of, as JSON.", IsNullable: true);
    private static readonly TableColumn Customer = new("Customer", ColumnType.Text, "The customer's id: opaque, and the same for as long as the customer is not merged into an older one.");

    private static readonly IReadOnlyList<MetricDefinition> MoneySums = [.. MetricCatalog.All.Where(m => m is { Kind: MetricKind.Flow, Unit: MetricUnit.Money, Computation: MetricComputation.Sum })];
    private static readonly IReadOnlyList<MetricDefinition> Counts = [.. MetricCatalog.All.Where(m => m is { Kind: MetricKind.Flow, Unit: MetricUnit.Count, Computation: MetricComputation.Sum })];
    private static readonly IReadOnlyList<MetricDefinition> Stocks = [.. MetricCatalog.All.Where(m => m.Kind == MetricKind.Stock)];
    private static readonly IReadOnlyList<MetricDefinition> Others = [.. MetricCatalog.All.Except(MoneySums).Except(Counts).Except(Stocks)];

    private static readonly Dictionary<string, MetricDefinition> StockOf = Stocks.ToDictionary(NameOf, StringComparer.Ordinal);

    /// <summary>The tables there are.</summary>
    public static IReadOnlyList<FigureTable> All { get; } =
    [
        new(Sales, "Sums of money by day, channel and currency. They may be added up over days and channels.", 3, [Day, Channel, Currency, .. MoneySums.Select(m => SumOf(m, ColumnType.DecimalNumber))]),
        new(Activity, "Counts by day and channel. They may be added up.", 2, [Day, Channel, .. Counts.Select(m => SumOf(m, ColumnType.WholeNumber))]),
        new(Indicators, "Shares, means, medians and counts of people by day and channel. They must not be added up; parts and wholes may, and give the share of the sum. Where the whole is 0 there is no value.", 4,
        [
            Day, Channel, Currency, new("Metric", ColumnType.Text, "The metric, as in Metrics."), Value,
            new("Part", ColumnType.DecimalNumber, "Of a share: what is divided.", IsNullable: true), new("Whole", ColumnType.DecimalNumber, "Of a share: by what it is divided.", IsNullable: true), Details,
        ]),
        .. Stocks.Select(TableOf),
        new(CustomerTable, "The customers who are known by anything, or have an order, a refund or a ticket.", 1,
        [
            Customer, new("FirstSeen", ColumnType.Instant, "The earliest that is known of the customer.", IsNullable: true), new("LastSeen", ColumnType.Instant, "The latest that is known of the customer.", IsNullable: true),
            new("Orders", ColumnType.WholeNumber, "Orders placed."), new("Purchases", ColumnType.WholeNumber, "Orders of which something was kept."), new("Tickets", ColumnType.WholeNumber, "Tickets opened."),
            new("IsIdentified", ColumnType.Truth, "Whether an identifier says who the customer is; empty, as all that follows, for a customer who came after the customer base was read.", IsNullable: true),
            new("Segment", ColumnType.Text, "The RFM segment, as in CustomersBySegment; empty without purchases or identifiers.", IsNullable: true),
            new("Stage", ColumnType.Text, "The stage of life, as in CustomersByStage; empty without identifiers.", IsNullable: true),
            new("ValueCurrency", ColumnType.Text, "ISO 4217 code of the amounts, the currency of most purchases. Currencies must not be added up.", IsNullable: true),
            new("RecencyDays", ColumnType.WholeNumber, "Days since the last purchase.", IsNullable: true),
            new("Frequency", ColumnType.WholeNumber, "Purchases, as the segment counts them.", IsNullable: true),
            new("Value", ColumnType.DecimalNumber, "Net sales to date in ValueCurrency.", IsNullable: true),
            new("PredictedValue", ColumnType.DecimalNumber, "What the customer is expected to spend in the next 52 weeks, discounted; empty where no model says it.", IsNullable: true),
            new("ProbabilityActive", ColumnType.DecimalNumber, "The probability to be still a customer, 0 to 1; empty where no model says it.", IsNullable: true),
            new("BrokenPromises", ColumnType.WholeNumber, "Orders of the last 90 days that were cancelled, came back or were followed by a ticket, as in PromisesBroken.", IsNullable: true),
        ]),
        new(CustomerValue, "What customers who ordered are worth to date, by currency.", 2,
        [
            Customer, Currency, new("NetSales", ColumnType.DecimalNumber, "Net sales to date."), new("Refunds", ColumnType.DecimalNumber, "Goods given back to date."),
        ]),
        new(Dates, "Every day from the first of the year of the first figure to the last of the year of the last.", 1,
        [
            Day, new("Year", ColumnType.WholeNumber, "Calendar year."), new("Quarter", ColumnType.WholeNumber, "1 to 4."), new("Month", ColumnType.WholeNumber, "1 to 12."), new("DayOfMonth", ColumnType.WholeNumber, "1 to 31."),
            new("DayOfWeek", ColumnType.WholeNumber, "1 (Monday) to 7."), new("IsoYear", ColumnType.WholeNumber, "Year of the ISO 8601 week."), new("IsoWeek", ColumnType.WholeNumber, "ISO 8601 week."),
        ]),
        new(Channels, "The channels, and an empty one for figures of all together.", 1, [Channel]),
        new(Metrics, "The metrics: what they mean and how they are worked out.", 1,
        [
            new("Metric", ColumnType.Text, "The name."), new("Title", ColumnType.Text, "For people."), new("Unit", ColumnType.Text, "count, money, ratio, number or seconds."),
            new("Kind", ColumnType.Text, "flow, customers, history or stock."), new("Definition", ColumnType.Text, "What it means."), new("Formula", ColumnType.Text, "How it is worked out."),
        ]),
    ];

    /// <summary>What a metric's column, or table, is called.</summary>
    public static string NameOf(MetricDefinition metric) => Pascal(metric.Name);

    /// <summary>The rows of a table as of now, in order of its key.</summary>
    /// <param name="table">The table.</param>
    /// <param name="from">The key to begin with, whether there is such a row or not; null for all rows.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public IAsyncEnumerable<object?[]> ReadAsync(FigureTable table, IReadOnlyList<object?>? from, CancellationToken cancellationToken)
    {
        var rows = ReadAsync(table, from?[0] as string ?? "", cancellationToken);
        return from is null ? rows : rows.Where(row => table.Compare(row, from) >= 0);
    }

    // Customers are many: those before the first are not read. All others are worked out together.
    private IAsyncEnumerable<object?[]> ReadAsync(FigureTable table, string firstCustomer, CancellationToken cancellationToken) => table.Name switch
    {
        Sales => SortedAsync(table, () => SumsAsync(MoneySums, table, cancellationToken)),
        Activity => SortedAsync(table, () => SumsAsync(Counts, table, cancellationToken)),
        Indicators => SortedAsync(table, () => IndicatorsAsync(cancellationToken)),
        CustomerTable => CustomersAsync(firstCustomer, cancellationToken),
        CustomerValue => customers.ListAsync(firstCustomer, cancellationToken).SelectMany(ValuesOf),
        Dates => DatesAsync(cancellationToken),
        Channels => SortedAsync(table, () => Task.FromResult<IEnumerable<object?[]>>([[""], .. Enum.GetValues<Channel>().Select(c => (object?[])[c.Name()])])),
        Metrics => SortedAsync(table, () => Task.FromResult<IEnumerable<object?[]>>(MetricCatalog.All.Select(m => (object?[])[m.Name, m.Title, Lower(m.Unit), Lower(m.Kind), m.Definition, m.Formula]))),
        _ => SortedAsync(table, () => StockAsync(StockOf[table.Name], cancellationToken)),
    };

    // A payment that is a part of an order and has a refund is an interaction of its own, of no customer and without amounts.
    private static bool IsSomebody(CustomerSummary customer) =>
        customer.Identifiers.Count > 0 || customer.Orders > 0 || customer.Purchases > 0 || customer.Tickets > 0 || customer.NetSales.Count > 0 || customer.Refunds.Count > 0;

    private static FigureTable TableOf(MetricDefinition metric)
    {
        var dimensions = metric.Dimensions.Select(d => new TableColumn(Pascal(d), ColumnType.Text, $"The {d}.")).ToList();
        return new FigureTable(
            NameOf(metric), $"{metric.Title}. {metric.Definition}", Math.Max(1, dimensions.Count),
            [.. dimensions, AsOf, Value, new TableColumn("Text", ColumnType.Text, "The figure where it is no number.", IsNullable: true), Details]);
    }

    private static TableColumn SumOf(MetricDefinition metric, ColumnType type) => new(NameOf(metric), type, metric.Definition);

    private static async IAsyncEnumerable<object?[]> SortedAsync(FigureTable table, Func<Task<IEnumerable<object?[]>>> read)
    {
        foreach (var row in (await read()).Order(Comparer<object?[]>.Create(table.Compare)))
        {
            yield return row;
        }
    }

    // Side by side, cell by cell; where a metric has nothing to tell of a cell, its sum is nothing.
    private async Task<IEnumerable<object?[]>> SumsAsync(IReadOnlyList<MetricDefinition> sums, FigureTable table, CancellationToken cancellationToken)
    {
        var cells = new Dictionary<string, object?[]>(StringComparer.Ordinal);
        for (var i = 0; i < sums.Count; i++)
        {
            var answer = await metrics.AskAsync(MetricRequest.All(sums[i], Dimension.Day, Dimension.Channel), cancellationToken);
            foreach (var row in answer.Rows)
            {
                var key = string.Join(' ', row.Dimensions.Select(d => d.Value));
                if (!cells.TryGetValue(key, out var cell))
                {
                    cells[key] = cell = [.. table.Columns.Select(c => c.Type == ColumnType.WholeNumber ? (object?)0L : 0m)];
                    KeyOf(row)[..table.KeyColumns].CopyTo(cell, 0);
                }

                cell[table.KeyColumns + i] = row.Value is long count ? (object)count : NumberOf(row.Value);
            }
        }

        return cells.Values;
    }

    private async Task<IEnumerable<object?[]>> IndicatorsAsync(CancellationToken cancellationToken)
    {
        var rows = new List<object?[]>();
        foreach (var metric in Others)
        {
            var answer = await metrics.AskAsync(MetricRequest.All(metric, [.. metric.Dimensions.Intersect([Dimension.Day, Dimension.Channel])]), cancellationToken);
            rows.AddRange(answer.Rows.Where(row => !row.IsRefused).Select(row =>
            {
                var (part, whole) = ShareOf(row);
                return (object?[])[.. KeyOf(row), metric.Name, NumberOf(row.Value), part, whole, MetricRowJson.DetailsOf(row)];
            }));
        }

        return rows;
    }

    private async Task<IEnumerable<object?[]>> StockAsync(MetricDefinition metric, CancellationToken cancellationToken)
    {
        var answer = await metrics.AskAsync(MetricRequest.All(metric), cancellationToken);
        return answer.Rows.Select(row => (object?[])[.. metric.Dimensions.Select(d => DimensionOf(row, d)), answer.AsOf.ToUniversalTime(), NumberOf(row.Value), row.Value is string text && NumberOf(text) is null ? text : null, MetricRowJson.DetailsOf(row)]);
    }

    private async IAsyncEnumerable<object?[]> CustomersAsync(string firstCustomer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var read = await census.ReadEachAsync(null, cancellationToken);
        await foreach (var c in customers.ListAsync(firstCustomer, cancellationToken).Where(IsSomebody))
        {
            var standing = read.Find(c.Customer);
            var purchases = standing?.Purchases;
            yield return
            [
                c.Customer, c.FirstSeen?.ToUniversalTime(), c.LastSeen?.ToUniversalTime(), (long)c.Orders, (long)c.Purchases, (long)c.Tickets,
                standing?.IsIdentified, standing?.Segment, standing?.Stage?.Name(), purchases?.Currency, (long?)purchases?.RecencyDays, (long?)purchases?.Frequency,
                purchases?.ValueInMajor, purchases?.PredictedValueInMajor, purchases?.ProbabilityActive, (long?)standing?.BrokenPromises.Count,
            ];
        }
    }

    private async IAsyncEnumerable<object?[]> DatesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var answer = await metrics.AskAsync(MetricRequest.All(Counts[0]), cancellationToken);
        var last = new DateOnly(answer.To.Year, 12, 31);
        for (var day = new DateOnly(answer.From.Year, 1, 1); day <= last; day = day.AddDays(1))
        {
            var weekday = ((int)day.DayOfWeek + 6) % 7 + 1;
            var noon = day.ToDateTime(new TimeOnly(12, 0));
            yield return [day, (long)day.Year, (long)((day.Month + 2) / 3), (long)day.Month, (long)day.Day, (long)weekday, (long)ISOWeek.GetYear(noon), (long)ISOWeek.GetWeekOfYear(noon)];
        }
    }

    private static IEnumerable<object?[]> ValuesOf(CustomerSummary customer) => customer.NetSales.Keys.Union(customer.Refunds.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
        .Select(currency => (object?[])[customer.Customer, currency, MajorOf(customer.NetSales, currency), MajorOf(customer.Refunds, currency)]);

    private static decimal MajorOf(IReadOnlyDictionary<string, long> amounts, string currency) => Money.ToMajorNumber(amounts.GetValueOrDefault(currency), currency);

    private static object?[] KeyOf(MetricRow row) => [DateOnly.ParseExact(DimensionOf(row, Dimension.Day), "yyyy-MM-dd", CultureInfo.InvariantCulture), DimensionOf(row, Dimension.Channel), DimensionOf(row, Dimension.Currency)];

    private static string DimensionOf(MetricRow row, string dimension) => row.Dimensions.FirstOrDefault(d => d.Key == dimension).Value ?? "";

    private static (decimal? Part, decimal? Whole) ShareOf(MetricRow row)
    {
        var details = row.Details.ToDictionary(d => d.Key, d => NumberOf(d.Value), StringComparer.Ordinal);
        decimal? Of(string name) => details.GetValueOrDefault(name);
        return details.ContainsKey("good") ? (Of("good"), Of("good") + Of("bad")) : details.ContainsKey("sales") ? (Of("identifiedSales"), Of("sales")) : (Of("part"), Of("whole"));
    }

    private static decimal? NumberOf(object? value) => value switch
    {
        long number => number,
        decimal number => number,
        string text when decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Pascal(string name) => string.Concat(name.Split('-').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
}
