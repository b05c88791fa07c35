using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Contracts;

/// <summary>What every raw archive does.</summary>
public abstract class RawArchiveContract
{
    protected abstract IRawArchive Archive { get; }

    [Fact]
    public async Task A_message_comes_back_byte_for_byte()
    {
        byte[] body = [0xEF, 0xBB, 0xBF, 0, 1, 255, (byte)'{'];

        await Archive.StoreAsync([new RawMessage("channel-online:7", body)], default);

        Assert.Equal(body, (await Archive.ReadAsync("channel-online:7", default))!.Value.ToArray());
    }

    [Fact]
    public async Task Storing_again_changes_nothing()
    {
        var message = new RawMessage("channel-online:7", new byte[] { 1, 2, 3 });

        await Archive.StoreAsync([message, message], default);
        await Archive.StoreAsync([message], default);

        Assert.Equal([1, 2, 3], (await Archive.ReadAsync("channel-online:7", default))!.Value.ToArray());
    }

    [Fact]
    public async Task A_scan_gives_every_message_once()
    {
        var messages = Enumerable.Range(9_990, 30).Select(i => new RawMessage($"channel-online:{i}", new[] { (byte)i })).ToList();
        await Archive.StoreAsync(messages, default);
        await Archive.StoreAsync([.. messages.Take(15)], default);
        await Archive.StoreAsync([new RawMessage("channel-service:9990", new byte[] { 1 })], default);

        var scanned = await Archive.ScanAsync(default).Select(m => $"{m.DeliveryId} {m.Body.Span[0]}").ToListAsync();

        Assert.Equal([.. messages.Select(m => $"{m.DeliveryId} {m.Body.Span[0]}"), "channel-service:9990 1"], scanned.OrderBy(s => s.StartsWith("channel-service", StringComparison.Ordinal)).ThenBy(s => int.Parse(s[(s.IndexOf(':') + 1)..s.IndexOf(' ')], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task What_is_deleted_is_gone_wherever_it_lay_and_the_rest_stays()
    {
        var messages = Enumerable.Range(9_998, 4).Select(i => new RawMessage($"channel-online:{i}", new[] { (byte)i })).ToList();
        await Archive.StoreAsync(messages, default);
        await Archive.StoreAsync([messages[1]], default);

        await Archive.DeleteAsync([messages[1].DeliveryId, messages[2].DeliveryId, "channel-online:5"], default);

        Assert.Null(await Archive.ReadAsync(messages[1].DeliveryId, default));
        Assert.Equal([messages[0].DeliveryId, messages[3].DeliveryId], (await Archive.ScanAsync(default).Select(m => m.DeliveryId).ToListAsync()).Order(StringComparer.Ordinal).OrderBy(id => id.Length));
    }

    [Fact]
    public async Task What_was_never_kept_is_null() => Assert.Null(await Archive.ReadAsync("channel-online:8", default));
}
