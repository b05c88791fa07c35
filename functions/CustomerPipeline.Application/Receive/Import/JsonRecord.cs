using System.Globalization;
using System.Text.Json;

namespace CustomerPipeline.Application.Receive.Import;

/// <summary>A record of JSON, or a line within one. Its fields are named by their paths.</summary>
/// <param name="Element">The record.</param>
/// <param name="Outer">What it stands in; null at the top.</param>
internal sealed record JsonRecord(JsonElement Element, JsonRecord? Outer)
{
    /// <summary>Leads from a record to the one that it stands in: <c>^.id</c> is the id of the order that a refund stands in.</summary>
    private const string ToOuter = "^.";

    /// <summary>The record, the elements of its list, or those of lists within these. Null stands for a list that is missing.</summary>
    /// <param name="lists">The paths of the lists, from the outermost.</param>
    public IEnumerable<JsonRecord?> Within(ReadOnlyMemory<string> lists) =>
        lists.IsEmpty ? [this]
        : ListAt(lists.Span[0]) is { } list ? list.SelectMany(element => new JsonRecord(element, this).Within(lists[1..]))
        : [null];

    /// <summary>The elements of a list; null where none stands there.</summary>
    public JsonElement.ArrayEnumerator? ListAt(string path) => At(path) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : null;

    /// <summary>Whether a list stands at the path, or <c>null</c>: an empty one.</summary>
    public bool HasList(string path) => At(path) is { ValueKind: JsonValueKind.Array or JsonValueKind.Null };

    /// <summary>The record as a mapping reads it.</summary>
    /// <param name="number">Its number in the file, counted from 1.</param>
    /// <param name="mapping">How the file writes numbers.</param>
    public ImportRow ToRow(int number, ImportMapping mapping) => new(path => TextAt(path, mapping), number);

    private string? TextAt(string path, ImportMapping mapping) => At(path) is not { } value ? null : value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        // A number of JSON has a point before its decimals (RFC 8259), however the texts of the file are written.
        JsonValueKind.Number => mapping.DecimalSeparator == "," ? value.GetRawText().Replace('.', ',') : value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Null => null,
        _ => throw new FormatException(path),
    };

    // A field whose name is the whole path comes first: names may hold a full stop.
    private JsonElement? At(string path)
    {
        var from = this;
        var rest = path;
        while (rest.StartsWith(ToOuter, StringComparison.Ordinal))
        {
            (from, rest) = (from?.Outer, rest[ToOuter.Length..]);
        }

        if (from is null)
        {
            return null;
        }

        var element = from.Element;
        if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(rest, out var whole))
        {
            return whole;
        }

        foreach (var step in rest.Split('.'))
        {
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(step, out var field))
            {
                element = field;
            }
            else if (element.ValueKind == JsonValueKind.Array && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var place)
                && place < element.GetArrayLength())
            {
                element = element[place];
            }
            else
            {
                return null;
            }
        }

        return element;
    }
}
