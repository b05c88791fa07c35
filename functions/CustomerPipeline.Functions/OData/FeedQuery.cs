using CustomerPipeline.Application.Report.Tables;
using Microsoft.OData;
using Microsoft.OData.UriParser;

namespace CustomerPipeline.Functions.OData;

/// <summary>A page of rows.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Count">How many there are in all that pass the filter, where that was asked for.</param>
/// <param name="Next">Where the next page goes on, and how many rows are wanted then, if not all; null for the last page.</param>
internal sealed record FeedPage(IReadOnlyList<object?[]> Rows, long? Count, (FeedPosition Position, long? Top)? Next);

/// <summary>What a client wants of a table.</summary>
internal sealed class FeedQuery
{
    private readonly Func<object?[], object?>? _filter;
    private readonly IReadOnlyList<(Func<object?[], object?> By, int Direction)> _order;
    private readonly long? _top;
    private readonly long _skip;
    private readonly bool _isCounted;
    private readonly FeedPosition? _from;

    /// <param name="table">What is asked.</param>
    /// <param name="uri">The question.</param>
    /// <param name="now">What <c>now()</c> is.</param>
    /// <exception cref="ODataException">An option makes no sense.</exception>
    /// <exception cref="UnsupportedExpressionException">An option asks for something that the feed does not support.</exception>
    public FeedQuery(FigureTable table, ODataUriParser uri, DateTimeOffset now)
    {
        Table = table;
        var (filter, ordered) = Parse(uri);
        var expressions = new FeedExpression(table, uri.ParameterAliasNodes.AsReadOnly(), now);
        _filter = filter is null ? null : expressions.Compile(filter.Expression);
        var order = new List<(Func<object?[], object?>, int)>();
        for (var clause = ordered; clause is not null; clause = clause.ThenBy)
        {
            order.Add((expressions.Compile(clause.Expression), clause.Direction == OrderByDirection.Ascending ? 1 : -1));
        }

        _order = order;
        _top = uri.ParseTop();
        _skip = uri.ParseSkip() ?? 0;
        _isCounted = uri.ParseCount() ?? false;
        if (uri.ParseSkipToken() is { } token)
        {
            _from = FeedPosition.Read(table, token) is { } position && position.Key is null == order.Count > 0 ? position : throw new ODataException("The $skiptoken is none of this feed: follow @odata.nextLink as it was given.");
        }
    }

    public FigureTable Table { get; }

    /// <summary>The key of the first row that is needed; null where all are.</summary>
    public IReadOnlyList<object?>? From => _isCounted ? null : _from?.Key;

    /// <summary>Runs the query.</summary>
    /// <param name="rows">The rows of the table in order of its key, from <see cref="From"/> on.</param>
    /// <param name="most">How many rows a page has at most.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<FeedPage> RunAsync(IAsyncEnumerable<object?[]> rows, int most, CancellationToken cancellationToken)
    {
        var passed = _filter is { } filter ? rows.Where(row => filter(row) is true) : rows;
        if (_order.Count > 0)
        {
            passed = (await passed.ToListAsync(cancellationToken)).Order(Comparer<object?[]>.Create(Compare)).ToAsyncEnumerable();
        }

        var wanted = _top is { } top && top < most ? (int)top : most;
        var page = new List<object?[]>();
        var (all, reached, isMore) = (0L, 0L, false);
        await foreach (var row in passed.WithCancellation(cancellationToken))
        {
            all++;
            if (_from?.Key is { } key ? Table.Compare(row, key) <= 0 : reached++ < (_from?.Rows ?? _skip))
            {
                continue;
            }

            isMore = page.Count == wanted;
            if (!isMore)
            {
                page.Add(row);
            }
            else if (!_isCounted)
            {
                break;
            }
        }

        var left = _top - page.Count;
        return new FeedPage(page, _isCounted ? all : null, isMore && page.Count > 0 && left is null or > 0 ? (PositionAfter(page), left) : null);
    }

    /// <summary>How many rows pass the filter.</summary>
    public async Task<long> CountAsync(IAsyncEnumerable<object?[]> rows, CancellationToken cancellationToken) =>
        await (_filter is { } filter ? rows.LongCountAsync(row => filter(row) is true, cancellationToken) : rows.LongCountAsync(cancellationToken));

    // What OData has and the library does not read ends in its faults: the operator has without an enumeration, lists as parameter aliases.
    private static (FilterClause? Filter, OrderByClause? Order) Parse(ODataUriParser uri)
    {
        try
        {
            return (uri.ParseFilter(), uri.ParseOrderBy());
        }
        catch (Exception e) when (e is ODataException
            ? e.Message.StartsWith("An internal error", StringComparison.Ordinal)
            : e is ArgumentException or InvalidCastException or NullReferenceException)
        {
            throw new UnsupportedExpressionException(uri.ParameterAliasNodes.Count > 0
                ? "this expression with a parameter alias. An alias stands for a single value"
                : "this expression. The operator has needs an enumeration, and no column is one");
        }
    }

    private FeedPosition PositionAfter(List<object?[]> page) => _order.Count == 0 ? FeedPosition.After(Table, page[^1]) : FeedPosition.Behind((int)(_from?.Rows ?? _skip) + page.Count);

    private int Compare(object?[] left, object?[] right)
    {
        foreach (var (by, direction) in _order)
        {
            if (FigureTable.Compare(by(left), by(right)) is not 0 and var order)
            {
                return order * direction;
            }
        }

        return Table.Compare(left, right);
    }
}
