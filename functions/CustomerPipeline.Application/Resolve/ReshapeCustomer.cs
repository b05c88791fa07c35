using CustomerPipeline.Application.Documents;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Application.Resolve;

/// <summary>
/// Looks at all touches of a customer, and splits what does not hang together any more: after an identifier turned out to be shared, after a person cut a
/// tie. Every step can be repeated, by any worker, after any crash; claims move before touches do, so that an unfinished split is found and finished.
/// </summary>
public sealed class ReshapeCustomer(CustomerStore customers, IdentifierClaims claims, IdentityRules rules, IdentityCommands commands)
{
    /// <summary>Shapes the customer an id stands for today.</summary>
    /// <param name="customer">A customer, alias or not.</param>
    /// <param name="shared">Identifiers that turned out to be shared.</param>
    /// <param name="cancellationToken">Stops the work; whoever meets the customer goes on with it.</param>
    public async Task RunAsync(string customer, IReadOnlyCollection<Identifier> shared, CancellationToken cancellationToken)
    {
        while (!await TryRunAsync(await customers.FindRootAsync(customer, cancellationToken), shared, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task<bool> TryRunAsync(HeldCustomer held, IReadOnlyCollection<Identifier> turnedOut, CancellationToken cancellationToken)
    {
        var shared = await SharedAsync(held.Summary, turnedOut, cancellationToken);
        var touches = await customers.ReadLiveTouchesAsync(held.Summary.Customer, cancellationToken).ToListAsync(cancellationToken);

        // Every change of a touch changes the summary: if that is still the same, summary and touches are of one moment.
        if ((await customers.ReadAsync(held.Summary.Customer, cancellationToken)).ETag != held.ETag)
        {
            return false;
        }

        if (await PartsAsync(held, touches, shared, cancellationToken) is not { } parts)
        {
            return false;
        }

        // From here on nobody can put anything in without noticing what is shared, and whoever comes after a crash goes on.
        var marked = held.Summary with { Shared = [.. shared.Order()], MustReshape = parts.Count > 1 || held.Summary.MustReshape };
        if (!marked.Shared.SequenceEqual(held.Summary.Shared) || marked.MustReshape != held.Summary.MustReshape)
        {
            if (!await customers.ReplaceAsync(held, marked, [], cancellationToken))
            {
                return false;
            }

            var changed = await customers.ReadAsync(held.Summary.Customer, cancellationToken);
            if (changed.Revision != held.Revision + 1)
            {
                return false;
            }

            held = changed;
        }

        var targets = await Task.WhenAll(parts.Select(part => TargetOfAsync(held.Summary.Customer, part, cancellationToken)));

        // Where the customer is still the same, touches and claims are of one moment. From then on a worker that takes a touch elsewhere moves its claims first, so that those of here cannot be moved any more.
        if ((await customers.ReadAsync(held.Summary.Customer, cancellationToken)).ETag != held.ETag)
        {
            return false;
        }

        if (parts.Count == 1 && targets[0].Roots.Count > 0)
        {
            // It hangs together, and with others that its claims lead to: one of them at a time.
            var (older, younger) = string.CompareOrdinal(held.Summary.Customer, targets[0].Roots[0].Summary.Customer) < 0 ? (held, targets[0].Roots[0]) : (targets[0].Roots[0], held);
            var isCertain = targets[0].Roots[0].Summary is { Touches: 0 } || parts[0].Ties.Any(targets[0].Roots[0].Summary.Identifiers.ContainsKey);
            await customers.MergeAsync(younger, older, parts[0].Ties, async () => isCertain && await claims.AreUnchangedAsync(targets[0].Known, cancellationToken), cancellationToken);
            return false;
        }

        var keeper = KeeperOf(held.Summary.Customer, parts, targets);

        // What stays must not lead here by way of an alias: one of them may be somebody again in a moment.
        if (parts.Count > 1 && keeper >= 0 && !await claims.PointAsync(targets[keeper].Known, held.Summary.Customer, null, cancellationToken))
        {
            return false;
        }

        for (var i = 0; i < parts.Count; i++)
        {
            if (i != keeper)
            {
                if (await MoveAsync(held, parts[i], targets[i], shared, cancellationToken) is not { } changed)
                {
                    return false;
                }

                held = changed;
            }
        }

        if (!await FinishAsync(held, keeper < 0 ? null : parts[keeper], cancellationToken))
        {
            return false;
        }

        await claims.ArriveAsync([.. parts.Where((_, i) => i != keeper).SelectMany(p => p.Keys)], cancellationToken);
        return true;
    }

    private async Task<HashSet<Identifier>> SharedAsync(CustomerSummary summary, IReadOnlyCollection<Identifier> turnedOut, CancellationToken cancellationToken)
    {
        var shared = summary.Shared.Concat(turnedOut).ToHashSet();
        var open = summary.Identifiers.Keys.Where(i => rules.Links(i) && !shared.Contains(i)).ToList();
        var known = await claims.ReadAsync([.. open.Select(ClaimKey.Of)], cancellationToken);
        shared.UnionWith(open.Where(i => known.GetValueOrDefault(ClaimKey.Of(i)) is { Value.IsShared: true }));
        return shared;
    }

    // What hangs together; null when something had to be cut first.
    private async Task<List<Part>?> PartsAsync(HeldCustomer held, List<Stored<Touch>> touches, HashSet<Identifier> shared, CancellationToken cancellationToken)
    {
        List<Identifier> TiesOf(Stored<Touch> touch) => [.. rules.Linking(touch.Value.Ties).Where(i => !shared.Contains(i))];

        var components = IdentityGraph.Components(touches, TiesOf);
        foreach (var component in components)
        {
            var neverLinks = await commands.InForceAsync(IdentityGraph.OpposedIn(component.SelectMany(t => t.Value.Sides)), cancellationToken);
            if (neverLinks.Count > 0)
            {
                // What never-links keep apart is cut at its weakest ties, and the cuts become records of their entities.
                var cuts = IdentityGraph.CutsBetweenSides(component, TiesOf, t => [.. t.Value.Sides.Where(s => neverLinks.Contains(IdentityGraph.NeverLinkOf(s)))], t => t.Value.Entity.Text)
                    .GroupBy(c => c.Thing, c => c.Tie).Select(c => (Touch: c.Key, Ties: (IReadOnlyList<Identifier>)[.. c])).ToList();
                await commands.CutAsync(neverLinks[0], [.. cuts.Select(c => (c.Touch.Value, c.Ties))], cancellationToken);
                await customers.CutTouchesAsync(held, cuts, cancellationToken);
                return null;
            }
        }

        return [.. components.Select(component => new Part(component, TiesOf))];
    }

    // Claims are moved before touches: where a part's claims say another customer, somebody began to move it there.
    private async Task<Target> TargetOfAsync(string customer, Part part, CancellationToken cancellationToken)
    {
        var known = await claims.ReadAsync(part.Keys, cancellationToken);
        var roots = new SortedDictionary<string, HeldCustomer>(StringComparer.Ordinal);
        var rootOf = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var claimed in known.Values.Select(c => c.Value.Customer).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            var root = await customers.FindRootAsync(claimed, cancellationToken);
            roots[root.Summary.Customer] = root;
            rootOf[claimed] = root.Summary.Customer;
        }

        roots.Remove(customer);
        var others = roots.Keys.Skip(1).ToHashSet(StringComparer.Ordinal);
        return new Target(known, [.. roots.Values], known.Where(k => k.Value.Value.Customer is { } claimed && others.Contains(rootOf[claimed])).Select(k => k.Key).ToHashSet(StringComparer.Ordinal));
    }

    // The part that the customer was founded with keeps its id, else the oldest.
    private static int KeeperOf(string customer, List<Part> parts, Target[] targets)
    {
        var candidates = Enumerable.Range(0, parts.Count).Where(i => targets[i].Roots.Count == 0).ToList();
        var founder = candidates.FindIndex(i => parts[i].Touches.Any(t => CustomerId.FoundedBy(t.Value.Entity, t.Value.FirstAt) == customer));
        return founder >= 0 ? candidates[founder]
            : candidates.Count == 0 ? -1
            : candidates.MinBy(i => (parts[i].Oldest.FirstAt, parts[i].Oldest.Entity.Text));
    }

    private async Task<HeldCustomer?> MoveAsync(HeldCustomer from, Part part, Target target, HashSet<Identifier> shared, CancellationToken cancellationToken)
    {
        var to = target.Roots.Count > 0 ? target.Roots[0].Summary.Customer : await FoundAsync(from.Summary.Customer, part, cancellationToken);
        if (to is null)
        {
            return null;
        }

        // What leads to yet another customer still does: where the part arrives, it is seen that the two are one.
        if (!await claims.PointAsync(target.Known.Where(k => !target.Elsewhere.Contains(k.Key)), to, from.Summary.Customer, cancellationToken))
        {
            return null;
        }

        switch (await customers.MoveTouchesInAsync(to, [.. part.Touches.Select(t => t.Value)], shared, isSuspect: target.Roots.Count > 0, cancellationToken))
        {
            case PutResult.Overtaken:
                return null;
            case PutResult.MustReshape:
                await RunAsync(to, [], cancellationToken);
                break;
        }

        return await customers.MoveTouchesOutAsync(from, part.Touches, to, cancellationToken);
    }

    // An id for a part: the one its oldest entity founds, which brings back the customer it was before a merge, unless that is somebody else's now.
    private async Task<string?> FoundAsync(string customer, Part part, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var id = CustomerId.FoundedBy(part.Oldest.Entity, part.Oldest.FirstAt, attempt);
            var root = await customers.FindRootAsync(id, cancellationToken);
            if (root.Summary.Customer == id && root.Summary.Touches == 0)
            {
                return id;
            }

            if (root.Summary.Customer == customer && id != customer)
            {
                // Another worker may have brought it back meanwhile: then it is somebody, and no alias to be emptied.
                var alias = await customers.ReadAsync(id, cancellationToken);
                return alias.Summary is { MergedInto: not null, Moving: false } && await customers.ReplaceAsync(alias, CustomerSummary.Empty(id), [], cancellationToken) ? id : null;
            }
        }
    }

    private async Task<bool> FinishAsync(HeldCustomer held, Part? kept, CancellationToken cancellationToken)
    {
        IReadOnlyList<Stored<Touch>> touches = kept?.Touches ?? [];
        var summary = CustomerSummary.Of(held.Summary.Customer, touches.Select(t => t.Value)) with { Shared = held.Summary.Shared };
        if (await customers.LabelTouchesAsync(held, touches, customers.IsIdentified(summary), cancellationToken) is not { } labelled)
        {
            return false;
        }

        return await customers.ReplaceAsync(labelled, summary, [], cancellationToken);
    }

    /// <param name="Known">The claims of a part.</param>
    /// <param name="Roots">The other customers that they lead to, by age.</param>
    /// <param name="Elsewhere">Keys that lead to any but the first of them.</param>
    private sealed record Target(Dictionary<string, Stored<Claim>> Known, IReadOnlyList<HeldCustomer> Roots, IReadOnlySet<string> Elsewhere);

    private sealed class Part
    {
        public Part(IReadOnlyList<Stored<Touch>> touches, Func<Stored<Touch>, List<Identifier>> tiesOf)
        {
            Touches = touches;
            Oldest = touches.Select(t => t.Value).MinBy(t => (t.FirstAt, t.Entity.Text))!;
            Ties = touches.SelectMany(tiesOf).ToHashSet();
            Keys = [.. Ties.Select(ClaimKey.Of), .. touches.Select(t => ClaimKey.Of(t.Value.Entity))];
        }

        public IReadOnlyList<Stored<Touch>> Touches { get; }

        public Touch Oldest { get; }

        /// <summary>The identifiers that hold the part together.</summary>
        public HashSet<Identifier> Ties { get; }

        /// <summary>Every claim that may lead to the part.</summary>
        public List<string> Keys { get; }
    }
}
