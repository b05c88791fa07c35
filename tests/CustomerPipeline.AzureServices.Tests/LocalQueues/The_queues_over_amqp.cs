using System.Text;
using Azure.Messaging.ServiceBus;
using CustomerPipeline.AmqpEndpoint;
using CustomerPipeline.AzureServices.ServiceBus;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.RocksDb;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.AzureServices.Tests.LocalQueues;

/// <summary>The local host's queues, used by clients that nobody here wrote. Nothing works on the messages, so that they can be counted.</summary>
public sealed class The_queues_over_amqp : LocalEndpoint
{
    private RocksQueues Queues => Host.Services.GetRequiredService<RocksQueues>();

    [Needs("npm")]
    [Fact]
    public async Task Take_what_the_official_client_and_a_plain_one_send()
    {
        var (exitCode, output) = await Emulators.RunAsync("check-service-bus-send.mjs", QueueEndpoint.ConnectionString(Port), "127.0.0.1", $"{Port}");

        Assert.True(exitCode == 0, output);
        Assert.Equal(7, output.Split('\n').Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
        Assert.Equal(61, await Queues.DepthAsync(Application.Ports.Queues.Online, default));
        var bodies = (await Queues.ReceiveAsync(Application.Ports.Queues.Online, 100, TimeSpan.FromMinutes(1))).Select(m => Encoding.UTF8.GetString(m.Body.Span)).ToList();
        Assert.All(bodies, body => Assert.StartsWith("""{"specversion":"1.0","id":"e""", body, StringComparison.Ordinal));
        Assert.Equal(61, bodies.Distinct().Count());
    }

    [Needs("npm")]
    [Fact]
    public async Task Are_read_by_the_official_client_by_peek_lock()
    {
        var (exitCode, output) = await Emulators.RunAsync("check-service-bus-receive.mjs", QueueEndpoint.ConnectionString(Port));

        Assert.True(exitCode == 0, output);
        Assert.Equal(7, output.Split('\n').Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
        Assert.Equal(0, await Queues.DepthAsync(Application.Ports.Queues.InStore, default));
    }

    [Fact]
    public async Task Take_what_the_pipelines_own_sender_sends_and_keep_it_over_a_restart()
    {
        await using var sender = new ServiceBusSenders(new ServiceBusClient(QueueEndpoint.ConnectionString(Port)));
        await sender.SendAsync(Application.Ports.Queues.Service, ["one"u8.ToArray(), "two"u8.ToArray()], default);

        await RestartAsync();

        Assert.Equal(2, await Queues.DepthAsync(Application.Ports.Queues.Service, default));
        await sender.SendAsync(Application.Ports.Queues.Service, ["three"u8.ToArray()], default);
        Assert.Equal(3, await Queues.DepthAsync(Application.Ports.Queues.Service, default));
    }
}
