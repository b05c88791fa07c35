using System.Globalization;
using System.Text.Json;
using CustomerPipeline.Application.Report.Publish;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using DuckDB.NET.Data;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>Published figures as an analyst reads them: with another program, from files.</summary>
public sealed class Figures_as_parquet : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Data => Path.Combine(_folder.Path, "data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Are_those_that_were_published()
    {
        var demo = await HostProcess.RunAsync("demo", "--no-serve", "--messages", "2000", "--data", Data, "--port", "0");
        Assert.True(demo.ExitCode == 0, demo.Output);
        await using var host = await HostProcess.StartAsync(Data);
        await host.PostAsync("/api/snapshots", "");
        var snapshot = (await host.GetAsync("/api/snapshots")).GetProperty("value").EnumerateArray().Last().GetProperty("snapshot").GetString()!;
        var published = Path.Combine(Data, "parquet");
        await UntilAsync(() => Directory.Exists(published) && Directory.GetFiles(published, $"{snapshot}.parquet", SearchOption.AllDirectories).Length == 1);

        // A file a day, one after the other.
        var sales = Figures(await host.GetAsync("/api/metrics/net-sales?by=channel"), "channel", "currency", "value");
        var ofFiles = $"SELECT channel, currency, printf('%.2f', sum(value)) FROM read_parquet('{published}/figures/*/*.parquet', hive_partitioning = true) WHERE metric = 'net-sales' AND date >= '2000-01-01' GROUP BY ALL";
        await UntilAsync(() => Directory.Exists(Path.Combine(published, "figures")) && Query(ofFiles).SequenceEqual(sales));
        Assert.Equal(sales, Query(ofFiles));

        Assert.Equal(
            Figures(await host.GetAsync($"/api/metrics/customers-by-stage?snapshot={snapshot}"), "stage", "value"),
            Query($"SELECT dimensions->>'stage', value::BIGINT FROM read_parquet('{published}/snapshots/*/{snapshot}.parquet') WHERE metric = 'customers-by-stage'"));

        // The customers that the last snapshot counts.
        await UntilAsync(() => File.Exists(Path.Combine(published, "customers", "customers.parquet")));
        foreach (var (metric, dimension) in new[] { ("customers-by-stage", "stage"), ("customers-by-segment", "segment") })
        {
            Assert.Equal(
                Figures(await host.GetAsync($"/api/metrics/{metric}?snapshot={snapshot}"), dimension, "value").Where(row => !row.EndsWith(" 0", StringComparison.Ordinal)),
                Query($"SELECT {dimension}, count(*) FROM read_parquet('{published}/customers/customers.parquet') WHERE {dimension} IS NOT NULL GROUP BY ALL"));
        }
    }

    [Fact]
    public async Task Have_the_columns_that_were_promised()
    {
        var file = Path.Combine(_folder.Path, "figures.parquet");
        var row = new FigureRow { Metric = "orders", Unit = "count", RuleVersion = "value-1", Day = new DateOnly(2026, 2, 1), Value = 1.5m };
        await File.WriteAllBytesAsync(file, (await FigureRow.ToParquetAsync([row], default)).ToArray());

        Assert.Equal(
            [
                "as_of TIMESTAMP", "channel VARCHAR", "currency VARCHAR", "day DATE", "details VARCHAR", "dimensions VARCHAR", "metric VARCHAR", "published_at TIMESTAMP", "rule_version VARCHAR", "text VARCHAR",
                "unit VARCHAR", "value DECIMAL(28,6)", "version INTEGER",
            ],
            Query($"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet('{file}'))"));
    }

    [Fact]
    public async Task Have_the_columns_of_customers_that_were_promised()
    {
        var file = Path.Combine(_folder.Path, "customers.parquet");
        await File.WriteAllBytesAsync(file, (await CustomerRow.ToParquetAsync([new CustomerRow { Customer = "c1", Value = 1.5m }], default)).ToArray());

        Assert.Equal(
            [
                "as_of TIMESTAMP", "broken_promises INTEGER", "currency VARCHAR", "customer VARCHAR", "first_purchase DATE", "frequency INTEGER", "identified BOOLEAN", "last_purchase DATE", "predicted_value DECIMAL(28,6)",
                "probability_active DECIMAL(28,6)", "recency_days INTEGER", "segment VARCHAR", "stage VARCHAR", "value DECIMAL(28,6)",
            ],
            Query($"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet('{file}'))"));
    }

    private static IEnumerable<string> Figures(JsonElement answer, params string[] properties) =>
        answer.GetProperty("value").EnumerateArray().Select(row => string.Join(' ', properties.Select(p => row.GetProperty(p)))).Order(StringComparer.Ordinal);

    private static List<string> Query(string sql)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(string.Join(' ', Enumerable.Range(0, reader.FieldCount).Select(i => Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))));
        }

        return [.. rows.Order(StringComparer.Ordinal)];
    }

    private static async Task UntilAsync(Func<bool> done)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!done())
        {
            await Task.Delay(50, patience.Token);
        }
    }
}
