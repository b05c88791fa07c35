using System.Net.Sockets;
using System.Text;
using Amqp;
using Amqp.Framing;
using Amqp.Types;
using CustomerPipeline.AmqpEndpoint;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Cli.Brokers;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.LocalServices;
using CustomerPipeline.RocksDb;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CustomerPipeline.AzureServices.Tests.LocalQueues;

/// <summary>Peers that misbehave at the endpoint harm no others: after each of them another client sends.</summary>
public sealed class Bad_peers : LocalEndpoint
{
    private static readonly byte[] SaslHeader = [(byte)'A', (byte)'M', (byte)'Q', (byte)'P', 3, 1, 0, 0];
    private static readonly byte[] AmqpHeader = [(byte)'A', (byte)'M', (byte)'Q', (byte)'P', 0, 1, 0, 0];

    // A sasl-init that says ANONYMOUS.
    private static readonly byte[] SaslInit = [0, 0, 0, 25, 2, 1, 0, 0, 0, 0x53, 0x41, 0xc0, 12, 1, 0xa3, 9, .. "ANONYMOUS"u8];

    [Fact]
    public async Task That_talk_http_or_nonsense_are_hung_up_on()
    {
        foreach (var nonsense in new[] { "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), [.. SaslHeader, 255, 255, 255, 255, 255, 255, 255, 255], [.. SaslHeader, .. SaslInit, .. AmqpHeader, .. Encoding.UTF8.GetBytes(new string('x', 5_000))] })
        {
            using var peer = await ConnectAsync();
            await peer.GetStream().WriteAsync(nonsense);
            Assert.True(await IsHungUpOnAsync(peer), Encoding.ASCII.GetString(nonsense[..Math.Min(20, nonsense.Length)]));
        }

        await OthersCanSendAsync();
    }

    [Fact]
    public async Task That_announce_a_frame_over_the_limit_are_hung_up_on_before_it_is_read()
    {
        using var peer = await ConnectAsync();
        await ShakeHandsAsync(peer);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await peer.GetStream().WriteAsync((byte[])[0x7f, 0xff, 0xff, 0xff, 2, 0, 0, 0]);

        Assert.True(await IsHungUpOnAsync(peer));
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 50_000_000);
        await OthersCanSendAsync();
    }

    [Fact]
    public async Task That_send_batches_without_messages_are_told_so()
    {
        const uint Batch = 0x80013700;
        var connection = await Connection.Factory.CreateAsync(new Address($"amqp://anybody:anything@127.0.0.1:{Port}"));
        var sender = new SenderLink(new Session(connection), "batches", Queues.Online);
        foreach (var body in new RestrictedDescribed[] { new AmqpValue { Value = "text" }, new Data { Binary = "no message"u8.ToArray() }, new Data { Binary = [0, 0x53, 0x75, 0xa0, 200, 1] } })
        {
            var refusal = await Assert.ThrowsAnyAsync<AmqpException>(() => sender.SendAsync(new Message { Format = Batch, BodySection = body }, TimeSpan.FromSeconds(10)));
            Assert.NotNull(refusal.Error);
        }

        await connection.CloseAsync();
        await OthersCanSendAsync();
    }

    [Fact]
    public async Task That_say_nothing_keep_nobody_waiting()
    {
        var silent = new List<TcpClient>();
        for (var i = 0; i < 1_000; i++)
        {
            silent.Add(await ConnectAsync());
            if (i % 2 == 0)
            {
                await silent[^1].GetStream().WriteAsync(SaslHeader);
            }
        }

        await OthersCanSendAsync();
        silent.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task That_ask_for_everything_and_read_nothing_get_no_more_than_a_few_megabytes()
    {
        const int Messages = 500;
        var queues = Host.Services.GetRequiredService<RocksQueues>();
        await queues.SendAsync(Queues.InStore, [.. Enumerable.Range(0, Messages).Select(n => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"{n}".PadRight(100_000)))], default);
        using var stalling = new StallingProxy(Port);
        var slow = await Connection.Factory.CreateAsync(new Address($"amqp://anybody:anything@127.0.0.1:{stalling.Port}"));
        var reader = new ReceiverLink(new Session(slow), "slow", Queues.InStore);
        stalling.StopReading();
        reader.SetCredit(100_000);
        await Task.Delay(TimeSpan.FromSeconds(2));

        var left = await queues.ReceiveAsync(Queues.InStore, Messages, TimeSpan.FromMinutes(1));

        Assert.InRange(left.Count, Messages - 60, Messages - 1);
        await OthersCanSendAsync();
        slow.Close(TimeSpan.Zero);
    }

    [Slow]
    [Fact]
    public async Task That_fall_silent_are_given_up_and_take_no_message()
    {
        var port = Emulators.FreePort();
        var queues = Host.Services.GetRequiredService<RocksQueues>();
        var access = Host.Services.GetRequiredService<IAccessControl>();
        using var endpoint = new QueueEndpoint(port, queues, new ReceiveOptions(), access, TimeProvider.System) { IdleTimeout = TimeSpan.FromSeconds(2) };
        await endpoint.StartAsync(default);
        using var stalling = new StallingProxy(port);
        var connection = await Connection.Factory.CreateAsync(new Address($"amqp://anybody:anything@127.0.0.1:{stalling.Port}"));
        var isGivenUp = new TaskCompletionSource<string?>();
        connection.AddClosedCallback((_, error) => isGivenUp.TrySetResult(error?.Condition));
        var reader = new ReceiverLink(new Session(connection), "half-open", Queues.Online);
        reader.SetCredit(10);
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.False(isGivenUp.Task.IsCompleted, "A client that does nothing is no silent one.");

        stalling.SilenceClient();

        Assert.Equal(ErrorCode.ConnectionForced, await isGivenUp.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        await queues.SendAsync(Queues.Online, ["late"u8.ToArray()], default);
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        Assert.Equal(1, Assert.Single(await queues.ReceiveAsync(Queues.Online, 1, TimeSpan.FromMinutes(1))).DeliveryCount);
    }

    /// <summary>The library puts a message together however long it is.</summary>
    [Fact]
    public async Task That_send_a_message_that_does_not_end_are_hung_up_on()
    {
        var connection = await Connection.Factory.CreateAsync(new Address($"amqp://anybody:anything@127.0.0.1:{Port}"));
        var isHungUpOn = new TaskCompletionSource();
        connection.AddClosedCallback((_, _) => isHungUpOn.TrySetResult());
        var sender = new SenderLink(new Session(connection), "long", Queues.Online);

        sender.Send(new Message { BodySection = new Data { Binary = new byte[30_000_000] } }, null, null);

        await isHungUpOn.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await OthersCanSendAsync();
    }

    [Fact]
    public async Task That_open_very_many_links_get_no_more_than_a_connection_may_have()
    {
        var connection = await Connection.Factory.CreateAsync(new Address($"amqp://anybody:anything@127.0.0.1:{Port}"));
        var session = new Session(connection);
        var links = new List<SenderLink>();
        for (var i = 0; i < 250; i++)
        {
            links.Add(new SenderLink(session, $"link {i}", Queues.Online));
        }

        await links[^1].SendAsync(new Message { BodySection = new Data { Binary = "one"u8.ToArray() } }, TimeSpan.FromSeconds(10));
        var extra = new SenderLink(session, "one more", Queues.Online);
        var refusal = await Assert.ThrowsAnyAsync<AmqpException>(() => extra.SendAsync(new Message { BodySection = new Data { Binary = "two"u8.ToArray() } }, TimeSpan.FromSeconds(10)));
        Assert.Equal(ErrorCode.ResourceLimitExceeded, refusal.Error.Condition);

        await links[0].CloseAsync();
        await new SenderLink(session, "in its place", Queues.Online).SendAsync(new Message { BodySection = new Data { Binary = "three"u8.ToArray() } }, TimeSpan.FromSeconds(10));
        await connection.CloseAsync();
        await OthersCanSendAsync();
    }

    [Fact]
    public async Task That_open_very_many_connections_get_no_more_than_there_may_be()
    {
        using var endpoint = Endpoint(new PeerLimits { Connections = 3 });
        await endpoint.Value.StartAsync(default);
        var silent = new List<TcpClient>();
        for (var i = 0; i < 20; i++)
        {
            silent.Add(new TcpClient());
            await silent[^1].ConnectAsync("127.0.0.1", endpoint.Port);
        }

        // Those that are silent give way.
        var open = new List<Connection>();
        for (var i = 0; i < 3; i++)
        {
            open.Add(await Connection.Factory.CreateAsync(new Address($"amqp://anybody:anything@127.0.0.1:{endpoint.Port}")));
        }

        await Assert.ThrowsAnyAsync<Exception>(() => Connection.Factory.CreateAsync(new Address($"amqp://anybody:anything@127.0.0.1:{endpoint.Port}")));
        await open[0].CloseAsync();
        for (var tries = 0; ; tries++)
        {
            try
            {
                await (await Connection.Factory.CreateAsync(new Address($"amqp://anybody:anything@127.0.0.1:{endpoint.Port}"))).CloseAsync();
                break;
            }
            catch (Exception e) when (tries < 100 && e is AmqpException or SocketException or IOException or ObjectDisposedException or OperationCanceledException)
            {
                await Task.Delay(50);
            }
        }

        silent.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task That_do_not_say_who_they_are_in_time_are_hung_up_on()
    {
        using var endpoint = Endpoint(new PeerLimits { Introduction = TimeSpan.FromSeconds(1) });
        await endpoint.Value.StartAsync(default);
        using var silent = new TcpClient();
        await silent.ConnectAsync("127.0.0.1", endpoint.Port);
        using var half = new TcpClient();
        await half.ConnectAsync("127.0.0.1", endpoint.Port);
        await half.GetStream().WriteAsync(SaslHeader);
        Assert.True(await IsHungUpOnAsync(silent));
        Assert.True(await IsHungUpOnAsync(half));

        Host.Services.GetRequiredService<ApiKeys>().Add("somebody", [Application.Access.Scope.MessagesWrite]);
        var factory = new ConnectionFactory();
        factory.SASL.Profile = Amqp.Sasl.SaslProfile.Anonymous;
        var without = await factory.CreateAsync(new Address($"amqp://127.0.0.1:{endpoint.Port}"));
        var isHungUpOn = new TaskCompletionSource<string?>();
        without.AddClosedCallback((_, error) => isHungUpOn.TrySetResult(error?.Condition));
        Assert.Equal(ErrorCode.UnauthorizedAccess, await isHungUpOn.Task.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task That_send_more_at_once_than_there_is_room_for_are_told_so()
    {
        using var endpoint = Endpoint(new PeerLimits { BytesInHand = 1_000 });
        await endpoint.Value.StartAsync(default);
        var connection = await Connection.Factory.CreateAsync(new Address($"amqp://anybody:anything@127.0.0.1:{endpoint.Port}"));
        var sender = new SenderLink(new Session(connection), "much", Queues.Online);

        var refusal = await Assert.ThrowsAnyAsync<AmqpException>(() => sender.SendAsync(new Message { BodySection = new Data { Binary = new byte[2_000] } }, TimeSpan.FromSeconds(10)));
        Assert.Equal(ErrorCode.ResourceLimitExceeded, refusal.Error.Condition);
        await sender.SendAsync(new Message { BodySection = new Data { Binary = "little"u8.ToArray() } }, TimeSpan.FromSeconds(10));
        await connection.CloseAsync();
    }

    [Fact]
    public async Task That_send_very_many_messages_wait_and_keep_their_order()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var endpoint = Endpoint(new PeerLimits { MessagesPerSecond = 10 }, clock);
        await endpoint.Value.StartAsync(default);
        var queues = Host.Services.GetRequiredService<RocksQueues>();
        var before = await queues.DepthAsync(Queues.Service, default);
        var connection = await Connection.Factory.CreateAsync(new Address($"amqp://anybody:anything@127.0.0.1:{endpoint.Port}"));
        var sender = new SenderLink(new Session(connection), "fast", Queues.Service);
        var sent = Enumerable.Range(0, 25).Select(i => sender.SendAsync(new Message { BodySection = new Data { Binary = Encoding.UTF8.GetBytes($"{i}") } }, TimeSpan.FromMinutes(1))).ToList();
        await Task.WhenAll(sent[..10]);
        Assert.Equal(before + 10, await queues.DepthAsync(Queues.Service, default));

        while (!Task.WhenAll(sent).IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20);
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"{i}"), (await queues.ReceiveAsync(Queues.Service, 100, TimeSpan.FromMinutes(1))).Select(m => Encoding.UTF8.GetString(m.Content.Body.Span)).TakeLast(25));
        await connection.CloseAsync();
    }

    private OwnEndpoint Endpoint(PeerLimits limits, TimeProvider? clock = null)
    {
        var port = Emulators.FreePort();
        return new OwnEndpoint(port, new QueueEndpoint(port, Host.Services.GetRequiredService<RocksQueues>(), new ReceiveOptions(), Host.Services.GetRequiredService<IAccessControl>(), clock ?? TimeProvider.System, limits));
    }

    /// <summary>An endpoint with limits of its own.</summary>
    private sealed record OwnEndpoint(int Port, QueueEndpoint Value) : IDisposable
    {
        public void Dispose() => Value.Dispose();
    }

    private async Task OthersCanSendAsync()
    {
        await using var broker = new AmqpBroker(new AmqpConnection(new Uri($"amqp://127.0.0.1:{Port}")));
        var queues = Host.Services.GetRequiredService<RocksQueues>();
        var before = await queues.DepthAsync(Queues.Online, default);
        await broker.SendAsync(Queues.Online, [Encoding.UTF8.GetBytes($"message {before}")], default);
        Assert.Equal(before + 1, await queues.DepthAsync(Queues.Online, default));
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port);
        return client;
    }

    // Well behaved so far: both sides have said that they talk AMQP.
    private static async Task ShakeHandsAsync(TcpClient peer)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await peer.GetStream().WriteAsync((byte[])[.. SaslHeader, .. SaslInit, .. AmqpHeader], patience.Token);
        var answer = new List<byte>();
        var buffer = new byte[4_096];
        while (answer.ToArray().AsSpan().IndexOf(AmqpHeader) < 0)
        {
            var read = await peer.GetStream().ReadAsync(buffer, patience.Token);
            Assert.NotEqual(0, read);
            answer.AddRange(buffer[..read]);
        }
    }

    // The other side ends the connection, whatever it says before.
    private static async Task<bool> IsHungUpOnAsync(TcpClient peer)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[4_096];
        try
        {
            while (await peer.GetStream().ReadAsync(buffer, patience.Token) > 0)
            {
            }

            return true;
        }
        catch (IOException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
