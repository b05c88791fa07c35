using CustomerPipeline.Application.Documents;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Application.Resolve;

/// <summary>On what grounds touches are put into a customer.</summary>
/// <param name="Shared">Identifiers known to be shared; all others that may link are believed to.</param>
/// <param name="Claimed">Identifiers that were claimed for the customer just now; all others are in it already, or were meanwhile taken out.</param>
/// <param name="Returning">Entities that left the customer and may come back, with the version of the mark they left.</param>
/// <param name="IsMove">They come from another customer, and hang together with this one by what is yet to be put.</param>
/// <param name="IsSuspect">The other customer may not have hung together.</param>
internal sealed record Basis(IReadOnlySet<Identifier> Shared, IReadOnlySet<Identifier> Claimed, IReadOnlyDictionary<EntityKey, string> Returning, bool IsMove, bool IsSuspect);

/// <summary>A touch as it will be written, and the version it replaces.</summary>
internal readonly record struct DraftTouch(Touch Touch, string? ETag);

/// <summary>
/// What putting touches makes of a customer, worked out before anything is written. Its point is to notice when the customer may afterwards not hang together:
/// a touch that nothing visible ties to it, a tie that was lost, a tie that turned out to be shared or that somebody took elsewhere meanwhile, both sides of a
/// never-link.
/// </summary>
internal sealed class CustomerChangeDraft
{
    private readonly CustomerSummary _before;
    private readonly Basis _basis;
    private readonly IdentityRules _rules;
    private readonly List<DraftTouch> _touches = [];
    private readonly List<IReadOnlyList<Identifier>> _loose = [];
    private CustomerSummary _summary;
    private bool _isSuspect;

    public CustomerChangeDraft(CustomerSummary before, Basis basis, IdentityRules rules)
    {
        _before = before;
        _basis = basis;
        _rules = rules;
        _summary = before;

        // Whatever an identifier joined here before it was known to be shared may fall apart.
        var isNews = basis.Shared.Any(i => before.Identifiers.ContainsKey(i) && !before.Shared.Contains(i));
        _isSuspect = basis.IsSuspect || (basis.IsMove && before.Shared.Count > 0) || isNews;
    }

    public IReadOnlyList<DraftTouch> Touches => _touches;

    /// <summary>First or last date may have gone with a change, or the summary does not count what it should: sum up anew.</summary>
    public bool MustReread { get; private set; }

    /// <summary>One of the touches went to another customer, after it was found out that it belongs here: it must not stand in both.</summary>
    public bool IsOvertaken { get; private set; }

    /// <summary>Whether anything is to be written.</summary>
    public bool IsAny => _touches.Count > 0 || (_isSuspect && !_basis.IsMove && !_before.MustReshape);

    public CustomerSummary Summary => _summary with
    {
        Shared = SharedOf(_touches.SelectMany(t => t.Touch.Ties)),
        MustReshape = _summary.MustReshape || _isSuspect || !HangTogether() || IdentityGraph.AreOpposed(_summary.Sides.Keys),
    };

    public void Put(Touch touch, Document? stored)
    {
        var known = stored?.As(DocumentJson.Default.CustomerDocument).Touch;
        var before = known is { MovedTo: null } ? known : null;
        var isBack = _basis.IsMove || _basis.Returning.GetValueOrDefault(touch.Entity) == stored?.ETag;
        IsOvertaken |= known is { MovedTo: not null } && !isBack;

        // Somebody found out, after this worker looked, that one of the ties is shared: whatever it joined by it has to be looked at again.
        var ties = _rules.Linking(touch.Ties).Where(i => !_basis.Shared.Contains(i)).ToList();
        _isSuspect |= !_basis.IsMove && ties.Any(t => _before.Shared.Contains(t) || !(_before.Identifiers.ContainsKey(t) || _basis.Claimed.Contains(t)));

        // A copy that somebody was slow to move here, of what was here since and left, must not come back; what is here already only learns how far it came.
        var moves = _basis.IsMove ? touch.Moves + 1 : known is { MovedTo: not null } ? known.Moves + 1 : touch.Moves;
        var isNewer = before is null ? known is null || moves > known.Moves : touch.EntityRevision > before.EntityRevision;
        if (!isNewer && (before is null || moves <= before.Moves))
        {
            return;
        }

        var put = (isNewer ? touch : before!) with { Revision = (known?.Revision ?? 0) + 1, Moves = Math.Max(moves, known?.Moves ?? 0) };
        if (before is null || _summary.Counts(before))
        {
            _summary = _summary.With(before, put);
            MustReread |= CustomerSummary.LosesAnExtreme(before, put);
        }
        else
        {
            // Read before somebody put the touch: then its ETag is old, and nothing of this is committed. Or it is damaged, and nobody knows what hangs together.
            MustReread = _isSuspect = true;
        }

        _touches.Add(new DraftTouch(put, stored?.ETag));
        if (before is null)
        {
            _loose.Add(ties);
        }
        else if (isNewer && _rules.Linking(before.Ties).Any(i => !_before.Shared.Contains(i) && !ties.Contains(i)))
        {
            _isSuspect = true;
        }
    }

    // Each new touch has a tie that the customer has already, or that a new touch with one has.
    private bool HangTogether()
    {
        if (_basis.IsMove || _loose.Count == 0)
        {
            return true;
        }

        var tied = _before.Identifiers.Keys.Where(i => _rules.Links(i) && !_before.Shared.Contains(i)).ToHashSet();
        var loose = _loose.ToList();
        if (_before.Touches == 0)
        {
            tied.UnionWith(loose[0]);
            loose.RemoveAt(0);
        }

        while (loose.RemoveAll(ties => Joins(ties, tied)) > 0)
        {
        }

        return loose.Count == 0;
    }

    private static bool Joins(IReadOnlyList<Identifier> ties, HashSet<Identifier> tied)
    {
        var joins = ties.Any(tied.Contains);
        if (joins)
        {
            tied.UnionWith(ties);
        }

        return joins;
    }

    private IReadOnlyList<Identifier> SharedOf(IEnumerable<Identifier> ties)
    {
        var news = (_basis.IsMove ? _basis.Shared : ties.Where(_basis.Shared.Contains)).Except(_before.Shared).ToList();
        return news.Count == 0 ? _before.Shared : [.. _before.Shared.Concat(news).Order()];
    }
}
