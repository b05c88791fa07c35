using System.Text.Json;

namespace CustomerPipeline.Flow.Receive.Import;

/// <summary>How the columns of a CSV file become fields of the import shape (docs/import.md). Read from a small JSON file.</summary>
/// <param name="Kind">order, refund, ticket or person.</param>
/// <param name="System">A name for where the data comes from.</param>
/// <param name="Fields">By field of the import shape.</param>
/// <param name="LineFields">By field of an order's lines; empty when a row is a whole entity.</param>
/// <param name="Delimiter">Between columns.</param>
/// <param name="DecimalSeparator">Of numbers, <c>.</c> or <c>,</c>.</param>
/// <param name="TimeFormat">A .NET format of times and days, where they are not ISO 8601.</param>
public sealed record ImportMapping(
    string Kind,
    string System,
    IReadOnlyDictionary<string, ImportField> Fields,
    IReadOnlyDictionary<string, ImportField> LineFields,
    string Delimiter = ",",
    string DecimalSeparator = ".",
    string? TimeFormat = null)
{
    private const int LargestFile = 64 * 1024;

    private static readonly string[] SharedFields = ["customer", "loyalty", "email", "phone", "country", "store", "channel", "campaign", "time_zone", "updated_at"];

    private static readonly Dictionary<string, (string[] Allowed, string[] Required)> Kinds = new(StringComparer.Ordinal)
    {
        ["order"] = ([.. SharedFields, "id", "placed_at", "business_day", "status", "currency", "gross", "net", "discount", "tax", "shipping", "cancelled_at"], ["id", "placed_at", "channel", "currency"]),
        ["refund"] = ([.. SharedFields, "id", "order", "refunded_at", "business_day", "currency", "net"], ["id", "order", "refunded_at", "currency"]),
        ["ticket"] = ([.. SharedFields, "id", "created_at", "status", "first_reply_at", "solved_at", "reopens", "handoffs", "rating", "replies", "subject", "nps", "ces"], ["id", "created_at"]),
        ["person"] = ([.. SharedFields, "id", "created_at", "name"], ["id"]),
    };

    private static readonly string[] AllowedLineFields = ["product", "category", "quantity", "price", "net_price"];

    /// <summary>Fields that hold times; without an offset they need a time zone.</summary>
    public static IReadOnlySet<string> TimeFields { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "placed_at", "refunded_at", "created_at", "updated_at", "cancelled_at", "first_reply_at", "solved_at", "business_day",
    };

    /// <summary>Fields that hold decimal numbers.</summary>
    public static IReadOnlySet<string> NumberFields { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "gross", "net", "discount", "tax", "shipping", "reopens", "handoffs", "replies", "nps", "ces", "quantity", "price", "net_price",
    };

    /// <summary>Reads a mapping.</summary>
    /// <exception cref="ImportMappingException">It cannot work; the message says why.</exception>
    public static ImportMapping Parse(ReadOnlyMemory<byte> json)
    {
        if (json.Length > LargestFile)
        {
            throw new ImportMappingException($"A column mapping may have {LargestFile} bytes.");
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return Of(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ImportMappingException("The column mapping is not the JSON object that docs/import.md describes.", e);
        }
    }

    private static ImportMapping Of(JsonElement root)
    {
        var known = new[] { "kind", "system", "fields", "lines", "delimiter", "decimalSeparator", "timeFormat" };
        if (root.EnumerateObject().Select(p => p.Name).FirstOrDefault(n => !known.Contains(n)) is { } unknown)
        {
            throw new ImportMappingException($"The column mapping has an unknown setting '{unknown}'. There are: {string.Join(", ", known)}.");
        }

        string? Text(string name) => root.TryGetProperty(name, out var value) ? value.GetString() : null;
        var kind = Text("kind") ?? "";
        if (!Kinds.TryGetValue(kind, out var fieldsOfKind))
        {
            throw new ImportMappingException($"kind is one of {string.Join(", ", Kinds.Keys)}.");
        }

        var fields = FieldsOf(root, "fields", fieldsOfKind.Allowed);
        var lines = FieldsOf(root, "lines", AllowedLineFields);
        if (fieldsOfKind.Required.FirstOrDefault(f => !fields.ContainsKey(f)) is { } missing)
        {
            throw new ImportMappingException($"fields has no '{missing}', which a {kind} needs: name a column, or give {{\"constant\": \"…\"}}.");
        }

        if (lines.Count > 0 && kind != "order")
        {
            throw new ImportMappingException("Only an order has lines.");
        }

        return new ImportMapping(
            kind, Text("system") ?? throw new ImportMappingException("system is missing: a name of your own for where the data comes from."), fields, lines, Text("delimiter") ?? ",", Text("decimalSeparator") ?? ".", Text("timeFormat"));
    }

    private static Dictionary<string, ImportField> FieldsOf(JsonElement root, string name, string[] allowed)
    {
        var fields = new Dictionary<string, ImportField>(StringComparer.Ordinal);
        if (!root.TryGetProperty(name, out var section))
        {
            return fields;
        }

        foreach (var property in section.EnumerateObject())
        {
            fields[property.Name] = allowed.Contains(property.Name)
                ? ImportField.Of(property.Value)
                : throw new ImportMappingException($"{name} has an unknown field '{property.Name}'. There are: {string.Join(", ", allowed)}.");
        }

        return fields;
    }
}

/// <summary>Where a field's value comes from: a column (its values perhaps translated), or a constant.</summary>
public sealed record ImportField(string? Column, string? Constant, IReadOnlyDictionary<string, string>? Values, string? Otherwise)
{
    internal static ImportField Of(JsonElement field)
    {
        if (field.ValueKind == JsonValueKind.String)
        {
            return new ImportField(field.GetString(), null, null, null);
        }

        string? Text(string name) => field.TryGetProperty(name, out var value) ? value.GetString() : null;
        var values = field.TryGetProperty("values", out var table) ? table.EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetString() ?? "", StringComparer.Ordinal) : null;
        var (column, constant) = (Text("column"), Text("constant"));
        return column is null == constant is null
            ? throw new ImportMappingException("A field is the name of a column, or an object with either column or constant.")
            : new ImportField(column, constant, values, Text("otherwise"));
    }

    /// <summary>The value for a row; null when the row has none.</summary>
    /// <param name="column">Gives the text of a column.</param>
    public string? ValueFor(Func<string, string?> column)
    {
        if (Constant is not null)
        {
            return Constant;
        }

        var text = column(Column!)?.Trim();
        var translated = Values is null ? text : text is not null && Values.TryGetValue(text, out var value) ? value : Otherwise ?? text;
        return string.IsNullOrEmpty(translated) ? null : translated;
    }
}

/// <summary>A column mapping that cannot work: the message is for the person who wrote it.</summary>
public sealed class ImportMappingException : Exception
{
    public ImportMappingException(string message)
        : base(message)
    {
    }

    public ImportMappingException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public ImportMappingException()
    {
    }
}
