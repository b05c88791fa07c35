using System.Text.Json;
using System.Text.Json.Nodes;

namespace CustomerPipeline.CosmosServer.Sql;

/// <summary>A value of an expression: JSON, or undefined, which is not null.</summary>
internal readonly record struct SqlValue(bool IsDefined, JsonNode? Node) : IComparable<SqlValue>
{
    public static SqlValue Undefined => default;

    public static SqlValue True { get; } = Of(JsonValue.Create(true));

    public static SqlValue False { get; } = Of(JsonValue.Create(false));

    public bool IsTrue => IsDefined && Kind == JsonValueKind.True;

    public JsonValueKind Kind => !IsDefined ? JsonValueKind.Undefined : Node?.GetValueKind() ?? JsonValueKind.Null;

    public static SqlValue Of(JsonNode? node) => new(true, node);

    public static SqlValue Of(bool? value) => value is null ? Undefined : value.Value ? True : False;

    public SqlValue Property(string name) => Node is JsonObject json && json.TryGetPropertyValue(name, out var value) ? Of(value) : Undefined;

    /// <summary>The order of ORDER BY: undefined, null, booleans, numbers, texts, arrays, objects; texts by ordinal.</summary>
    public int CompareTo(SqlValue other)
    {
        var rank = Rank.CompareTo(other.Rank);
        return rank != 0 ? rank : Kind switch
        {
            JsonValueKind.Number => Node!.GetValue<double>().CompareTo(other.Node!.GetValue<double>()),
            JsonValueKind.String => string.CompareOrdinal(Node!.GetValue<string>(), other.Node!.GetValue<string>()),
            JsonValueKind.True or JsonValueKind.False => (Kind == JsonValueKind.True).CompareTo(other.Kind == JsonValueKind.True),
            _ => 0,
        };
    }

    /// <summary>The comparison of a WHERE clause; null, which is neither true nor false, between different kinds.</summary>
    public int? CompareIfSameKind(SqlValue other) => IsDefined && Rank == other.Rank ? CompareTo(other) : null;

    private int Rank => Kind switch
    {
        JsonValueKind.Undefined => 0,
        JsonValueKind.Null => 1,
        JsonValueKind.True or JsonValueKind.False => 2,
        JsonValueKind.Number => 3,
        JsonValueKind.String => 4,
        JsonValueKind.Array => 5,
        _ => 6,
    };
}
