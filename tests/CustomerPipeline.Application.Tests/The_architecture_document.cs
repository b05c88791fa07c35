using System.Text;
using System.Text.RegularExpressions;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

/// <summary>The tables of docs/architecture.md are made from the code, and the files that it names are there. <c>UPDATE_DOCS=1</c> writes the tables.</summary>
public sealed class The_architecture_document
{
    [Fact]
    public void Has_the_steps_and_containers_of_the_code()
    {
        var file = Repository.PathOf("docs", "architecture.md");
        var expected = With(With(File.ReadAllText(file), "steps", StepTable()), "containers", ContainerTable());
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            File.WriteAllText(file, expected);
        }

        Assert.Equal(expected, File.ReadAllText(file));
    }

    [Fact]
    public void Names_every_project()
    {
        var text = Repository.Read("docs", "architecture.md");
        var projects = new[] { "functions", "bench", "tools" }.SelectMany(folder => Directory.EnumerateDirectories(Repository.PathOf(folder), "CustomerPipeline.*").Where(p => Directory.EnumerateFiles(p, "*.csproj").Any())
            .Select(p => $"{folder}/{Path.GetFileName(p)}"));

        Assert.All(projects, project => Assert.Contains($"`{project}`", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("architecture.md")]
    [InlineData("add-a-stage.md")]
    public void Names_files_that_are_there(string document)
    {
        var named = Regex.Matches(Repository.Read("docs", document), @"`((?:Application|Domain|Functions)/[\w/]+\.cs)`").Select(m => m.Groups[1].Value).Except(["Application/Documents/LastInteraction.cs"]).ToList();

        Assert.NotEmpty(named);
        Assert.All(named, file => Assert.True(File.Exists(Repository.PathOf("functions", $"CustomerPipeline.{file}")), file));
    }

    [Fact]
    public void Gives_the_next_container_the_next_number() =>
        Assert.Contains($"new(LastInteractions, {Containers.Described.Max(c => c.Number) + 1},", Repository.Read("docs", "add-a-stage.md"), StringComparison.Ordinal);

    private static string With(string text, string name, string table)
    {
        var (start, end) = ($"<!-- {name} -->\n", $"<!-- /{name} -->");
        var (from, to) = (text.IndexOf(start, StringComparison.Ordinal) + start.Length, text.IndexOf(end, StringComparison.Ordinal));
        return text[..from] + table + text[to..];
    }

    private static string StepTable()
    {
        var text = new StringBuilder("| stage | takes from | handler | writes |\n|---|---|---|---|\n");
        foreach (var step in Pipeline.Steps)
        {
            text.Append("| ").Append(step.Stage).Append(" | ").Append(step.From).Append(" | `").Append(step.Handler.Name).Append("` | ").AppendJoin(", ", step.To).Append(" |\n");
        }

        return text.ToString();
    }

    private static string ContainerTable()
    {
        var text = new StringBuilder("| container | partition | content | documents, and what an erasure does |\n|---|---|---|---|\n");
        foreach (var container in Containers.Described)
        {
            text.Append("| ").Append(container.Name).Append(" | ").Append(container.PartitionedBy).Append(" | ").Append(container.Origin.ToString().ToLowerInvariant()).Append(container.HasChangeFeed ? ", fed" : "").Append(" | ")
                .AppendJoin("; ", container.Kinds.Select(k => $"{k.Name}: {Of(k.Erasure)}")).Append(" |\n");
        }

        return text.ToString();
    }

    private static string Of(Erasure erasure) => erasure switch
    {
        Erasure.WithPartition => "goes with its partition",
        Erasure.WithSubjects => "goes with whom it is about",
        Erasure.ByStep step => $"step {step.Step}",
        Erasure.Stays stays => $"stays ({stays.Why.TrimEnd('.')})",
        _ => throw new InvalidOperationException("There is no such rule."),
    };
}
