using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Publish;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace CustomerPipeline.LocalServices;

/// <summary>
/// Events to subscribers over HTTP: CloudEvents in structured mode, signed as the Standard Webhooks specification says (https://www.standardwebhooks.com). A subscriber that does not take an event
/// after some attempts, further and further apart, has it set aside and keeps nobody else waiting.
/// </summary>
public sealed partial class WebhookPublisher : IEventPublisher
{
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly PublishOptions _options;
    private readonly UndeliveredEvents _undelivered;
    private readonly TimeProvider _clock;
    private readonly ILogger<WebhookPublisher> _logger;
    private readonly ResiliencePipeline<Delivery> _attempts;

    /// <param name="http">Follows no redirects.</param>
    /// <param name="options">Who subscribed.</param>
    /// <param name="undelivered">What is set aside.</param>
    /// <param name="clock">For signatures and pauses.</param>
    /// <param name="logger">For what is set aside.</param>
    public WebhookPublisher(HttpClient http, PublishOptions options, UndeliveredEvents undelivered, TimeProvider clock, ILogger<WebhookPublisher> logger)
    {
        (_http, _options, _undelivered, _clock, _logger) = (http, options, undelivered, clock, logger);
        _attempts = new ResiliencePipelineBuilder<Delivery> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<Delivery>
            {
                MaxRetryAttempts = 4,
                Delay = TimeSpan.FromSeconds(1),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome.Result is { Failure: not null, IsFinal: false }),
            })
            .Build();
    }

    public Task PublishAsync(IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken) =>
        Task.WhenAll(_options.Subscribers.Select(subscriber => DeliverAsync(subscriber, events, cancellationToken)));

    /// <summary>Offers what was set aside once more.</summary>
    /// <returns>How many events were taken, and how many were not.</returns>
    public async Task<(int Delivered, int Kept)> RetryAsync(CancellationToken cancellationToken)
    {
        var (delivered, kept) = (0, 0);
        foreach (var subscriber in _options.Subscribers)
        {
            foreach (var waiting in await _undelivered.ListAsync(subscriber.Url, cancellationToken).ToListAsync(cancellationToken))
            {
                if ((await SendAsync(subscriber, waiting.Event, cancellationToken)).Failure is null)
                {
                    await _undelivered.DropAsync(waiting, cancellationToken);
                    delivered++;
                }
                else
                {
                    kept++;
                }
            }
        }

        return (delivered, kept);
    }

    private async Task DeliverAsync(EventSubscriber subscriber, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        foreach (var @event in events.Where(subscriber.Wants))
        {
            var delivery = await _attempts.ExecuteAsync(async token => await SendAsync(subscriber, @event, token), cancellationToken);
            if (delivery.Failure is { } reason)
            {
                await _undelivered.KeepAsync(subscriber.Url, @event, reason, cancellationToken);
                LogSetAside(_logger, @event.Id, subscriber.Url.Host, reason);
            }
        }
    }

    private async Task<Delivery> SendAsync(EventSubscriber subscriber, OutgoingEvent @event, CancellationToken cancellationToken)
    {
        var body = BodyOf(@event);
        var timestamp = _clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{@event.Id}.{timestamp}."), .. body];
        using var request = new HttpRequestMessage(HttpMethod.Post, subscriber.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json") { CharSet = "utf-8" };
        request.Headers.Add("webhook-id", @event.Id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", $"v1,{Convert.ToBase64String(HMACSHA256.HashData(subscriber.Secret, signed))}");
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(AttemptTimeout);
        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            return answer.IsSuccessStatusCode ? new Delivery(null, true) : new Delivery($"HTTP {(int)answer.StatusCode}", IsFinal(answer.StatusCode));
        }
        catch (HttpRequestException e)
        {
            return new Delivery(e.HttpRequestError.ToString(), false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Delivery("no answer in time", false);
        }
    }

    // The subscriber does not want it, and will not the next time.
    private static bool IsFinal(HttpStatusCode status) => (int)status < 500 && status is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests);

    private static byte[] BodyOf(OutgoingEvent @event)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("specversion", "1.0");
            writer.WriteString("id", @event.Id);
            writer.WriteString("source", OutgoingEvent.Source);
            writer.WriteString("type", @event.Type);
            writer.WriteString("subject", @event.Subject);
            writer.WriteString("time", @event.Time.UtcDateTime);
            writer.WriteString("datacontenttype", "application/json");
            writer.WritePropertyName("data");
            @event.Data.WriteTo(writer);
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The event {Event} was set aside: {Subscriber} did not take it ({Reason})")]
    private static partial void LogSetAside(ILogger logger, string @event, string subscriber, string reason);

    private readonly record struct Delivery(string? Failure, bool IsFinal);
}
