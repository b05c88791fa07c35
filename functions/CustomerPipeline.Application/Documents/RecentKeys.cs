namespace CustomerPipeline.Application.Documents;

/// <summary>
/// Keys made of values by hashing, the last few thousand remembered: while a batch is worked on, the same ones are asked for again and again. For any number of threads.
/// </summary>
internal sealed class RecentKeys<T>(Func<T, string> make)
    where T : struct, IEquatable<T>
{
    private const int Slots = 4_096;

    private readonly Entry?[] _slots = new Entry?[Slots];

    public string Of(T value)
    {
        ref var slot = ref _slots[value.GetHashCode() & (Slots - 1)];
        if (Volatile.Read(ref slot) is { } entry && entry.Value.Equals(value))
        {
            return entry.Key;
        }

        var key = make(value);
        Volatile.Write(ref slot, new Entry(value, key));
        return key;
    }

    private sealed record Entry(T Value, string Key);
}
