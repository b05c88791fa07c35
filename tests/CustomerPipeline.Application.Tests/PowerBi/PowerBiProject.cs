using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using CustomerPipeline.Application.Report.Publish;
using CustomerPipeline.Application.Report.Tables;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests.PowerBi;

/// <summary>
/// The files of <c>powerbi/</c>, made from the tables of the feed and the catalogue: a Power BI project (https://learn.microsoft.com/power-bi/developer/projects/projects-overview) with a semantic model in
/// TMDL (https://learn.microsoft.com/analysis-services/tmdl/tmdl-overview) and a report.
/// </summary>
internal static class PowerBiProject
{
    private const string Name = "CustomerPipeline";
    private const string Model = $"{Name}.SemanticModel";
    private const string Report = $"{Name}.Report";
    private const string Published = "PublishedFigures";
    private const string OfOneCurrency = "Of the currency chosen in DailyChannelSales; empty while several are looked at.";

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Content by path.</summary>
    public static IReadOnlyDictionary<string, string> Files { get; } = All().ToDictionary(f => f.Path, f => f.Content, StringComparer.Ordinal);

    private static IEnumerable<(string Path, string Content)> All()
    {
        yield return ($"{Name}.pbip", Json(new { version = "1.0", artifacts = new[] { new { report = new { path = Report } } }, settings = new { enableAutoRecovery = true } }));
        yield return ($"{Model}/definition.pbism", Json(new { version = "4.0", settings = new { } }));
        yield return ($"{Model}/definition/database.tmdl", "database\n\tcompatibilityLevel: 1601\n\tcompatibilityMode: powerBI\n");
        yield return ($"{Model}/definition/model.tmdl", ModelFile());
        yield return ($"{Model}/definition/expressions.tmdl", Parameter("ServiceRoot", "Address of the feed.", "http://localhost:7071/api/odata") + "\n" + Parameter("ParquetFolder", "Folder of the published figures; of Azure, a folder that the container was copied to.", "C:\\customerpipeline\\data\\parquet"));
        yield return ($"{Model}/definition/relationships.tmdl", string.Join('\n', Relationships().Select(r => $"relationship {Tag("relationship", r.From)}\n\tfromColumn: {r.From}\n\ttoColumn: {r.To}\n")));
        foreach (var table in FigureTables.All)
        {
            yield return ($"{Model}/definition/tables/{table.Name}.tmdl", TableFile(table));
        }

        yield return ($"{Model}/definition/tables/{Published}.tmdl", PublishedFile());
        yield return ($"{Report}/definition.pbir", Json(new { version = "1.0", datasetReference = new { byPath = new { path = $"../{Model}" } } }));
        yield return ($"{Report}/report.json", ReportFile());
    }

    private static string ModelFile() =>
        "model Model\n\tculture: en-US\n\tdefaultPowerBIDataSourceVersion: powerBI_V3\n\tdiscourageImplicitMeasures\n\tsourceQueryCulture: en-US\n\n"
        + string.Concat(FigureTables.All.Select(t => t.Name).Append(Published).Select(t => $"ref table {t}\n"));

    private static string Parameter(string name, string description, string value) =>
        $"/// {description}\nexpression {name} = \"{value}\" meta [IsParameterQuery=true, Type=\"Text\", IsParameterQueryRequired=true]\n\tlineageTag: {Tag("expression", name)}\n\n\tannotation PBI_ResultType = Text\n";

