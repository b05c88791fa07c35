namespace CustomerPipeline.Domain.Identity.Linkage;

/// <summary>The levels of all fields of a pair as one number, so that pairs that are alike in all fields are worked out once.</summary>
internal static class PairPattern
{
    public static int Encode(ReadOnlySpan<int> levels)
    {
        var code = 0;
        foreach (var level in levels)
        {
            code = (code * (FieldComparison.Levels + 1)) + level + 1;
        }

        return code;
    }

    public static void Decode(int code, Span<int> levels)
    {
        for (var i = levels.Length - 1; i >= 0; i--)
        {
            levels[i] = (code % (FieldComparison.Levels + 1)) - 1;
            code /= FieldComparison.Levels + 1;
        }
    }
}
