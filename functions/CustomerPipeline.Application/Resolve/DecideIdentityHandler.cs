using CustomerPipeline.Application.Audit;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Resolve;

/// <summary>What became of a decision.</summary>
public abstract record DecisionResult
{
    private DecisionResult()
    {
    }

    /// <summary>It is on its way, as a message; the figures follow.</summary>
    public sealed record Accepted(string Decision) : DecisionResult;

    /// <summary>There is no such customer or decision.</summary>
    public sealed record Unknown : DecisionResult;

    /// <summary>It would change nothing, or contradict another decision.</summary>
    public sealed record Refused(string Code, string Advice) : DecisionResult;
}

/// <summary>
/// What people decide about who is one customer: merge, unmerge, never-link, and taking back. A decision is written down, and becomes records of the entities
/// it is about, so that it survives a rebuild, and taking it back leaves nothing of it.
/// </summary>
public sealed class DecideIdentityHandler(CustomerStore customers, IdentityCommands commands, AuditLog audit)
{
    public const string Merge = "merge";
    public const string Unmerge = "unmerge";
    public const string NeverLink = "never-link";
    public const string TakeBack = "take-back";

    /// <summary>Makes one customer of two, by a tie between the oldest interaction of each.</summary>
    public async Task<DecisionResult> MergeAsync(string customer, string with, string by, CancellationToken cancellationToken)
    {
        var (left, right) = (await customers.FindRootAsync(customer, cancellationToken), await customers.FindRootAsync(with, cancellationToken));
        if (left.Summary.Touches == 0 || right.Summary.Touches == 0)
        {
            return new DecisionResult.Unknown();
        }

        if (left.Summary.Customer == right.Summary.Customer)
        {
            return new DecisionResult.Refused("already-one", "The two are one customer already.");
        }

        if (IdentityGraph.OpposedIn(left.Summary.Sides.Keys.Concat(right.Summary.Sides.Keys)).FirstOrDefault() is { } against)
        {
            return new DecisionResult.Refused("never-link", $"Decision {against} says that they shall never be linked. Take that back first.");
        }

        List<EntityKey> entities = [await OldestAsync(left, cancellationToken), await OldestAsync(right, cancellationToken)];
        return await DecideAsync(Merge, [customer, with], by, entities, (decision, _) => new EntityDecision { Edge = decision }, cancellationToken);
    }

    /// <summary>Cuts an identifier off all interactions of a customer: it does not link them any more.</summary>
    public async Task<DecisionResult> UnmergeAsync(string customer, Identifier identifier, string by, CancellationToken cancellationToken)
    {
        var root = await customers.FindRootAsync(customer, cancellationToken);
        if (root.Summary.Touches == 0)
        {
            return new DecisionResult.Unknown();
        }

        var tied = (await LiveAsync(root.Summary.Customer, cancellationToken)).Where(t => t.Ties.Contains(identifier)).Select(t => t.Entity).ToList();
        return tied.Count == 0
            ? new DecisionResult.Refused("not-tied", "The identifier ties nothing together in this customer. GET …/why shows what does.")
            : await DecideAsync(Unmerge, [customer], by, tied, (_, _) => new EntityDecision { Cut = [identifier.Key] }, cancellationToken);
    }

    /// <summary>
    /// Keeps two customers apart for ever. When they are one by now, the ids say which interactions belong to whom: those that stood under an older id before it was
    /// merged, and all others.
    /// </summary>
    public async Task<DecisionResult> NeverLinkAsync(string customer, string with, string by, CancellationToken cancellationToken)
    {
        var (left, right) = (await customers.FindRootAsync(customer, cancellationToken), await customers.FindRootAsync(with, cancellationToken));
        if (left.Summary.Touches == 0 || right.Summary.Touches == 0)
        {
            return new DecisionResult.Unknown();
        }

        if (customer == with)
        {
            return new DecisionResult.Refused("same-customer", "Name two customers, or a customer and an id that was merged into it.");
        }

        var root = left.Summary.Customer;
        List<EntityKey> one;
        List<EntityKey> other;
        if (root != right.Summary.Customer)
        {
            (one, other) = ([await OldestAsync(left, cancellationToken)], [await OldestAsync(right, cancellationToken)]);
        }
        else
        {
            var live = (await LiveAsync(root, cancellationToken)).Select(t => t.Entity).ToHashSet();
            one = customer == root ? [] : await StoodInAsync(customer, live, cancellationToken);
            other = with == root ? [] : await StoodInAsync(with, live, cancellationToken);
            one = one.Count == 0 ? [.. live.Except(other)] : one;
            other = other.Count == 0 ? [.. live.Except(one)] : [.. other.Except(one)];
            if (one.Count == 0 || other.Count == 0)
            {
                return new DecisionResult.Refused("nothing-to-part", "All interactions of the customer stood under both ids: unmerge it by an identifier.");
            }
        }

        var first = one.ToHashSet();
        return await DecideAsync(
            NeverLink, [customer, with], by, [.. one.Concat(other)], (decision, entity) => new EntityDecision { Side = $"{decision}/{(first.Contains(entity) ? 'a' : 'b')}" }, cancellationToken);
    }

    /// <summary>Takes a decision back: as if it had never been.</summary>
    public async Task<DecisionResult> TakeBackAsync(string decision, string by, CancellationToken cancellationToken)
    {
        if (await audit.FindAsync(decision, cancellationToken) is not { Value: { Action: Merge or Unmerge or NeverLink, Entities: not null } entry })
        {
            return new DecisionResult.Unknown();
        }

        // From here on nothing more is cut for it. Taken back twice, after a crash or by two people, it is the same message twice.
        var back = entry.TakenBackBy ?? (await audit.WriteAsync(by, TakeBack, entry.Customers, cancellationToken, of: decision)).Id;
        entry = (await audit.ChangeAsync(decision, e => e.TakenBackBy is not null ? e : e with { TakenBackBy = back }, cancellationToken))!;
        back = entry.TakenBackBy!;
        await commands.SendAsync(back, back, [.. entry.Entities!.Union(entry.Cut ?? []).Select(e => new EntityDecision { Entity = e.Text, Ends = decision })], cancellationToken);
        return new DecisionResult.Accepted(back);
    }

    private async Task<DecisionResult> DecideAsync(
        string action, IReadOnlyList<string> about, string by, List<EntityKey> entities, Func<string, EntityKey, EntityDecision> word, CancellationToken cancellationToken)
    {
        var entry = await audit.WriteAsync(by, action, about, cancellationToken, entities);
        await commands.SendAsync(entry.Id, entry.Id, [.. entities.Select(e => word(entry.Id, e) with { Entity = e.Text })], cancellationToken);
        return new DecisionResult.Accepted(entry.Id);
    }

    private async Task<List<Touch>> LiveAsync(string customer, CancellationToken cancellationToken) =>
        await customers.ReadLiveTouchesAsync(customer, cancellationToken).Select(t => t.Value).ToListAsync(cancellationToken);

    private async Task<List<EntityKey>> StoodInAsync(string alias, HashSet<EntityKey> live, CancellationToken cancellationToken) =>
        await customers.ReadTouchesAsync(alias, cancellationToken).Select(t => t.Value.Entity).Where(live.Contains).ToListAsync(cancellationToken);

    private async Task<EntityKey> OldestAsync(HeldCustomer customer, CancellationToken cancellationToken) =>
        (await LiveAsync(customer.Summary.Customer, cancellationToken)).MinBy(t => (t.FirstAt, t.Entity.Text))!.Entity;
}
