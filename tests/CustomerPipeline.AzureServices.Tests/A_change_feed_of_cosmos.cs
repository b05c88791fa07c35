using System.Text;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.AzureServices.Cosmos;
using CustomerPipeline.Domain.Value;
using Microsoft.Extensions.Logging.Abstractions;

namespace CustomerPipeline.AzureServices.Tests;

public sealed class A_change_feed_of_cosmos : IAsyncLifetime
{
    private const string Consumer = "reader";
    private const string Container = Application.Documents.Containers.Interactions;

    private CosmosTestAccount _account = null!;

    public async ValueTask InitializeAsync() => _account = await CosmosTestAccount.CreateAsync();

    public async ValueTask DisposeAsync() => await _account.DisposeAsync();

    [Fact]
    public async Task Is_handed_over_again_from_where_a_handler_threw_and_then_has_no_backlog()
    {
        var feed = Feed("one");
        await WriteAsync("a", "b", "c");
        Assert.Equal(1, await feed.BacklogAsync(Consumer, Container, default));

        var seen = new List<string>();
        using var stop = new CancellationTokenSource();
        var running = feed.RunAsync(Consumer, Container, 10, (documents, _) =>
        {
            lock (seen)
            {
                seen.AddRange(documents.Select(d => Encoding.UTF8.GetString(d.Span)));
                return seen.Count == documents.Count ? Task.FromException(new InvalidOperationException("as told")) : Task.CompletedTask;
            }
        }, stop.Token);

        // Between its first lease and its first look a reader has no backlog to tell of.
        await UntilAsync(async () => seen.Count > 3 && await feed.BacklogAsync(Consumer, Container, default) == 0);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.All(new[] { "a", "b", "c" }, name => Assert.Contains(seen, s => s.Contains($"\"pk\":\"{name}\"", StringComparison.Ordinal)));
        Assert.True(seen.Count > 3);
    }

    [Fact]
    public async Task Goes_on_where_the_last_reader_stopped()
    {
        await WriteAsync("a");
        Assert.Equal(["a"], await ReadAllAsync("one"));
        await WriteAsync("b");

        Assert.Equal(["b"], await ReadAllAsync("two"));
    }

    [Fact]
    public async Task Of_nothing_has_no_backlog() => Assert.Equal(0, await Feed("one").BacklogAsync(Consumer, Container, default));

    [Fact]
    public async Task Has_its_backlog_told_also_while_the_queues_do_not_tell_theirs()
    {
        await WriteAsync("a");
        var stages = await new AzureBacklog(new SilentQueues(), Feed("one")).ReadAsync(default);

        Assert.Equal([("ingest", null), ("resolve", 1), ("value", 0)], stages.Select(s => (s.Name, s.Backlog)));
        var status = new PipelineStatus(new LedgerTotal(), stages, 0, DateTimeOffset.UnixEpoch);
        Assert.False(status.IsDrained);
        Assert.Null(status.LagOf(stages[0]));
    }

    private sealed class SilentQueues : IMessageSender
    {
        public ValueTask SendAsync(string queue, IReadOnlyList<ReadOnlyMemory<byte>> messages, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long?> DepthAsync(string queue, CancellationToken cancellationToken) => ValueTask.FromResult<long?>(null);
    }

    private CosmosChangeFeed Feed(string instance) => new(_account.Containers, instance, NullLogger<CosmosChangeFeed>.Instance);

    private async Task<List<string>> ReadAllAsync(string instance)
    {
        var feed = Feed(instance);
        var seen = new List<string>();
        using var stop = new CancellationTokenSource();
        var running = feed.RunAsync(Consumer, Container, 10, (documents, _) =>
        {
            lock (seen)
            {
                seen.AddRange(documents.Select(d => System.Text.Json.JsonDocument.Parse(d).RootElement.GetProperty("pk").GetString()!));
            }

            return Task.CompletedTask;
        }, stop.Token);
        await UntilAsync(async () => seen.Count > 0 && await feed.BacklogAsync(Consumer, Container, default) == 0);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        return seen;
    }

    private async Task WriteAsync(params string[] partitions)
    {
        foreach (var partition in partitions)
        {
            await _account.Store.CommitAsync(Container, partition, [Application.Ports.Write.Create("d", Encoding.UTF8.GetBytes("{\"v\":1}"))], default);
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> done)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await done())
        {
            await Task.Delay(50, patience.Token);
        }
    }
}
