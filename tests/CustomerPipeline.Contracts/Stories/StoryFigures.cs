namespace CustomerPipeline.Contracts;

/// <summary>The figures that a story must come to, by the oracles.</summary>
public static class StoryFigures
{
    // In the middle of the story, and after it.
    private static readonly DateTimeOffset[] Instants = [new(2026, 1, 9, 0, 0, 0, TimeSpan.Zero), new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero)];

    /// <summary>Fails unless a pipeline has the figures of a story.</summary>
    /// <param name="pipeline">Which the story was told.</param>
    /// <param name="story">All of it.</param>
    public static async Task AssertAsync(TestPipeline pipeline, IEnumerable<StoryMessage> story)
    {
        var oracle = new StoryOracle(story);
        foreach (var asOf in Instants)
        {
            foreach (var (metric, expected) in new HistoryOracle(oracle.Deeds(), asOf) { Spends = [.. oracle.Spends().Select(s => (DateOnly.FromDateTime(s.PlacedAt.UtcDateTime), s.Currency, s.SpendAmount))] }.Figures())
            {
                var rows = await pipeline.AskAsOfAsync(metric, asOf);
                Assert.Equal(expected.Order(StringComparer.Ordinal).Prepend($"{metric} {asOf:u}"), rows.Order(StringComparer.Ordinal).Prepend($"{metric} {asOf:u}"));
            }
        }

        foreach (var (question, expected) in oracle.Figures())
        {
            var (metric, by) = (question.Split(' ')[0], question.Split(' ')[1].Split(',', StringSplitOptions.RemoveEmptyEntries));
            Assert.Equal(expected.Prepend(question), (await pipeline.AskAsync(metric, by)).Order(StringComparer.Ordinal).Prepend(question));
        }
    }
}
