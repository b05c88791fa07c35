using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using Microsoft.Azure.Cosmos;

namespace CustomerPipeline.AzureServices.Cosmos;

/// <summary>
/// The positions of the stages in the change feeds, kept by the pipeline itself: the trigger of the host counts a batch as done whatever became of it, so that it only says that there is something to read (docs/decisions/0038). A document for
/// each range of a feed has the position and who reads on from it. One reader has a range at a time; a reader that comes meanwhile counts its call in the document, and the first one looks once more before it goes. When a physical partition
/// splits, its range does so too, and each half has a position and a reader of its own.
/// </summary>
/// <param name="containers">What is read, and where positions are kept.</param>
/// <param name="instance">A name of this process that no other has.</param>
/// <param name="clock">By which a reader that died loses its range.</param>
public sealed class CosmosPositions(CosmosContainers containers, string instance, TimeProvider clock) : IChangeFeed, IFeedBacklog
{
    /// <summary>Changed documents of a range that a stage is given at once.</summary>
    private const int AtOnce = 500;

    /// <summary>A batch takes seconds. A range whose reader died is free again after this.</summary>
    private static readonly TimeSpan ClaimLasts = TimeSpan.FromMinutes(1);

    /// <summary>An invocation ends long before the host would end it; the rest is for the next one.</summary>
    private static readonly TimeSpan ReadsFor = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, IReadOnlyList<FeedPart>> _parts = new(StringComparer.Ordinal);
    private long _readers;

    private Container Leases => containers.Of(CosmosContainers.Leases);

    /// <inheritdoc />
    public async Task PassAsync<T>(string consumer, string container, IReadOnlyList<Changed<T>> handed, Func<IReadOnlyList<Changed<T>>, Task> handle, CancellationToken cancellationToken)
    {
        var shape = (JsonTypeInfo<Changed<T>>)DocumentJson.Default.Options.GetTypeInfo(typeof(Changed<T>));
        var feed = new Feed(consumer, containers.Of(container), documents => handle([.. documents.Select(d => ChangeOf(d, shape))]));
        var parts = await PartsAsync(consumer, feed.Container, cancellationToken);
        await PassAsync(feed, PartsOf(handed, parts), cancellationToken);
    }

    /// <inheritdoc />
    public async Task<long> BacklogAsync(string consumer, string container, CancellationToken cancellationToken)
    {
        var unread = 0L;
        var parts = new Queue<FeedPart>(await PartsAsync(consumer, containers.Of(container), cancellationToken));
        while (parts.TryDequeue(out var part))
        {
            var (position, _) = await FindAsync(part.Id, cancellationToken);
            if (position is { Parts: { } halves })
            {
                KeepSplit(consumer, part, halves);
                Enqueue(parts, halves);
                continue;
            }

            using var pages = Read(containers.Of(container), part.Range, (position ?? new Position(part)).Continuation, 1);
            using var page = await pages.ReadNextAsync(cancellationToken);
            if (page.StatusCode == HttpStatusCode.NotModified)
            {
                continue;
            }

            page.EnsureSuccessStatusCode();
            unread += Unread(page.Headers.Session, (await CosmosPages.ReadAsync(page.Content, cancellationToken))[0]);
        }

        return unread;
    }

    // The service counts the changes of a partition: the last number is in the session token (`0:-1#17`, `0:17`), that of the first unread one in its item. An answer need not have a session token.
    private static long Unread(string? session, ReadOnlyMemory<byte> first)
    {
        using var item = JsonDocument.Parse(first);
        var numbers = session?.Split(':')[^1].Split('#') ?? [];
        var last = numbers.ElementAtOrDefault(Math.Min(1, numbers.Length - 1));
        return item.RootElement.TryGetProperty("_lsn", out var number) && long.TryParse(last, CultureInfo.InvariantCulture, out var of) ? Math.Max(1, of - number.GetInt64() + 1) : 1;
    }

