using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CustomerPipeline.EndToEnd.Tests.Schemas;

/// <summary>The text of openapi.json: what fits into a line stands in one.</summary>
internal static class OpenApiText
{
    private const int LongestLine = 150;
    private const int Step = 2;

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A value as it stands in the document.</summary>
    /// <param name="node">The value.</param>
    /// <param name="column">How far its lines are indented.</param>
    public static string Of(JsonNode? node, int column)
    {
        var line = LineOf(node);
        if (column + line.Length <= LongestLine || node is not (JsonObject { Count: > 0 } or JsonArray { Count: > 0 }))
        {
            return line;
        }

        var margin = new string(' ', column + Step);
        var parts = node is JsonObject o
            ? o.Select(p => $"{margin}{LineOf(p.Key)}: {Of(p.Value, column + Step)}")
            : node.AsArray().Select(item => margin + Of(item, column + Step));
        var (open, close) = node is JsonObject ? ('{', '}') : ('[', ']');
        return new StringBuilder().Append(open).Append('\n').AppendJoin(",\n", parts).Append('\n').Append(' ', column).Append(close).ToString();
    }

    private static string LineOf(JsonNode? node) => node switch
    {
        JsonObject o => $"{{{string.Join(", ", o.Select(p => $"{LineOf(p.Key)}: {LineOf(p.Value)}"))}}}",
        JsonArray a => $"[{string.Join(", ", a.Select(LineOf))}]",
        null => "null",
        _ => node.ToJsonString(Readable),
    };
}
