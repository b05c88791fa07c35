using System.Text;
using Amqp;
using Amqp.Framing;
using Amqp.Types;
using CustomerPipeline.AmqpEndpoint;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Cli.Brokers;
using CustomerPipeline.Cli.Commands;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.RocksDb;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.AzureServices.Tests.LocalQueues;

/// <summary>What <c>run --queues</c> does.</summary>
public sealed class Messages_of_a_broker : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Needs("rabbitmq")]
    [Fact]
    public async Task Are_worked_on_each_of_them_once_also_when_RabbitMQ_is_killed_in_the_middle()
    {
        await using var broker = await RabbitMq.StartAsync();
        var address = BrokerAddress.Parse(broker.Address, new AnyToken());
        await using var sending = new SendingAway(address);
        await using var worker = await StartAsync(address);
        await sending.SendAsync(Queues.Online, Orders(1, 300), default);
        await ReceivedAsync(worker, 100);
        await broker.WriteDownQueuesAsync();

        await broker.KillAsync();
        var rest = sending.SendAsync(Queues.Online, Orders(301, 300), default);
        await broker.RunAsync();
        await rest;

        var status = await ReceivedAsync(worker, 600);
        Assert.Equal((600, 600), (status.Messages.Received, status.Messages.Stored));
        await worker.StopAsync();
    }

    [Fact]
    public async Task Are_taken_once_although_the_worker_starts_again_and_again()
    {
        using var elsewhere = new TemporaryFolder();
        var port = Emulators.FreePort();
        await using var other = LocalPipeline.Build(LocalOptions.Of(elsewhere.Path) with { AmqpPort = port }, works: false);
        await other.StartAsync();
        var queues = other.Services.GetRequiredService<RocksQueues>();
        await queues.SendAsync(Queues.Online, Orders(1, 500), default);
        var address = BrokerAddress.Parse(QueueEndpoint.ConnectionString(port), new AnyToken());

        for (var start = 0; start < 3; start++)
        {
            await using var worker = await StartAsync(address);
            await ReceivedAsync(worker, 50 * (start + 1));
            await worker.StopAsync();
        }

        await using var last = await StartAsync(address);
        var status = await ReceivedAsync(last, 500);
        Assert.Equal((500, 500), (status.Messages.Received, status.Messages.Stored));
        Assert.Equal(0, await queues.DepthAsync(Queues.Online, default));
        await last.StopAsync();
        await other.StopAsync();
    }

    [Needs("rabbitmq")]
    [Fact]
    public async Task That_nobody_can_read_go_to_the_quarantine()
    {
        await using var broker = await RabbitMq.StartAsync();
        var connection = await Connection.Factory.CreateAsync(new Address(broker.Address[..broker.Address.LastIndexOf('/')]));
        var sender = new SenderLink(new Session(connection), "odd", new Target { Address = $"/queue/{Queues.Service}", Durable = 1 }, null);
        await sender.SendAsync(new Message(new Map { ["ticket"] = 1 }), Patience);
        await sender.SendAsync(new Message { BodySection = new Data { Binary = Encoding.UTF8.GetBytes("no JSON") } }, Patience);
        await connection.CloseAsync();

        await using var worker = await StartAsync(BrokerAddress.Parse(broker.Address, new AnyToken()));
        var status = await ReceivedAsync(worker, 2);

        Assert.Equal(2, status.Messages.Quarantined);
        await worker.StopAsync();
    }

    private async Task<WebApplication> StartAsync(BrokerAddress broker)
    {
        var worker = LocalPipeline.Build(LocalOptions.Of(_folder.Path) with { Broker = broker });
        await worker.StartAsync();
        return worker;
    }

    private static List<ReadOnlyMemory<byte>> Orders(int first, int count) => [.. Enumerable.Range(first, count).Select(n => Some.ShopifyOrder(id: n))];

    // When at least so many have arrived, and all that have are in the metrics.
    private static async Task<PipelineStatus> ReceivedAsync(WebApplication worker, int count)
    {
        using var patience = new CancellationTokenSource(Patience);
        var reader = worker.Services.GetRequiredService<StatusReader>();
        while (true)
        {
            var status = await reader.ReadAsync(patience.Token);
            if (status.Messages.Received >= count && status.IsDrained)
            {
                return status;
            }

            await Task.Delay(50, patience.Token);
        }
    }
}
