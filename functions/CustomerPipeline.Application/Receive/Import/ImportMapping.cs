using System.Text.Json;

namespace CustomerPipeline.Application.Receive.Import;

/// <summary>How the columns of a CSV file, or the fields of JSON, become fields of the import shape (docs/import.md). Read from a small JSON file.</summary>
/// <param name="Kind">order, refund, ticket, person or spend.</param>
/// <param name="System">A name for where the data comes from.</param>
/// <param name="Fields">By field of the import shape.</param>
/// <param name="LineFields">By field of the lines of an order or refund; empty when a row is a whole entity.</param>
/// <param name="Delimiter">Between columns.</param>
/// <param name="DecimalSeparator">Of numbers, <c>.</c> or <c>,</c>.</param>
/// <param name="ThousandsSeparator">Between groups of three digits; null: a number that has one is refused.</param>
/// <param name="Encoding">Of a CSV file: utf-8, utf-16 or windows-1252.</param>
/// <param name="LinesFrom">Of JSON: the path of the list of lines.</param>
/// <param name="Where">Rows that are read; all where it is empty.</param>
public sealed record ImportMapping(
    string Kind,
    string System,
    IReadOnlyDictionary<string, ImportField> Fields,
    IReadOnlyDictionary<string, ImportField> LineFields,
    string Delimiter = ",",
    string DecimalSeparator = ".",
    string? ThousandsSeparator = null,
    string? Encoding = null,
    string? LinesFrom = null,
    IReadOnlyList<ImportFilter>? Where = null)
{
    private const int LargestFile = 64 * 1024;
    private const int MostLists = 4;
    private const int MostFilters = 16;

    /// <summary>.NET formats of times and days, where they are not ISO 8601; <c>unix</c> and <c>unix-ms</c> for seconds and milliseconds since 1970.</summary>
    public IReadOnlyList<string> TimeFormats { get; init; } = [];

    /// <summary>Of JSON: lines that are read; all where it is empty.</summary>
    public IReadOnlyList<ImportFilter> LinesWhere { get; init; } = [];

    /// <summary>Of JSON: the path of the list of records, and of lists within its elements; empty where a document is a record, or a list of them.</summary>
    public IReadOnlyList<string> RecordsFrom { get; init; } = [];

    private static readonly string[] SharedFields = ["customer", "loyalty", "email", "phone", "country", "store", "channel", "campaign", "time_zone", "updated_at"];

    private static readonly Dictionary<string, (string[] Allowed, string[] Required)> Kinds = new(StringComparer.Ordinal)
    {
        ["order"] = ([.. SharedFields, "id", "placed_at", "business_day", "status", "currency", "gross", "net", "discount", "tax", "shipping", "cancelled_at"], ["id", "placed_at", "channel", "currency"]),
        ["refund"] = ([.. SharedFields, "id", "order", "refunded_at", "business_day", "currency", "net"], ["id", "order", "refunded_at", "currency"]),
        ["ticket"] = ([.. SharedFields, "id", "created_at", "status", "first_reply_at", "solved_at", "reopens", "handoffs", "rating", "replies", "subject", "nps", "ces"], ["id", "created_at"]),
        ["person"] = ([.. SharedFields, "id", "created_at", "name", "birth_date", "street", "postal_code", "city", "marketing_consent"], ["id"]),
        ["spend"] = (["id", "day", "campaign", "channel", "currency", "amount", "status", "time_zone", "updated_at"], ["id", "day", "campaign", "currency", "amount"]),
    };

    private static readonly string[] AllowedLineFields = ["product", "category", "quantity", "price", "net_price", "cost"];

    private static readonly string[] Settings =
        ["kind", "system", "fields", "lines", "linesFrom", "linesWhere", "recordsFrom", "where", "delimiter", "decimalSeparator", "thousandsSeparator", "timeFormat", "encoding"];

    /// <summary>Fields that hold times; without an offset they need a time zone.</summary>
    public static IReadOnlySet<string> TimeFields { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "placed_at", "refunded_at", "created_at", "updated_at", "cancelled_at", "first_reply_at", "solved_at", "business_day", "day",
    };

    /// <summary>Fields that hold decimal numbers.</summary>
    public static IReadOnlySet<string> NumberFields { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "gross", "net", "discount", "tax", "shipping", "reopens", "handoffs", "replies", "nps", "ces", "quantity", "price", "net_price", "cost", "amount",
    };

    /// <summary>Fields that hold amounts of money, which may be in minor units.</summary>
    public static IReadOnlySet<string> MoneyFields { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "gross", "net", "discount", "tax", "shipping", "price", "net_price", "cost", "amount",
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
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false });
            return Of(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ImportMappingException("The column mapping is not the JSON object that docs/import.md describes, or an object of it has a name twice.", e);
        }
    }

    private static ImportMapping Of(JsonElement root)
    {
        if (root.EnumerateObject().Select(p => p.Name).FirstOrDefault(n => !Settings.Contains(n)) is { } unknown)
        {
            throw new ImportMappingException($"The column mapping has an unknown setting '{unknown}'. There are: {string.Join(", ", Settings)}.");
        }

        IReadOnlyList<ImportFilter> Filters(string name) => root.TryGetProperty(name, out var list) ? [.. list.EnumerateArray().Select(ImportFilter.Of)] : [];
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

        if (lines.Count > 0 && kind is not ("order" or "refund"))
        {
            throw new ImportMappingException("Only orders and refunds have lines.");
        }

        var mapping = new ImportMapping(
            kind,
            Text("system") ?? throw new ImportMappingException("system is missing: a name of your own for where the data comes from."),
            fields,
            lines,
            Text("delimiter") switch { null => ",", "" or "\"" or "\r" or "\n" => throw new ImportMappingException("delimiter is empty, a quotation mark or the end of a line. Say what stands between columns, such as ;"), var between => between },
            Text("decimalSeparator") ?? ".",
            Text("thousandsSeparator"),
            Text("encoding"),
            Text("linesFrom"),
            Filters("where"))
        {
            LinesWhere = Filters("linesWhere"),
            TimeFormats = root.TryGetProperty("timeFormat", out var formats) ? ImportField.FormatsOf(formats) : [],
            RecordsFrom = Text("recordsFrom")?.Split(".*.") ?? [],
        };
        return mapping.DecimalSeparator is not ("." or ",") ? throw new ImportMappingException("decimalSeparator is '.' or ','.")
            : mapping.ThousandsSeparator is { } thousands && (thousands.Length != 1 || char.IsAsciiDigit(thousands[0]) || thousands == mapping.DecimalSeparator)
                ? throw new ImportMappingException("thousandsSeparator is one character, and another than decimalSeparator.")
            : mapping.RecordsFrom.Count > MostLists || mapping.RecordsFrom.Any(list => list.Length == 0)
                ? throw new ImportMappingException($"recordsFrom is the path of a list, and of up to {MostLists - 1} lists within its elements, such as orders.*.refunds.")
            : mapping.Where!.Count > MostFilters || mapping.LinesWhere.Count > MostFilters ? throw new ImportMappingException($"where and linesWhere may have {MostFilters} conditions each.")
            : mapping.LinesWhere.Count > 0 && mapping.LinesFrom is null ? throw new ImportMappingException("linesWhere goes with linesFrom: a row of a CSV file is passed over by where.")
            : mapping.Encoding is null or "utf-8" or "utf-16" or "windows-1252" ? mapping
            : throw new ImportMappingException("encoding is one of utf-8, utf-16 and windows-1252.");
    }

    /// <summary>Every column that the mapping asks for.</summary>
    internal IEnumerable<string> Columns =>
        Fields.Values.Concat(LineFields.Values).SelectMany(f => f.Columns).Concat((Where ?? []).Select(w => w.Column)).Distinct(StringComparer.Ordinal);

    /// <summary>Whether an entity may have several rows: an order with lines, and a refund, whose rows without lines are added up.</summary>
    internal bool HasGroups => LineFields.Count > 0 || Kind == "refund";

    /// <summary>Whether a record of JSON is a line, as a row of CSV is, and no list within it has the lines.</summary>
    internal bool HasRowsOfLines => LineFields.Count > 0 && LinesFrom is null;

    /// <summary>Whether the amounts of a refund's rows are added up although the mapping does not ask for it.</summary>
    internal bool AddsUpRefunds => Kind == "refund" && LineFields.Count == 0 && Fields.TryGetValue("net", out var net) && net.Rows == ImportRows.Same;

    /// <summary>Whether the file says which of two rows of one id is newer.</summary>
    internal bool HasVersions => Fields.ContainsKey("updated_at") && !HasGroups;

    internal ImportRows RowsOf(string field) =>
        Fields[field].Rows is not ImportRows.Same and var said ? said
        : field == "net" && AddsUpRefunds ? ImportRows.Sum
        : ImportRows.Same;

    /// <summary>Which entity a row belongs to; empty where it does not say. Refunds may be numbered for each order.</summary>
    internal string IdOf(ImportRow row) =>
        (Fields["id"].ValueFor(row) ?? "") is var id && id.Length > 0 && Kind == "refund" ? $"{id} of order {Fields["order"].ValueFor(row)}" : id;

    /// <summary>The record's currency as the mapping says it; null where it says none.</summary>
    internal string? CurrencyOf(ImportRow row) => Fields.GetValueOrDefault("currency")?.ValueFor(row);

    /// <summary>Whether a row is read.</summary>
    /// <param name="filters">Those of rows, or of lines.</param>
    /// <param name="row">The row.</param>
    /// <param name="compared">The column that is compared with a number, and is none: the row can be neither read nor passed over.</param>
    internal bool Takes(IReadOnlyList<ImportFilter>? filters, ImportRow row, out string? compared)
    {
        compared = null;
        foreach (var filter in filters ?? [])
        {
            if (filter.Takes(row, this) is not true and var takes)
            {
                compared = takes is null ? filter.Column : null;
                return false;
            }
        }

        return true;
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
                ? ImportField.Of(property.Name, property.Value)
                : throw new ImportMappingException($"{name} has an unknown field '{property.Name}'. There are: {string.Join(", ", allowed)}.");
        }

        return fields;
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
