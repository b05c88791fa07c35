namespace CustomerPipeline.Application.Receive.Import;

/// <summary>
/// The quotation marks of a row of CSV. A field that begins with one ends with one (RFC 4180, 2.5 and 2.7); where it does not, the rows behind it were read as its text.
/// A mark within a field that does not begin with one is a character like others: <c>24" screen</c>.
/// </summary>
internal static class CsvQuotes
{
    private const char Mark = '"';

    /// <summary>What is wrong, to be said behind "Line 7"; null where nothing is.</summary>
    /// <param name="row">As it stands in the file, with the end of its line.</param>
    /// <param name="delimiter">Between fields.</param>
    public static string? Problem(ReadOnlySpan<char> row, ReadOnlySpan<char> delimiter)
    {
        if (!row.Contains(Mark))
        {
            return null;
        }

        var field = 1;
        while (!row.IsEmpty)
        {
            if (row[0] == Mark)
            {
                if (!TryGetEnd(row, out var end))
                {
                    return $"has a quotation mark at the beginning of field {field} that is not closed";
                }

                row = row[end..];
                if (!row.IsEmpty && !row.StartsWith(delimiter) && row[0] is not ('\r' or '\n'))
                {
                    return $"has a quotation mark in field {field} with more text behind it: the mark before may not be closed, or one within the text is not written twice";
                }
            }

            var next = row.IndexOf(delimiter);
            row = next < 0 ? [] : row[(next + delimiter.Length)..];
            field++;
        }

        return null;
    }

    // Behind the mark that closes the field; two marks are one of its text.
    private static bool TryGetEnd(ReadOnlySpan<char> row, out int end)
    {
        for (end = 1; end < row.Length; end++)
        {
            if (row[end] != Mark)
            {
                continue;
            }

            if (end + 1 < row.Length && row[end + 1] == Mark)
            {
                end++;
                continue;
            }

            end++;
            return true;
        }

        return false;
    }
}
