namespace CustomerPipeline.Contracts;

/// <summary>All that is told of progress, in the order in which it is told.</summary>
public sealed class Told<T> : IProgress<T>
{
    private readonly List<T> _all = [];

    public IReadOnlyList<T> All => _all;

    public void Report(T value)
    {
        lock (_all)
        {
            _all.Add(value);
        }
    }
}
