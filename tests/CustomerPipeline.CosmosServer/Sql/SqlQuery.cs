using System.Text.Json;
using System.Text.Json.Nodes;

namespace CustomerPipeline.CosmosServer.Sql;

internal sealed record SqlOrder(SqlExpression By, string Text, bool IsDescending);

/// <summary>A query that was understood.</summary>
/// <param name="Top">How many rows at most.</param>
/// <param name="Payload">What a row gives.</param>
/// <param name="PayloadText">The same, as text.</param>
/// <param name="Where">Null for all.</param>
/// <param name="WhereText">The same, as text.</param>
/// <param name="Order">Empty for none.</param>
/// <param name="Alias">How the query names a row.</param>
internal sealed record SqlQuery(int? Top, SqlExpression Payload, string PayloadText, SqlExpression? Where, string? WhereText, IReadOnlyList<SqlOrder> Order, string Alias)
{
    // Clients replace it by a condition on where they stopped.
    private const string FilterPlace = "{documentdb-formattableorderbyquery-filter}";

    /// <summary>
    /// One page: rows in order, those that are equal by their place (partition, id). Where it ends is told by the last row's order values and place, so that rows
    /// that come or go meanwhile move no others.
    /// </summary>
    public (IReadOnlyList<JsonNode?> Rows, string? Continuation) Page(IEnumerable<Item> items, IReadOnlyDictionary<string, JsonNode?> parameters, int size, string? continuation)
    {
        var after = continuation is null ? null : JsonSerializer.Deserialize<RowPlace>(continuation);
        var sorted = items
            .Where(i => Where is null || Where(i.Json, parameters).IsTrue)
            .Select(i => (Item: i, Place: PlaceOf(i, parameters)))
            .Where(r => after is null || Compare(r.Place, after) > 0)
            .Order(Comparer<(Item Item, RowPlace Place)>.Create((x, y) => Compare(x.Place, y.Place)))
            .Take(Top is { } top ? Math.Min(top - (after?.Before ?? 0), size + 1) : size + 1)
            .ToList();
        var page = sorted.Take(size).ToList();
        var rows = page.Select(r => Payload(r.Item.Json, parameters)).Where(v => v.IsDefined).Select(v => v.Node).ToList();
        return (rows, sorted.Count > size ? JsonSerializer.Serialize(page[^1].Place with { Before = (after?.Before ?? 0) + size }) : null);
    }

    /// <summary>What a client needs to know to put the answers of several physical partitions together.</summary>
    public JsonObject Plan()
    {
        var rewritten = Order.Count == 0 ? "" :
            $"SELECT {(Top is { } top ? $"TOP {top} " : "")}{Alias}._rid, [{string.Join(", ", Order.Select(o => $"{{\"item\": {o.Text}}}"))}] AS orderByItems, {PayloadText} AS payload FROM {Alias} "
            + $"WHERE ({(WhereText is null ? "" : $"({WhereText}) AND ")}{FilterPlace}) ORDER BY {string.Join(", ", Order.Select(o => o.Text + (o.IsDescending ? " DESC" : " ASC")))}";
        return new JsonObject
        {
            ["partitionedQueryExecutionInfoVersion"] = 2,
            ["queryInfo"] = new JsonObject
            {
                ["distinctType"] = "None",
                ["top"] = Top,
                ["offset"] = null,
                ["limit"] = null,
                ["orderBy"] = new JsonArray([.. Order.Select(o => JsonValue.Create(o.IsDescending ? "Descending" : "Ascending"))]),
                ["orderByExpressions"] = new JsonArray([.. Order.Select(o => JsonValue.Create(o.Text))]),
                ["groupByExpressions"] = new JsonArray(),
                ["groupByAliases"] = new JsonArray(),
                ["aggregates"] = new JsonArray(),
                ["groupByAliasToAggregateType"] = new JsonObject(),
                ["rewrittenQuery"] = rewritten,
                ["hasSelectValue"] = false,
                ["dCountInfo"] = null,
                ["hasNonStreamingOrderBy"] = false,
            },
            ["queryRanges"] = new JsonArray(new JsonObject
            {
                ["min"] = EffectivePartitionKey.Minimum,
                ["max"] = EffectivePartitionKey.Maximum,
                ["isMinInclusive"] = true,
                ["isMaxInclusive"] = false,
            }),
        };
    }

    private RowPlace PlaceOf(Item item, IReadOnlyDictionary<string, JsonNode?> parameters)
    {
        var values = Order.Select(o => o.By(item.Json, parameters)).ToList();
        return new RowPlace([.. values.Select(v => v.IsDefined)], [.. values.Select(v => v.Node)], item.PartitionKey, item.Id);
    }

    private int Compare(RowPlace left, RowPlace right)
    {
        for (var i = 0; i < Order.Count; i++)
        {
            var order = left.Value(i).CompareTo(right.Value(i));
            if (order != 0)
            {
                return Order[i].IsDescending ? -order : order;
            }
        }

        var partition = string.CompareOrdinal(left.PartitionKey, right.PartitionKey);
        return partition != 0 ? partition : string.CompareOrdinal(left.Id, right.Id);
    }

    /// <summary>Where a row stands among the others.</summary>
    /// <param name="Defined">Which of the order's values there are.</param>
    /// <param name="Values">The order's values.</param>
    /// <param name="PartitionKey">Its partition.</param>
    /// <param name="Id">Its id.</param>
    private sealed record RowPlace(IReadOnlyList<bool> Defined, IReadOnlyList<JsonNode?> Values, string PartitionKey, string Id)
    {
        /// <summary>How many rows came before the page that it ends.</summary>
        public int Before { get; init; }

        public SqlValue Value(int index) => Defined[index] ? SqlValue.Of(Values[index]) : SqlValue.Undefined;
    }
}
