using System.Collections.Concurrent;
using CustomerPipeline.Contracts;
using Spectre.Console;

namespace CustomerPipeline.Mutation;

/// <summary>Mutants are built, drawn and tried.</summary>
/// <param name="only">Which files of Domain; all if null.</param>
/// <param name="share">How many of the mutants, 0 to 1.</param>
/// <param name="seed">Which of them.</param>
/// <param name="minutes">How long at most.</param>
/// <param name="workers">How many at once.</param>
internal sealed class Hunt(string? only, double share, int seed, double minutes, int workers)
{
    /// <exception cref="InvalidOperationException">Domain does not build, or a test fails without any mutant.</exception>
    public async Task<IReadOnlyList<(Mutant Mutant, Outcome Outcome)>> RunAsync(CancellationToken cancellationToken)
    {
        var built = new DirectoryInfo(AppContext.BaseDirectory);
        var tests = Repository.PathOf("tests", "CustomerPipeline.Domain.Tests", "bin", built.Parent!.Name, built.Name);

        // Inside the repository, because tests look for its documents above themselves.
        var workingFolder = Directory.CreateDirectory(Repository.PathOf("artifacts", $"mutants-{Environment.ProcessId}")).FullName;
        try
        {
            return await AnsiConsole.Progress().StartAsync(progress => RunAsync(progress, tests, workingFolder, cancellationToken));
        }
        finally
        {
            Directory.Delete(workingFolder, recursive: true);
        }
    }

    private async Task<IReadOnlyList<(Mutant Mutant, Outcome Outcome)>> RunAsync(ProgressContext progress, string tests, string workingFolder, CancellationToken cancellationToken)
    {
        var building = progress.AddTask("Building").IsIndeterminate();
        var (assembly, mutants) = await MutatedDomain.BuildAsync(workingFolder, only, text => building.Description = text, cancellationToken);
        building.IsIndeterminate(false).Value = building.MaxValue;

        var asleep = progress.AddTask("Tests without a change", maxValue: 1);
        var domainTests = await DomainTests.BesideAsync(assembly, tests, workingFolder, part => asleep.Value = part, cancellationToken);

        var random = new Random(seed);
        var drawn = mutants.OrderBy(_ => random.Next()).Take((int)Math.Ceiling(mutants.Count * share)).ToList();
        var trying = progress.AddTask($"{drawn.Count:N0} mutants", maxValue: drawn.Count);
        var tried = new ConcurrentBag<(Mutant, Outcome)>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (double.IsFinite(minutes))
        {
            limit.CancelAfter(TimeSpan.FromMinutes(minutes));
        }

        try
        {
            await Parallel.ForEachAsync(drawn, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = limit.Token }, async (mutant, token) =>
            {
                tried.Add((mutant, await domainTests.TryAsync(mutant, token)));
                trying.Increment(1);
            });
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The minutes are over: what was tried counts.
        }

        return [.. tried];
    }
}
