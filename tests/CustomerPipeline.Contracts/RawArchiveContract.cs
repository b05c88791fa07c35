using CustomerPipeline.Flow.Ports;

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
    public async Task What_was_never_kept_is_null() => Assert.Null(await Archive.ReadAsync("channel-online:8", default));
}
