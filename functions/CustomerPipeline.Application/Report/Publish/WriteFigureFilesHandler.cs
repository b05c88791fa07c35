using System.Globalization;
using System.Text.Json;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Report.Publish;

/// <summary>
/// Published figures as Parquet: <c>figures/date={day}/figures.parquet</c>, replaced when a day is restated, and <c>snapshots/date={day}/{snapshot}.parquet</c>, which stay. Writing a file
/// again changes nothing. With each snapshot of now, <c>customers/customers.parquet</c> is replaced: the customers that it counts, by opaque ids.
/// </summary>
public sealed class WriteFigureFilesHandler(IDocumentStore store, CensusReader customers, IFigureFiles files, StageTelemetry telemetry)
{
    public async Task HandleAsync(IReadOnlyList<FiguresChange> changes, CancellationToken cancellationToken)
    {
        // A batch may hold two versions of a day: the newer one is the file.
        foreach (var day in changes.Where(c => c is { Day: not null, Figures: not null }).GroupBy(c => c.Day!.Value).Select(same => same.MaxBy(c => c.Version)!))
        {
            await WriteDayAsync(day, cancellationToken);
        }

        foreach (var snapshot in changes.Where(c => c is { Id: not null, AsOf: not null, TakenAt: not null }).DistinctBy(c => c.Id))
        {
            await WriteSnapshotAsync(snapshot, cancellationToken);
        }

        if (changes.Where(c => c is { Id: not null, AsOf: { } asOf, TakenAt: { } takenAt } && asOf == takenAt).MaxBy(c => c.Id, StringComparer.Ordinal) is { } newest)
        {
            await WriteCustomersAsync(newest, cancellationToken);
        }
    }

    // A feed that is read from its beginning has all snapshots: only the newest is worth a reading of all customers.
    private async Task WriteCustomersAsync(FiguresChange snapshot, CancellationToken cancellationToken)
    {
        if (await store.ReadPartitionAsync(Containers.Snapshots, Containers.SnapshotIndex, "", cancellationToken).AnyAsync(d => string.CompareOrdinal(d.Id, snapshot.Id) > 0, cancellationToken))
        {
            return;
        }

        try
        {
            var rows = CustomerRow.Of(await customers.ReadEachUnkeptAsync(snapshot.AsOf!.Value, cancellationToken));
            await files.WriteAsync("customers/customers.parquet", await CustomerRow.ToParquetAsync(rows, cancellationToken), cancellationToken);
        }
        catch (CorruptDocumentException e)
        {
            // Figures of days must not wait for one customer: the file stays as it was until the next snapshot.
            telemetry.PassOver(StageTelemetry.FigureFiles, 1, e.Message);
        }
    }

    private Task WriteDayAsync(FiguresChange day, CancellationToken cancellationToken)
    {
        var rows = day.Figures!.OrderBy(f => f.Key, StringComparer.Ordinal).SelectMany(f => Rows(f.Key, f.Value)).Select(row => row with
        {
            Day = day.Day,
            Version = day.Version!.Value,
            RuleVersion = day.RuleVersion!,
            PublishedAt = day.PublishedAt!.Value.UtcDateTime,
        });
        return WriteAsync(string.Create(CultureInfo.InvariantCulture, $"figures/date={day.Day:yyyy-MM-dd}/figures.parquet"), [.. rows], cancellationToken);
    }

    private async Task WriteSnapshotAsync(FiguresChange snapshot, CancellationToken cancellationToken)
    {
        var rows = new List<FigureRow>();
        var metrics = store.ReadPartitionAsync(Containers.Snapshots, snapshot.Id!, Containers.MetricPrefix, cancellationToken);
        await foreach (var (_, metric) in telemetry.ReadableAsync(StageTelemetry.FigureFiles, metrics, d => d.As(DocumentJson.Default.SnapshotRows)))
        {
            rows.AddRange(Rows(metric.Metric, metric.Rows).Select(row => row with { AsOf = snapshot.AsOf!.Value.UtcDateTime, RuleVersion = snapshot.RuleVersion!, PublishedAt = snapshot.TakenAt!.Value.UtcDateTime }));
        }

        await WriteAsync(string.Create(CultureInfo.InvariantCulture, $"snapshots/date={snapshot.AsOf!.Value.UtcDateTime:yyyy-MM-dd}/{snapshot.Id}.parquet"), rows, cancellationToken);
    }

    private async Task WriteAsync(string path, IReadOnlyCollection<FigureRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count > 0)
        {
            await files.WriteAsync(path, await FigureRow.ToParquetAsync(rows, cancellationToken), cancellationToken);
        }
    }

    // A metric that the catalogue no longer has is not told of.
    private static IEnumerable<FigureRow> Rows(string name, JsonElement rows) =>
        MetricCatalog.Find(name) is { } metric ? rows.EnumerateArray().Select(row => FigureRow.Of(metric, row)) : [];
}
