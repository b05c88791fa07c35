using CustomerPipeline.Flow.Tables;
using Microsoft.OData.UriParser;

namespace CustomerPipeline.Functions.OData;

/// <summary>What an expression of <c>$filter</c> or <c>$orderby</c> asks for cannot be done here.</summary>
internal sealed class UnsupportedExpressionException(string what) : Exception($"This feed does not know {what}.");

/// <summary>
/// Expressions of OData over the rows of a table (https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html#sec_SystemQueryOptionfilter): what has no value makes a comparison
/// unknown, and only what is true passes a filter. Texts are compared by their code units.
/// </summary>
internal static class FeedExpression
{
    /// <summary>What an expression is worth, given a row.</summary>
    /// <exception cref="UnsupportedExpressionException">It has a part that is not known.</exception>
    public static Func<object?[], object?> Compile(SingleValueNode node, FigureTable table)
    {
        switch (node)
        {
            case ConstantNode constant:
                var value = Plain(constant.Value);
                return _ => value;
            case ConvertNode convert:
                return Compile(convert.Source, table);
            case SingleValuePropertyAccessNode access:
                var column = table.IndexOf(access.Property.Name);
                return row => Plain(row[column]);
            case BinaryOperatorNode binary:
                return Binary(binary.OperatorKind, Compile(binary.Left, table), Compile(binary.Right, table));
            case UnaryOperatorNode unary:
                var operand = Compile(unary.Operand, table);
                return unary.OperatorKind == UnaryOperatorKind.Not ? row => operand(row) is bool b ? !b : null : row => operand(row) is decimal n ? -n : null;
            case InNode { Left: var left, Right: CollectionConstantNode list }:
                var sought = Compile(left, table);
                var values = list.Collection.Select(c => Plain(c.Value)).ToList();
                return row => sought(row) is var found && values.Any(v => Equals(v, found));
            case SingleValueFunctionCallNode call:
                return Function(call.Name, [.. call.Parameters.Select(p => Compile((SingleValueNode)p, table))]);
            default:
                throw new UnsupportedExpressionException($"expressions of kind {node.Kind}");
        }
    }

    private static Func<object?[], object?> Binary(BinaryOperatorKind kind, Func<object?[], object?> left, Func<object?[], object?> right) => kind switch
    {
        BinaryOperatorKind.And => row => (left(row), right(row)) switch { (false, _) or (_, false) => false, (true, true) => true, _ => null },
        BinaryOperatorKind.Or => row => (left(row), right(row)) switch { (true, _) or (_, true) => true, (false, false) => false, _ => null },
        BinaryOperatorKind.Equal => row => Equals(left(row), right(row)),
        BinaryOperatorKind.NotEqual => row => !Equals(left(row), right(row)),
        BinaryOperatorKind.GreaterThan => Comparing(left, right, order => order > 0),
        BinaryOperatorKind.GreaterThanOrEqual => Comparing(left, right, order => order >= 0),
        BinaryOperatorKind.LessThan => Comparing(left, right, order => order < 0),
        BinaryOperatorKind.LessThanOrEqual => Comparing(left, right, order => order <= 0),
        BinaryOperatorKind.Add => Calculating(left, right, (a, b) => a + b),
        BinaryOperatorKind.Subtract => Calculating(left, right, (a, b) => a - b),
        BinaryOperatorKind.Multiply => Calculating(left, right, (a, b) => a * b),
        BinaryOperatorKind.Divide => Calculating(left, right, (a, b) => b == 0 ? null : a / b),
        BinaryOperatorKind.Modulo => Calculating(left, right, (a, b) => b == 0 ? null : a % b),
        _ => throw new UnsupportedExpressionException($"the operator {kind}"),
    };

    private static Func<object?[], object?> Comparing(Func<object?[], object?> left, Func<object?[], object?> right, Func<int, bool> holds) =>
        row => (left(row), right(row)) is ({ } a, { } b) ? holds(FigureTable.Compare(a, b)) : false;

    private static Func<object?[], object?> Calculating(Func<object?[], object?> left, Func<object?[], object?> right, Func<decimal, decimal, decimal?> result) =>
        row => (left(row), right(row)) is (decimal a, decimal b) ? result(a, b) : null;

    private static Func<object?[], object?> Function(string name, Func<object?[], object?>[] arguments)
    {
        Func<object?[], object?> OfText(Func<string, object?> apply) => row => arguments[0](row) is string text ? apply(text) : null;
        Func<object?[], object?> OfTexts(Func<string, string, object?> apply) => row => (arguments[0](row), arguments[1](row)) is (string text, string other) ? apply(text, other) : null;
        Func<object?[], object?> OfNumber(Func<decimal, decimal> apply) => row => arguments[0](row) is decimal number ? apply(number) : null;
        Func<object?[], object?> OfDay(Func<DateOnly, decimal> apply) => row => arguments[0](row) switch { DateOnly day => apply(day), DateTimeOffset at => apply(DateOnly.FromDateTime(at.UtcDateTime)), _ => null };
        return name switch
        {
            "contains" => OfTexts((text, part) => text.Contains(part, StringComparison.Ordinal)),
            "startswith" => OfTexts((text, part) => text.StartsWith(part, StringComparison.Ordinal)),
            "endswith" => OfTexts((text, part) => text.EndsWith(part, StringComparison.Ordinal)),
            "indexof" => OfTexts((text, part) => (decimal)text.IndexOf(part, StringComparison.Ordinal)),
            "concat" => OfTexts((text, more) => text + more),
            "length" => OfText(text => (decimal)text.Length),
            "tolower" => OfText(text => text.ToLowerInvariant()),
            "toupper" => OfText(text => text.ToUpperInvariant()),
            "trim" => OfText(text => text.Trim()),
            "round" => OfNumber(number => Math.Round(number, MidpointRounding.AwayFromZero)),
            "floor" => OfNumber(Math.Floor),
            "ceiling" => OfNumber(Math.Ceiling),
            "year" => OfDay(day => day.Year),
            "month" => OfDay(day => day.Month),
            "day" => OfDay(day => day.Day),
            "date" => row => arguments[0](row) is DateTimeOffset at ? DateOnly.FromDateTime(at.UtcDateTime) : null,
            _ => throw new UnsupportedExpressionException($"the function {name}"),
        };
    }

    /// <summary>A value of the library or of a row as it is compared: numbers of all kinds as decimals, instants in UTC.</summary>
    public static object? Plain(object? value) => value switch
    {
        int number => (decimal)number,
        long number => (decimal)number,
        short number => (decimal)number,
        byte number => (decimal)number,
        float number when Math.Abs(number) < 1e28f => (decimal)number,
        double number when Math.Abs(number) < 1e28 => (decimal)number,
        float or double => throw new UnsupportedExpressionException("numbers so large"),
        DateTimeOffset at => at.ToUniversalTime(),
#pragma warning disable CS0618 // The library still reads days as its own type, which it means to give up.
        Microsoft.OData.Edm.Date date => new DateOnly(date.Year, date.Month, date.Day),
#pragma warning restore CS0618
        _ => value,
    };
}
