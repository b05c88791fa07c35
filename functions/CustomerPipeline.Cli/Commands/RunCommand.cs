using System.CommandLine;
using System.Net;
using CustomerPipeline.AmqpEndpoint;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.LocalServices;
using Spectre.Console;

namespace CustomerPipeline.Cli.Commands;

/// <summary><c>run</c>: the host.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var pipeline = new PipelineOptions();
        var port = CommonOptions.Port();
        var amqpPort = CommonOptions.Number(
            "--amqp-port",
            "Port to listen on for AMQP 1.0, on loopback only: the queues for clients of Service Bus; 0 for none.",
            0,
            IPEndPoint.MaxPort,
            QueueEndpoint.DefaultPort);
        var queues = CommonOptions.Queues("--queues", "Work on the queues of a broker too: its messages are taken into the data folder");
        var command = new Command("run", "Run the pipeline: take messages over HTTP, work on them, answer questions. Stop with Ctrl+C.") { port, amqpPort, queues };
        pipeline.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var options = pipeline.Read(result, isNewAllowed: true) with
            {
                Port = result.GetValue(port),
                AmqpPort = result.GetValue(amqpPort),
                Broker = result.GetValue(queues) is { } broker ? CommonOptions.AddressOf(broker) : null,
            };
            ListeningPort.Require(options.Port, "--port");
            ListeningPort.Require(options.AmqpPort, "--amqp-port, or 0 for none");
            await using var app = LocalPipeline.Build(options);
            await app.StartAsync(cancellationToken);
            await HostAddress.WriteAsync(app, options.DataFolder, cancellationToken);
            AnsiConsole.MarkupLineInterpolated($"Listening on [blue]{HostAddress.Of(app)}[/], data in [blue]{Path.GetFullPath(options.DataFolder)}[/]. Stop with Ctrl+C.");
            if (options.AmqpPort > 0)
            {
                AnsiConsole.MarkupLineInterpolated($"Queues for Service Bus clients: [blue]{QueueEndpoint.ConnectionString(options.AmqpPort)}[/]");
            }

            if (options.Broker is { Host: var host })
            {
                AnsiConsole.MarkupLineInterpolated($"Taking messages from [blue]{host}[/].");
            }

            await HostAddress.ServeUntilStoppedAsync(app, options.DataFolder, cancellationToken);
            return 0;
        });
        return command;
    }
}
