using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Maintenance;

/// <summary>One figure over all time, as it is stored and as a rebuild would make it.</summary>
/// <param name="Measure">What is summed up, by its name in <see cref="Domain.Value.Measure"/>.</param>
/// <param name="Currency">ISO 4217 code of an amount; empty for what is counted.</param>
/// <param name="Now">In minor units, or a count.</param>
/// <param name="Then">The same after a rebuild.</param>
public sealed record PlannedFigure(string Measure, string Currency, long Now, long Then);

/// <summary>What a rebuild would change.</summary>
/// <param name="Entities">Orders, tickets, profiles and browsing days.</param>
/// <param name="Changed">Those of them whose stored state is not what this program makes of their records.</param>
/// <param name="Unreadable">Those that have a record that cannot be read, or none: a rebuild leaves them as they are.</param>
/// <param name="CustomersNow">Customers with interactions.</param>
/// <param name="CustomersThen">The same after a rebuild.</param>
/// <param name="Figures">Sums over all time, in order of measure and currency.</param>
public sealed record RebuildPlan(long Entities, long Changed, long Unreadable, int CustomersNow, int CustomersThen, IReadOnlyList<PlannedFigure> Figures);

/// <summary>
/// Tells what a rebuild would change, before anybody starts one: after an update that folds, counts or joins otherwise than the program that wrote the store. Reads only. Ties of
/// all entities are kept in memory, about 1 KB for each.
/// </summary>
public sealed class PlanRebuild(IDocumentStore store, IdentifierClaims claims, IdentityRules rules, ValueOptions options)
{
    // Those that a reader can hold against a report of the source; the others follow from the same interactions.
    private static readonly string[] Counts = [Measure.Orders, Measure.Units, Measure.Tickets];
    private static readonly string[] Amounts = [Measure.Gross, Measure.Discounts, Measure.Refunds, Measure.Tax, Measure.Shipping];

    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Stops the work; nothing was changed.</param>
    public async Task<RebuildPlan> RunAsync(IProgress<StepProgress<VerifyStep>>? progress, CancellationToken cancellationToken)
    {
        var (entities, changed, unreadable) = (0L, 0L, 0L);
        var states = new List<EntityState>();
        var then = new Dictionary<(string Measure, string Currency), long>();
        await foreach (var entity in store.ScanByPartitionAsync(Containers.Interactions, cancellationToken))
        {
            entities++;
            progress?.Report(new StepProgress<VerifyStep>(VerifyStep.Entities, entities, null));
            var stored = entity.FirstOrDefault(d => d.Id == Containers.StateId)?.ReadOrNull(StoredInteractions.AsInteraction)?.State;
            var records = entity.Where(d => d.Id != Containers.StateId).Select(d => d.ReadOrNull(StoredInteractions.AsInteraction)?.Record).ToList();
            var state = records.Count == 0 || records.Contains(null) ? null : EntityFold.Of(records.OfType<InteractionRecord>());
            unreadable += state is null ? 1 : 0;
            changed += state is not null && !TypedDocuments.AreAlike(stored, state, DocumentJson.Default.EntityState) ? 1 : 0;
            if ((state ?? stored) is { HasHappened: true } happened)
            {
                foreach (var posting in FlowPostings.Of(Touch.Of(happened, 0), options.Calendar))
                {
                    Add(then, posting.Cell, posting.Measures);
                }

                states.Add(happened.OnlyTies());
            }
        }

        var customers = await ReadCustomersAsync(progress, cancellationToken);
        var now = await ReadFiguresAsync(progress, cancellationToken);
        var staysShared = await claims.ListStaysSharedAsync([], cancellationToken);
        var truth = IdentityGraph.Truth(states, rules, i => staysShared.Contains(ClaimKey.Of(i)));
        return new RebuildPlan(
            entities, changed, unreadable, customers, truth.Customers.Count,
            [
                .. Counts.Concat(Amounts).SelectMany(measure => now.Keys.Union(then.Keys).Where(k => k.Measure == measure).Order())
                    .Select(k => new PlannedFigure(k.Measure, k.Currency, now.GetValueOrDefault(k), then.GetValueOrDefault(k))),
            ]);
    }

    private async Task<int> ReadCustomersAsync(IProgress<StepProgress<VerifyStep>>? progress, CancellationToken cancellationToken)
    {
        var customers = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var document in store.ScanAsync(Containers.Customers, cancellationToken))
        {
            if (document.Id.StartsWith(Containers.TouchPrefix, StringComparison.Ordinal) && document.ReadOrNull(d => d.As(DocumentJson.Default.CustomerDocument))?.Touch is { MovedTo: null }
                && customers.Add(document.Partition))
            {
                progress?.Report(new StepProgress<VerifyStep>(VerifyStep.Customers, customers.Count, null));
            }
        }

        return customers.Count;
    }

    private async Task<Dictionary<(string Measure, string Currency), long>> ReadFiguresAsync(IProgress<StepProgress<VerifyStep>>? progress, CancellationToken cancellationToken)
    {
        var (sums, read) = (new Dictionary<(string Measure, string Currency), long>(), 0L);
        await foreach (var document in store.ScanAsync(Containers.Values, cancellationToken))
        {
            if (document.Id.StartsWith(Containers.FlowPrefix, StringComparison.Ordinal) && document.ReadOrNull(d => d.As(DocumentJson.Default.FlowDay)) is { } day)
            {
                progress?.Report(new StepProgress<VerifyStep>(VerifyStep.Figures, ++read, null));
                foreach (var (cell, measures) in day.Cells)
                {
                    Add(sums, cell, measures);
                }
            }
        }

        return sums;
    }

    private static void Add(Dictionary<(string Measure, string Currency), long> sums, string cell, IReadOnlyDictionary<string, long> measures)
    {
        // What counts by a facet counts in another cell, too.
        var (currency, facet) = FlowCell.Parse(cell) is var known ? (known.Currency, known.Facet) : default;
        if (facet is not null)
        {
            return;
        }

        foreach (var key in Counts.Select(m => (m, "")).Concat(Amounts.Select(m => (m, currency))))
        {
            if (measures.TryGetValue(key.Item1, out var amount))
            {
                sums[key] = sums.GetValueOrDefault(key) + amount;
            }
        }
    }
}
