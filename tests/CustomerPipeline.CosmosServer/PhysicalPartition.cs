namespace CustomerPipeline.CosmosServer;

/// <summary>A range of effective partition keys with its items and its change feed.</summary>
internal sealed class PhysicalPartition(byte number, string minimum, string maximum, IReadOnlyList<string> parents, long lsn)
{
    private readonly Dictionary<string, SortedDictionary<string, Item>> _items = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, Item> _feed = [];

    public byte Number => number;

    public string Id { get; } = number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public string Minimum => minimum;

    public string Maximum => maximum;

    /// <summary>The partitions that it came from by splits.</summary>
    public IReadOnlyList<string> Parents => parents;

    public long Lsn { get; private set; } = lsn;

    public string SessionToken => $"{Id}:-1#{Lsn}";

    public bool Holds(string effectivePartitionKey) =>
        string.CompareOrdinal(effectivePartitionKey, minimum) >= 0 && string.CompareOrdinal(effectivePartitionKey, maximum) < 0;

    public Item? Find(string partitionKey, string id) => _items.TryGetValue(partitionKey, out var items) ? items.GetValueOrDefault(id) : null;

    public IEnumerable<Item> Items(string? partitionKey) =>
        partitionKey is null ? _items.Values.SelectMany(i => i.Values) : _items.TryGetValue(partitionKey, out var items) ? items.Values : [];

    /// <summary>The latest versions of what changed after a place.</summary>
    public IEnumerable<Item> ChangesAfter(long lsn) => _feed.Values.SkipWhile(i => i.Lsn <= lsn);

    public long NextLsn() => ++Lsn;

    public void Put(Item item)
    {
        Remove(item.PartitionKey, item.Id);
        (_items.TryGetValue(item.PartitionKey, out var items) ? items : _items[item.PartitionKey] = new(StringComparer.Ordinal))[item.Id] = item;
        _feed[item.Lsn] = item;
    }

    public void Remove(string partitionKey, string id)
    {
        if (_items.TryGetValue(partitionKey, out var items) && items.Remove(id, out var old))
        {
            _feed.Remove(old.Lsn);
        }
    }

    /// <summary>Two partitions in its place; their feeds go on where this one was.</summary>
    public (PhysicalPartition Left, PhysicalPartition Right) Split(byte leftNumber)
    {
        var middle = EffectivePartitionKey.Between(minimum, maximum);
        IReadOnlyList<string> line = [.. parents, Id];
        var left = new PhysicalPartition(leftNumber, minimum, middle, line, Lsn);
        var right = new PhysicalPartition((byte)(leftNumber + 1), middle, maximum, line, Lsn);
        foreach (var item in _feed.Values)
        {
            (left.Holds(EffectivePartitionKey.Of(item.PartitionKey)) ? left : right).Put(item);
        }

        return (left, right);
    }
}
