using System.Text.RegularExpressions;

namespace CustomerPipeline.Application.Tests.PowerBi;

/// <summary>An object of a semantic model.</summary>
/// <param name="Type">table, column, measure …</param>
/// <param name="Name">Its name, without quotes.</param>
/// <param name="Expression">What stands behind its equals sign.</param>
/// <param name="Description">What the lines before it say.</param>
internal sealed record TmdlObject(string Type, string Name, string? Expression, string? Description)
{
    public Dictionary<string, string> Properties { get; } = new(StringComparer.Ordinal);

    public List<TmdlObject> Children { get; } = [];

    public IEnumerable<TmdlObject> Of(string type) => Children.Where(c => c.Type == type);
}

/// <summary>
/// Reads TMDL by its rules (https://learn.microsoft.com/analysis-services/tmdl/tmdl-how-to#indentation): one tab a level, objects by type and name, properties behind a colon, expressions behind an equals
/// sign, on its line or two levels deeper on those that follow, descriptions behind three slashes right before their object.
/// </summary>
internal static partial class Tmdl
{
    public static IReadOnlyList<TmdlObject> Read(string text)
    {
        var root = new TmdlObject("file", "", null, null);
        var open = new List<TmdlObject> { root };
        string? description = null;
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var content = lines[i].TrimStart('\t');
            var depth = lines[i].Length - content.Length;
            if (content.Length == 0)
            {
                Assert.True(depth == 0, $"Line {i + 1} has blanks and nothing else.");
                Assert.True(description is null, $"Line {i + 1} comes between a description and its object.");
                continue;
            }

            Assert.False(content[0] == ' ' || content[^1] is ' ' or '\t' or '\r', $"Line {i + 1} begins or ends with blanks: {content}");
            Assert.True(depth < open.Count, $"Line {i + 1} is too deep: {content}");
            open.RemoveRange(depth + 1, open.Count - depth - 1);
            if (content.StartsWith("/// ", StringComparison.Ordinal))
            {
                description = content[4..];
            }
            else if (Property().Match(content) is { Success: true } property)
            {
                Assert.True(open[depth].Properties.TryAdd(property.Groups[1].Value, property.Groups[2].Value), $"Line {i + 1} says {property.Groups[1].Value} again.");
            }
            else if (content == "source =")
            {
                var block = lines.Skip(i + 1).TakeWhile(l => l.StartsWith(new string('\t', depth + 2), StringComparison.Ordinal)).ToList();
                Assert.NotEmpty(block);
                Assert.True(open[depth].Properties.TryAdd("source", string.Join('\n', block)));
                i += block.Count;
            }
            else
            {
                var declared = Declaration().Match(content);
                Assert.True(declared.Success, $"Line {i + 1} is neither an object nor a property: {content}");
                if (declared.Groups["name"].Length == 0 && declared.Groups["expression"].Length == 0 && !IsObject(declared.Groups["type"].Value))
                {
                    Assert.True(open[depth].Properties.TryAdd(declared.Groups["type"].Value, "true"));
                    continue;
                }

                var name = declared.Groups["name"].Value;
                var item = new TmdlObject(declared.Groups["type"].Value, name.StartsWith('\'') ? name[1..^1].Replace("''", "'", StringComparison.Ordinal) : name, declared.Groups["expression"] is { Success: true } e ? e.Value : null, description);
                open[depth].Children.Add(item);
                open.Add(item);
                description = null;
            }
        }

        Assert.All(Everything(root), o => Assert.Equal(o.Children.Count, o.Children.DistinctBy(c => (c.Type, c.Name.ToUpperInvariant())).Count()));
        return root.Children;
    }

    /// <summary>An object and all below it.</summary>
    public static IEnumerable<TmdlObject> Everything(TmdlObject from) => from.Children.SelectMany(Everything).Prepend(from);

    private static bool IsObject(string type) => type is "database" or "model";

    [GeneratedRegex("^([a-zA-Z]+): (.+)$")]
    private static partial Regex Property();

    // type, a name in quotes where it has blanks or signs, and what it is.
    [GeneratedRegex("^(?<type>ref table|[a-z][a-zA-Z]*)(?: (?<name>'(?:[^']|'')+'|[^\\s'=:.]+))?(?: = (?<expression>.+))?$")]
    private static partial Regex Declaration();
}
