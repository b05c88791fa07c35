namespace CustomerPipeline.Application.Receive.Import;

/// <summary>Orders of a file that must not be taken, and why. Each is told once.</summary>
/// <param name="mapping">How the file is read.</param>
/// <param name="unit">What the number of a row counts.</param>
internal sealed class RefusedEntities(ImportMapping mapping, string unit)
{
    private readonly Dictionary<string, (string Code, string Detail)> _refused = new(StringComparer.Ordinal);
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly HashSet<int> _alone = [];

    public bool Has(string id) => _refused.ContainsKey(id);

    /// <summary>Whether a row that cannot be read belongs to no order that is known.</summary>
    public bool IsToldAlone(FileRow row) => _alone.Contains(row.Number);

    public void AddBroken(FileRow row)
    {
        if (!mapping.HasGroups || row.Id.Length == 0)
        {
            _alone.Add(row.Number);
        }
        else
        {
            var (code, detail) = row.Problem!.Value;
            Add(row.Id, code, detail);
        }
    }

    /// <summary>A row that may belong to the order before or behind it.</summary>
    public void AddNeighbour(FileRow row, FileRow broken) =>
        Add(row.Id, broken.Problem!.Value.Code, $"Next to it, {unit} {broken.Number} cannot be read, and may belong to it.");

    public void AddRepeated(FileRow row) => Add(
        row.Id,
        mapping.HasGroups ? "rows-not-together" : "repeated-id",
        mapping.HasGroups
            ? $"Its rows stand in two places of the file, the second at {unit} {row.Number}. Sort the file by the column of its id and send it again."
            : $"It stands in the file again, at {unit} {row.Number}, and nothing says which row is newer. Send one row for each, name the column updated_at, or map the columns of its lines as lines.");

    /// <summary>Why an order is not taken; null when that has been told.</summary>
    public (string Code, string Detail)? Tell(string id) => _told.Add(id) ? _refused[id] : null;

    /// <summary>What no row that can be read belongs to.</summary>
    public IEnumerable<(string Code, string Detail)> Untold() => _refused.Where(b => _told.Add(b.Key)).Select(b => b.Value);

    /// <summary>An order as messages name it. An id is told where it is one: a column of addresses may have been mapped by mistake.</summary>
    public static string Named(ImportMapping mapping, string id) =>
        id.Length is > 0 and <= 40 && !id.Contains('@', StringComparison.Ordinal) && mapping.Kind is "order" or "refund" or "ticket"
            ? $"The {mapping.Kind} '{id}'"
            : $"A {mapping.Kind}";

    private void Add(string id, string code, string why) => _refused.TryAdd(id, (code, $"{Named(mapping, id)} is not taken. {why}"));
}
