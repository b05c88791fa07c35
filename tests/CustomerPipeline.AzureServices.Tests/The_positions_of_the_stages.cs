using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.AzureServices.Cosmos;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.AzureServices.Tests;

/// <summary>The positions that the pipeline keeps in the change feeds, because the trigger of the host may pass what was never done.</summary>
public sealed class The_positions_of_the_stages : IAsyncLifetime
{
    private const string Container = Containers.Interactions;

    private readonly JumpingClock _clock = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private CosmosTestAccount _account = null!;

    public async ValueTask InitializeAsync() => _account = await CosmosTestAccount.CreateAsync(partitions: 1);

    public async ValueTask DisposeAsync() => await _account.DisposeAsync();

    [Fact]
    public async Task Move_on_only_when_the_stage_has_returned()
    {
        var positions = Of("one");
        await WriteAsync(1, 2);

        await Assert.ThrowsAsync<InvalidOperationException>(() => PassAsync(positions, _ => throw new InvalidOperationException("as told")));
        Assert.True(await positions.BacklogAsync(ChangeConsumers.Resolve, Container, default) > 0);

        Assert.Equal([1, 2], (await ReadAsync(positions)).Order());
        Assert.Equal(0, await positions.BacklogAsync(ChangeConsumers.Resolve, Container, default));
        Assert.Empty(await ReadAsync(Of("two")));
    }

    [Fact]
    public async Task Let_one_read_at_a_time_who_looks_again_when_another_came_meanwhile()
    {
        await WriteAsync(1);
        var seen = new List<long>();
        var other = new List<long>();

        await PassAsync(Of("one"), async changes =>
        {
            seen.AddRange(changes);
            if (changes.Contains(1))
            {
                await WriteAsync(2);
                other.AddRange(await ReadAsync(Of("two")));
            }
        });

        Assert.Equal([1, 2], seen);
        Assert.Empty(other);
    }

