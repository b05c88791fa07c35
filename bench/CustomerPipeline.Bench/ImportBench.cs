using System.Globalization;
using System.Text;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Application.Receive.Import;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Domain.Normalize;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace CustomerPipeline.Bench;

/// <summary>
/// A CSV file of one-row orders through all stages, durable, as <c>send</c> brings it in, against reading the same rows alone: from row to message, and from message to record.
/// </summary>
internal static class ImportBench
{
    private const int Batch = 500;
    private const int OrdersPerCustomer = 5;

    private static readonly ImportMapping Mapping = ImportMapping.Parse(Encoding.UTF8.GetBytes("""
        { "kind": "order", "system": "bench", "fields": { "id": "No", "placed_at": "Day", "currency": "Cur", "gross": "Sum", "customer": "Customer", "email": "Mail",
          "channel": { "constant": "online" }, "time_zone": { "constant": "Europe/Berlin" } } }
        """));

    public static async Task RunAsync(int rows, CancellationToken cancellationToken)
    {
        // The first pass lets the runtime compile and optimize the code; it is not counted.
        await PumpAsync(FileOf(rows / 5), cancellationToken);
        var file = FileOf(rows);
        var messages = new List<ReadOnlyMemory<byte>>();
        var split = Measured.Of(rows, () => messages.AddRange(Messages(file)));
        var normalized = Measured.Of(rows, () => messages.ForEach(m => Normalizer.Normalize(m, NormalizationRules.Default)));
        var flow = await PumpAsync(file, cancellationToken);

        var table = new Table().Title($"{rows:N0} one-row orders of a CSV file").AddColumns("", "CPU s per 100,000 rows", "Rows a second", "Allocated KB a row", "Ratio");
        void AddRow(string name, Measured run, string ratio) => table.AddRow(
            name, $"{Per100000(run):N1}", $"{run.PerSecond:N0}", $"{run.AllocatedKilobytes:N1}", ratio);
        AddRow("Row to message", split, "");
        AddRow("Message to record", normalized, "");
        AddRow("All stages", flow, $"{Per100000(flow) / (Per100000(split) + Per100000(normalized)):N1} x reading alone");
        AnsiConsole.Write(table);
    }

    private static double Per100000(Measured run) => run.ProcessorMicroseconds / 10;

    private static byte[] FileOf(int rows)
    {
        var csv = new StringBuilder("No,Day,Cur,Sum,Customer,Mail\n");
        for (var row = 0; row < rows; row++)
        {
            var customer = row / OrdersPerCustomer;
            csv.Append(CultureInfo.InvariantCulture, $"{row},2026-01-{(row % 28) + 1:00}T10:00:00,EUR,{row % 100}.50,{customer},{customer}@example.com\n");
        }

        return Encoding.UTF8.GetBytes(csv.ToString());
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Messages(byte[] file)
    {
        var import = Normalizer.Find("import")!;
        using var body = new MemoryStream(file);
        foreach (var part in SourceMessages.Split(import, "text/csv", body, Mapping, SplitLimit.None)!)
        {
            yield return SourceMessages.Envelope(import, part.Payload, _ => null, isOnly: false, TimeProvider.System.GetUtcNow(), place: part.Place).Wrap();
        }
    }

    private static async Task<Measured> PumpAsync(byte[] file, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("customerpipeline-bench-");
        try
        {
            await using var app = LocalPipeline.Build(LocalOptions.Of(folder.FullName));
            await app.StartAsync(cancellationToken);
            var rows = file.Count(b => b == (byte)'\n') - 1;
            var measured = await Measured.OfAsync(rows, async () =>
            {
                var queues = app.Services.GetRequiredService<IMessageSender>();
                foreach (var chunk in Messages(file).Chunk(Batch))
                {
                    await queues.SendAsync(Queues.Online, chunk, cancellationToken);
                }

                await app.Services.GetRequiredService<StatusReader>().WaitUntilDrainedAsync(null, cancellationToken);
            });
            await app.StopAsync(cancellationToken);
            return measured;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
