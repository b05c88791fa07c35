using System.Text;
using CsCheck;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.RocksDb.Tests;

/// <summary>Files that are not as they were written: a bad sector, a disk that lost the end of a file.</summary>
public sealed class A_damaged_data_folder : IDisposable
{
    private const int Documents = 400;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Names_the_document_that_cannot_be_read_and_serves_the_rest()
    {
        using var engine = await OpenDamagedAsync();
        var store = new RocksDocumentStore(engine);

        var damage = await Assert.ThrowsAsync<CorruptDocumentException>(async () => await store.ReadAsync(Containers.Customers, "p200", "d", default));

        Assert.Contains("'d' of partition 'p200'", damage.Message, StringComparison.Ordinal);
        Assert.Equal(BodyOf(0), await ReadAsync(store, 0));
        Assert.Equal(BodyOf(399), await ReadAsync(store, 399));
    }

    [Fact]
    public async Task Is_not_taken_for_one_that_ends_there()
    {
        using var engine = await OpenDamagedAsync();

        var refusal = await Assert.ThrowsAsync<DataFolderException>(async () => await new RocksDocumentStore(engine).ScanAsync(Containers.Customers, default).CountAsync());

        Assert.Contains("damaged", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fails_only_the_writes_that_need_what_is_damaged()
    {
        using var engine = await OpenDamagedAsync();
        var store = new RocksDocumentStore(engine);

        var (bad, good) = (WriteAsync(store, 200), WriteAsync(store, 0));

        await Assert.ThrowsAsync<CorruptDocumentException>(() => bad);
        Assert.True((await good).IsCommitted);
        Assert.True((await WriteAsync(store, 399)).IsCommitted);
    }

    [Fact]
    public async Task Hands_a_damaged_change_over_without_its_body()
    {
        using var engine = await OpenDamagedAsync();
        var feed = new RocksChangeFeed(engine);

        var changes = Enumerable.Range(0, RocksChangeFeed.Ranges).SelectMany(range => feed.Read(Containers.Interactions, range, 0, int.MaxValue).Documents).ToList();

        Assert.Equal(Documents, changes.Count);
        Assert.InRange(changes.Count(c => c.Body.Length == 0), 1, Documents / 2);
    }

    [Fact]
    public async Task Of_a_change_feed_hands_over_the_ranges_that_can_be_read()
    {
        await FillAsync(_folder.Path);

        // The largest file is that of the documents.
        var file = new DirectoryInfo(_folder.Path).GetFiles("*.sst").OrderByDescending(f => f.Length).ElementAt(1).FullName;
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 4] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        using var engine = RocksEngine.Open(_folder.Path, TimeProvider.System);
        var feed = new RocksChangeFeed(engine);

        var batch = feed.ReadNext("me", Containers.Interactions, int.MaxValue);

        Assert.Contains("damaged", batch.Fault!.Message, StringComparison.Ordinal);
        Assert.InRange(batch.Places.Count, 1, RocksChangeFeed.Ranges - 1);
        Assert.InRange(batch.Documents.Count, 1, Documents - 1);
    }

    /// <summary>A flipped bit in the log once lost 6,300 of 6,900 acknowledged messages without a word.</summary>
    [Fact]
    public Task Whose_log_is_damaged_is_refused_each_time_unless_all_that_was_acknowledged_is_there() => Gen.Double[0, 1].Select(Gen.Int[0, 8]).SampleAsync(
        async (part, bit) =>
        {
            using var folder = new TemporaryFolder();
            var left = Path.Combine(folder.Path, "left");
            await LeaveAsync(Path.Combine(folder.Path, "running"), left);
            var log = new FileInfo(Assert.Single(Directory.GetFiles(left, "*.log")));
            var bytes = await File.ReadAllBytesAsync(log.FullName);
            var at = Math.Min((int)(part * bytes.Length), bytes.Length - 1);

            // The last of the kinds of damage is a log that ends early.
            byte[] damaged = [.. bytes[..at], .. bit == 8 ? [] : (byte[])[(byte)(bytes[at] ^ (1 << bit)), .. bytes[(at + 1)..]]];
            await File.WriteAllBytesAsync(log.FullName, damaged);

            for (var attempt = 0; attempt < 2; attempt++)
            {
                var refusal = Assert.Throws<DataFolderException>(() => RocksEngine.Open(left, TimeProvider.System));
                Assert.Contains("that were acknowledged are not in its log", refusal.Message, StringComparison.Ordinal);
                Assert.Contains("Restore the folder from a copy", refusal.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', refusal.Message);
            }

            // All of it is there still, except what a log without its end made the library write into tables.
            Assert.True(bit == 8 || (await File.ReadAllBytesAsync(log.FullName)).AsSpan().SequenceEqual(damaged), "The log was changed.");
        },
        iter: Effort.Of(all: 60, usual: 12), threads: 1);

    [Fact]
    public async Task Without_its_current_file_is_refused_each_time_and_keeps_every_file()
    {
        var left = Path.Combine(_folder.Path, "left");
        await LeaveAsync(Path.Combine(_folder.Path, "running"), left);
        File.Delete(Path.Combine(left, "CURRENT"));
        var before = FilesOf(left);

        for (var attempt = 0; attempt < 2; attempt++)
        {
            var refusal = Assert.Throws<DataFolderException>(() => RocksEngine.Open(left, TimeProvider.System));
            Assert.Contains("'CURRENT' is missing", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, FilesOf(left));
    }

    [Fact]
    public async Task Whose_log_is_missing_is_refused()
    {
        var left = Path.Combine(_folder.Path, "left");
        await LeaveAsync(Path.Combine(_folder.Path, "running"), left);
        File.Delete(Assert.Single(Directory.GetFiles(left, "*.log")));

        for (var attempt = 0; attempt < 2; attempt++)
        {
            var refusal = Assert.Throws<DataFolderException>(() => RocksEngine.Open(left, TimeProvider.System));
            Assert.Contains("20 writes", refusal.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>A kill in the middle of a write leaves a part of it, of which no sender was told that it was taken.</summary>
    [Fact]
    public async Task Whose_log_ends_with_a_part_of_a_write_opens_with_all_that_was_acknowledged()
    {
        var left = Path.Combine(_folder.Path, "left");
        await LeaveAsync(Path.Combine(_folder.Path, "running"), left);
        var log = Assert.Single(Directory.GetFiles(left, "*.log"));

        // RocksDB's "Write Ahead Log File Format": a checksum, a length (1,000), a type, and then what it announces.
        await File.AppendAllBytesAsync(log, [1, 2, 3, 4, 0xe8, 3, 1, 9, 9, 9], TestContext.Current.CancellationToken);

        using var engine = RocksEngine.Open(left, TimeProvider.System);

        Assert.Equal(40, await new RocksDocumentStore(engine).ScanAsync(Containers.Customers, default).CountAsync());
    }

    [Fact]
    public void Can_be_read_by_its_owner_only()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows folders have access lists, which are inherited.");
            return;
        }

        var (made, found) = (Path.Combine(_folder.Path, "made"), Path.Combine(_folder.Path, "found"));
        Directory.CreateDirectory(found, (UnixFileMode)0b111_101_101);

        foreach (var path in new[] { made, found })
        {
            RocksEngine.Open(path, TimeProvider.System).Dispose();
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
        }
    }

    // What a kill after twenty acknowledged commits leaves.
    private static async Task LeaveAsync(string running, string left)
    {
        using var engine = RocksEngine.Open(running, TimeProvider.System);
        var store = new RocksDocumentStore(engine);
        for (var i = 0; i < 20; i++)
        {
            var body = Encoding.UTF8.GetBytes(BodyOf(i));
            await store.CommitAsync(Containers.Customers, $"p{i}", [Write.Create("one", body), Write.Create("other", body)], default);
        }

        Copy(running, left);
    }

    private static Dictionary<string, string> FilesOf(string folder) => Directory.GetFiles(folder).Where(f => Path.GetFileName(f) is not ("LOCK" or "LOG"))
        .ToDictionary(f => Path.GetFileName(f), f => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f))));

    /// <summary>What was being written when the power went is there whole or not at all, and what came before it is there.</summary>
    [Fact]
    public Task Whose_log_ends_early_has_every_commit_whole_up_to_there() => Gen.Double[0, 1].SampleAsync(
        async part =>
        {
            using var folder = new TemporaryFolder();
            using (var engine = RocksEngine.Open(Path.Combine(folder.Path, "running"), TimeProvider.System))
            {
                var store = new RocksDocumentStore(engine);
                for (var i = 0; i < 20; i++)
                {
                    await store.CommitAsync(Containers.Customers, $"p{i}", [Write.Create("one", Encoding.UTF8.GetBytes(BodyOf(i))), Write.Create("other", Encoding.UTF8.GetBytes(BodyOf(i)))], default);
                }

                Copy(Path.Combine(folder.Path, "running"), Path.Combine(folder.Path, "left"));
            }

            var log = new FileInfo(Assert.Single(Directory.GetFiles(Path.Combine(folder.Path, "left"), "*.log")));
            using (var file = log.Open(FileMode.Open))
            {
                file.SetLength((long)(part * log.Length));
            }

            File.Delete(Path.Combine(folder.Path, "left", "acknowledged"));
            using var again = RocksEngine.Open(Path.Combine(folder.Path, "left"), TimeProvider.System);
            var left = await new RocksDocumentStore(again).ScanAsync(Containers.Customers, default).GroupBy(d => d.Partition).Select(g => (g.Key, Count: g.Count())).ToListAsync();
            Assert.All(left, commit => Assert.Equal(2, commit.Count));
            Assert.Equal(Enumerable.Range(0, left.Count).Select(i => $"p{i}").Order(StringComparer.Ordinal), left.Select(c => c.Key));
        },
        iter: Effort.Of(all: 30, usual: 8), threads: 1);

    // The 200th document is where a sector of the disk went bad.
    private async Task<RocksEngine> OpenDamagedAsync()
    {
        await FillAsync(_folder.Path);
        Damage(_folder.Path, BodyOf(200));
        return RocksEngine.Open(_folder.Path, TimeProvider.System);
    }

    // Two containers with the same content, in files that are complete.
    private static async Task FillAsync(string folder)
    {
        using var engine = RocksEngine.Open(folder, TimeProvider.System);
        var store = new RocksDocumentStore(engine);
        foreach (var container in new[] { Containers.Customers, Containers.Interactions })
        {
            await Task.WhenAll(Enumerable.Range(0, Documents).Select(i => store.CommitAsync(container, $"p{i:D3}", [Write.Create(container == Containers.Interactions ? Containers.StateId : "d", Encoding.UTF8.GetBytes(BodyOf(i)))], default).AsTask()));
        }

        await engine.ShredAsync(default);
    }

    // Of a text that compresses badly, so that it stands in the file as it is.
    private static string BodyOf(int number) => $"{{\"n\":\"{Domain.StableHash.Of($"{number}")}{Domain.StableHash.Of($"{number} again")}\"}}";

    private static async Task<string> ReadAsync(RocksDocumentStore store, int number) =>
        Encoding.UTF8.GetString((await store.ReadAsync(Containers.Customers, $"p{number:D3}", "d", default))!.Body.Span);

    private static Task<CommitResult> WriteAsync(RocksDocumentStore store, int number) => store.CommitAsync(Containers.Customers, $"p{number:D3}", [Write.Upsert("d", "{}"u8.ToArray())], default).AsTask();

    private static void Damage(string folder, string text)
    {
        var damaged = 0;
        var needle = Encoding.UTF8.GetBytes(text)[8..24];
        foreach (var file in Directory.GetFiles(folder, "*.sst"))
        {
            var bytes = File.ReadAllBytes(file);
            for (var at = bytes.AsSpan().IndexOf(needle); at >= 0; at = bytes.AsSpan().IndexOf(needle))
            {
                bytes[at] ^= 1;
                damaged++;
            }

            File.WriteAllBytes(file, bytes);
        }

        Assert.True(damaged > 0, "Nothing was damaged: the test is asleep.");
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from).Where(f => Path.GetFileName(f) != "LOCK"))
        {
            using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var target = File.Create(Path.Combine(to, Path.GetFileName(file)));
            source.CopyTo(target);
        }
    }
}
