using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.RocksDb;

/// <summary>The parts of a rebuild, one after the other.</summary>
public enum RebuildStep
{
    /// <summary>Orders, tickets and profiles from their records.</summary>
    Entities,

    /// <summary>Customers from those.</summary>
    Customers,

    /// <summary>Figures from the customers.</summary>
    Figures,
}

/// <summary>What a rebuild met.</summary>
/// <param name="Entities">What became of the states of orders, tickets and profiles.</param>
/// <param name="DamagedClaims">Claims that could not be read: whether people who were erased shared them is forgotten.</param>
public sealed record Rebuilt(Refolded Entities, IReadOnlyList<string> DamagedClaims);

/// <summary>
/// Customers and figures anew from the records, on a store that nobody else works on. The stages' own handlers make them, but what belongs together is given to them at once:
/// a customer is written once for all that it did, and a day for many of its orders. The ties of all entities are kept in memory meanwhile.
/// Stopped midway, it leaves everything to the host's stages, which begin anew and find the rest.
/// </summary>
public sealed class RebuildStore(
    IDocumentStore store, RocksEngine engine, RocksChangeFeed feed, IdentifierClaims claims, IdentityRules identity, RulesInForce rules, RefoldEntities entities, ResolveEntitiesHandler resolve, CountTouchesHandler count)
{
    private const int UsualPortion = 10_000;
    private const int CustomersAtOnce = 20;
    private const int MostEntities = 500;
    private const int BatchesAtOnce = 32;

    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <param name="portion">How much is given to a stage at once, at most.</param>
    public async Task<Rebuilt> RunAsync(IProgress<StepProgress<RebuildStep>>? progress, CancellationToken cancellationToken, int portion = UsualPortion)
    {
        var damagedClaims = await DropAsync(cancellationToken);
        var (refolded, all) = await ResolveAsync(portion, progress, cancellationToken);
        await CountAsync(portion, all, progress, cancellationToken);
        return new Rebuilt(refolded, damagedClaims);
    }

    private async Task<IReadOnlyList<string>> DropAsync(CancellationToken cancellationToken)
    {
        var damaged = new List<string>();
        var staysShared = await claims.ListStaysSharedAsync(damaged, cancellationToken);
        var instances = await store.ReadAsync(Containers.Identifiers, FirstInstances.Partition, FirstInstances.Id, cancellationToken);
        await engine.ResetAsync(
            [.. Containers.Described.Where(c => c.Origin == ContentOrigin.Derived).Select(c => c.Name)],
            [
                .. staysShared.Select(key => (Containers.Identifiers, key, IdentifierClaims.SharedAhead)),
                .. instances is null ? [] : new[] { (Containers.Identifiers, FirstInstances.Partition, Write.Create(FirstInstances.Id, instances.Body)) },
            ],
            [.. ChangeConsumers.OnTheWay.Select(s => (s.Consumer.Name, s.Consumer.Container))]);
        await rules.EnterAsync(cancellationToken);
        return damaged;
    }

    private async Task<(Refolded Refolded, int Entities)> ResolveAsync(int portion, IProgress<StepProgress<RebuildStep>>? progress, CancellationToken cancellationToken)
    {
        var ties = new List<TiedEntity>();
        var refolded = await entities.RunAsync(
            state => Add(ties, state),
            progress is null ? null : new Told(done => progress.Report(new StepProgress<RebuildStep>(RebuildStep.Entities, done, null))),
            cancellationToken);
        var done = 0L;
        await Parallel.ForEachAsync(
            IdentityGraph.Components(ties, t => t.Identifiers).Chunk(CustomersAtOnce), new ParallelOptions { MaxDegreeOfParallelism = BatchesAtOnce, CancellationToken = cancellationToken },
            async (customers, token) =>
            {
                // What shares something with very many, such as a kiosk's device, hangs together with them all. It is taken in pieces one after the other: at once they would lose races for the same customers.
                foreach (var some in customers.SelectMany(c => c).Chunk(Math.Min(portion, MostEntities)))
                {
                    var states = await store.ReadManyAsync(Containers.Interactions, [.. some.Select(e => new DocumentKey(e.Partition, Containers.StateId))], token);
                    await resolve.HandleAsync([.. states.OfType<Document>().Select(s => s.As(DocumentJson.Default.EntityChange))], token);
                    progress?.Report(new StepProgress<RebuildStep>(RebuildStep.Customers, Interlocked.Add(ref done, some.Length), ties.Count));
                }
            });
        await feed.PassAllAsync(ChangeConsumers.Resolve, Containers.Interactions);
        return (refolded, ties.Count);
    }

    private void Add(List<TiedEntity> ties, EntityState state)
    {
        if (state.HasHappened)
        {
            var entity = new TiedEntity(state.Entity.Text, identity.Linking(state.EverSaid));
            lock (ties)
            {
                ties.Add(entity);
            }
        }
    }

    private async Task CountAsync(int portion, int all, IProgress<StepProgress<RebuildStep>>? progress, CancellationToken cancellationToken)
    {
        var done = 0L;
        await foreach (var touches in store.ScanAsync(Containers.Customers, cancellationToken).Where(d => d.Id.StartsWith(Containers.TouchPrefix, StringComparison.Ordinal)).Chunk(portion))
        {
            await count.HandleAsync([.. touches.AsParallel().AsOrdered().Select(t => t.As(DocumentJson.Default.CustomerChange))], cancellationToken);
            progress?.Report(new StepProgress<RebuildStep>(RebuildStep.Figures, Math.Min(done += touches.Length, all), all));
        }

        await feed.PassAllAsync(ChangeConsumers.Value, Containers.Customers);
    }

    private readonly record struct TiedEntity(string Partition, IReadOnlyList<Identifier> Identifiers);

    private sealed class Told(Action<long> tell) : IProgress<long>
    {
        public void Report(long value) => tell(value);
    }
}
