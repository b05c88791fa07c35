using System.Globalization;
using System.Text.Json.Nodes;

namespace CustomerPipeline.CosmosServer.Sql;

internal delegate SqlValue SqlExpression(JsonNode row, IReadOnlyDictionary<string, JsonNode?> parameters);

/// <summary>
/// The part of the query language that clients of this repository use: <c>SELECT [TOP n] (* | VALUE x | x [AS name], …) FROM alias [WHERE x] [ORDER BY path [ASC|DESC], …]</c>.
/// </summary>
internal sealed class SqlParser
{
    private readonly string _query;
    private readonly List<SqlToken> _tokens;
    private int _at;
    private string _alias = "c";

    private SqlParser(string query)
    {
        _query = query;
        _tokens = SqlTokens.Of(query);
    }

    private SqlToken Next => _tokens[_at];

    public static SqlQuery Parse(string query) => new SqlParser(query).Query();

    private SqlQuery Query()
    {
        Expect("SELECT");
        int? top = Take("TOP") ? int.Parse(Advance().Text, CultureInfo.InvariantCulture) : null;
        var (payload, payloadText) = Select();
        Expect("FROM");
        FindAlias();
        SqlExpression? where = null;
        string? whereText = null;
        if (Take("WHERE"))
        {
            var start = Next.Start;
            where = Or();
            whereText = _query[start..Next.Start].Trim();
        }

        var order = new List<SqlOrder>();
        if (Take("ORDER"))
        {
            Expect("BY");
            do
            {
                var start = Next.Start;
                var by = Primary();
                var text = _query[start..Next.Start].Trim();
                order.Add(new SqlOrder(by, text, !Take("ASC") && Take("DESC")));
            }
            while (Take(","));
        }

        return Next.Kind == SqlTokenKind.End ? new SqlQuery(top, payload, payloadText, where, whereText, order, _alias) : throw Unexpected();
    }

