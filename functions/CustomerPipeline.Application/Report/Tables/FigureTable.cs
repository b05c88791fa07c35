namespace CustomerPipeline.Application.Report.Tables;

/// <summary>What a column holds.</summary>
public enum ColumnType
{
    Text,
    WholeNumber,

    /// <summary>Money in major units, shares and the like.</summary>
    DecimalNumber,
    Date,

    /// <summary>In UTC.</summary>
    Instant,

    /// <summary>True or false.</summary>
    Truth,
}

/// <summary>A column of a table.</summary>
/// <param name="Name">In PascalCase.</param>
/// <param name="Type">What it holds: string, long, decimal, DateOnly, DateTimeOffset or bool.</param>
/// <param name="Description">What it means, in one sentence.</param>
/// <param name="IsNullable">Whether it may be empty. Columns of the key never are.</param>
public sealed record TableColumn(string Name, ColumnType Type, string Description, bool IsNullable = false);

/// <summary>Figures as flat rows, for programs that work on tables.</summary>
/// <param name="Name">In PascalCase.</param>
/// <param name="Description">What a row is.</param>
/// <param name="KeyColumns">How many of the columns, from the first on, tell the rows apart; rows come in their order.</param>
/// <param name="Columns">The columns.</param>
public sealed record FigureTable(string Name, string Description, int KeyColumns, IReadOnlyList<TableColumn> Columns)
{
    /// <summary>The columns that tell the rows apart.</summary>
    public IEnumerable<TableColumn> Key => Columns.Take(KeyColumns);

    /// <summary>Where one of the columns stands.</summary>
    public int IndexOf(string column) => Columns.TakeWhile(c => c.Name != column).Count();

    /// <summary>Compares rows by the key: texts by their UTF-16 code units.</summary>
    public int Compare(IReadOnlyList<object?> left, IReadOnlyList<object?> right)
    {
        for (var i = 0; i < KeyColumns; i++)
        {
            var order = Compare(left[i], right[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    /// <summary>Compares two values of a column; nothing comes before everything.</summary>
    public static int Compare(object? left, object? right) => (left, right) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        (string a, string b) => string.CompareOrdinal(a, b),
        (IComparable a, _) => a.CompareTo(right),
        _ => throw new InvalidOperationException($"{left.GetType()} has no order."),
    };
}
