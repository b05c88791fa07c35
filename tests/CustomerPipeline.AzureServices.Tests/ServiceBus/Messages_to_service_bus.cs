using System.Globalization;
using System.Net;
using System.Text;
using Azure.Core;
using Azure.Messaging.ServiceBus;
using CustomerPipeline.AmqpEndpoint;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.AzureServices.ServiceBus;
using CustomerPipeline.Domain.Value;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace CustomerPipeline.AzureServices.Tests.ServiceBus;

public sealed class Messages_to_service_bus : IAsyncDisposable
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly CountedTokens _tokens;
    private readonly int _port = Emulators.FreePort();
    private readonly ServiceBusSenders _senders;
    private readonly ServiceBusQueues _queues;
    private TestBroker _broker;

    public Messages_to_service_bus()
    {
        _broker = new TestBroker(_port, Queues.Online, Queues.Service);
        _tokens = new CountedTokens(_clock);
        _senders = new ServiceBusSenders(new ServiceBusClient(QueueEndpoint.ConnectionString(_port), new ServiceBusClientOptions
        {
            RetryOptions = new ServiceBusRetryOptions { MaxRetries = 2, Delay = TimeSpan.FromMilliseconds(100), TryTimeout = TimeSpan.FromSeconds(10) },
        }));
        _queues = new ServiceBusQueues(_senders, Depths(_ => new HttpResponseMessage(HttpStatusCode.ServiceUnavailable)));
    }

    public async ValueTask DisposeAsync()
    {
        await _senders.DisposeAsync();
        _broker.Dispose();
    }

    [Fact]
    public async Task Arrive_in_their_own_bytes_and_once()
    {
        await SendAsync(Queues.Online, "a", "b");
        await SendAsync(Queues.Online, "a");
        await SendAsync(Queues.Service, "c");

        Assert.Equal(
            ["channel-online application/cloudevents+json a", "channel-online application/cloudevents+json b", "channel-service application/cloudevents+json c"], _broker.Messages.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Go_in_as_many_batches_as_they_need()
    {
        await SendAsync(Queues.Online, [.. Enumerable.Range(0, 60).Select(n => $"{n}".PadRight(20_000))]);

        Assert.Equal(60, _broker.Messages.Count);
        Assert.InRange(_broker.Transfers, 5, 10);
    }

    [Fact]
    public async Task Are_sent_again_when_the_answer_was_lost()
    {
        _broker.DetachesAfterTaking = 1;

        await SendAsync(Queues.Online, "a", "b", "c");

        Assert.Equal(3, _broker.Messages.Count);
        Assert.Equal(2, _broker.Transfers);
    }

    [Fact]
    public async Task Go_on_after_the_broker_was_away()
    {
        await SendAsync(Queues.Online, "a");
        _broker.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => SendAsync(Queues.Online, "b"));
        _broker = new TestBroker(_port, Queues.Online);

        await SendAsync(Queues.Online, "b");

        Assert.Equal("channel-online application/cloudevents+json b", Assert.Single(_broker.Messages));
    }

    [Fact]
    public async Task To_a_full_queue_are_told_to_come_back()
    {
        _broker.RefuseWith = "amqp:resource-limit-exceeded";

        var reception = await new QueueIntake(_queues, new ReceiveOptions()).TakeAsync([new IntakeMessage(0, Queues.Online, "a"u8.ToArray())], [], default);

        Assert.IsType<Reception.Busy>(reception);
    }

    [Fact]
    public async Task Are_counted_by_the_resource_manager_not_too_often()
    {
        var asked = new List<string>();
        var depths = Depths(request =>
        {
            asked.Add($"{request.RequestUri} {request.Headers.Authorization}");
            return new HttpResponseMessage { Content = new StringContent("""{"properties":{"countDetails":{"activeMessageCount":7,"deadLetterMessageCount":2,"scheduledMessageCount":0}}}""") };
        });

        Assert.Equal(7, await depths.ReadAsync(Queues.Online, default));
        Assert.Equal(2, await depths.ReadAsync(Queues.OnlineDeadLetters, default));
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(7, await depths.ReadAsync(Queues.Online, default));

        Assert.Equal(2, asked.Count);
        Assert.StartsWith("https://management.example/subscriptions/s/namespaces/n/queues/channel-online?api-version=", asked[0], StringComparison.Ordinal);
        Assert.EndsWith(" Bearer token 1", asked[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Are_taken_in_while_the_depth_of_the_queue_is_not_known()
    {
        var intake = new QueueIntake(_queues, new ReceiveOptions());

        Assert.False(await intake.AreFullAsync([Queues.Online], default));
        var reception = await intake.TakeAsync([new IntakeMessage(0, Queues.Online, "a"u8.ToArray())], [], default);

        Assert.IsType<Reception.Accepted>(reception);
        Assert.Null(await _queues.DepthAsync(Queues.Online, default));
    }

    private ServiceBusDepths Depths(Func<HttpRequestMessage, HttpResponseMessage> answer) => new(
        new HttpClient(new Answering(answer)) { BaseAddress = new Uri("https://management.example") }, "/subscriptions/s/namespaces/n", _tokens, _clock, NullLogger<ServiceBusDepths>.Instance);

    private async Task SendAsync(string queue, params string[] messages) =>
        await _queues.SendAsync(queue, [.. messages.Select(m => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(m))], default);

    private sealed class Answering(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }

    private sealed class CountedTokens(TimeProvider clock) : TokenCredential
    {
        private int _count;

        public static TimeSpan Life { get; } = TimeSpan.FromHours(1);

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(string.Create(CultureInfo.InvariantCulture, $"token {++_count}"), clock.GetUtcNow() + Life);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }
}
