namespace CustomerPipeline.Application.Ports;

/// <summary>A page of a list.</summary>
/// <param name="Items">The entries, in the list's order.</param>
/// <param name="Next">The position behind which the next page begins; null on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Pages of lists whose order is that of no index: all of the list is read for each page, and no more than a page of it is held.</summary>
public static class OrderedPages
{
    /// <summary>Returns the entries behind a position.</summary>
    /// <param name="all">The list, in any order.</param>
    /// <param name="positionOf">Where an entry stands: the list is in ordinal order of this, and no two entries have the same.</param>
    /// <param name="size">How many entries at most.</param>
    /// <param name="after">The position; null for the first page.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<Page<T>> PageAsync<T>(
        this IAsyncEnumerable<T> all, Func<T, string> positionOf, int size, string? after, CancellationToken cancellationToken)
    {
        // One more than the page has: whether there is another page. The last of them is the first to go.
        var first = new PriorityQueue<T, string>(Comparer<string>.Create((left, right) => string.CompareOrdinal(right, left)));
        await foreach (var item in all.WithCancellation(cancellationToken))
        {
            var position = positionOf(item);
            if (after is not null && string.CompareOrdinal(position, after) <= 0)
            {
                continue;
            }

            if (first.Count <= size)
            {
                first.Enqueue(item, position);
            }
            else
            {
                first.EnqueueDequeue(item, position);
            }
        }

        var page = first.UnorderedItems.OrderBy(i => i.Priority, StringComparer.Ordinal).ToList();
        return new Page<T>([.. page.Take(size).Select(i => i.Element)], page.Count > size ? page[size - 1].Priority : null);
    }

    /// <summary>The position of an entry in a list whose latest entries come first.</summary>
    public static string LatestFirst(DateTimeOffset at, string id) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{DateTimeOffset.MaxValue.UtcTicks - at.UtcTicks:D19} {id}");
}
