using System.Text;
using Amqp;
using CustomerPipeline.AmqpEndpoint;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.AzureServices.Tests.ServiceBus;
using CustomerPipeline.Cli.Brokers;
using CustomerPipeline.Cli.Commands;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.RocksDb;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.AzureServices.Tests.LocalQueues;

/// <summary>What <c>send --to</c> does.</summary>
public sealed class Messages_sent_away
{
    [Fact]
    public async Task Wait_for_a_broker_that_is_away_lose_nothing_and_count_nothing_twice()
    {
        var port = Emulators.FreePort();
        var broker = new TestBroker(port, Queues.Online);
        await using var sending = new SendingAway(BrokerAddress.Parse($"amqp://127.0.0.1:{port}", new AnyToken()));
        var messages = Enumerable.Range(0, 300).Select(n => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"m{n:D3}")).ToList();
        await sending.SendAsync(Queues.Online, messages[..100], default);
        var before = broker.Messages.Count;
        broker.Dispose();

        var waiting = sending.SendAsync(Queues.Online, messages[100..], default);
        await Task.Delay(500);
        Assert.False(waiting.IsCompleted);
        using var again = new TestBroker(port, Queues.Online);
        await waiting;

        Assert.Equal(100, before);
        Assert.Equal(200, again.Messages.Count);
    }

    [Needs("rabbitmq")]
    [Fact]
    public async Task Arrive_at_RabbitMQ_each_of_them_also_when_it_is_killed_in_the_middle()
    {
        await using var broker = await RabbitMq.StartAsync();
        await using var sending = new SendingAway(BrokerAddress.Parse(broker.Address, new AnyToken()));
        var messages = Enumerable.Range(0, 1_000).Select(n => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"m{n:D4}")).ToList();
        await sending.SendAsync(Queues.Online, messages[..500], default);
        await broker.WriteDownQueuesAsync();

        await broker.KillAsync();
        var rest = sending.SendAsync(Queues.Online, messages[500..], default);
        await broker.RunAsync();
        await rest;

        var received = new HashSet<string>(StringComparer.Ordinal);
        var connection = await Connection.Factory.CreateAsync(new Address(broker.Address[..broker.Address.LastIndexOf('/')]));
        var receiver = new ReceiverLink(new Session(connection), "all", $"/amq/queue/{Queues.Online}");
        while (await receiver.ReceiveAsync(TimeSpan.FromSeconds(2)) is { } message)
        {
            receiver.Accept(message);
            received.Add(Encoding.UTF8.GetString((byte[])message.Body));
        }

        await connection.CloseAsync();
        Assert.Equal(messages.Select(m => Encoding.UTF8.GetString(m.Span)), received.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Are_refused_at_once_when_the_broker_does_not_want_them()
    {
        var port = Emulators.FreePort();
        using var broker = new TestBroker(port, Queues.Online) { RefuseWith = "amqp:not-allowed" };
        await using var sending = new SendingAway(BrokerAddress.Parse($"amqp://127.0.0.1:{port}", new AnyToken()));

        await Assert.ThrowsAsync<BrokerException>(() => sending.SendAsync(Queues.Online, ["m"u8.ToArray()], default));
    }

    [Fact]
    public async Task Wait_for_a_namespace_that_is_away_and_are_counted_once()
    {
        using var folder = new TemporaryFolder();
        var port = Emulators.FreePort();
        await using var sending = new SendingAway(BrokerAddress.Parse(QueueEndpoint.ConnectionString(port), new AnyToken()));
        var messages = Enumerable.Range(0, 300).Select(n => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"m{n:D3}".PadRight(10_000))).ToList();

        var waiting = sending.SendAsync(Queues.Online, messages, default);
        await Task.Delay(500);
        Assert.False(waiting.IsCompleted);
        await using var host = LocalPipeline.Build(LocalOptions.Of(folder.Path) with { AmqpPort = port }, works: false);
        await host.StartAsync();
        await waiting;
        await sending.SendAsync(Queues.Online, messages[..50], default);

        Assert.Equal(300, await host.Services.GetRequiredService<RocksQueues>().DepthAsync(Queues.Online, default));
        await host.StopAsync();
    }

    [Fact]
    public void Go_to_a_namespace_with_the_senders_own_identity()
    {
        var credential = new AnyToken();

        Assert.Equal(new BrokerAddress.Namespace("shop.servicebus.windows.net", credential), BrokerAddress.Parse("shop.servicebus.windows.net", credential));
    }

    [Theory]
    [InlineData("Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=send only;SharedAccessKey=c2VjcmV0=", "shop.servicebus.windows.net")]
    [InlineData("Endpoint=sb://localhost:5999;SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true", "localhost")]
    public void Go_to_a_namespace_by_its_connection_string(string text, string host) =>
        Assert.Equal(new BrokerAddress.KeyHolder(host, text), BrokerAddress.Parse(text, new AnyToken()));

    [Fact]
    public void Go_to_a_broker_by_its_address() =>
        Assert.Equal(new BrokerAddress.Amqp(new Uri("amqp://guest:guest@localhost:5673/amq/queue")), BrokerAddress.Parse("amqp://guest:guest@localhost:5673/amq/queue", new AnyToken()));

    [Theory]
    [InlineData("shop")]
    [InlineData("https://shop.servicebus.windows.net")]
    [InlineData("Endpoint=sb://shop.servicebus.windows.net;SharedAccessKey=top-secret")]
    public void Go_nowhere_by_an_address_that_is_none_and_no_key_is_shown(string text)
    {
        var refusal = Assert.Throws<FormatException>(() => BrokerAddress.Parse(text, new AnyToken()));

        Assert.DoesNotContain("top-secret", refusal.Message, StringComparison.Ordinal);
    }
}
