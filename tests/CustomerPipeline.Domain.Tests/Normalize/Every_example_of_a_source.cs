using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize;

/// <summary>
/// Payloads, and all that is read from each: <c>Examples/SOURCE/NAME.json</c> (or .xml, and those of the corpus) and <c>Examples/SOURCE.records.json</c>. <c>UPDATE_DOCS=1</c> writes the latter, to be
/// read with care: ids and versions of records in there are in stores, and may never change.
/// </summary>
public sealed class Every_example_of_a_source
{
    private static readonly NormalizationRules Rules = SomeXml.Rules with { DefaultRegion = "SE" };

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, IndentSize = 1, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Sources => [.. Normalizer.Sources.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Sources))]
    public void Is_read_as_it_is_written_down(string source)
    {
        var expected = Path.Combine(Folder, $"{source}.records.json");
        var actual = Render(Normalizer.Find(source)!);
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            File.WriteAllText(expected, actual);
        }

        Assert.Equal(File.ReadAllText(expected), actual);
    }

    private static string Folder => Repository.PathOf("tests", "CustomerPipeline.Domain.Tests", "Normalize", "Examples");

    private static string Render(SourceSystem source)
    {
        var records = new JsonObject();
        foreach (var (name, payload) in Corpus.NamedOf(source.Name).Select(p => ($"corpus/{p.Name}", p.Payload)).Concat(Examples(source.Name)))
        {
            records[name] = Normalizer.Normalize(Corpus.Message(source, payload), Rules) switch
            {
                Normalization.Normalized normalized => new JsonArray([.. normalized.Records.Select(r => JsonSerializer.SerializeToNode(r, DocumentJson.Default.InteractionRecord))]),
                Normalization.Ignored ignored => JsonValue.Create($"ignored: {ignored.Reason}"),
                Normalization.Requested requested => JsonValue.Create($"{requested.Kind}: {string.Join(' ', requested.Identifiers)} {string.Join(' ', requested.Entities)}"),
                var other => throw new InvalidOperationException($"{source.Name} {name}: {other}"),
            };
        }

        return records.ToJsonString(Readable) + "\n";
    }

    private static IEnumerable<(string Name, byte[] Payload)> Examples(string source) => Path.Combine(Folder, source) is var folder && Directory.Exists(folder) ? Corpus.In(folder) : [];
}
