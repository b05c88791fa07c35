using System.Buffers.Binary;
using System.Diagnostics;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Demo;
using CustomerPipeline.RocksDb;
using CustomerPipeline.RocksDb.Native;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace CustomerPipeline.Bench;

/// <summary>
/// (b) All stages, durable, against a loop that puts the same messages into RocksDB, one key each, in synced batches of 100; (c) the same with ten
/// times the customers; and of what is stored then: verifying it, and making customers and figures anew.
/// </summary>
internal static class FlowBench
{
    private const int Batch = 100;
    private const int MoreCustomers = 10;

    public static async Task RunAsync(int count, int rounds, CancellationToken cancellationToken)
    {
        var usual = ToQueue(ShopGenerator.Generate(seed: 1, count));
        var spread = ToQueue(ShopGenerator.Generate(seed: 1, count, activity: 1.0 / MoreCustomers));

        // The first pass lets the runtime compile and optimize the code; it is not counted.
        await PumpAsync([.. usual.Take(40_000)], _ => Task.CompletedTask, cancellationToken);
        var bare = new List<Measured>();
        var flow = new List<Measured>();
        var wide = new List<Measured>();
        var verify = new List<Measured>();
        var rebuild = new List<Measured>();
        for (var round = 0; round < rounds; round++)
        {
            bare.Add(PutBare(usual));
            flow.Add(await PumpAsync(usual, async folder =>
            {
                verify.Add(await VerifyAsync(folder, usual.Count, cancellationToken));
                rebuild.Add(await RebuildAsync(folder, usual.Count, cancellationToken));
            }, cancellationToken));
            wide.Add(await PumpAsync(spread, _ => Task.CompletedTask, cancellationToken));
        }

        var table = new Table().Title($"Through all stages, durable, {usual.Count:N0} messages").AddColumns("", "Messages a second", "CPU µs a message", "Allocated KB a message", "Ratio");
        void AddRow(string name, List<Measured> runs, string ratio) => table.AddRow(
            name, $"{Measured.Median(runs).PerSecond:N0}", $"{Measured.Median(runs).ProcessorMicroseconds:N0}", $"{Measured.Median(runs).AllocatedKilobytes:N1}", ratio);
        AddRow("Bare RocksDB loop", bare, "1");
        AddRow("All stages", flow, $"{Measured.Median(flow.Zip(bare, (f, b) => f.PerSecond / b.PerSecond)):N2} of the loop (goal 0.4)");
        AddRow($"All stages, {MoreCustomers} x the customers", wide, $"{Measured.Median(wide.Zip(flow, (w, f) => f.PerSecond / w.PerSecond)):N2} x the time a message (goal 1.2)");
        foreach (var (name, again) in new[] { ("verify", verify), ("rebuild", rebuild) })
        {
            AddRow(name, again, $"{Measured.Median(again.Zip(flow, (a, f) => a.PerSecond / f.PerSecond)):N1} x the live rate (goal 3)");
        }

        AnsiConsole.Write(table);
        using var process = Process.GetCurrentProcess();
        AnsiConsole.WriteLine($"Peak memory {process.PeakWorkingSet64 / 1024 / 1024:N0} MB, of which the benchmark's own messages are {(usual.Sum(m => m.Body.Length) + spread.Sum(m => m.Body.Length)) / 1024 / 1024:N0} MB.");
    }

    /// <summary>Messages of the demo shop with the queues they go to.</summary>
    public static IReadOnlyList<(string Queue, ReadOnlyMemory<byte> Body)> ToQueue(IReadOnlyList<DemoMessage> messages) =>
        [.. messages.Select(m => (Queues.Of(m.Source.Channel), m.ToQueueMessage()))];

    private static Measured PutBare(IReadOnlyList<(string Queue, ReadOnlyMemory<byte> Body)> messages)
    {
        var folder = Directory.CreateTempSubdirectory("customerpipeline-bench-");
        try
        {
            using var db = RocksDatabase.Open(folder.FullName, new RocksOptions());
            return Measured.Of(messages.Count, () =>
            {
                var key = new byte[8];
                var number = 0L;
                foreach (var chunk in messages.Chunk(Batch))
                {
                    using var batch = new RocksBatch();
                    foreach (var (_, body) in chunk)
                    {
                        BinaryPrimitives.WriteInt64BigEndian(key, number++);
                        batch.Put(db.DefaultFamily, key, body.Span);
                    }

                    db.Write(batch, isSynced: true);
                }
            });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Measured> PumpAsync(IReadOnlyList<(string Queue, ReadOnlyMemory<byte> Body)> messages, Func<string, Task> afterwards, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("customerpipeline-bench-");
        try
        {
            Measured measured;
            await using (var app = LocalPipeline.Build(LocalOptions.Of(folder.FullName)))
            {
                await app.StartAsync(cancellationToken);
                measured = await Measured.OfAsync(messages.Count, async () =>
                {
                    await SendAsync(app.Services, messages, cancellationToken);
                    await app.Services.GetRequiredService<StatusReader>().WaitUntilDrainedAsync(null, cancellationToken);
                });
                await app.StopAsync(cancellationToken);
            }

            await afterwards(folder.FullName);
            return measured;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Measured> VerifyAsync(string folder, int messages, CancellationToken cancellationToken)
    {
        await using var app = LocalPipeline.Build(LocalOptions.Of(folder));
        return await Measured.OfAsync(messages, async () =>
        {
            if (await app.Services.GetRequiredService<VerifyStore>().RunAsync(null, cancellationToken) is { Differences: [var first, ..] })
            {
                throw new InvalidOperationException($"What was measured is wrong: {first}");
            }
        });
    }

    private static async Task<Measured> RebuildAsync(string folder, int messages, CancellationToken cancellationToken)
    {
        await using var app = LocalPipeline.Build(LocalOptions.Of(folder));
        return await Measured.OfAsync(messages, () => app.Services.GetRequiredService<RebuildStore>().RunAsync(null, cancellationToken));
    }

    /// <summary>Puts messages into their queues, some hundred at a time.</summary>
    public static async Task SendAsync(IServiceProvider services, IReadOnlyList<(string Queue, ReadOnlyMemory<byte> Body)> messages, CancellationToken cancellationToken)
    {
        var queues = services.GetRequiredService<IMessageSender>();
        foreach (var chunk in messages.Chunk(5 * Batch))
        {
            await Task.WhenAll(chunk.GroupBy(m => m.Queue).Select(q => queues.SendAsync(q.Key, [.. q.Select(m => m.Body)], cancellationToken).AsTask()));
        }
    }
}
