using System.Text.Json;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.LocalHost.Demo;
using Spectre.Console;

namespace CustomerPipeline.LocalHost.Bench;

/// <summary>(a) Normalization against the bare parse of the same bytes, in turn.</summary>
internal static class NormalizeBench
{
    private const int Rounds = 25;
    private const int PerRound = 4_000;

    public static Task RunAsync()
    {
        var messages = ShopGenerator.Generate(seed: 1, 5_000).Where(m => m.IsJson).ToList();
        var table = new Table().Title("Normalization").AddColumns("Message", "Bytes", "Events a second", "CPU µs an event", "Times the bare parse (goal 2.5)");
        Measure("Shopify order", messages.Where(m => m.Topic == "orders/create").MaxBy(m => m.Payload.Length)!);
        Measure("Segment order", messages.First(m => m.Source.Name == "segment" && System.Text.Encoding.UTF8.GetString(m.Payload.Span).Contains("Order Completed", StringComparison.Ordinal)));
        AnsiConsole.Write(table);
        return Task.CompletedTask;

        void Measure(string name, DemoMessage message)
        {
            var bytes = message.ToQueueMessage();
            if (Normalizer.Normalize(bytes, NormalizationRules.Default) is not Normalization.Normalized)
            {
                throw new InvalidOperationException($"The {name} of the benchmark is not understood.");
            }

            var runs = Enumerable.Range(0, Rounds).Select(_ => (Parse: Parse(bytes), Normalize: Normalize(bytes))).Skip(Rounds / 3).ToList();
            table.AddRow(
                name, $"{bytes.Length:N0}", $"{Measured.Median(runs.Select(r => r.Normalize.PerSecond)):N0}", $"{Measured.Median(runs.Select(r => r.Normalize.ProcessorMicroseconds)):N1}",
                $"{Measured.Median(runs.Select(r => r.Normalize.Wall / r.Parse.Wall)):N2}");
        }
    }

    private static Measured Parse(ReadOnlyMemory<byte> bytes) => Measured.Of(PerRound, () =>
    {
        for (var i = 0; i < PerRound; i++)
        {
            using var document = JsonDocument.Parse(bytes);
        }
    });

    private static Measured Normalize(ReadOnlyMemory<byte> bytes) => Measured.Of(PerRound, () =>
    {
        for (var i = 0; i < PerRound; i++)
        {
            Normalizer.Normalize(bytes, NormalizationRules.Default);
        }
    });
}
