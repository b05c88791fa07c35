using System.Reflection;
using System.Text.RegularExpressions;
using ArchUnitNET.Loader;
using CustomerPipeline.Domain.Value;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>Which project may reference which: <c>Domain &lt;- Application &lt;- {AzureServices, RocksDb}</c>, <c>Functions -> Application</c> but for its composition root, <c>Cli -> all</c>.</summary>
public sealed class Architecture
{
    private static readonly Dictionary<string, string[]> MayKnow = new()
    {
        ["CustomerPipeline.Domain"] = [],
        ["CustomerPipeline.Application"] = ["CustomerPipeline.Domain"],
        ["CustomerPipeline.AzureServices"] = ["CustomerPipeline.Application", "CustomerPipeline.Domain"],
        ["CustomerPipeline.RocksDb"] = ["CustomerPipeline.Application", "CustomerPipeline.Domain"],
        ["CustomerPipeline.LocalServices"] = ["CustomerPipeline.RocksDb", "CustomerPipeline.Application", "CustomerPipeline.Domain"],
        ["CustomerPipeline.AmqpEndpoint"] = ["CustomerPipeline.LocalServices", "CustomerPipeline.RocksDb", "CustomerPipeline.Application", "CustomerPipeline.Domain"],
        ["CustomerPipeline.Triggers"] = [],
        ["CustomerPipeline.LocalRuntime"] = ["CustomerPipeline.Triggers"],
        ["CustomerPipeline.Functions"] = ["CustomerPipeline.Application", "CustomerPipeline.Domain", "CustomerPipeline.AzureServices", "CustomerPipeline.Triggers"],
        ["CustomerPipeline.Demo"] = ["CustomerPipeline.Application", "CustomerPipeline.Domain"],
        ["CustomerPipeline.Cli"] =
            [
                "CustomerPipeline.Functions", "CustomerPipeline.LocalRuntime", "CustomerPipeline.AmqpEndpoint", "CustomerPipeline.LocalServices", "CustomerPipeline.RocksDb",
                "CustomerPipeline.AzureServices", "CustomerPipeline.Demo", "CustomerPipeline.Application", "CustomerPipeline.Domain",
            ],
    };

    [Fact]
    public void Each_project_references_only_what_it_may_know()
    {
        foreach (var (project, allowed) in MayKnow)
        {
            var referenced = System.Reflection.Assembly.Load(project).GetReferencedAssemblies()
                .Select(a => a.Name!)
                .Where(name => name.StartsWith("CustomerPipeline.", StringComparison.Ordinal));

            Assert.Empty(referenced.Except(allowed).Select(name => $"{project} must not know {name}"));
        }
    }

    /// <summary>Namespaces as patterns: what all stages share, the way of a message from left to right, and what works across all of them.</summary>
    private static readonly string[] Line =
    [
        "Documents", "Ports", "Telemetry", "Access", "Audit", "Privacy", @"Receive(\.Import)?", "Ingest", "Resolve", "Count",
        @"Report\.Figures", @"Report\.Audiences", @"Report\.Snapshots", @"Report\.Publish", @"Report\.Tables", "Report", @"Maintenance(\.Erasing)?",
    ];

    [Fact]
    public void The_stages_are_a_line_and_refer_only_to_what_comes_before_them()
    {
        static string Pattern(IEnumerable<string> places) => $@"^CustomerPipeline\.Application\.({string.Join('|', places)})$";
        var application = System.Reflection.Assembly.Load("CustomerPipeline.Application");
        var architecture = new ArchLoader().LoadAssemblies(application).Build();
        var namespaces = application.GetTypes().Select(t => t.Namespace).OfType<string>().Where(n => n.StartsWith("CustomerPipeline.Application.", StringComparison.Ordinal)).Distinct().ToList();

        Assert.All(namespaces, name => Assert.Matches(Pattern(Line), name));
        Assert.All(Line.Index(), place =>
        {
            Assert.Contains(namespaces, name => Regex.IsMatch(name, Pattern([place.Item]), RegexOptions.NonBacktracking));

            // The composition of the pipeline, in the namespace above them, comes last of all.
            var later = Types().That().ResideInNamespaceMatching($@"{Pattern(Line[(place.Index + 1)..].DefaultIfEmpty("-"))}|^CustomerPipeline\.Application$");
            var rule = Types().That().ResideInNamespaceMatching(Pattern([place.Item])).Should().NotDependOnAny(later);
            Assert.All(rule.Evaluate(architecture), result => Assert.True(result.Passed, result.Description));
        });
    }

