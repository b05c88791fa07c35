namespace CustomerPipeline.Application.Receive.Import;

/// <summary>The rows of one order that stand together.</summary>
/// <param name="mapping">How the file is read.</param>
/// <param name="unit">What the number of a row counts.</param>
internal sealed class RowGroup(ImportMapping mapping, string unit)
{
    private readonly List<Dictionary<string, string>> _rows = [];
    private readonly List<Dictionary<string, string>> _lines = [];
    private readonly List<int> _places = [];
    private string? _unread;

    public string Id { get; private set; } = "";

    public bool IsEmpty => _rows.Count == 0;

    public bool Takes(string id) => IsEmpty || (id == Id && mapping.HasGroups);

    public void Add(FileRow row, ImportRow values)
    {
        Id = row.Id;
        _places.Add(row.Number);
        var currency = mapping.CurrencyOf(values);
        var fields = ImportPayload.Fields(mapping.Fields, values, mapping, currency);
        _rows.Add(fields.Texts);
        var unread = fields.Unread;
        if (mapping.LineFields.Count > 0)
        {
            var line = ImportPayload.Fields(mapping.LineFields, values, mapping, currency);
            _lines.Add(line.Texts);
            unread ??= line.Unread;
        }

        _unread ??= unread is null ? null : ImportPlace.Of(unit, row.Number, unread);
    }

    /// <summary>The rows as a payload, or why they are none. The group is empty behind it.</summary>
    public PayloadPart Close(int index)
    {
        var fields = _rows[0];
        var part = MissingAmount() is { } missing ? PayloadPart.Reject(index, "missing-amount", missing)
            : _rows.Count > 1 && mapping.Fields.Keys.FirstOrDefault(f => !Settle(f, fields)) is { } differs ? PayloadPart.Reject(index, "rows-differ", Differ(differs))
            : PayloadPart.Of(ImportPayload.Write(mapping, fields, _lines), index) with { Place = _unread ?? ImportPlace.Of(unit, _places[0], null) };
        _unread = null;
        _rows.Clear();
        _lines.Clear();
        _places.Clear();
        return part;
    }

    // A refund of which one row has no amount: the sum of the others is not what was given back.
    private string? MissingAmount()
    {
        if (_rows.Count < 2 || !mapping.AddsUpRefunds)
        {
            return null;
        }

        var missing = _rows.FindIndex(r => !r.ContainsKey("net"));
        return missing < 0 || _rows.TrueForAll(r => !r.ContainsKey("net")) ? null
            : $"{RefusedEntities.Named(mapping, Id)} is not taken. {mapping.Fields["net"].Named} is empty in {unit} {_places[missing]}, and not in its other rows: what was given back is not known. "
                + "Correct it, or say in the mapping which rows count: \"rows\": \"sum\" leaves empty ones out.";
    }

    // One value of all rows; false where they contradict each other.
    private bool Settle(string field, Dictionary<string, string> settled)
    {
        var said = _rows.Select(r => r.GetValueOrDefault(field)).ToList();
        var (value, isSettled) = mapping.RowsOf(field) switch
        {
            ImportRows.Sum when said.TrueForAll(s => s is null) => (null, true),
            ImportRows.Sum => ImportText.Sum(said.OfType<string>()) is { } sum ? (sum, true) : (said[0], false),
            ImportRows.First => (said[0], true),
            ImportRows.Last => (said[^1], true),
            _ => (said[0], said.TrueForAll(s => s == said[0])),
        };
        if (value is not null)
        {
            settled[field] = value;
        }
        else
        {
            settled.Remove(field);
        }

        return isSettled;
    }

    private string Differ(string field) =>
        $"{RefusedEntities.Named(mapping, Id)} has rows ({unit}s {_places[0]} to {_places[^1]}) that differ in {mapping.Fields[field].Named}, which is its {field}. "
        + "Say in the mapping which counts: \"rows\": \"sum\", \"first\" or \"last\" beside \"column\".";
}
