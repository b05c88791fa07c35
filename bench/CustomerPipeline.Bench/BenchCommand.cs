using System.CommandLine;
using CustomerPipeline.Bench.Cloud;
using CustomerPipeline.Cli.Commands;
using Microsoft.Extensions.Hosting;
using Spectre.Console;

namespace CustomerPipeline.Bench;

/// <summary>How fast each part is, as a ratio against a baseline measured in the same run.</summary>
internal static class BenchCommand
{
    public static RootCommand Create()
    {
        var messages = CommonOptions.Number("--messages", "How many messages go through the whole flow.", 1, 1_000_000_000, 100_000, "-n");
        var rounds = CommonOptions.Number("--rounds", "How often baseline and flow are measured in turn; the median counts.", 1, 1_000_000_000, 3);
        var command = new RootCommand("Measures the pipeline: every figure as a ratio against a baseline in the same run. Needs an idle machine and some minutes.")
        {
            Part("normalize", "Vendor payload to records, against the bare System.Text.Json parse of the same bytes.", _ => NormalizeBench.RunAsync()),
            Part("flow", "All stages, durable, against a loop that puts the same messages into RocksDB.", token => FlowBench.RunAsync(100_000, 3, token)),
            Part("queries", "Metric queries and customer lookups over HTTP, against an empty Kestrel endpoint.", QueryBench.RunAsync),
            Part("linkage", "Suggestions of who may be one person, on 50,000 generated records with known truth: precision, recall, time.", token => LinkageBench.RunAsync(50_000, token)),
            Part("clv", "Fitting the models of lifetime value, against the plain way to do it.", LifetimeBench.RunAsync),
            Import(),
            Identity(),
            Scale(),
            Cloud(),
            Amqp(),
            Start(),
            Soak(),
            messages,
            rounds,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            AnsiConsole.WriteLine($"{Environment.ProcessorCount} cores, {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}");
            await NormalizeBench.RunAsync();
            await FlowBench.RunAsync(result.GetValue(messages), result.GetValue(rounds), cancellationToken);
            await QueryBench.RunAsync(cancellationToken);
            return 0;
        });
        return command;
    }

    private static Command Import()
    {
        var rows = CommonOptions.Number("--rows", "How many rows the file has.", 5, 10_000_000, 100_000, "-n");
        var part = new Command("import", "A CSV file of one-row orders through all stages: CPU seconds for 100,000 rows, against reading the same rows alone.") { rows };
        part.SetAction((result, cancellationToken) => ImportBench.RunAsync(result.GetValue(rows), cancellationToken));
        return part;
    }

    private static Command Identity()
    {
        var identifiers = CommonOptions.Number("--identifiers", "How many identifiers are in the store.", 1, 1_000_000_000, 1_000_000);
        var part = new Command("identity", "The resolve stage: with very many identifiers, for a customer with very many interactions, and merging.") { identifiers };
        part.SetAction((result, cancellationToken) => IdentityBench.RunAsync(result.GetValue(identifiers), cancellationToken));
        return part;
    }

    private static Command Scale()
    {
        var customers = CommonOptions.Number("--customers", "How many customers, with 20 interactions each.", 1, 1_000_000_000, 20_000);
        var data = new Option<string?>("--data") { Description = "Where to keep them; a run that was stopped goes on there. Else they are gone afterwards." };
        var part = new Command("scale", "Very many customers: the cost of an update against the size of the store, the census of all customers, questions.") { customers, data };
        part.SetAction((result, cancellationToken) => ScaleBench.RunAsync(result.GetValue(customers), result.GetValue(data), cancellationToken));
        return part;
    }

    private static Command Cloud()
    {
        var messages = CommonOptions.Number(
            "--messages", "How many messages are measured at each batch size, after as many that are not.", 1, 1_000_000_000, 10_000, "-n");
        var output = new Option<FileInfo?>("--out") { Description = "Where to write what was measured, as JSON: docs/scale.json is what docs/scale.md is made from.", HelpName = "FILE" };
        var part = new Command("cloud", "What messages would cost in Azure: request units by the published table, against batches of one; gigabyte-seconds, dollars.") { messages, output };
        part.SetAction((result, cancellationToken) => CloudBench.RunAsync(result.GetValue(messages), result.GetValue(output), cancellationToken));
        return part;
    }

    private static Command Amqp()
    {
        var broker = new Option<string>("--broker") { Description = "The broker to compare with, such as amqp://guest:guest@localhost:5672/queue for RabbitMQ with its AMQP 1.0 plugin.", HelpName = "QUEUES", Required = true };
        var messages = CommonOptions.Number("--messages", "How many messages a round.", 1, 1_000_000_000, 20_000, "-n");
        var rounds = CommonOptions.Number("--rounds", "How often both are measured in turn; the median counts.", 1, 1_000_000_000, 3);
        var part = new Command("amqp", "Messages into the local AMQP endpoint, durable, against the same messages into a broker.") { broker, messages, rounds };
        part.SetAction((result, cancellationToken) => AmqpBench.RunAsync(result.GetValue(broker)!, result.GetValue(messages), result.GetValue(rounds), cancellationToken));
        return part;
    }

    private static Command Start()
    {
        var program = new Option<string>("--program") { Description = "Another build to measure, such as a published one: its assembly or executable.", HelpName = "FILE", DefaultValueFactory = _ => OwnProcess.Host };
        var rounds = CommonOptions.Number("--rounds", "How often both are started in turn; the median counts.", 1, 1_000_000_000, 7);
        var empty = new Option<int?>("--empty") { Description = "Be the web server to compare with, on this port.", Hidden = true };
        var part = new Command("start", "A process from its start to the first message it accepted, against the first answer of an empty web server; memory of an idle host.") { program, rounds, empty };
        part.SetAction(async (result, cancellationToken) =>
        {
            if (result.GetValue(empty) is not { } port)
            {
                await StartBench.RunAsync(result.GetValue(program)!, result.GetValue(rounds), cancellationToken);
                return 0;
            }

            await using var server = await EmptyEndpoint.StartAsync(port, cancellationToken);
            await server.WaitForShutdownAsync(cancellationToken);
            return 0;
        });
        return part;
    }

    private static Command Soak()
    {
        var minutes = CommonOptions.Number("--minutes", "How long.", 0.001, 1_000_000, 30.0);
        var rate = CommonOptions.Number("--rate", "Messages a second.", 1, 1_000_000_000, 500);
        var killEvery = CommonOptions.Number(
            "--kill-every", "Minutes between kills of the host; more than the whole soak lets one process live through it.", 0.001, 1_000_000, 3.0);
        var part = new Command("soak", "A host under messages, merges, erasures and kills for a long time: nothing lost, nothing counted twice, memory and handles as before. Exit code 1 otherwise.") { minutes, rate, killEvery };
        part.SetAction((result, cancellationToken) => SoakBench.RunAsync(result.GetValue(minutes), result.GetValue(rate), result.GetValue(killEvery), cancellationToken));
        return part;
    }

    private static Command Part(string name, string description, Func<CancellationToken, Task> run)
    {
        var part = new Command(name, description);
        part.SetAction((_, cancellationToken) => run(cancellationToken));
        return part;
    }
}