    // The alias is declared behind what uses it.
    private (SqlExpression Payload, string Text) Select()
    {
        var from = _tokens.FindIndex(t => t.Kind == SqlTokenKind.Word && t.Text.Equals("FROM", StringComparison.OrdinalIgnoreCase));
        if (from >= 0)
        {
            _alias = _tokens[from + 1].Text;
        }

        if (Take("*"))
        {
            return ((row, _) => SqlValue.Of(row), _alias);
        }

        var start = Next.Start;
        if (Take("VALUE"))
        {
            start = Next.Start;
            var value = Or();
            return (value, _query[start..Next.Start].Trim());
        }

        var columns = new List<(string Name, SqlExpression Value, string Text)>();
        do
        {
            var columnStart = Next.Start;
            var value = Or();
            var text = _query[columnStart..Next.Start].Trim();
            columns.Add((Take("AS") ? Advance().Text : text[(text.LastIndexOf('.') + 1)..], value, text));
        }
        while (Take(","));
        return (ObjectOf(columns.Select(c => (c.Name, c.Value)).ToList()), $"{{{string.Join(", ", columns.Select(c => $"\"{c.Name}\": {c.Text}"))}}}");
    }

    private void FindAlias()
    {
        Advance();
        Take("AS");
        if (Next.Kind == SqlTokenKind.Word && !IsWord("WHERE") && !IsWord("ORDER"))
        {
            _alias = Advance().Text;
        }
    }

    private SqlExpression Or()
    {
        var left = And();
        while (Take("OR"))
        {
            var (one, other) = (left, And());
            left = (row, p) => SqlValue.Of(one(row, p).IsTrue || other(row, p).IsTrue);
        }

        return left;
    }

    private SqlExpression And()
    {
        var left = Not();
        while (Take("AND"))
        {
            var (one, other) = (left, Not());
            left = (row, p) => SqlValue.Of(one(row, p).IsTrue && other(row, p).IsTrue);
        }

        return left;
    }

    private SqlExpression Not()
    {
        if (!Take("NOT"))
        {
            return Comparison();
        }

        var inner = Not();
        return (row, p) => SqlValue.Of(!inner(row, p).IsTrue);
    }

    private SqlExpression Comparison()
    {
        var left = Primary();
        if (Take("IN"))
        {
            Expect("(");
            var choices = List(")");
            return (row, p) => SqlValue.Of(choices.Any(choice => left(row, p).CompareIfSameKind(choice(row, p)) == 0));
        }

        if (Next.Kind != SqlTokenKind.Symbol || Next.Text is not ("=" or "!=" or "<>" or "<" or "<=" or ">" or ">="))
        {
            return left;
        }

        var sign = Advance().Text;
        var right = Primary();
        return (row, p) => SqlValue.Of(left(row, p).CompareIfSameKind(right(row, p)) is not { } order ? null : sign switch
        {
            "=" => order == 0,
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            ">=" => order >= 0,
            _ => order != 0,
        });
    }

    private SqlExpression Primary()
    {
        var token = Advance();
        switch (token.Kind)
        {
            case SqlTokenKind.Number:
                return Constant(JsonValue.Create(double.Parse(token.Text, CultureInfo.InvariantCulture)));
            case SqlTokenKind.Text:
                return Constant(TextOf(token));
            case SqlTokenKind.Parameter:
                return (_, p) => p.TryGetValue(token.Text, out var value) ? SqlValue.Of(value) : throw new CosmosRefusal(400, $"There is no parameter {token.Text}.");
            case SqlTokenKind.Symbol when token.Text == "(":
                var inner = Or();
                Expect(")");
                return inner;
            case SqlTokenKind.Symbol when token.Text == "[":
                var items = List("]");
                return (row, p) => SqlValue.Of(new JsonArray([.. items.Select(i => i(row, p)).Where(v => v.IsDefined).Select(v => v.Node?.DeepClone())]));
            case SqlTokenKind.Symbol when token.Text == "{":
                return ObjectLiteral();
            case SqlTokenKind.Word when token.Text == _alias:
                return Path();
            case SqlTokenKind.Word when Take("("):
                return Function(token.Text.ToUpperInvariant(), List(")"));
            case SqlTokenKind.Word when token.Text.ToUpperInvariant() is "TRUE" or "FALSE":
                return Constant(JsonValue.Create(token.Text.Equals("true", StringComparison.OrdinalIgnoreCase)));
            case SqlTokenKind.Word when token.Text.Equals("null", StringComparison.OrdinalIgnoreCase):
                return Constant(null);
            default:
                _at--;
                throw Unexpected();
        }
    }

    private SqlExpression Path()
    {
        var names = new List<string>();
        while (true)
        {
            if (Take("."))
            {
                names.Add(Advance().Text);
            }
            else if (Take("["))
            {
                names.Add(TextOf(Advance()).GetValue<string>());
                Expect("]");
            }
            else
            {
                return (row, _) => names.Aggregate(SqlValue.Of(row), (value, name) => value.Property(name));
            }
        }
    }

    private SqlExpression ObjectLiteral()
    {
        var properties = new List<(string Name, SqlExpression Value)>();
        do
        {
            var name = TextOf(Advance()).GetValue<string>();
            Expect(":");
            properties.Add((name, Or()));
        }
        while (Take(","));
        Expect("}");
        return ObjectOf(properties);
    }

    private static SqlExpression ObjectOf(IReadOnlyList<(string Name, SqlExpression Value)> properties) => (row, p) => SqlValue.Of(new JsonObject(
        properties.Select(x => (x.Name, Value: x.Value(row, p))).Where(x => x.Value.IsDefined).Select(x => KeyValuePair.Create(x.Name, x.Value.Node?.DeepClone()))));

    private static SqlExpression Function(string name, List<SqlExpression> arguments) => name switch
    {
        "STARTSWITH" => (row, p) => SqlValue.Of(
            arguments[0](row, p).Node is JsonValue text && arguments[1](row, p).Node is JsonValue prefix ? text.GetValue<string>().StartsWith(prefix.GetValue<string>(), StringComparison.Ordinal) : null),
        "IS_DEFINED" => (row, p) => SqlValue.Of(arguments[0](row, p).IsDefined),
        "IS_STRING" => (row, p) => SqlValue.Of(arguments[0](row, p).Kind == System.Text.Json.JsonValueKind.String),
        _ => throw new CosmosRefusal(400, $"This server has no function {name}."),
    };

    private List<SqlExpression> List(string close)
    {
        var items = new List<SqlExpression>();
        while (!Take(close))
        {
            items.Add(Or());
            Take(",");
        }

        return items;
    }

    private static SqlExpression Constant(JsonNode? node)
    {
        var value = SqlValue.Of(node);
        return (_, _) => value;
    }

    private static JsonValue TextOf(SqlToken token) => token.Kind != SqlTokenKind.Text ? throw new CosmosRefusal(400, $"A text is missing at '{token.Text}'.")
        : token.Text[0] == '"' ? JsonNode.Parse(token.Text)!.AsValue()
        : JsonValue.Create(token.Text[1..^1].Replace("\\'", "'", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal));

    private bool IsWord(string word) => Next.Kind == SqlTokenKind.Word && Next.Text.Equals(word, StringComparison.OrdinalIgnoreCase);

    private bool Take(string text)
    {
        var found = IsWord(text) || (Next.Kind == SqlTokenKind.Symbol && Next.Text == text);
        _at += found ? 1 : 0;
        return found;
    }

    private void Expect(string text)
    {
        if (!Take(text))
        {
            throw Unexpected();
        }
    }

    private SqlToken Advance() => Next.Kind == SqlTokenKind.End ? throw Unexpected() : _tokens[_at++];

    private CosmosRefusal Unexpected() => new(400, $"Syntax error, incorrect syntax near '{_query[Next.Start..]}'.");
}
