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

    private async Task WriteAsync(params long[] revisions)
    {
        foreach (var revision in revisions)
        {
            await _account.Store.CommitAsync(Container, $"p{revision}", [Write.Upsert("state", new EntityChange { Revision = revision }.ToBody(DocumentJson.Default.EntityChange))], default);
        }
    }
}
