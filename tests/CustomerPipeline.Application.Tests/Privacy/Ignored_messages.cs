using System.Text;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests.Privacy;

/// <summary>Raw messages that were understood and are of no use are kept for <see cref="RetentionOptions.IgnoredDays"/>, and cost nothing until they are due.</summary>
public sealed class Ignored_messages : IAsyncLifetime
{
    private readonly TestPipeline _pipeline = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(150)]
    public async Task Are_let_go_without_a_look_at_the_messages_that_are_not_due(int others)
    {
        await _pipeline.Get<KeepForHandler>().RunAsync(default);
        await _pipeline.SendAsync("shopify", [.. Enumerable.Range(1, others).Select(i => (ReadOnlyMemory<byte>)Some.ShopifyOrder(i)), .. Enumerable.Range(1, others).Select(i => Ignored($"young {i}", days: 29))]);
        await _pipeline.SendAsync("shopify", Ignored("old 1", days: 31), Ignored("old 2", days: 40));
        var archive = new ArchiveThatCounts(_pipeline.Get<IRawArchive>());

        await _pipeline.Make<KeepForHandler>(archive).RunAsync(default);

        Assert.Equal((0, 2), (archive.Read, archive.Deleted));
        Assert.Equal(2 * others, (await KeptAsync()).Count);
    }

    /// <summary>A program of before listed none of them.</summary>
    [Fact]
    public async Task Of_a_store_of_an_earlier_program_are_found_once_and_let_go_when_they_are_due()
    {
        await _pipeline.SendAsync("shopify", Ignored("old", days: 31), Ignored("young", days: 29), Some.ShopifyOrder(1));
        await ForgetListsAsync();

        await _pipeline.Get<KeepForHandler>().RunAsync(default);
        Assert.Equal(2, (await KeptAsync()).Count);

        var archive = new ArchiveThatCounts(_pipeline.Get<IRawArchive>());
        await _pipeline.Make<KeepForHandler>(archive, new RetentionOptions { IgnoredDays = 28 }).RunAsync(default);
        Assert.Equal((0, 1), (archive.Read, archive.Deleted));
        Assert.Single(await KeptAsync());
    }

    [Fact]
    public async Task Are_let_go_although_the_list_of_them_is_damaged()
    {
        await _pipeline.Get<KeepForHandler>().RunAsync(default);
        await _pipeline.SendAsync("shopify", Ignored("old", days: 31), Some.ShopifyOrder(1));
        foreach (var list in await _pipeline.Get<IDocumentStore>().ReadPartitionAsync(Containers.Privacy, "ignored", "hour:", default).ToListAsync())
        {
            await _pipeline.OverwriteAsync(Containers.Privacy, list, "{\"deliveries\":7}"u8.ToArray());
        }

        await _pipeline.Get<KeepForHandler>().RunAsync(default);

        Assert.Single(await KeptAsync());
        Assert.Empty((await _pipeline.VerifyAsync()).Differences);
    }

    /// <summary>A message that a later program read when it came again.</summary>
    [Fact]
    public async Task Stay_when_they_were_of_use_after_all()
    {
        await _pipeline.SendAsync("shopify", Ignored("old", days: 31));
        await _pipeline.Get<Ledger>().RecordAsync(Queues.Online, [(0, Outcome.Stored)], default);

        await _pipeline.Get<KeepForHandler>().RunAsync(default);

        Assert.Single(await KeptAsync());
    }

    /// <summary>The copy was of no use, and so is the message that it was made of.</summary>
    [Fact]
    public async Task Are_let_go_with_the_quarantined_message_that_they_are_an_edited_copy_of()
    {
        await _pipeline.SendAsync("shopify", Encoding.UTF8.GetBytes("{ poison"));
        await _pipeline.Review().RetryEditedAsync("channel-online:0", Ignored("edited", days: 31), default);
        Assert.Equal(2, (await KeptAsync()).Count);

        await _pipeline.Get<KeepForHandler>().RunAsync(default);

        Assert.Empty(await KeptAsync());
    }

    private static ReadOnlyMemory<byte> Ignored(string title, int days) =>
        new MessageEnvelope($"/shopify/{title.Replace(' ', '-')}", "1", "shopify", "products/update", true, Encoding.UTF8.GetBytes($"{{\"title\":\"{title}\"}}")) { Received = TimeProvider.System.GetUtcNow().AddDays(-days) }.Wrap();

    private async Task ForgetListsAsync()
    {
        var store = _pipeline.Get<IDocumentStore>();
        foreach (var document in await store.ReadPartitionAsync(Containers.Privacy, "ignored", "", default).ToListAsync())
        {
            await store.CommitAsync(Containers.Privacy, "ignored", [Write.Delete(document.Id)], default);
        }
    }

    private async Task<List<RawMessage>> KeptAsync() => await _pipeline.Get<IRawArchive>().ScanAsync(default).ToListAsync();

    private sealed class ArchiveThatCounts(IRawArchive archive) : IRawArchive
    {
        public int Read { get; private set; }

        public int Deleted { get; private set; }

        public ValueTask StoreAsync(IReadOnlyList<RawMessage> messages, CancellationToken cancellationToken) => archive.StoreAsync(messages, cancellationToken);

        public IAsyncEnumerable<RawMessage> ScanAsync(CancellationToken cancellationToken) => archive.ScanAsync(cancellationToken).Select(m =>
        {
            Read++;
            return m;
        });

        public ValueTask DeleteAsync(IReadOnlyList<string> deliveryIds, CancellationToken cancellationToken)
        {
            Deleted += deliveryIds.Count;
            return archive.DeleteAsync(deliveryIds, cancellationToken);
        }

        public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string deliveryId, CancellationToken cancellationToken)
        {
            Read++;
            return archive.ReadAsync(deliveryId, cancellationToken);
        }
    }
}
