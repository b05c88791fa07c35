using System.Text;
using System.Text.Json;
using Azure;
using Azure.Core.Pipeline;
using Azure.Messaging.EventGrid;
using CloudNative.CloudEvents.SystemTextJson;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.AzureServices.EventGrid;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.AzureServices.Tests.EventGrid;

public sealed class Events_to_event_grid
{
    private static readonly DateTimeOffset At = new(2026, 2, 3, 4, 5, 6, TimeSpan.Zero);

    [Fact]
    public async Task Are_cloudevents_with_the_ids_they_always_have_sent_as_the_app_itself()
    {
        var requests = new List<(string Type, string Authorization, byte[] Body)>();
        var data = JsonSerializer.SerializeToElement(new { old = "10.00", @new = "20.00" });
        var events = Enumerable.Range(0, 150).Select(n => new OutgoingEvent($"e{n}", "customerpipeline.metric.restated", "gross-sales/2026-02-01", At, data)).ToList();

        await Publisher(requests).PublishAsync(events, default);

        Assert.Equal(2, requests.Count);
        Assert.All(requests, r => Assert.Equal(("application/cloudevents-batch+json", "Bearer token"), (r.Type.Split(';')[0], r.Authorization)));
        var read = requests.SelectMany(r => new JsonEventFormatter().DecodeBatchModeMessage(r.Body, null, null)).ToList();
        Assert.All(read, e => Assert.True(e.IsValid));
        Assert.Equal(events.Select(e => e.Id), read.Select(e => e.Id));
        Assert.Equal(
            ("/customerpipeline", "customerpipeline.metric.restated", "gross-sales/2026-02-01", At, """{"old":"10.00","new":"20.00"}"""),
            (read[0].Source!.ToString(), read[0].Type, read[0].Subject, read[0].Time, ((JsonElement)read[0].Data!).GetRawText()));
    }

    [Fact]
    public async Task Fail_so_that_they_are_told_again() =>
        await Assert.ThrowsAsync<RequestFailedException>(() => Publisher([], status: System.Net.HttpStatusCode.Unauthorized).PublishAsync([new OutgoingEvent("e", "t", "s", At, JsonSerializer.SerializeToElement(1))], default));

    private static EventGridPublisher Publisher(List<(string Type, string Authorization, byte[] Body)> requests, System.Net.HttpStatusCode status = System.Net.HttpStatusCode.OK)
    {
        var transport = new HttpClientTransport(new HttpClient(new Recording(requests, status)));
        return new EventGridPublisher(new EventGridPublisherClient(new Uri("https://shop.westeurope-1.eventgrid.azure.net/api/events"), new AnyToken(), new EventGridPublisherClientOptions { Transport = transport }));
    }

    private sealed class Recording(List<(string Type, string Authorization, byte[] Body)> requests, System.Net.HttpStatusCode status) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            requests.Add((request.Content!.Headers.ContentType!.ToString(), request.Headers.Authorization!.ToString(), await request.Content.ReadAsByteArrayAsync(cancellationToken)));
            return new HttpResponseMessage(status) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes("{}")) };
        }
    }
}
