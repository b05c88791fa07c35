using System.Text.Json;
using System.Text.RegularExpressions;
using CustomerPipeline.Application.Report.Tables;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests.PowerBi;

/// <summary>powerbi/ is made from the catalogue and the tables of the feed, so that they cannot disagree. <c>UPDATE_DOCS=1</c> writes it.</summary>
public sealed partial class The_power_bi_project
{
    private static readonly string Folder = Repository.PathOf("powerbi");

    private static readonly Lazy<List<TmdlObject>> Model = new(() => [.. Directory.EnumerateFiles(Folder, "*.tmdl", SearchOption.AllDirectories).SelectMany(f => Tmdl.Read(File.ReadAllText(f)))]);

    private static IEnumerable<TmdlObject> Tables => Model.Value.Where(o => o.Type == "table");

    [Fact]
    public void Is_what_the_catalogue_and_the_tables_make()
    {
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            foreach (var (path, content) in PowerBiProject.Files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Folder, path))!);
                File.WriteAllText(Path.Combine(Folder, path), content);
            }
        }

        var files = Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Folder, f).Replace('\\', '/')).Where(f => f != "README.md");
        Assert.Equal(PowerBiProject.Files.Keys.Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
        Assert.All(PowerBiProject.Files, file => Assert.Equal(file.Value, File.ReadAllText(Path.Combine(Folder, file.Key))));
    }

    [Fact]
    public void Has_the_columns_of_the_feed_and_no_others()
    {
        foreach (var table in FigureTables.All)
        {
            var columns = Tables.Single(t => t.Name == table.Name).Of("column").ToList();
            Assert.Equal(
                table.Columns.Select(c => (c.Name, c.Type switch { ColumnType.Text => "string", ColumnType.WholeNumber => "int64", ColumnType.DecimalNumber => "decimal", ColumnType.Truth => "boolean", _ => "dateTime" })),
                columns.Select(c => (c.Properties["sourceColumn"], c.Properties["dataType"])));
            Assert.All(columns, c => Assert.NotEmpty(c.Description!));
            Assert.Contains($"Name = \"{table.Name}\"", Tables.Single(t => t.Name == table.Name).Of("partition").Single().Properties["source"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Has_names_that_are_used_once_where_the_model_wants_that()
    {
        var everything = Model.Value.SelectMany(Tmdl.Everything).ToList();
        var tags = everything.Select(o => o.Properties.GetValueOrDefault("lineageTag")).OfType<string>().Concat(everything.Where(o => o.Type == "relationship").Select(o => o.Name)).ToList();
        var measures = everything.Where(o => o.Type == "measure").Select(o => o.Name.ToUpperInvariant()).ToList();

        Assert.Equal(tags.Count, tags.Distinct().Count());
        Assert.Equal(measures.Count, measures.Distinct().Count());
        Assert.All(Tables, t => Assert.Empty(t.Of("column").Select(c => c.Name.ToUpperInvariant()).Intersect(t.Of("measure").Select(m => m.Name.ToUpperInvariant()))));
        Assert.Equal(Tables.Select(t => t.Name).Order(), Model.Value.Where(o => o.Type == "ref table").Select(r => r.Name).Order());
    }

    [Fact]
    public void Refers_to_nothing_that_is_not_there()
    {
        var columns = Tables.SelectMany(t => t.Of("column").Select(c => $"{t.Name}.{c.Name}")).ToHashSet();
        var fields = columns.Concat(Tables.SelectMany(t => t.Of("measure").Select(m => $"{t.Name}.{m.Name}"))).ToHashSet();
        var parameters = Model.Value.Where(o => o.Type == "expression").Select(o => o.Name).ToHashSet();

        var relationships = Model.Value.Where(o => o.Type == "relationship").ToList();
        Assert.True(relationships.Count > 4);
        Assert.All(relationships, r => Assert.Subset(columns, new HashSet<string> { r.Properties["fromColumn"], r.Properties["toColumn"] }));
        Assert.All(relationships, r => Assert.Equal("true", Tables.SelectMany(t => t.Of("column").Select(c => (Name: $"{t.Name}.{c.Name}", Column: c))).Single(c => c.Name == r.Properties["toColumn"]).Column.Properties.GetValueOrDefault("isKey")));
        var measures = Tables.SelectMany(t => t.Of("measure")).ToList();
        Assert.True(measures.Count > 20);
        Assert.All(measures, m =>
        {
            Assert.NotEmpty(m.Description!);
            Assert.Equal(m.Expression!.Count(c => c == '('), m.Expression!.Count(c => c == ')'));
            Assert.All(Reference().Matches(m.Expression!), reference => Assert.Contains($"{reference.Groups[1]}.{reference.Groups[2]}", columns));
        });
        Assert.All(Tables.SelectMany(t => t.Of("partition")), p => Assert.Single(parameters, parameter => p.Properties["source"].Contains(parameter, StringComparison.Ordinal)));

        using var report = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "CustomerPipeline.Report", "report.json")));
        var visuals = report.RootElement.GetProperty("sections").EnumerateArray().SelectMany(s => s.GetProperty("visualContainers").EnumerateArray()).Select(v => JsonDocument.Parse(v.GetProperty("config").GetString()!).RootElement.GetProperty("singleVisual")).ToList();
        Assert.NotEmpty(visuals);
        Assert.All(visuals.SelectMany(v => v.GetProperty("projections").EnumerateObject().SelectMany(p => p.Value.EnumerateArray())), p => Assert.Contains(p.GetProperty("queryRef").GetString()!, fields));
    }

    [GeneratedRegex("([A-Za-z]+)\\[([A-Za-z]+)\\]")]
    private static partial Regex Reference();
}
