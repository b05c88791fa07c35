namespace CustomerPipeline.Domain.Normalize;

/// <summary>Names for what is looked at and bought, in one form for all channels, so that the two can be compared.</summary>
public static class Good
{
    public const string ProductPrefix = "product:";
    public const string CategoryPrefix = "category:";

    // What one interaction is about, and how long a name is, has to have an end: a document has.
    private const int MostGoods = 40;
    private const int LongestName = 80;

    /// <summary>The names of products and their categories, each once and in order.</summary>
    public static IReadOnlyList<string> Names(IEnumerable<(string? Product, string? Category)> goods)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (product, category) in goods)
        {
            Add(ProductPrefix, product);
            Add(CategoryPrefix, category);
        }

        return [.. names.Take(MostGoods)];

        void Add(string prefix, string? name)
        {
            if (!string.IsNullOrWhiteSpace(name))
            {
                var trimmed = name.Trim().ToLowerInvariant();
                names.Add(prefix + trimmed[..Math.Min(trimmed.Length, LongestName)]);
            }
        }
    }

    /// <summary>Two lists of names as one.</summary>
    public static IReadOnlyList<string> Union(IReadOnlyList<string> known, IReadOnlyList<string> added) =>
        added.All(known.Contains) ? known : [.. known.Union(added).Order(StringComparer.Ordinal).Take(MostGoods)];
}
