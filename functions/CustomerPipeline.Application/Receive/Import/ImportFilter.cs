using System.Text.Json;

namespace CustomerPipeline.Application.Receive.Import;

/// <summary>Which rows are read, by one column: its value is one of a list, begins with one of a list, or is a number above or below a bound.</summary>
public sealed record ImportFilter
{
    private static readonly string[] Tests = ["in", "notIn", "startsWith", "notStartsWith", "above", "below"];

    private ImportFilter(string column, string test) => (Column, Test) = (column, test);

    /// <summary>The heading, or the path.</summary>
    public string Column { get; }

    /// <summary><c>in</c>, <c>notIn</c>, <c>startsWith</c>, <c>notStartsWith</c>, <c>above</c> or <c>below</c>.</summary>
    public string Test { get; }

    /// <summary>The texts that the value is compared with.</summary>
    public IReadOnlySet<string> Texts { get; private init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>The number that the value is above or below; the bound itself is passed over.</summary>
    public decimal Bound { get; private init; }

    /// <summary>Whether a row is read; null where its value is no number and is compared with one.</summary>
    internal bool? Takes(ImportRow row, ImportMapping mapping)
    {
        var value = row.Column(Column)?.Trim() ?? "";
        return Test switch
        {
            "in" => Texts.Contains(value),
            "notIn" => !Texts.Contains(value),
            "startsWith" => Texts.Any(t => value.StartsWith(t, StringComparison.Ordinal)),
            "notStartsWith" => !Texts.Any(t => value.StartsWith(t, StringComparison.Ordinal)),
            _ => !ImportText.TryRead(ImportText.Plain(value, mapping), out var number) ? null : Test == "above" ? number > Bound : number < Bound,
        };
    }

    internal static ImportFilter Of(JsonElement filter)
    {
        var column = filter.TryGetProperty("column", out var named) ? named.GetString() : null;
        var tests = filter.EnumerateObject().Where(p => p.Name != "column").ToList();
        if (column is null || tests.Count != 1 || !Tests.Contains(tests[0].Name))
        {
            throw new ImportMappingException(
                "where is a list of objects with column and either in or notIn, startsWith or notStartsWith (each a list of values), above or below (a number).");
        }

        var (test, with) = (tests[0].Name, tests[0].Value);
        return test is "above" or "below"
            ? new ImportFilter(column, test)
            {
                Bound = with.ValueKind == JsonValueKind.Number && with.TryGetDecimal(out var bound) ? bound
                    : throw new ImportMappingException($"{test} of where is a number, such as 0."),
            }
            : new ImportFilter(column, test) { Texts = with.EnumerateArray().Select(v => v.GetString() ?? "").ToHashSet(StringComparer.Ordinal) };
    }
}
