using CustomerPipeline.Application.Ports;
using CustomerPipeline.Cli.Brokers;
using CustomerPipeline.Cli.Commands;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Demo;
using Spectre.Console;

namespace CustomerPipeline.Bench;

/// <summary>Messages into the local endpoint over AMQP, durable, against the same messages by the same client into a broker, such as RabbitMQ.</summary>
internal static class AmqpBench
{
    private const int AtOnce = 500;
    private const int Port = 56_720;

    public static async Task RunAsync(string broker, int count, int rounds, CancellationToken cancellationToken)
    {
        var messages = ShopGenerator.Generate(seed: 1, count).Select(m => m.ToQueueMessage()).ToList();
        var folder = Directory.CreateTempSubdirectory("customerpipeline-bench-");
        try
        {
            await using var app = LocalPipeline.Build(LocalOptions.Of(folder.FullName) with { AmqpPort = Port }, works: false);
            await app.StartAsync(cancellationToken);
            var (away, here) = (CommonOptions.AddressOf(broker), CommonOptions.AddressOf($"amqp://127.0.0.1:{Port}"));
            await SendAsync(away, messages[..(messages.Count / 10)], "warm", cancellationToken);
            await SendAsync(here, messages[..(messages.Count / 10)], "warm", cancellationToken);
            var (brokers, ours) = (new List<Measured>(), new List<Measured>());
            for (var round = 0; round < rounds; round++)
            {
                brokers.Add(await SendAsync(away, messages, $"{round}", cancellationToken));
                ours.Add(await SendAsync(here, messages, $"{round}", cancellationToken));
            }

            await app.StopAsync(cancellationToken);
            var table = new Table().Title($"Over AMQP 1.0, durable, {messages.Count:N0} messages, {AtOnce} under way").AddColumns("", "Messages a second", "Ratio");
            table.AddRow("The broker", $"{Measured.Median(brokers).PerSecond:N0}", "1");
            table.AddRow("The local endpoint", $"{Measured.Median(ours).PerSecond:N0}", $"{Measured.Median(ours.Zip(brokers, (o, b) => o.PerSecond / b.PerSecond)):N2} (goal 1)");
            AnsiConsole.Write(table);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // Each round says something else: what was said before is heard once.
    private static async Task<Measured> SendAsync(BrokerAddress address, IReadOnlyList<ReadOnlyMemory<byte>> messages, string round, CancellationToken cancellationToken)
    {
        await using var sending = new SendingAway(address);
        var fresh = messages.Select(m => (ReadOnlyMemory<byte>)(byte[])[.. m.Span, .. System.Text.Encoding.UTF8.GetBytes($" {round}")]).ToList();
        await sending.SendAsync(Queues.Online, fresh[..1], cancellationToken);
        return await Measured.OfAsync(messages.Count, async () =>
        {
            foreach (var chunk in fresh.Chunk(AtOnce))
            {
                await sending.SendAsync(Queues.Online, chunk, cancellationToken);
            }
        });
    }
}
