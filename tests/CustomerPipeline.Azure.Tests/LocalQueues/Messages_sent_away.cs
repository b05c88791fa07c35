using System.Security.Cryptography;
using System.Text;
using Amqp;
using CustomerPipeline.Azure.ServiceBus;
using CustomerPipeline.Azure.Tests.ServiceBus;
using CustomerPipeline.Contracts;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.LocalHost.Commands;
using Microsoft.Extensions.Time.Testing;

namespace CustomerPipeline.Azure.Tests.LocalQueues;

/// <summary>What <c>send --to</c> does.</summary>
public sealed class Messages_sent_away
{
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Wait_for_a_broker_that_is_away_lose_nothing_and_count_nothing_twice()
    {
        var port = Emulators.FreePort();
        var broker = new TestBroker(port, Queues.Online);
        await using var sending = new SendingAway(QueueAddress.Parse($"amqp://127.0.0.1:{port}", new AnyToken(), TimeProvider.System));
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
        await using var sending = new SendingAway(QueueAddress.Parse(broker.Address, new AnyToken(), TimeProvider.System));
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
        await using var sending = new SendingAway(QueueAddress.Parse($"amqp://127.0.0.1:{port}", new AnyToken(), TimeProvider.System));

        await Assert.ThrowsAsync<AmqpException>(() => sending.SendAsync(Queues.Online, ["m"u8.ToArray()], default));
    }

    [Fact]
    public async Task Go_to_a_namespace_with_the_senders_own_identity()
    {
        var address = QueueAddress.Parse("shop.servicebus.windows.net", new AnyToken(), Clock);

        Assert.Equal(new Uri("amqps://shop.servicebus.windows.net"), address.Endpoint);
        Assert.Equal(("jwt", "token"), await address.Tokens!.GetAsync("amqp://shop/q", default) is var t ? (t.Type, t.Text) : default);
    }

    [Fact]
    public async Task Go_to_a_connection_string_with_a_signature_for_the_queue()
    {
        var address = QueueAddress.Parse("Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=send only;SharedAccessKey=c2VjcmV0=", new AnyToken(), Clock);
        var token = await address.Tokens!.GetAsync("amqp://shop.servicebus.windows.net/channel-online", default);

        Assert.Equal(new Uri("amqps://shop.servicebus.windows.net"), address.Endpoint);
        Assert.Equal(("servicebus.windows.net:sastoken", Clock.GetUtcNow().AddHours(1)), (token.Type, token.Until));
        using var hmac = new HMACSHA256("c2VjcmV0="u8.ToArray());
        var signature = Uri.EscapeDataString(Convert.ToBase64String(hmac.ComputeHash("amqp%3A%2F%2Fshop.servicebus.windows.net%2Fchannel-online\n1793494800"u8.ToArray())));
        Assert.Equal($"SharedAccessSignature sr=amqp%3A%2F%2Fshop.servicebus.windows.net%2Fchannel-online&sig={signature}&se=1793494800&skn=send%20only", token.Text);
    }

    [Theory]
    [InlineData("Endpoint=sb://localhost:5999;SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true", "amqp://localhost:5999", true)]
    [InlineData("Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true", "amqp://localhost", true)]
    [InlineData("amqp://guest:guest@localhost:5673/amq/queue", "amqp://guest:guest@localhost:5673/amq/queue", false)]
    public void Go_where_the_address_says(string text, string endpoint, bool hasTokens)
    {
        var address = QueueAddress.Parse(text, new AnyToken(), Clock);

        Assert.Equal((new Uri(endpoint), hasTokens), (address.Endpoint, address.Tokens is not null));
    }

    [Theory]
    [InlineData("shop")]
    [InlineData("https://shop.servicebus.windows.net")]
    [InlineData("Endpoint=sb://shop.servicebus.windows.net;SharedAccessKey=top-secret")]
    public void Go_nowhere_by_an_address_that_is_none_and_no_key_is_shown(string text)
    {
        var refusal = Assert.Throws<FormatException>(() => QueueAddress.Parse(text, new AnyToken(), Clock));

        Assert.DoesNotContain("top-secret", refusal.Message, StringComparison.Ordinal);
    }
}
