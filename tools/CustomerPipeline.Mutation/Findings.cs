namespace CustomerPipeline.Mutation;

/// <summary>What was found, in words.</summary>
internal static class Findings
{
    private const int LongestCode = 160;

    /// <summary>The mutants that no test noticed, in order of the files, a line each.</summary>
    public static List<string> Unnoticed(IReadOnlyList<(Mutant Mutant, Outcome Outcome)> tried) =>
    [
        .. tried.Where(t => t.Outcome is Outcome.Survived or Outcome.NotReached).OrderBy(t => t.Mutant.Id)
            .Select(t => $"{t.Mutant.File}:{t.Mutant.Line}: {Words(t.Outcome)}: {OnOneLine(t.Mutant.Before)}  ->  {(t.Mutant.After.Length == 0 ? "(left out)" : OnOneLine(t.Mutant.After))}"),
    ];

    public static string Summary(IReadOnlyList<(Mutant Mutant, Outcome Outcome)> tried)
    {
        var counts = Enum.GetValues<Outcome>().Select(o => $"{tried.Count(t => t.Outcome == o):N0} {Words(o)}");
        return $"{tried.Count:N0} tried: {string.Join(", ", counts)}; {tried.Count(t => t.Outcome is Outcome.Noticed or Outcome.TimedOut) / (double)Math.Max(1, tried.Count):P1} noticed";
    }

    private static string OnOneLine(string code)
    {
        var line = string.Join(' ', code.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length > LongestCode ? $"{line[..LongestCode]}…" : line;
    }

    private static string Words(Outcome outcome) => outcome switch
    {
        Outcome.Noticed => "noticed",
        Outcome.TimedOut => "timed out",
        Outcome.Survived => "survived",
        _ => "not reached",
    };
}