    // What is not even JSON must not keep the rest of its page back: the stage is given nothing in its place.
    private static Changed<T> ChangeOf<T>(ReadOnlyMemory<byte> document, JsonTypeInfo<Changed<T>> shape)
    {
        try
        {
            return JsonSerializer.Deserialize(document.Span, shape);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private Task PassAsync(Feed feed, IEnumerable<FeedPart> parts, CancellationToken cancellationToken) => Task.WhenAll(parts.Select(part => PassPartAsync(feed, part, cancellationToken)));

    private async Task PassPartAsync(Feed feed, FeedPart part, CancellationToken cancellationToken)
    {
        var halves = await ReadPartAsync(feed, part, cancellationToken);
        if (halves.Count > 0)
        {
            KeepSplit(feed.Consumer, part, halves);
            await PassAsync(feed, halves, cancellationToken);
        }
    }

    // Returns what the part has split into, if it has.
    private async Task<IReadOnlyList<FeedPart>> ReadPartAsync(Feed feed, FeedPart part, CancellationToken cancellationToken)
    {
        var reader = $"{instance}-{Interlocked.Increment(ref _readers)}";
        if (await ClaimAsync(part, reader, cancellationToken) is not { } held)
        {
            return [];
        }

        if (held.Position.Parts is { } known)
        {
            return known;
        }

        var until = clock.GetUtcNow() + ReadsFor;
        try
        {
            using var pages = Read(feed.Container, part.Range, held.Position.Continuation, AtOnce);
            while (true)
            {
                using var page = await pages.ReadNextAsync(cancellationToken);
                var isEnd = page.StatusCode == HttpStatusCode.NotModified;
                if (!isEnd)
                {
                    page.EnsureSuccessStatusCode();
                    await feed.Handle(await CosmosPages.ReadAsync(page.Content, cancellationToken));
                }

                var halves = FeedContinuation.PartsOf(page.ContinuationToken, part.Id);
                var stays = halves.Count > 0 ? Stays.Never : !isEnd && clock.GetUtcNow() < until ? Stays.Always : Stays.IfCalled;
                var saved = await SaveAsync(held, page.ContinuationToken, stays, cancellationToken, halves);
                if (saved is not { Position.Reader: not null } next)
                {
                    return saved?.Position.Parts ?? [];
                }

                held = next;
            }
        }
        catch
        {
            await GiveUpAsync(held);
            throw;
        }
    }

    private static FeedIterator Read(Container container, string range, string? continuation, int most) => container.GetChangeFeedStreamIterator(
        continuation is null ? ChangeFeedStartFrom.Beginning(FeedRange.FromJsonString(range)) : ChangeFeedStartFrom.ContinuationToken(continuation),
        ChangeFeedMode.Incremental, new ChangeFeedRequestOptions { PageSizeHint = most });

    // A trigger works on one range of the feed: its call reads where its documents are, and not all parts. A wrong hash would leave them to the timer.
    private static IReadOnlyList<FeedPart> PartsOf<T>(IReadOnlyList<Changed<T>> handed, IReadOnlyList<FeedPart> parts)
    {
        if (handed.Count == 0 || handed.Any(c => c.Partition is null))
        {
            return parts;
        }

        var keys = handed.Select(c => c.Partition!).Distinct(StringComparer.Ordinal).Select(EffectivePartitionKey.Of).ToList();
        return [.. parts.Where(part => keys.Exists(part.Holds))];
    }

    // The ranges of the feed when the consumer first read it, and what they have split into since.
    private async Task<IReadOnlyList<FeedPart>> PartsAsync(string consumer, Container container, CancellationToken cancellationToken)
    {
        if (_parts.TryGetValue(consumer, out var known))
        {
            return known;
        }

        var id = $"positions.{consumer}";
        try
        {
            var now = await container.GetFeedRangesAsync(cancellationToken);
            await Leases.CreateItemAsync(new FeedRanges { Id = id, Ranges = [.. now.Select(r => r.ToJsonString())] }, new PartitionKey(id), cancellationToken: cancellationToken);
        }
        catch (CosmosException e) when (e.StatusCode == HttpStatusCode.Conflict)
        {
            // Another reader was first.
        }

        FeedRanges kept = await Leases.ReadItemAsync<FeedRanges>(id, new PartitionKey(id), cancellationToken: cancellationToken);
        var parts = new List<FeedPart>();
        var open = new Queue<FeedPart>(kept.Ranges.Select((range, number) => new FeedPart(string.Create(CultureInfo.InvariantCulture, $"position.{consumer}.{number}"), range)));
        while (open.TryDequeue(out var part))
        {
            var (position, _) = await FindAsync(part.Id, cancellationToken);
            if (position is { Parts: { } halves })
            {
                Enqueue(open, halves);
                continue;
            }

            parts.Add(part);
        }

        return _parts.GetOrAdd(consumer, parts);
    }

    private static void Enqueue(Queue<FeedPart> queue, IEnumerable<FeedPart> parts)
    {
        foreach (var part in parts)
        {
            queue.Enqueue(part);
        }
    }

    // A split is for good.
    private void KeepSplit(string consumer, FeedPart part, IReadOnlyList<FeedPart> halves) =>
        _parts.AddOrUpdate(consumer, [], (_, parts) => [.. parts.SelectMany(p => p.Id == part.Id ? halves : [p])]);

    // Null: another reader has the range, and will see that it was called. A range that has split has no reader any more.
    private async Task<Held?> ClaimAsync(FeedPart part, string reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (position, etag) = await FindAsync(part.Id, cancellationToken);
            if (position is { Parts: not null })
            {
                return new Held(position, etag!);
            }

            var isHeld = position is { Reader: not null } && position.Until > clock.GetUtcNow().ToUnixTimeSeconds();
            var next = isHeld
                ? position! with { Calls = position.Calls + 1 }
                : (position ?? new Position(part)) with { Reader = reader, Until = Later() };
            if (await TryWriteAsync(next, etag, cancellationToken) is { } written)
            {
                return isHeld ? null : new Held(next, written);
            }
        }
    }

    private async Task GiveUpAsync(Held held)
    {
        try
        {
            await SaveAsync(held, held.Position.Continuation, Stays.Never, CancellationToken.None);
        }
        catch (Exception e) when (e is CosmosException or HttpRequestException)
        {
            // The range is free when the claim has run out.
        }
    }

    // Null: the claim had run out, and another reader goes on.
    private async Task<Held?> SaveAsync(Held held, string? continuation, Stays stays, CancellationToken cancellationToken, IReadOnlyList<FeedPart>? halves = null)
    {
        var (position, etag) = (held.Position, held.ETag);
        while (true)
        {
            var isCalled = position.Calls != held.Position.Calls;
            var next = position with { Continuation = continuation, Reader = stays == Stays.Always || (stays == Stays.IfCalled && isCalled) ? held.Position.Reader : null, Until = Later(), Parts = halves is { Count: > 0 } ? halves : null };
            if (await TryWriteAsync(next, etag, cancellationToken) is { } written)
            {
                return new Held(next, written);
            }

            var (found, foundEtag) = await FindAsync(held.Position.Id, cancellationToken);
            if (found?.Reader != held.Position.Reader)
            {
                return null;
            }

            (position, etag) = (found!, foundEtag);
        }
    }

    private long Later() => (clock.GetUtcNow() + ClaimLasts).ToUnixTimeSeconds();

    private async Task<(Position? Position, string? ETag)> FindAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            var read = await Leases.ReadItemAsync<Position>(id, new PartitionKey(id), cancellationToken: cancellationToken);
            return (read.Resource, read.ETag);
        }
        catch (CosmosException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return (null, null);
        }
    }

    // The ETag of what was written; null where another was first.
    private async Task<string?> TryWriteAsync(Position position, string? etag, CancellationToken cancellationToken)
    {
        try
        {
            var key = new PartitionKey(position.Id);
            return etag is null
                ? (await Leases.CreateItemAsync(position, key, cancellationToken: cancellationToken)).ETag
                : (await Leases.ReplaceItemAsync(position, position.Id, key, new ItemRequestOptions { IfMatchEtag = etag }, cancellationToken)).ETag;
        }
        catch (CosmosException e) when (e.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed)
        {
            return null;
        }
    }

    private enum Stays
    {
        Never,
        IfCalled,
        Always,
    }

    private sealed record Feed(string Consumer, Container Container, Func<IReadOnlyList<ReadOnlyMemory<byte>>, Task> Handle);

    private sealed record Held(Position Position, string ETag);

    private sealed record FeedRanges
    {
        public required string Id { get; init; }

        /// <summary>As the client library writes them.</summary>
        public required IReadOnlyList<string> Ranges { get; init; }
    }

    private sealed record Position
    {
        public Position()
        {
        }

        [SetsRequiredMembers]
        public Position(FeedPart part) => (Id, Continuation) = (part.Id, part.Continuation);

        public required string Id { get; init; }

        /// <summary>Where to read on; null for the beginning.</summary>
        public string? Continuation { get; init; }

        /// <summary>Which reader has the range; null for none.</summary>
        public string? Reader { get; init; }

        /// <summary>Until when the reader has the range, in Unix seconds.</summary>
        public long Until { get; init; }

        /// <summary>How often another came while the range was being read.</summary>
        public long Calls { get; init; }

        /// <summary>What the range has split into: they are read in its place, from where it was. Null as long as it has not.</summary>
        public IReadOnlyList<FeedPart>? Parts { get; init; }
    }
}
