using System.Text.RegularExpressions;

namespace CustomerPipeline.CosmosServer.Sql;

internal enum SqlTokenKind
{
    Word,
    Parameter,
    Number,
    Text,
    Symbol,
    End,
}

internal readonly record struct SqlToken(SqlTokenKind Kind, string Text, int Start);

/// <summary>A query as tokens.</summary>
internal static partial class SqlTokens
{
    public static List<SqlToken> Of(string query)
    {
        var tokens = new List<SqlToken>();
        for (var at = 0; at < query.Length;)
        {
            var match = Token().Match(query, at);
            if (!match.Success)
            {
                throw new CosmosRefusal(400, $"Syntax error, incorrect syntax near '{query[at..]}'.");
            }

            at += match.Length;
            foreach (var kind in new[] { SqlTokenKind.Word, SqlTokenKind.Parameter, SqlTokenKind.Number, SqlTokenKind.Text, SqlTokenKind.Symbol })
            {
                if (match.Groups[kind.ToString()] is { Success: true } group)
                {
                    tokens.Add(new SqlToken(kind, group.Value, group.Index));
                }
            }
        }

        tokens.Add(new SqlToken(SqlTokenKind.End, "", query.Length));
        return tokens;
    }

    [GeneratedRegex("""\G(?:\s+|(?<Word>[A-Za-z_]\w*)|(?<Parameter>@\w+)|(?<Number>-?\d+(?:\.\d+)?)|(?<Text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<Symbol><=|>=|!=|<>|[-=<>().,*\[\]{}:]))""")]
    private static partial Regex Token();
}
