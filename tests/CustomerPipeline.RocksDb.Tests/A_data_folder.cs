using System.Buffers.Binary;
using System.Text;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.RocksDb.Native;

namespace CustomerPipeline.RocksDb.Tests;

public sealed class A_data_folder
{
    [Fact]
    public void In_use_by_another_host_is_refused_with_advice()
    {
        using var folder = new TemporaryFolder();
        using var first = RocksEngine.Open(folder.Path, TimeProvider.System);

        var refused = Assert.Throws<DataFolderException>(() => RocksEngine.Open(folder.Path, TimeProvider.System));

        Assert.Contains("in use by another process", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--data", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_newer_program_is_refused_and_one_of_an_older_program_opens()
    {
        using var folder = new TemporaryFolder();
        RocksEngine.Open(folder.Path, TimeProvider.System).Dispose();
        SetFormat(folder.Path, null);
        RocksEngine.Open(folder.Path, TimeProvider.System).Dispose();
        SetFormat(folder.Path, [0, 0, 0, 0, 0, 0, 0, 99]);

        var refusal = Assert.Throws<DataFolderException>(() => RocksEngine.Open(folder.Path, TimeProvider.System));

        Assert.Contains("newer version", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_format_1_keeps_the_messages_that_were_scheduled()
    {
        using var folder = new TemporaryFolder();
        var clock = new JumpingClock(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        RocksEngine.Open(folder.Path, clock).Dispose();
        WriteAsBefore(folder.Path, (store, batch) =>
        {
            batch.Put(store["meta"], "format"u8, Number(1));
            batch.Put(store["queue"], [64, .. Number(clock.GetUtcNow().AddMinutes(1).UtcTicks), .. Number(7)], "scheduled"u8);
            batch.Put(store["queue"], [0, .. Number(8)], [.. Number(clock.GetUtcNow().UtcTicks), .. "enqueued"u8]);
        });

        using var engine = RocksEngine.Open(folder.Path, clock);
        var queues = new RocksQueues(engine);
        clock.Advance(TimeSpan.FromMinutes(2));

        var messages = await queues.ReceiveAsync(Queues.Online, 10, TimeSpan.FromMinutes(1));
        Assert.Equal(["enqueued", "scheduled"], messages.Select(m => Encoding.UTF8.GetString(m.Body.Span)).Order(StringComparer.Ordinal));
    }

    // What another version would have written: nothing before there was a format, or a number that is not known yet.
    private static void SetFormat(string folder, byte[]? format) => WriteAsBefore(folder, (store, batch) =>
    {
        if (format is null)
        {
            batch.Delete(store["meta"], "format"u8);
        }
        else
        {
            batch.Put(store["meta"], "format"u8, format);
        }
    });

    private static byte[] Number(long number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }

    private static void WriteAsBefore(string folder, Action<RocksDatabase, RocksBatch> write)
    {
        string[] families = ["documents", "feed", "queue", "archive", "meta"];
        using var store = RocksDatabase.Open(folder, new RocksOptions { Families = [.. families.Select(f => new RocksFamilyOptions(f))] });
        using var batch = new RocksBatch();
        write(store, batch);
        store.Write(batch, isSynced: true);
    }

    [Fact]
    public void That_cannot_be_written_is_refused_with_advice()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "");

        // A path below a file can be written by nobody, root included.
        var refused = Assert.Throws<DataFolderException>(() => RocksEngine.Open(Path.Combine(file, "data"), TimeProvider.System));

        Assert.Contains("cannot be", refused.Message, StringComparison.Ordinal);
    }
}