    [Fact]
    public async Task Are_taken_over_from_a_reader_that_died_and_never_moved_back_by_it()
    {
        await WriteAsync(1);
        var (isReading, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var stuck = PassAsync(Of("stuck"), async _ =>
        {
            isReading.TrySetResult();
            await goOn.Task;
        });
        await isReading.Task;
        Assert.Empty(await ReadAsync(Of("early")));

        _clock.Set = TimeSpan.FromMinutes(2);
        Assert.Equal([1], await ReadAsync(Of("late")));
        await WriteAsync(2);
        Assert.Equal([2], await ReadAsync(Of("late")));
        goOn.SetResult();
        await stuck;

        Assert.Empty(await ReadAsync(Of("last")));
    }

    [Fact]
    public async Task Go_on_over_both_halves_of_a_partition_that_split()
    {
        await WriteAsync(1, 2, 3);
        Assert.Equal([1, 2, 3], (await ReadAsync(Of("one"))).Order());

        _account.Server.Split(CosmosTestAccount.Database, Container);
        await WriteAsync(4, 5, 6, 7);
        var after = new List<long>();
        for (var looks = 0; looks < 5; looks++)
        {
            after.AddRange(await ReadAsync(Of("two")));
        }

        Assert.Superset(new HashSet<long> { 4, 5, 6, 7 }, after.ToHashSet());
        Assert.Equal(0, await Of("three").BacklogAsync(ChangeConsumers.Resolve, Container, default));
    }

    [Fact]
    public async Task Have_a_reader_for_each_half_of_a_partition_that_split()
    {
        await WriteAsync(1, 2, 3);
        await ReadAsync(Of("one"));
        _account.Server.Split(CosmosTestAccount.Database, Container);
        await WriteAsync([.. Enumerable.Range(4, 20)]);

        Assert.Equal(Enumerable.Range(4, 20).Select(n => (long)n), (await ReadAsync(Of("two"))).Order());

        // Each reader waits for the other.
        await WriteAsync([.. Enumerable.Range(24, 20)]);
        var (seen, both, readers) = (new List<long>(), new TaskCompletionSource(), 0);
        await PassAsync(Of("three"), async changes =>
        {
            lock (seen)
            {
                seen.AddRange(changes);
            }

            if (Interlocked.Increment(ref readers) == 2)
            {
                both.SetResult();
            }

            await both.Task.WaitAsync(TimeSpan.FromMinutes(1));
        });
        Assert.Equal(Enumerable.Range(24, 20).Select(n => (long)n), seen.Order());
    }

    [Fact]
    public async Task Let_nothing_out_and_read_nothing_twice_when_many_read_while_partitions_split_again_and_again()
    {
        var (seen, written) = (new List<long>(), 0L);
        for (var round = 0; round < 6; round++)
        {
            await WriteAsync([.. Enumerable.Range(0, 40).Select(_ => (int)++written)]);
            var readers = Enumerable.Range(0, 4).Select(n => Task.Run(() => PassAsync(Of($"{round}-{n}"), changes =>
            {
                lock (seen)
                {
                    seen.AddRange(changes);
                }

                return Task.CompletedTask;
            }))).ToList();
            if (round % 2 == 1)
            {
                _account.Server.Split(CosmosTestAccount.Database, Container);
            }

            await Task.WhenAll(readers);
        }

        seen.AddRange(await ReadAsync(Of("last")));

        Assert.Equal(Enumerable.Range(1, (int)written).Select(n => (long)n), seen.Order());
        Assert.Equal(0, await Of("new").BacklogAsync(ChangeConsumers.Resolve, Container, default));
    }

    [Fact]
    public async Task Are_looked_at_where_the_trigger_found_something()
    {
        await ReadAsync(Of("one"));
        _account.Server.Split(CosmosTestAccount.Database, Container);
        await WriteAsync(1);
        await ReadAsync(Of("one"));
        await WriteAsync([.. Enumerable.Range(2, 20)]);
        var positions = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        _account.Server.Before = operation =>
        {
            if (operation is { Name: "write", Container: CosmosContainers.Leases, Id: { } id })
            {
                positions[id] = 1;
            }

            return Task.CompletedTask;
        };

        var seen = new List<long>();
        await Of("two").PassAsync<EntityChange>(ChangeConsumers.Resolve, Container, [new(null) { Partition = "p2" }, new(null) { Partition = "p2" }], changes =>
        {
            seen.AddRange(changes.Select(c => c.Document!.Revision));
            return Task.CompletedTask;
        }, default);

        Assert.Single(positions);
        Assert.Contains(2, seen);
        Assert.NotEqual(20, seen.Count);
    }

    // What docs/scale.md counts.
    [Fact]
    public async Task Cost_a_read_and_three_writes_of_less_than_a_kilobyte_for_a_call_and_a_write_less_where_there_is_nothing()
    {
        var positions = Of("one");
        await ReadAsync(positions);
        await WriteAsync(1);
        var calls = new System.Collections.Concurrent.ConcurrentQueue<string>();
        _account.Server.Before = operation =>
        {
            calls.Enqueue($"{operation.Name} {operation.Container}");
            return Task.CompletedTask;
        };

        await ReadAsync(positions);
        Assert.Equal($"feed {Container}, feed {Container}, read leases, write leases, write leases, write leases", string.Join(", ", calls.Order(StringComparer.Ordinal)));
        calls.Clear();
        await ReadAsync(positions);
        Assert.Equal($"feed {Container}, read leases, write leases, write leases", string.Join(", ", calls.Order(StringComparer.Ordinal)));

        using var position = await _account.Containers.Of(CosmosContainers.Leases).ReadItemStreamAsync($"position.{ChangeConsumers.Resolve}.0", new Microsoft.Azure.Cosmos.PartitionKey($"position.{ChangeConsumers.Resolve}.0"));
        Assert.InRange(position.Content.Length, 1, 1023);
    }

    private CosmosPositions Of(string instance) => new(_account.Containers, instance, _clock);

    private static Task PassAsync(CosmosPositions positions, Func<IReadOnlyList<long>, Task> handle) => positions.PassAsync<EntityChange>(
        ChangeConsumers.Resolve, Container, [], changes => handle([.. changes.Select(c => c.Document!.Revision)]), default);

    private static async Task<List<long>> ReadAsync(CosmosPositions positions)
    {
        var seen = new List<long>();
        await PassAsync(positions, changes =>
        {
            seen.AddRange(changes);
            return Task.CompletedTask;
        });
        return seen;
    }

    private async Task WriteAsync(params int[] revisions)
    {
        foreach (var revision in revisions)
        {
            await _account.Store.CommitAsync(Container, $"p{revision}", [Write.Upsert("state", new EntityChange { Revision = revision }.ToBody(DocumentJson.Default.EntityChange))], default);
        }
    }
}
