namespace CustomerPipeline.Application.Receive.Import;

/// <summary>Where in a file a record stands, for the person who corrects it: the message carries it into quarantine.</summary>
internal static class ImportPlace
{
    /// <summary>A line or a record, with the columns that are not what the mapping says.</summary>
    public static string Of(string unit, int number, string? columns) => columns is null ? $"{unit} {number}" : $"{unit} {number}, column {columns}";
}
