using System.Net;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.Http;
using CloudNative.CloudEvents.SystemTextJson;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>Events sent by the CloudEvents project's own client, and as Event Grid sends them.</summary>
public sealed class Events_over_http : IAsyncLifetime
{
    private const string Sale =
        """<Transaction><RetailStoreID>9</RetailStoreID><WorkstationID>1</WorkstationID><SequenceNumber>1</SequenceNumber><BusinessDayDate>2026-03-01</BusinessDayDate><EndDateTime>2026-03-01T10:00:00Z</EndDateTime><CurrencyCode>USD</CurrencyCode><RetailTransaction><LineItem><Sale><ExtendedAmount>5.00</ExtendedAmount></Sale></LineItem></RetailTransaction></Transaction>""";

    private readonly TemporaryFolder _folder = new();
    private HostProcess _host = null!;

    public async ValueTask InitializeAsync() => _host = await HostProcess.StartAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Are_taken_in_every_mode_of_cloudevents_and_twice_is_once()
    {
        var formatter = new JsonEventFormatter();
        using var structured = Order("1").ToHttpContent(ContentMode.Structured, formatter);
        using var binary = Order("2").ToHttpContent(ContentMode.Binary, formatter);
        using var batch = new[] { Order("3"), Order("1") }.ToHttpContent(formatter);
        foreach (var content in new[] { structured, binary, batch })
        {
            using var answer = await _host.Http.PostAsync("/api/events", content);
            Assert.True(answer.StatusCode == HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync());
        }

        var messages = (await _host.DrainAsync()).GetProperty("messages");
        Assert.Equal("{\"received\":4,\"stored\":3,\"duplicate\":1,\"ignored\":0,\"quarantined\":0,\"discarded\":0,\"erased\":0}", messages.GetRawText());
    }

    [Theory]
    [InlineData(ContentMode.Structured)]
    [InlineData(ContentMode.Binary)]
    public async Task May_hold_xml(ContentMode mode)
    {
        var sale = new CloudEvent { Id = "1", Source = new Uri("/tills/9", UriKind.Relative), Type = "poslog", DataContentType = "application/xml", Data = Encoding.UTF8.GetBytes(Sale) };
        using var content = sale.ToHttpContent(mode, new JsonEventFormatter());
        using var answer = await _host.Http.PostAsync("/api/events", content);

        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync());
        Assert.Equal(1, Count((await _host.DrainAsync()).GetProperty("messages"), "stored"));
    }

    [Fact]
    public async Task Of_event_grid_are_taken_after_its_question_is_answered()
    {
        using var question = await _host.PostAsync(
            "/api/events", """[{"id":"q","topic":"/t","subject":"","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","eventTime":"2026-03-01T10:00:00Z","data":{"validationCode":"512d38b6"},"dataVersion":"1"}]""",
            headers: [("aeg-event-type", "SubscriptionValidation")]);
        using var notification = await _host.PostAsync(
            "/api/events", """[{"id":"1","topic":"/t","subject":"s","eventType":"zendesk","eventTime":"2026-03-01T10:00:00Z","data":{"type":"zen:event-type:ticket.created","id":"e","time":"2026-03-01T10:00:00Z","detail":{"id":"7","requester_id":"9"}},"dataVersion":"1"}]""",
            headers: [("aeg-event-type", "Notification")]);

        Assert.Equal("{\"validationResponse\":\"512d38b6\"}", await question.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Accepted, notification.StatusCode);
        Assert.Equal(1, Count((await _host.DrainAsync()).GetProperty("messages"), "stored"));
    }

    [Fact]
    public async Task Are_announced_by_a_handshake()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/events");
        request.Headers.Add("WebHook-Request-Origin", "eventemitter.example.com");
        using var answer = await _host.Http.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, "eventemitter.example.com"), (answer.StatusCode, answer.Headers.GetValues("WebHook-Allowed-Origin").Single()));
    }

    [Theory]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"martian","data":{}}""", "application/cloudevents+json", 400)]
    [InlineData("""{"id":"1"}""", "application/json", 400)]
    [InlineData("text", "text/plain", 415)]
    public async Task That_nobody_reads_are_refused(string body, string contentType, int status) => Assert.Equal(status, (int)(await _host.PostAsync("/api/events", body, contentType)).StatusCode);

    private static long Count(JsonElement messages, string outcome) => messages.GetProperty(outcome).GetInt64();

    private static CloudEvent Order(string id) => new()
    {
        Id = id,
        Source = new Uri("/shopify/s.example", UriKind.Relative),
        Type = "shopify.orders/create",
        DataContentType = MediaTypeNames.Application.Json,
        Data = JsonSerializer.SerializeToElement(new { id = long.Parse(id, System.Globalization.CultureInfo.InvariantCulture), created_at = Some.Moment, currency = "USD", line_items = new[] { new { price = "1.00", quantity = 1 } } }),
    };
}
