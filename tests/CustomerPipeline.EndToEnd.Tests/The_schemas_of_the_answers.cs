using System.Text.Json.Nodes;
using CustomerPipeline.Contracts;
using CustomerPipeline.EndToEnd.Tests.Schemas;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>openapi.json has the schemas of the records that answers are made of, so that the two cannot disagree. <c>UPDATE_DOCS=1</c> writes them.</summary>
public sealed class The_schemas_of_the_answers
{
    private const string Begin = "\n    \"schemas\": ";
    private const string End = "\n  }\n}\n";
    private const int Column = 4;

    // What is no answer, or is written by a library or from a document that has its own description.
    private static readonly string[] ByHand = ["FeedService", "FeedPage", "FeedRow", "Lookup", "OtherCustomer", "IdentityRules", "Export", "ODataError"];

    private static readonly string File = Repository.PathOf("functions", "CustomerPipeline.Functions", "OpenApi", "openapi.json");

    [Fact]
    public void Are_exported_from_the_records()
    {
        var present = System.IO.File.ReadAllText(File);
        var exported = WithSchemas(present);
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            System.IO.File.WriteAllText(File, exported);
            present = exported;
        }

        Assert.Equal(exported, present);
    }

    [Fact]
    public void Are_each_answered_somewhere()
    {
        var document = System.IO.File.ReadAllText(File);

        Assert.All(AnswerSchemas.Export().Keys, name => Assert.Contains($"\"#/components/schemas/{name}\"", document, StringComparison.Ordinal));
    }

    [Fact]
    public void Give_each_property_a_type_and_a_name_in_camel_case()
    {
        foreach (var (name, schema) in AnswerSchemas.Export())
        {
            foreach (var (property, described) in schema["properties"]!.AsObject())
            {
                Assert.True(char.IsAsciiLetterLower(property[0]), $"{name}.{property} does not begin with a lower-case letter.");
                Assert.True(described!.AsObject().Count > 0, $"{name}.{property} has no type.");
            }
        }
    }

    private static string WithSchemas(string text)
    {
        var begin = text.LastIndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var byHand = JsonNode.Parse(text)!["components"]!["schemas"]!.AsObject().Where(s => ByHand.Contains(s.Key));
        var schemas = byHand.Select(s => KeyValuePair.Create(s.Key, s.Value?.DeepClone()))
            .Concat(AnswerSchemas.Export().Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value)));
        return text[..begin] + OpenApiText.Of(new JsonObject(schemas), Column) + End;
    }
}