    [Fact]
    public void Each_step_of_the_pipeline_reads_what_one_before_it_wrote_and_its_stage_comes_no_earlier()
    {
        string[] outside = ["HTTP", "timer", "dead-letter queues"];
        var places = CustomerPipeline.Application.Pipeline.Steps.Select(step => Array.FindIndex(Line, place => Regex.IsMatch(step.Stage, $"^({place})$", RegexOptions.NonBacktracking))).ToList();

        Assert.DoesNotContain(-1, places);
        Assert.All(CustomerPipeline.Application.Pipeline.Steps.Index(), step =>
            Assert.Contains(step.Item.From, outside.Concat(CustomerPipeline.Application.Pipeline.Steps.Take(step.Index).SelectMany(earlier => earlier.To))));
        Assert.Equal(
            Application.Ports.ChangeConsumers.All.Select(c => c.Container).Order(StringComparer.Ordinal),
            CustomerPipeline.Application.Pipeline.Steps.Where(s => Application.Documents.Containers.All.Contains(s.From) && !IsReadAlong(s)).Select(s => s.From).Order(StringComparer.Ordinal));

        // What was left undone with a customer is finished by the consumer that counts.
        static bool IsReadAlong(Application.PipelineStep step) => step.Handler == typeof(Application.Resolve.FinishCustomersHandler);
    }

    [Fact]
    public void The_domain_is_pure()
    {
        var domain = new ArchLoader().LoadAssemblies(System.Reflection.Assembly.Load("CustomerPipeline.Domain"), typeof(object).Assembly, typeof(HttpClient).Assembly).Build();

        IEnumerable<string> impure =
        [
            "System.TimeProvider", "System.IO.File", "System.IO.Directory", "System.IO.FileStream", "System.Net.Http.HttpClient", "System.Threading.Thread", "System.Threading.Tasks.Task",
            "System.Threading.Timer", "System.Environment", "System.Console",
        ];
        var rule = Types().That().ResideInAssembly(typeof(Domain.Money).Assembly).Should().NotDependOnAny(Types().That().HaveFullNameMatching($"^({string.Join('|', impure.Select(System.Text.RegularExpressions.Regex.Escape))})$"));

        Assert.All(rule.Evaluate(domain), result => Assert.True(result.Passed, result.Description));
    }

    [Fact]
    public void Functions_know_azure_only_where_the_app_is_composed()
    {
        var (functions, azure) = (System.Reflection.Assembly.Load("CustomerPipeline.Functions"), System.Reflection.Assembly.Load("CustomerPipeline.AzureServices"));
        var app = new ArchLoader().LoadAssemblies(functions, azure).Build();

        var rule = Types().That().ResideInAssembly(functions).And().DoNotHaveName("Program").Should().NotDependOnAny(Types().That().ResideInAssembly(azure));

        Assert.All(rule.Evaluate(app), result => Assert.True(result.Passed, result.Description));
    }

    /// <summary>An expression that may go back and forth takes a minute for a text made for it.</summary>
    [Fact]
    public void Patterns_over_input_run_in_linear_time()
    {
        var types = MayKnow.Keys.SelectMany(project => System.Reflection.Assembly.Load(project).GetTypes()).ToList();

        var patterns = types.SelectMany(t => t.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)).Where(f => f.FieldType == typeof(Regex)).ToList();
        Assert.NotEmpty(patterns);
        Assert.All(patterns, p => Assert.True(((Regex)p.GetValue(null)!).Options.HasFlag(RegexOptions.NonBacktracking), $"{p.DeclaringType}.{p.Name}"));
        Assert.DoesNotContain(
            types.SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)), m => m.GetCustomAttribute<GeneratedRegexAttribute>() is not null);
    }

    [Fact]
    public void Names_say_what_a_type_is()
    {
        string[] vague = ["Manager", "Helper", "Util", "Utils", "Common", "Base", "Data", "Impl", "Service"];
        var types = MayKnow.Keys.SelectMany(project => System.Reflection.Assembly.Load(project).GetTypes())
            .Where(t => t.Namespace?.StartsWith("CustomerPipeline", StringComparison.Ordinal) == true)
            .Select(t => t.Name);

        Assert.DoesNotContain(types, name => vague.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal)));
    }
}
