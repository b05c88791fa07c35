using CustomerPipeline.Application.Report.Tables;
using Microsoft.OData;
using Microsoft.OData.Edm;
using Microsoft.OData.UriParser;

namespace CustomerPipeline.Functions.OData;

/// <summary>An expression of <c>$filter</c> or <c>$orderby</c> asks for something that the feed does not support.</summary>
internal sealed class UnsupportedExpressionException(string what) : Exception($"This feed does not support {what}.");

/// <summary>
/// Expressions of OData over the rows of a table, as "OData Version 4.0 Part 2: URL Conventions", 5.1.1, defines them: a comparison with null is false,
/// except that null equals null, and only rows for which the expression is true pass a filter. Texts are compared by their UTF-16 code units.
/// </summary>
/// <param name="table">Whose rows.</param>
/// <param name="aliases">The values of parameter aliases (<c>@p</c>) by name; an alias without a value is null (5.3.2).</param>
/// <param name="now">What <c>now()</c> returns for every row.</param>
internal sealed class FeedExpression(FigureTable table, IReadOnlyDictionary<string, SingleValueNode> aliases, DateTimeOffset now)
{
    /// <summary>Returns what computes the value of an expression from a row.</summary>
    /// <exception cref="UnsupportedExpressionException">A part of it is not supported.</exception>
    /// <exception cref="ODataException">A part of it can have no value; also thrown for a row, for example when it divides by zero.</exception>
    public Func<object?[], object?> Compile(QueryNode node)
    {
        switch (node)
        {
            case ConstantNode constant:
                var value = FeedValue.Of(constant.Value);
                return _ => value;
            case ConvertNode { Source: var source, TypeReference: { } target } when target.IsDateTimeOffset():
                var converted = Compile(source);
                return row => FeedValue.ToInstant(converted(row));
            case ConvertNode convert:
                return Compile(convert.Source);
            case ParameterAliasNode alias:
                return aliases.TryGetValue(alias.Alias, out var named) && named is not null ? Compile(named) : _ => null;
            case SingleValuePropertyAccessNode access:
                var column = table.IndexOf(access.Property.Name);
                return row => FeedValue.Of(row[column]);
            case BinaryOperatorNode binary:
                return Binary(binary, Compile(binary.Left), Compile(binary.Right));
            case UnaryOperatorNode unary:
                var operand = Compile(unary.Operand);
                return unary.OperatorKind == UnaryOperatorKind.Not ? row => operand(row) is bool truth ? !truth : null : row => FeedValue.Negate(operand(row));
            case InNode { Left: var left, Right: CollectionConstantNode list }:
                var sought = Compile(left);
                var values = ValuesOf(left, list);
                return row => sought(row) is var found && values.Exists(v => FeedValue.AreEqual(v, found));
            case SingleValueFunctionCallNode { Name: "now" }:
                return _ => now;
            case SingleValueFunctionCallNode call:
                return FeedMethod.Compile(call.Name, [.. call.Parameters.Select(Compile)]);
            default:
                throw new UnsupportedExpressionException($"expressions of kind {node.Kind}");
        }
    }

    // The library rounds 2.5 to 2 where the left side is a whole number: its text still has what was asked.
    private static List<object?> ValuesOf(SingleValueNode left, CollectionConstantNode list) => left.TypeReference?.IsIntegral() == true
        ? [.. list.LiteralText.Trim('(', ')', '[', ']', ' ').Split(',', StringSplitOptions.TrimEntries).Where(t => t.Length > 0).Select(FeedValue.Number)]
        : [.. list.Collection.Select(c => FeedValue.Of(c.Value))];

    private static Func<object?[], object?> Binary(BinaryOperatorNode node, Func<object?[], object?> left, Func<object?[], object?> right)
    {
        var isWhole = node.TypeReference?.IsIntegral() == true;
        return node.OperatorKind switch
        {
            BinaryOperatorKind.And => row => left(row) is var l && l is false ? false : And(l, right(row)),
            BinaryOperatorKind.Or => row => left(row) is var l && l is true ? true : Or(l, right(row)),
            BinaryOperatorKind.Equal => row => FeedValue.AreEqual(left(row), right(row)),
            BinaryOperatorKind.NotEqual => row => !FeedValue.AreEqual(left(row), right(row)),
            BinaryOperatorKind.GreaterThan => Comparing(left, right, order => order > 0),
            BinaryOperatorKind.GreaterThanOrEqual => Comparing(left, right, order => order >= 0),
            BinaryOperatorKind.LessThan => Comparing(left, right, order => order < 0),
            BinaryOperatorKind.LessThanOrEqual => Comparing(left, right, order => order <= 0),
            BinaryOperatorKind.Add => row => FeedValue.Add(left(row), right(row)),
            BinaryOperatorKind.Subtract => row => FeedValue.Subtract(left(row), right(row)),
            BinaryOperatorKind.Multiply => row => FeedValue.Calculate(left(row), right(row), (a, b) => a * b),
            BinaryOperatorKind.Divide => row => FeedValue.Divide(left(row), right(row), isWhole),
            BinaryOperatorKind.Modulo => row => FeedValue.Remainder(left(row), right(row)),
            _ => throw new UnsupportedExpressionException($"the operator {node.OperatorKind}"),
        };
    }

    private static object? And(object? left, object? right) => (left, right) switch { (_, false) => false, (true, true) => true, _ => null };

    private static object? Or(object? left, object? right) => (left, right) switch { (_, true) => true, (false, false) => false, _ => null };

    private static Func<object?[], object?> Comparing(Func<object?[], object?> left, Func<object?[], object?> right, Func<int, bool> holds) =>
        row => (left(row), right(row)) is ({ } a, { } b) && holds(FeedValue.Compare(a, b));
}
