using System.Globalization;
using System.Net;
using System.Text;
using Amqp;
using Azure.Core;
using CustomerPipeline.Azure.ServiceBus;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Flow.Receive;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace CustomerPipeline.Azure.Tests.ServiceBus;

public sealed class Messages_to_service_bus : IAsyncDisposable
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly CountedTokens _tokens;
    private readonly int _port = Emulators.FreePort();
    private readonly ServiceBusConnection _connection;
    private readonly ServiceBusQueues _queues;
    private TestBroker _broker;

    public Messages_to_service_bus()
    {
        _broker = new TestBroker(_port, Queues.Online, Queues.Service);
        _tokens = new CountedTokens(_clock);
        _connection = new ServiceBusConnection(new QueueAddress(_broker.Endpoint, new EntraTokens(_tokens)), _clock);
        _queues = new ServiceBusQueues(new AmqpSender(_connection), Depths(_ => new HttpResponseMessage(HttpStatusCode.ServiceUnavailable)));
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _broker.Dispose();
    }

    [Fact]
    public async Task Arrive_with_a_token_for_their_queue_in_their_own_bytes_and_once()
    {
        await SendAsync(Queues.Online, "a", "b");
        await SendAsync(Queues.Online, "a");
        await SendAsync(Queues.Service, "c");

        Assert.Equal(
            ["channel-online application/cloudevents+json a", "channel-online application/cloudevents+json b", "channel-service application/cloudevents+json c"], _broker.Messages.Order(StringComparer.Ordinal));
        Assert.Equal(["put-token jwt amqp://127.0.0.1/channel-online token 1", "put-token jwt amqp://127.0.0.1/channel-service token 2"], _broker.Authorizations);
    }

    [Fact]
    public async Task Are_sent_with_a_new_token_before_the_old_one_expires()
    {
        await SendAsync(Queues.Online, "a");
        _clock.Advance(CountedTokens.Life - TimeSpan.FromMinutes(6));
        await SendAsync(Queues.Online, "b");
        Assert.Single(_broker.Authorizations);

        _clock.Advance(TimeSpan.FromMinutes(2));
        await SendAsync(Queues.Online, "c");
        Assert.Equal(2, _broker.Authorizations.Count);
    }

    [Fact]
    public async Task Are_sent_again_over_a_new_link_when_the_answer_was_lost()
    {
        _broker.DetachesAfterTaking = 2;

        await SendAsync(Queues.Online, "a", "b", "c");

        Assert.Equal(3, _broker.Messages.Count);
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
    public async Task Of_an_identity_that_may_not_send_fail_with_the_reason()
    {
        _broker.StatusOfAuthorization = 401;

        var failure = await Assert.ThrowsAsync<AmqpException>(() => SendAsync(Queues.Online, "a"));

        Assert.Equal("The queue channel-online may not be used: 401 as told", failure.Message);
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
    public async Task Are_taken_in_when_nobody_can_count_them()
    {
        var reception = await new QueueIntake(_queues, new ReceiveOptions()).TakeAsync([new IntakeMessage(0, Queues.Online, "a"u8.ToArray())], [], default);

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
