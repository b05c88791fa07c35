using System.Text;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize;

/// <summary>docs/sources has a page for each source; which fields are read is what the mapping reads. <c>UPDATE_DOCS=1</c> writes that part.</summary>
public sealed class The_page_of_a_source
{
    private const string Heading = "\n## Fields that are read\n";

    public static TheoryData<string> Sources => [.. Normalizer.Sources.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Sources))]
    public void Lists_the_fields_that_the_mapping_reads(string source)
    {
        var file = Repository.PathOf("docs", "sources", source + ".md");
        var written = File.ReadAllText(file).Split(Heading)[0].TrimEnd('\n');
        var page = $"{written}\n{Heading}Made from the mapping; do not edit.\n\n{FieldsOf(Normalizer.Find(source)!)}";
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            File.WriteAllText(file, page);
        }

        Assert.Equal(page, File.ReadAllText(file));
        Assert.Contains("**Follows**", written, StringComparison.Ordinal);
    }

    [Fact]
    public void Exists_for_every_source_and_for_nothing_else() => Assert.Equal(
        Normalizer.Sources.Select(s => s.Name).Order(StringComparer.Ordinal),
        Directory.GetFiles(Repository.PathOf("docs", "sources")).Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal));

    private static string FieldsOf(SourceSystem source) => source.Shape is { } shape ? OfJson(shape) : OfXml(source.Name);

    private static string OfJson(JsonTypeInfo root)
    {
        var text = new StringBuilder("| in | fields |\n|---|---|\n");
        var seen = new HashSet<Type>();
        var waiting = new Queue<(string Path, JsonTypeInfo Shape)>([("the payload", root)]);
        while (waiting.TryDequeue(out var next))
        {
            if (!seen.Add(next.Shape.Type))
            {
                continue;
            }

            var fields = next.Shape.Properties.Where(p => !p.IsExtensionData).OrderBy(p => p.Name, StringComparer.Ordinal).ToList();
            text.Append("| ").Append(next.Path).Append(" | ").AppendJoin(", ", fields.Select(f => $"`{f.Name}`")).Append(" |\n");
            foreach (var field in fields)
            {
                var (name, shape) = (field.Name, root.Options.GetTypeInfo(field.PropertyType));
                while (shape is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element })
                {
                    (name, shape) = (name + "[]", root.Options.GetTypeInfo(element));
                }

                if (shape.Kind == JsonTypeInfoKind.Object && shape.Properties.Count > 0)
                {
                    waiting.Enqueue(($"`{(next.Path == "the payload" ? "" : next.Path.Trim('`') + ".")}{name}`", shape));
                }
            }
        }

        return text.ToString();
    }

    // Elements and attributes by the names that the mapping's source asks for.
    private static string OfXml(string source)
    {
        var files = new[] { source == "poslog" ? "PosLog" : "DigitalReceipt", "ArtsSale" };
        var code = string.Concat(files.Select(f => File.ReadAllText(Repository.PathOf("functions", "CustomerPipeline.Domain", "Normalize", "Sources", f + ".cs"))));
        string Names(string methods) => string.Join(", ", Regex.Matches(code, $"\\.?(?:{methods})\\((?:[a-z]+, )?\"([A-Za-z]+)\"").Select(m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal).Select(n => $"`{n}`"));
        return $"| | names |\n|---|---|\n| elements | {Names("TextOf|NumberOf|Child|Children|IsTrueWithin|Total")} |\n| attributes | {Names("Attribute|IsTrue")} |\n";
    }
}
