using System.Globalization;
using System.Text.Json;

namespace CustomerPipeline.Mutation;

/// <summary>The tests of Domain, beside the assembly that has the mutants in it.</summary>
internal sealed class DomainTests
{
    private readonly string _folder;
    private readonly Dictionary<string, (TimeSpan Time, HashSet<int> Reached)> _classes = new(StringComparer.Ordinal);

    private DomainTests(string folder) => _folder = folder;

    /// <summary>Copies the tests and lets each class of them run once with all mutants asleep, to see how long it takes and which it reaches.</summary>
    /// <exception cref="InvalidOperationException">A test fails without any mutant.</exception>
    public static async Task<DomainTests> BesideAsync(string assembly, string built, string workingFolder, Action<double> report, CancellationToken cancellationToken)
    {
        var tests = new DomainTests(Path.Combine(workingFolder, "tests"));
        Folders.Copy(built, tests._folder);
        File.Copy(assembly, Path.Combine(tests._folder, Path.GetFileName(assembly)), overwrite: true);

        var listed = await tests.RunAsync(["-noColor", "-list", "classes/json"], cancellationToken);
        var names = JsonSerializer.Deserialize<string[]>(listed.Text)!;
        foreach (var name in names)
        {
            var reached = Path.Combine(workingFolder, "reached");
            var started = TimeProvider.System.GetTimestamp();
            var result = await tests.RunAsync(["-class", name, "-maxThreads", "1"], cancellationToken, (MutatedDomain.ReachedVariable, reached));
            if (result.ExitCode != 0)
            {
                throw new InvalidOperationException($"{name} fails without any mutant:\n{result.Text}");
            }

            tests._classes[name] = (TimeProvider.System.GetElapsedTime(started), File.Exists(reached) ? [.. File.ReadLines(reached).Select(l => int.Parse(l, CultureInfo.InvariantCulture))] : []);
            File.Delete(reached);
            report((double)tests._classes.Count / names.Length);
        }

        return tests;
    }

    /// <summary>Wakes one mutant and lets the tests that reach it run, the quick ones first.</summary>
    public async Task<Outcome> TryAsync(Mutant mutant, CancellationToken cancellationToken)
    {
        var reaching = _classes.Where(c => c.Value.Reached.Contains(mutant.Id)).OrderBy(c => c.Value.Time).ToList();
        if (reaching.Count == 0)
        {
            return Outcome.NotReached;
        }

        var quick = reaching.Where(c => c.Value.Time <= 3 * reaching[0].Value.Time).ToList();
        foreach (var group in new[] { quick, [.. reaching.Except(quick)] }.Where(g => g.Count > 0))
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(20) + 5 * group.Aggregate(TimeSpan.Zero, (sum, c) => sum + c.Value.Time));
            try
            {
                var result = await RunAsync(
                    [.. group.SelectMany(c => new[] { "-class", c.Key }), "-maxThreads", "1", "-stopOnFail"],
                    limit.Token,
                    (MutatedDomain.AwakeVariable, mutant.Id.ToString(CultureInfo.InvariantCulture)));
                if (result.ExitCode != 0)
                {
                    return Outcome.Noticed;
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return Outcome.TimedOut;
            }
        }

        return Outcome.Survived;
    }

    private Task<(int ExitCode, string Text)> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken, params IReadOnlyList<(string Name, string Value)> environment) =>
        Run.AsyncToEnd(
            "dotnet",
            [Path.Combine(_folder, "CustomerPipeline.Domain.Tests.dll"), .. arguments],
            cancellationToken,
            [("CUSTOMER_PIPELINE_TESTS", "all"), .. environment]);
}
