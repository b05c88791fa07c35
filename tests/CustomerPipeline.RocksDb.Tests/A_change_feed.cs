using System.Text;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.RocksDb.Tests;

public sealed class A_change_feed : IDisposable
{
    private const string Container = Containers.Customers;

    private readonly TemporaryFolder _folder = new();
    private RocksEngine _engine;

    public A_change_feed() => _engine = RocksEngine.Open(_folder.Path, TimeProvider.System);

    private RocksChangeFeed Feed => new(_engine);

    [Fact]
    public async Task Gives_each_document_once_in_its_latest_version()
    {
        await CommitAsync("p", Write.Upsert("touch:a", "1"u8.ToArray()));
        await CommitAsync("p", Write.Upsert("touch:b", "2"u8.ToArray()));
        await CommitAsync("p", Write.Upsert("touch:a", "3"u8.ToArray()));

        var (documents, _) = Feed.Read(Container, RangeOf("p"), 0, 10);

        Assert.Equal(["touch:b=2", "touch:a=3"], documents.Select(d => $"{d.Id}={Encoding.UTF8.GetString(d.Body.Span)}"));
    }

    [Fact]
    public async Task Has_its_backlog_counted_anew_also_when_the_clock_was_set_back()
    {
        var clock = new JumpingClock(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        using var folder = new TemporaryFolder();
        using var engine = RocksEngine.Open(folder.Path, clock);
        var feed = new RocksChangeFeed(engine);
        var backlog = new EmbeddedBacklog(new RocksQueues(engine), feed, clock);
        await new RocksDocumentStore(engine).CommitAsync(Container, "p", [Write.Upsert("touch:a", "1"u8.ToArray())], default);
        Assert.Equal(1, (await backlog.ReadAsync(default)).Single(s => s.Name == "value").Backlog);
        await feed.SavePlaceAsync(ChangeConsumers.Value, Container, RangeOf("p"), feed.Read(Container, RangeOf("p"), 0, 10).Place);

        clock.Set = TimeSpan.FromDays(-365);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(0, (await backlog.ReadAsync(default)).Single(s => s.Name == "value").Backlog);
    }

    [Fact]
    public async Task Goes_on_behind_a_place_that_survives_a_restart()
    {
        await CommitAsync("p", Write.Upsert("touch:a", "1"u8.ToArray()));
        var (_, place) = Feed.Read(Container, RangeOf("p"), 0, 10);
        await Feed.SavePlaceAsync("me", Container, RangeOf("p"), place);
        await CommitAsync("p", Write.Upsert("touch:b", "2"u8.ToArray()));

        _engine.Dispose();
        _engine = RocksEngine.Open(_folder.Path, TimeProvider.System);

        var (documents, _) = Feed.Read(Container, RangeOf("p"), Feed.ReadPlace("me", Container, RangeOf("p")), 10);
        Assert.Equal(["touch:b"], documents.Select(d => d.Id));
        Assert.Equal(1, Feed.Backlog("me", Container).Count);
    }

    [Fact]
    public async Task Hands_all_its_ranges_over_together_and_again_until_they_are_passed()
    {
        string[] partitions = [.. Enumerable.Range(0, 40).Select(i => $"p{i:D2}")];
        await Task.WhenAll(partitions.Select(p => CommitAsync(p, Write.Upsert("touch:a", "1"u8.ToArray()))));
        Assert.Equal(RocksChangeFeed.Ranges, partitions.Select(RangeOf).Distinct().Count());

        var first = Feed.ReadNext("me", Container, most: 40);
        var again = Feed.ReadNext("me", Container, most: 1);
        await Feed.PassAsync("me", Container, again);
        var rest = Feed.ReadNext("me", Container, most: 40);
        await Feed.PassAsync("me", Container, rest);

        Assert.Equal(partitions, first.Documents.Select(d => d.Partition).Order());
        Assert.Equal(RocksChangeFeed.Ranges, again.Documents.Count);
        Assert.Equal(partitions, again.Documents.Concat(rest.Documents).Select(d => d.Partition).Order());
        Assert.Empty(Feed.ReadNext("me", Container, most: 40).Places);
        Assert.Equal(40, Feed.Backlog("somebody else", Container).Count);
    }

    [Fact]
    public async Task Does_not_mention_what_was_deleted()
    {
        await CommitAsync("p", Write.Upsert("touch:a", "1"u8.ToArray()));
        await CommitAsync("p", Write.Delete("touch:a"));

        Assert.Empty(Feed.Read(Container, RangeOf("p"), 0, 10).Documents);
    }

    [Fact]
    public async Task Leaves_out_what_drives_no_stage()
    {
        await CommitAsync("p", Write.Upsert(Containers.SummaryId, "1"u8.ToArray()));

        Assert.Empty(Feed.Read(Container, RangeOf("p"), 0, 10).Documents);
    }

    [Fact]
    public async Task Wakes_who_waits()
    {
        var next = Feed.NextChange(Container);
        Assert.False(next.IsCompleted);

        await CommitAsync("p", Write.Upsert("touch:a", "1"u8.ToArray()));

        await next.WaitAsync(TimeSpan.FromSeconds(10));
    }

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }

    private static int RangeOf(string partition) => Domain.StableHash.Bucket(partition, RocksChangeFeed.Ranges);

    private Task CommitAsync(string partition, Write write) => new RocksDocumentStore(_engine).CommitAsync(Container, partition, [write], default).AsTask();
}
