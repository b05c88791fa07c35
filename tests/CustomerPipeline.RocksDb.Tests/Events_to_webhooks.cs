using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CloudNative.CloudEvents.SystemTextJson;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Report.Publish;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.LocalServices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace CustomerPipeline.RocksDb.Tests;

public sealed class Events_to_webhooks
{
    private static readonly OutgoingEvent Event = new("e1", "customerpipeline.metric.restated", "gross-sales/2026-02-01", new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero), JsonSerializer.SerializeToElement(new { old = "10.00" }));
    private static readonly EventSubscriber Good = new(new Uri("https://good.example/events"), [.. Enumerable.Range(0, 32).Select(n => (byte)n)]);
    private static readonly EventSubscriber Bad = new(new Uri("https://bad.example/events"), [.. Enumerable.Range(32, 32).Select(n => (byte)n)]);

    private static readonly StageTelemetry Telemetry = new(TimeProvider.System, NullLogger<StageTelemetry>.Instance);

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 2, 3, 5, 0, 0, TimeSpan.Zero));
    private readonly List<(HttpRequestMessage Request, byte[] Body)> _received = [];
    private readonly UndeliveredEvents _undelivered;
    private Func<Uri, HttpStatusCode> _answer = _ => HttpStatusCode.NoContent;

    public Events_to_webhooks() => _undelivered = new UndeliveredEvents(new MemoryDocumentStore(), Telemetry, _clock);

    [Fact]
    public async Task Are_cloudevents_that_the_subscriber_can_check()
    {
        await PublishAsync(Publisher(Good));

        var (request, body) = Assert.Single(_received);
        var read = new JsonEventFormatter().DecodeStructuredModeMessage(body, new System.Net.Mime.ContentType(request.Content!.Headers.ContentType!.ToString()), null);
        Assert.True(read.IsValid);
        Assert.Equal(("e1", "/customerpipeline", Event.Type, Event.Subject, Event.Time), (read.Id, read.Source!.ToString(), read.Type, read.Subject, read.Time!.Value));
        string Header(string name) => Assert.Single(request.Headers.GetValues(name));
        using var hmac = new HMACSHA256(Good.Secret);
        Assert.Equal($"v1,{Convert.ToBase64String(hmac.ComputeHash(Encoding.UTF8.GetBytes($"e1.{Header("webhook-timestamp")}.{Encoding.UTF8.GetString(body)}")))}", Header("webhook-signature"));
        Assert.Equal("1770094800", Header("webhook-timestamp"));
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable, 5)]
    [InlineData(HttpStatusCode.TooManyRequests, 5)]
    [InlineData(HttpStatusCode.Gone, 1)]
    public async Task Are_offered_some_times_and_then_set_aside_without_a_loss_to_others(HttpStatusCode answer, int attempts)
    {
        _answer = url => url == Bad.Url ? answer : HttpStatusCode.NoContent;
        var publisher = Publisher(Bad, Good);

        await PublishAsync(publisher);

        Assert.Equal(attempts, _received.Count(r => r.Request.RequestUri == Bad.Url));
        Assert.Single(_received, r => r.Request.RequestUri == Good.Url);
        var waiting = Assert.Single(await _undelivered.ListAsync(Bad.Url, default).ToListAsync());
        Assert.Equal(("e1", $"HTTP {(int)answer}"), (waiting.Event.Id, waiting.Reason));

        Assert.Equal((0, 1), await publisher.RetryAsync(default));
        _answer = _ => HttpStatusCode.OK;
        Assert.Equal((1, 0), await publisher.RetryAsync(default));
        Assert.Empty(await _undelivered.ListAsync(Bad.Url, default).ToListAsync());
    }

    [Fact]
    public async Task Are_offered_again_after_a_lost_connection()
    {
        var first = true;
        _answer = _ => first && !(first = false) ? throw new HttpRequestException(HttpRequestError.ConnectionError) : HttpStatusCode.OK;

        await PublishAsync(Publisher(Good));

        Assert.Equal(2, _received.Count);
        Assert.Empty(await _undelivered.ListAsync(Good.Url, default).ToListAsync());
    }

    private WebhookPublisher Publisher(params EventSubscriber[] subscribers) => new(
        new HttpClient(new Subscribers(this)), new PublishOptions { Subscribers = subscribers }, _undelivered, _clock, NullLogger<WebhookPublisher>.Instance);

    private async Task PublishAsync(WebhookPublisher publisher)
    {
        var publishing = publisher.PublishAsync([Event], default);
        while (!publishing.IsCompleted)
        {
            await Task.Delay(1);
            _clock.Advance(TimeSpan.FromSeconds(_received.Count > 0 ? 30 : 0));
        }

        await publishing;
    }

    private sealed class Subscribers(Events_to_webhooks test) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
            lock (test._received)
            {
                test._received.Add((request, body));
            }

            return new HttpResponseMessage(test._answer(request.RequestUri!));
        }
    }
}
