namespace CustomerPipeline.Application.Receive.Import;

/// <summary>A row of a file: of CSV, or a record of JSON that is a line of an order.</summary>
/// <param name="Id">Of the order, or what else the row belongs to; empty where it cannot be read.</param>
/// <param name="Number">Where it stands, counted from 1.</param>
internal sealed record FileRow(string Id, int Number)
{
    /// <summary>Why the row cannot be read; null where it can.</summary>
    public (string Code, string Detail)? Problem { get; init; }

    /// <summary>Whether the id of a row that cannot be read is certain.</summary>
    public bool IsSure { get; init; } = true;

    /// <summary>Whether the mapping asks for it.</summary>
    public bool IsTaken { get; init; } = true;
}

/// <summary>The rows of a file in their order, with those that cannot be read.</summary>
internal interface IFileRows : IDisposable
{
    /// <summary>What a number counts: <c>line</c> or <c>record</c>.</summary>
    string Unit { get; }

    /// <summary>The values of the row that was read last, until the next one is read.</summary>
    ImportRow Values { get; }

    /// <summary>Reads the rows, once.</summary>
    IEnumerable<FileRow> Read();
}
