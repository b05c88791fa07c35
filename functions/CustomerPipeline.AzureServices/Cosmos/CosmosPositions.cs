using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using Microsoft.Azure.Cosmos;

namespace CustomerPipeline.AzureServices.Cosmos;

/// <summary>
/// The positions of the stages in the change feeds, kept by the pipeline itself: the trigger of the host counts a batch as done whatever became of it, so that it only says that there is something to read (docs/decisions/0038). A document for
/// each range of a feed has the position and who reads on from it. One reader has a range at a time; whoever comes meanwhile leaves word, and the reader looks once more before it goes.
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

    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _ranges = new(StringComparer.Ordinal);
    private long _readers;

    private Container Leases => containers.Of(CosmosContainers.Leases);

    /// <inheritdoc />
    public async Task PassAsync<T>(string consumer, string container, IReadOnlyList<Changed<T>> handed, Func<IReadOnlyList<Changed<T>>, Task> handle, CancellationToken cancellationToken)
    {
        var shape = (JsonTypeInfo<Changed<T>>)DocumentJson.Default.Options.GetTypeInfo(typeof(Changed<T>));
        var ranges = await RangesAsync(consumer, container, cancellationToken);
        await Task.WhenAll(ranges.Select((range, number) => PassRangeAsync(IdOf(consumer, number), container, range, documents => handle([.. documents.Select(d => ChangeOf(d, shape))]), cancellationToken)));
    }

    /// <inheritdoc />
    public async Task<long> BacklogAsync(string consumer, string container, CancellationToken cancellationToken)
    {
        var unread = 0L;
        foreach (var (range, number) in (await RangesAsync(consumer, container, cancellationToken)).Select((range, number) => (range, number)))
        {
            var (position, _) = await FindAsync(IdOf(consumer, number), cancellationToken);
            using var pages = Read(container, range, position?.Continuation, 1);
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
        return item.RootElement.TryGetProperty("_lsn", out var number) && long.TryParse(last, System.Globalization.CultureInfo.InvariantCulture, out var of) ? Math.Max(1, of - number.GetInt64() + 1) : 1;
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

    private static string IdOf(string consumer, int range) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"position.{consumer}.{range}");

    private async Task PassRangeAsync(string id, string container, string range, Func<IReadOnlyList<ReadOnlyMemory<byte>>, Task> handle, CancellationToken cancellationToken)
    {
        var reader = $"{instance}-{Interlocked.Increment(ref _readers)}";
        if (await ClaimAsync(id, reader, cancellationToken) is not { } held)
        {
            return;
        }

        var until = clock.GetUtcNow() + ReadsFor;
        try
        {
            using var pages = Read(container, range, held.Position.Continuation, AtOnce);
            while (true)
            {
                using var page = await pages.ReadNextAsync(cancellationToken);
                var isEnd = page.StatusCode == HttpStatusCode.NotModified;
                if (!isEnd)
                {
                    page.EnsureSuccessStatusCode();
                    await handle(await CosmosPages.ReadAsync(page.Content, cancellationToken));
                }

                var stays = !isEnd && clock.GetUtcNow() < until ? Stays.Always : Stays.IfCalled;
                if (await SaveAsync(held, page.ContinuationToken, stays, cancellationToken) is not { Position.Reader: not null } next)
                {
                    return;
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

    private FeedIterator Read(string container, string range, string? continuation, int most) => containers.Of(container).GetChangeFeedStreamIterator(
        continuation is null ? ChangeFeedStartFrom.Beginning(FeedRange.FromJsonString(range)) : ChangeFeedStartFrom.ContinuationToken(continuation),
        ChangeFeedMode.Incremental, new ChangeFeedRequestOptions { PageSizeHint = most });

    // The ranges of the feed when the consumer first read it. When a partition splits, the continuation of its range goes on over both halves.
    private async Task<IReadOnlyList<string>> RangesAsync(string consumer, string container, CancellationToken cancellationToken)
    {
        if (_ranges.TryGetValue(consumer, out var known))
        {
            return known;
        }

        var id = $"positions.{consumer}";
        try
        {
            var now = await containers.Of(container).GetFeedRangesAsync(cancellationToken);
            await Leases.CreateItemAsync(new FeedRanges { Id = id, Ranges = [.. now.Select(r => r.ToJsonString())] }, new PartitionKey(id), cancellationToken: cancellationToken);
        }
        catch (CosmosException e) when (e.StatusCode == HttpStatusCode.Conflict)
        {
            // Another reader was first.
        }

        FeedRanges kept = await Leases.ReadItemAsync<FeedRanges>(id, new PartitionKey(id), cancellationToken: cancellationToken);
        return _ranges[consumer] = kept.Ranges;
    }

    // Null: another reader has the range, and was left word.
    private async Task<Held?> ClaimAsync(string id, string reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (position, etag) = await FindAsync(id, cancellationToken);
            var isHeld = position is { Reader: not null } && position.Until > clock.GetUtcNow().ToUnixTimeSeconds();
            var next = isHeld
                ? position! with { Calls = position.Calls + 1 }
                : (position ?? new Position { Id = id }) with { Reader = reader, Until = Later() };
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
    private async Task<Held?> SaveAsync(Held held, string? continuation, Stays stays, CancellationToken cancellationToken)
    {
        var (position, etag) = (held.Position, held.ETag);
        while (true)
        {
            var isCalled = position.Calls != held.Position.Calls;
            var next = position with { Continuation = continuation, Reader = stays == Stays.Always || (stays == Stays.IfCalled && isCalled) ? held.Position.Reader : null, Until = Later() };
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

    private sealed record Held(Position Position, string ETag);

    private sealed record FeedRanges
    {
        public required string Id { get; init; }

        /// <summary>As the client library writes them.</summary>
        public required IReadOnlyList<string> Ranges { get; init; }
    }

    private sealed record Position
    {
        public required string Id { get; init; }

        /// <summary>Where to read on; null for the beginning.</summary>
        public string? Continuation { get; init; }

        /// <summary>Who reads; null for nobody.</summary>
        public string? Reader { get; init; }

        /// <summary>Until when the reader has the range, in Unix seconds.</summary>
        public long Until { get; init; }

        /// <summary>How often another came while the range was being read.</summary>
        public long Calls { get; init; }
    }
}
