using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

/// <summary>After a disaster queues begin to number their messages again: what comes then must not be taken for what came under these numbers before.</summary>
public sealed class Queues_made_anew : IAsyncLifetime
{
    private static readonly ReceiveOptions Second = new() { QueueGeneration = 2 };

    private readonly TestPipeline _pipeline = new(receive: Second);

    public async ValueTask InitializeAsync()
    {
        foreach (var (options, number) in new[] { (new ReceiveOptions(), 1), (Second, 2) })
        {
            await _pipeline.IngestAsync(
                options.PlacesOf(Queues.Online), new Delivery(0, Some.ShopifyOrder(number)), new Delivery(1, Some.ShopifyOrder(10 + number, currency: null)));
        }
    }

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    [Fact]
    public async Task Are_counted_on()
    {
        var messages = (await _pipeline.Get<StatusReader>().ReadAsync(default)).Messages;

        Assert.Equal((4, 2, 2), (messages.Received, messages.Stored, messages.Quarantined));
    }

    [Fact]
    public async Task Keep_what_waits_in_quarantine_from_before_and_from_now()
    {
        var waiting = await _pipeline.Get<QuarantineStore>().ListAsync(from: "", default).Select(m => m.DeliveryId).ToListAsync();

        Assert.Equal(["channel-online.2:1", "channel-online:1"], waiting.Order(StringComparer.Ordinal));
        foreach (var id in waiting)
        {
            Assert.NotNull(await _pipeline.Get<IRawArchive>().ReadAsync(id, default));
        }
    }
}
