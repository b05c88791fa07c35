namespace CustomerPipeline.Application.Receive.Import;

/// <summary>Records of JSON that are lines of orders, as the rows of a CSV file are.</summary>
/// <param name="parts">The documents of the upload.</param>
/// <param name="mapping">How they are to be read.</param>
/// <param name="limit">How large a document may be.</param>
internal sealed class JsonRows(IEnumerable<PayloadPart> parts, ImportMapping mapping, SplitLimit limit) : IFileRows
{
    public string Unit => "record";

    public ImportRow Values { get; private set; }

    public IEnumerable<FileRow> Read()
    {
        foreach (var (record, number, problem) in JsonRecords.In(parts, mapping, limit))
        {
            if (record is null)
            {
                yield return new FileRow("", number) { Problem = problem, IsSure = false };
                continue;
            }

            Values = record.ToRow(number, mapping);
            yield return JsonRecords.Try(number, () => Row(Values, number), (code, detail) => Broken(Values, number, (code, detail)));
        }
    }

    public void Dispose()
    {
    }

    // All fields are read here, so that what cannot be read is known before the first row of its order is taken.
    private FileRow Row(ImportRow values, int number)
    {
        if (!mapping.Takes(mapping.Where, values, out var compared))
        {
            return compared is null ? new FileRow("", number) { IsTaken = false }
                : new FileRow(mapping.IdOf(values), number) { Problem = JsonRecords.NoNumber(number, compared, "where") };
        }

        foreach (var field in mapping.Fields.Values.Concat(mapping.LineFields.Values))
        {
            _ = field.Columns.Count(column => values.Column(column) is null);
        }

        return new FileRow(mapping.IdOf(values), number);
    }

    // The id may be readable where another field is not.
    private FileRow Broken(ImportRow values, int number, (string Code, string Detail) problem)
    {
        var id = JsonRecords.Try(number, () => mapping.IdOf(values), (_, _) => "");
        return new FileRow(id, number) { Problem = problem, IsSure = id.Length > 0 };
    }
}
