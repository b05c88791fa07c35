using System.Globalization;
using System.Text.RegularExpressions;
using CustomerPipeline.Contracts;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CustomerPipeline.Mutation;

/// <summary>A copy of Domain that has all mutants in it, each asleep until the environment names it.</summary>
internal static partial class MutatedDomain
{
    public const string SwitchName = "CustomerPipeline.Domain.MutantSwitch";

    /// <summary>Names the mutant that is awake: its number.</summary>
    public const string AwakeVariable = "CUSTOMERPIPELINE_MUTANT";

    /// <summary>Names the file into which the numbers of the mutants that were reached are written when the process ends.</summary>
    public const string ReachedVariable = "CUSTOMERPIPELINE_MUTANTS_REACHED";

    private const string ProjectName = "CustomerPipeline.Domain";

    /// <summary>Builds it: what does not compile is left out until the rest does.</summary>
    /// <param name="workingFolder">Where to build.</param>
    /// <param name="only">Which files to change, relative to the project; all if null.</param>
    /// <param name="report">Told how far it is.</param>
    /// <param name="cancellationToken">Stops the build.</param>
    /// <returns>The assembly and its mutants.</returns>
    /// <exception cref="InvalidOperationException">The copy does not compile even without mutants, or not after many attempts.</exception>
    public static async Task<(string Assembly, IReadOnlyList<Mutant> Mutants)> BuildAsync(string workingFolder, string? only, Action<string> report, CancellationToken cancellationToken)
    {
        var project = Path.Combine(workingFolder, "functions", ProjectName);
        Folders.Copy(Repository.PathOf("functions", ProjectName), project);
        foreach (var file in new[] { "Directory.Build.props", "Directory.Packages.props", "global.json", "BannedSymbols.txt" })
        {
            File.Copy(Repository.PathOf(file), Path.Combine(workingFolder, file));
        }

        var sources = Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => (Path: path, Name: Path.GetRelativePath(project, path).Replace('\\', '/')))
            .Where(s => only is null || s.Name.Contains(only, StringComparison.OrdinalIgnoreCase))
            .Select(s => (s.Path, s.Name, Root: RootOf(s.Path)))
            .ToList();
        var leftOut = new HashSet<int>();
        for (var attempt = 1; attempt <= 40; attempt++)
        {
            var mutants = new List<Mutant>();
            var id = 0;
            foreach (var (path, name, root) in sources)
            {
                var rewriter = new MutantRewriter(name, id, leftOut);
                await File.WriteAllTextAsync(path, rewriter.Visit(root).ToFullString(), cancellationToken);
                mutants.AddRange(rewriter.Mutants);
                id = rewriter.LastId;
            }

            await File.WriteAllTextAsync(Path.Combine(project, "MutantSwitch.cs"), Switch(id), cancellationToken);
            report($"{mutants.Count:N0} mutants, attempt {attempt} to build them");
            var output = await Run.AsyncToEnd(
                "dotnet", ["build", project, "-c", "Release", "-v", "q", "-nologo", "-o", Path.Combine(workingFolder, "built"), "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false", "-p:GenerateDocumentationFile=false"], cancellationToken);
            if (output.ExitCode == 0)
            {
                return (Path.Combine(workingFolder, "built", $"{ProjectName}.dll"), mutants);
            }

            var before = leftOut.Count;
            leftOut.UnionWith(Guilty(output.Text));
            if (leftOut.Count == before)
            {
                throw new InvalidOperationException($"Domain does not build with mutants, and no mutant is to blame:\n{output.Text}");
            }
        }

        throw new InvalidOperationException("Domain does not build with mutants after 40 attempts.");
    }

    /// <summary>
    /// The mutants that the compiler's errors stand in: the innermost one around each. A value that is not assigned for sure shows only where it is used: then all statements that may be left out in that
    /// member, and at last all mutants of it.
    /// </summary>
    private static IEnumerable<int> Guilty(string output)
    {
        foreach (var (error, root) in Error().Matches(output).DistinctBy(m => m.Value).GroupBy(m => m.Groups["path"].Value).SelectMany(file => file.Select(m => (m, RootOf(file.Key)))))
        {
            var position = root.GetText().Lines[Number(error, "line") - 1].Start + Number(error, "column") - 1;
            var around = root.FindToken(position).Parent!.AncestorsAndSelf().ToList();
            var innermost = around.Select(IdOf).FirstOrDefault(id => id is not null);
            if (innermost is { } guilty)
            {
                yield return guilty;
                continue;
            }

            var suspects = around.OfType<MemberDeclarationSyntax>().First().DescendantNodes().Where(n => IdOf(n) is not null).ToList();
            var statements = suspects.OfType<IfStatementSyntax>().ToList<SyntaxNode>();
            foreach (var suspect in statements.Count > 0 ? statements : suspects)
            {
                yield return IdOf(suspect)!.Value;
            }
        }
    }

    private static SyntaxNode RootOf(string path) => CSharpSyntaxTree.ParseText(File.ReadAllText(path)).GetRoot();

    /// <summary>The number of the mutant whose switch this is.</summary>
    private static int? IdOf(SyntaxNode node)
    {
        var condition = node switch
        {
            ParenthesizedExpressionSyntax { Expression: ConditionalExpressionSyntax conditional } => conditional.Condition,
            ConditionalExpressionSyntax conditional => conditional.Condition,
            IfStatementSyntax { Condition: PrefixUnaryExpressionSyntax { Operand: ParenthesizedExpressionSyntax { Expression: var operand } } } => operand,
            _ => null,
        };
        return condition is InvocationExpressionSyntax { ArgumentList.Arguments: [var only] } call && call.Expression.ToString() == $"global::{SwitchName}.On"
            ? int.Parse(only.ToString(), CultureInfo.InvariantCulture)
            : null;
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static string Switch(int count) => $$"""
        namespace CustomerPipeline.Domain;

        internal static class MutantSwitch
        {
            private static readonly int Awake = int.Parse(Environment.GetEnvironmentVariable("{{AwakeVariable}}") ?? "0");
            private static readonly bool[] Reached = new bool[{{count}} + 1];

            static MutantSwitch()
            {
                if (Environment.GetEnvironmentVariable("{{ReachedVariable}}") is { } file)
                {
                    AppDomain.CurrentDomain.ProcessExit += (_, _) => File.WriteAllLines(file, Enumerable.Range(0, Reached.Length).Where(i => Reached[i]).Select(i => i.ToString()));
                }
            }

            public static bool On(int mutant)
            {
                Reached[mutant] = true;
                return mutant == Awake;
            }
        }
        """;

    [GeneratedRegex(@"^\s*(?<path>[^(\r\n]+)\((?<line>\d+),(?<column>\d+)\): error CS", RegexOptions.Multiline)]
    private static partial Regex Error();
}