    private static string TableFile(FigureTable table)
    {
        var parts = new List<string> { Described("", table.Description, $"table {table.Name}\n\tlineageTag: {Tag("table", table.Name)}\n{(table.Name == "Dates" ? "\tdataCategory: Time\n" : "")}") };
        parts.AddRange(MeasuresOf(table).Select(m => Described("\t", m.Description, $"\tmeasure '{m.Name.Replace("'", "''", StringComparison.Ordinal)}' = {m.Dax}\n\t\tformatString: {m.Format}\n\t\tlineageTag: {Tag("measure", m.Name)}\n")));
        var isRelatedTo = table.Name is "Dates" or "Channels" or "Metrics" or "Customers";
        parts.AddRange(table.Columns.Select((column, i) => Column(table.Name, column, isKey: isRelatedTo && i == 0, isSummed: IsSummed(table, i))));
        parts.Add($"\tpartition {table.Name} = m\n\t\tmode: import\n\t\tsource =\n" + Block(
            "let",
            "    Source = OData.Feed(ServiceRoot, null, [Implementation = \"2.0\"]),",
            $"    Rows = Source{{[Name = \"{table.Name}\", Signature = \"table\"]}}[Data]",
            "in",
            "    Rows"));
        return string.Join('\n', parts);
    }

    // What was published, from files: as it was, and as it was restated.
    private static string PublishedFile()
    {
        var columns = typeof(FigureRow).GetProperties().Select(p => (p.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name, Type: Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType)).Where(c => c.Name is not null);
        var parts = new List<string> { Described("", "Figures as they were published, from the Parquet files: docs/analysts.md.", $"table {Published}\n\tlineageTag: {Tag("table", Published)}\n") };
        parts.AddRange(columns.Select(c => Column(Published, new TableColumn(c.Name!, TypeOf(c.Type), ""))));
        parts.Add($"\tpartition {Published} = m\n\t\tmode: import\n\t\tsource =\n" + Block(
            "let",
            "    Files = Table.SelectRows(Folder.Files(ParquetFolder), each [Extension] = \".parquet\" and Text.Contains([Folder Path], \"figures\")),",
            "    Rows = Table.Combine(List.Transform(Files[Content], each Parquet.Document(_)))",
            "in",
            "    Rows"));
        return string.Join('\n', parts);
    }

    // What a measure sums up is hidden, and named otherwise: a measure and a column of one table cannot have one name.
    private static string Column(string table, TableColumn column, bool isKey = false, bool isSummed = false) => Described("\t", column.Description,
        $"\tcolumn {(isSummed ? CellOf(column) : column.Name)}\n\t\tdataType: {column.Type switch { ColumnType.Text => "string", ColumnType.WholeNumber => "int64", ColumnType.DecimalNumber => "decimal", ColumnType.Truth => "boolean", _ => "dateTime" }}\n"
        + (isSummed ? "\t\tisHidden\n" : "") + (isKey ? "\t\tisKey\n" : "") + (column.Type == ColumnType.Date ? "\t\tformatString: yyyy-mm-dd\n" : "")
        + $"\t\tlineageTag: {Tag("column", $"{table}.{column.Name}")}\n\t\tsummarizeBy: none\n\t\tsourceColumn: {column.Name}\n"
        + (column.Type == ColumnType.Date ? "\n\t\tannotation UnderlyingDateTimeDataType = Date\n" : ""));

    private static bool IsSummed(FigureTable table, int column) => table.Name is "DailyChannelSales" or "DailyChannelActivity" && column >= table.KeyColumns;

    private static string CellOf(TableColumn column) => $"{column.Name}Cell";

    private static ColumnType TypeOf(Type type) => type == typeof(string) ? ColumnType.Text : type == typeof(int) ? ColumnType.WholeNumber : type == typeof(decimal) ? ColumnType.DecimalNumber : type == typeof(DateOnly) ? ColumnType.Date : ColumnType.Instant;

    // Sums of what adds up; shares worked out anew from what they are made of.
    private static IEnumerable<(string Name, string Description, string Dax, string Format)> MeasuresOf(FigureTable table)
    {
        foreach (var column in table.Columns.Where((_, i) => IsSummed(table, i)))
        {
            var metric = MetricCatalog.All.Single(m => FigureTables.NameOf(m) == column.Name);
            yield return metric.Unit == MetricUnit.Money
                ? (metric.Title, $"{metric.Definition} {OfOneCurrency}", $"IF(HASONEVALUE(DailyChannelSales[Currency]), SUM(DailyChannelSales[{CellOf(column)}]))", "#,0.00")
                : (metric.Title, metric.Definition, $"SUM(DailyChannelActivity[{CellOf(column)}])", "#,0");
        }

        if (table.Name == "DailyChannelIndicators")
        {
            foreach (var metric in MetricCatalog.All.Where(m => m.Kind is MetricKind.Flow or MetricKind.History && m.Computation is MetricComputation.Share or MetricComputation.Quotient or MetricComputation.IdentifiedShare))
            {
                var factor = metric.Computation is MetricComputation.Quotient { Factor: > 1 and var times } ? $"{times.ToString(CultureInfo.InvariantCulture)} * " : "";
                var isOfMoney = metric.Computation is MetricComputation.IdentifiedShare or MetricComputation.Quotient { IsOfMoney: true };
                string Sum(string part) => $"CALCULATE(SUM(DailyChannelIndicators[{part}]), DailyChannelIndicators[Metric] = \"{metric.Name}\"{(isOfMoney ? ", DailyChannelIndicators[Currency] = Chosen" : "")})";
                var share = $"{factor}DIVIDE({Sum("Part")}, {Sum("Whole")})";
                yield return (
                    metric.Title, isOfMoney ? $"{metric.Definition} {OfOneCurrency}" : metric.Definition,
                    isOfMoney ? $"VAR Chosen = SELECTEDVALUE(DailyChannelSales[Currency]) RETURN IF(NOT ISBLANK(Chosen), {share})" : share, metric.Unit == MetricUnit.Ratio ? "0.0%" : "#,0.00");
            }
        }
    }

    private static IEnumerable<(string From, string To)> Relationships() =>
        new (string Column, string Of)[] { ("Day", "Dates"), ("Channel", "Channels"), ("Metric", "Metrics"), ("Customer", "Customers") }
            .SelectMany(r => FigureTables.All.Where(t => t.Name != r.Of && t.Columns.Any(c => c.Name == r.Column)).Select(t => ($"{t.Name}.{r.Column}", $"{r.Of}.{r.Column}")))
            .Concat([($"{Published}.day", "Dates.Day"), ($"{Published}.channel", "Channels.Channel"), ($"{Published}.metric", "Metrics.Metric")]);

    private static string ReportFile()
    {
        var position = 0;
        object Visual(string type, int x, int y, int width, int height, params (string Role, string Table, string Field, bool IsMeasure)[] fields)
        {
            var name = $"visual{++position}";
            var sources = fields.Select(f => f.Table).Distinct().ToList();
            var config = new
            {
                name,
                layouts = new[] { new { id = 0, position = new { x, y, z = position, width, height } } },
                singleVisual = new
                {
                    visualType = type,
                    projections = fields.GroupBy(f => f.Role).ToDictionary(g => g.Key, g => g.Select(f => new { queryRef = $"{f.Table}.{f.Field}" })),
                    prototypeQuery = new
                    {
                        Version = 2,
                        From = sources.Select((s, i) => new { Name = $"s{i}", Entity = s, Type = 0 }),
                        Select = fields.Select(f => new Dictionary<string, object>
                        {
                            [f.IsMeasure ? "Measure" : "Column"] = new { Expression = new { SourceRef = new { Source = $"s{sources.IndexOf(f.Table)}" } }, Property = f.Field },
                            ["Name"] = $"{f.Table}.{f.Field}",
                        }),
                    },
                },
            };
            return new { config = JsonSerializer.Serialize(config), filters = "[]", height, width, x, y, z = position };
        }

        var visuals = new[]
        {
            Visual("slicer", 20, 20, 300, 90, ("Values", "DailyChannelSales", "Currency", false)),
            Visual("slicer", 340, 20, 300, 90, ("Values", "Channels", "Channel", false)),
            Visual("card", 660, 20, 290, 90, ("Values", "DailyChannelSales", "Net sales", true)),
            Visual("card", 970, 20, 290, 90, ("Values", "DailyChannelActivity", "Orders", true)),
            Visual("lineChart", 20, 130, 620, 280, ("Category", "Dates", "Day", false), ("Y", "DailyChannelSales", "Net sales", true), ("Series", "Channels", "Channel", false)),
            Visual("lineChart", 660, 130, 600, 280, ("Category", "Dates", "Day", false), ("Y", "DailyChannelIndicators", "Customer satisfaction", true), ("Y", "DailyChannelIndicators", "Kept-order share", true)),
            Visual("tableEx", 20, 430, 400, 270, ("Values", "CustomersByStage", "Stage", false), ("Values", "CustomersByStage", "Value", false)),
            Visual("tableEx", 440, 430, 400, 270, ("Values", "CustomersBySegment", "Segment", false), ("Values", "CustomersBySegment", "Value", false)),
            Visual("tableEx", 860, 430, 400, 270, ("Values", "TroubleOfTheValuable", "Subject", false), ("Values", "TroubleOfTheValuable", "Currency", false), ("Values", "TroubleOfTheValuable", "Value", false)),
        };
        return Json(new
        {
            config = JsonSerializer.Serialize(new { version = "5.43", activeSectionIndex = 0 }),
            layoutOptimization = 0,
            sections = new[] { new { config = "{}", displayName = "Value, both ways", displayOption = 1, filters = "[]", height = 720, width = 1280, name = "ReportSection1", visualContainers = visuals } },
        });
    }

    private static string Described(string indent, string description, string declaration) => description.Length == 0 ? declaration : $"{indent}/// {description}\n{declaration}";

    private static string Block(params string[] lines) => string.Concat(lines.Select(l => $"\t\t\t\t{l}\n"));

    private static string Json(object value) => JsonSerializer.Serialize(value, Readable) + "\n";

    // The same for as long as the name is.
    private static Guid Tag(string kind, string name) => Guid.ParseExact(StableHash.Of("powerbi", kind, name)[..32], "N");
}
