using CustomerPipeline.Domain;

namespace CustomerPipeline.Application.Receive.Import;

/// <summary>
/// Rows to payloads of the import shape. Rows of one order, or one refund, stand together, and are taken together or not at all: an order without one of its
/// lines is another order.
/// </summary>
internal static class RowParts
{
    /// <summary>Reads a file twice: once to see what is wrong with it.</summary>
    /// <param name="open">Gives the rows from the beginning.</param>
    /// <param name="mapping">How they are to be read.</param>
    /// <param name="limit">How many there may be.</param>
    public static IEnumerable<PayloadPart> Of(Func<IFileRows> open, ImportMapping mapping, SplitLimit limit)
    {
        var refused = Examine(open, mapping, limit);
        using var rows = open();
        var index = 0;
        var group = new RowGroup(mapping, rows.Unit);
        foreach (var row in rows.Read())
        {
            if (row.Problem is var (code, detail) && refused.IsToldAlone(row))
            {
                yield return PayloadPart.Reject(index++, code, detail);
            }

            if (row.Problem is not null || !row.IsTaken)
            {
                continue;
            }

            if (!group.Takes(row.Id))
            {
                foreach (var part in Close(group, refused, index))
                {
                    index++;
                    yield return part;
                }
            }

            group.Add(row, rows.Values);
        }

        foreach (var part in Close(group, refused, index).Concat(refused.Untold().Select((told, i) => PayloadPart.Reject(index + i, told.Code, told.Detail))))
        {
            yield return part;
        }
    }

    private static IEnumerable<PayloadPart> Close(RowGroup group, RefusedEntities refused, int index)
    {
        if (group.IsEmpty)
        {
            return [];
        }

        var id = group.Id;
        var part = group.Close(index);
        return !refused.Has(id) ? [part] : refused.Tell(id) is { } told ? [PayloadPart.Reject(index, told.Code, told.Detail)] : [];
    }

    // Which orders must not be taken: those with a row that cannot be read, and those whose rows stand in two places.
    private static RefusedEntities Examine(Func<IFileRows> open, ImportMapping mapping, SplitLimit limit)
    {
        using var rows = open();
        var refused = new RefusedEntities(mapping, rows.Unit);
        var seen = new HashSet<ulong>();
        FileRow? last = null;
        FileRow? broken = null;
        var count = 0;
        foreach (var row in rows.Read())
        {
            limit.Count(++count);
            if (row.Problem is not null)
            {
                refused.AddBroken(row);
                if (last is not null && !row.IsSure)
                {
                    refused.AddNeighbour(last, row);
                }

                broken = row;
                continue;
            }

            if (!row.IsTaken)
            {
                continue;
            }

            if (broken is { IsSure: false })
            {
                refused.AddNeighbour(row, broken);
            }

            broken = null;
            var isNew = last is null || last.Id != row.Id || !mapping.HasGroups;
            if (isNew && row.Id.Length > 0 && !mapping.HasVersions && !seen.Add(StableHash.Bits(row.Id)))
            {
                refused.AddRepeated(row);
            }

            last = row;
        }

        return refused;
    }
}
