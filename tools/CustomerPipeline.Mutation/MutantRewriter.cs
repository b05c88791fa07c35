using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace CustomerPipeline.Mutation;

/// <summary>
/// Writes every mutant of a file into it, each behind its own switch: <c>a &lt; b</c> becomes <c>(Switch.On(7) ? a &lt;= b : a &lt; b)</c>, so that one build has them all. What would not compile is left
/// out at the next attempt (<see cref="MutatedDomain"/>).
/// </summary>
/// <param name="file">The file's name.</param>
/// <param name="firstId">The mutants are numbered after this, those that are left out with them.</param>
/// <param name="leftOut">The numbers of those that are not written.</param>
internal sealed class MutantRewriter(string file, int firstId, IReadOnlySet<int> leftOut) : CSharpSyntaxRewriter
{
    private static readonly Dictionary<SyntaxKind, SyntaxKind> Operators = new(BothWays(
        (SyntaxKind.LessThanExpression, SyntaxKind.LessThanOrEqualExpression),
        (SyntaxKind.GreaterThanExpression, SyntaxKind.GreaterThanOrEqualExpression),
        (SyntaxKind.EqualsExpression, SyntaxKind.NotEqualsExpression),
        (SyntaxKind.LogicalAndExpression, SyntaxKind.LogicalOrExpression),
        (SyntaxKind.AddExpression, SyntaxKind.SubtractExpression),
        (SyntaxKind.MultiplyExpression, SyntaxKind.DivideExpression),
        (SyntaxKind.BitwiseAndExpression, SyntaxKind.BitwiseOrExpression)))
    {
        [SyntaxKind.ModuloExpression] = SyntaxKind.MultiplyExpression,
    };

    private static readonly Dictionary<string, string> Methods = BothWays(
        ("Min", "Max"), ("MinBy", "MaxBy"), ("First", "Last"), ("FirstOrDefault", "LastOrDefault"), ("Any", "All"), ("OrderBy", "OrderByDescending"), ("ThenBy", "ThenByDescending"),
        ("StartsWith", "EndsWith"), ("Skip", "Take"), ("SkipWhile", "TakeWhile"));

    /// <summary>Calls that give back what they were called on, changed: the mutant does without.</summary>
    private static readonly HashSet<string> Changes = new(StringComparer.Ordinal)
    {
        "Where", "Distinct", "DistinctBy", "Trim", "TrimStart", "TrimEnd", "ToLowerInvariant", "ToUpperInvariant", "Replace", "Order", "OrderBy", "Reverse", "Concat", "Append", "Except", "Take", "Skip",
    };

    private readonly List<Mutant> _mutants = [];

    /// <summary>Those that were written.</summary>
    public IReadOnlyList<Mutant> Mutants => _mutants;

    /// <summary>The number of the last one.</summary>
    public int LastId { get; private set; } = firstId;

    // Where only constants may stand there is nowhere to put a switch.
    public override SyntaxNode? VisitAttributeList(AttributeListSyntax node) => node;

    public override SyntaxNode? VisitParameter(ParameterSyntax node) => node;

    public override SyntaxNode? VisitEnumMemberDeclaration(EnumMemberDeclarationSyntax node) => node;

    public override SyntaxNode? VisitConstantPattern(ConstantPatternSyntax node) => node;

    public override SyntaxNode? VisitRelationalPattern(RelationalPatternSyntax node) => node;

    public override SyntaxNode? VisitCaseSwitchLabel(CaseSwitchLabelSyntax node) => node;

    public override SyntaxNode? VisitFieldDeclaration(FieldDeclarationSyntax node) => node.Modifiers.Any(SyntaxKind.ConstKeyword) ? node : base.VisitFieldDeclaration(node);

    public override SyntaxNode? VisitLocalDeclarationStatement(LocalDeclarationStatementSyntax node) => node.IsConst ? node : base.VisitLocalDeclarationStatement(node);

    public override SyntaxNode? VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        IEnumerable<ExpressionSyntax> mutated = node.Kind() switch
        {
            SyntaxKind.CoalesceExpression => [node.Right, node.Left],
            _ when Operators.TryGetValue(node.Kind(), out var other) => [BinaryExpression(other, node.Left, Spaced(other), node.Right)],
            _ => [],
        };
        return Switched(node, (ExpressionSyntax)base.VisitBinaryExpression(node)!, mutated);
    }

    public override SyntaxNode? VisitPrefixUnaryExpression(PrefixUnaryExpressionSyntax node) =>
        Switched(node, (ExpressionSyntax)base.VisitPrefixUnaryExpression(node)!, node.Kind() is SyntaxKind.LogicalNotExpression or SyntaxKind.UnaryMinusExpression ? [node.Operand] : []);

    public override SyntaxNode? VisitLiteralExpression(LiteralExpressionSyntax node) => Switched(node, node, node.Kind() switch
    {
        SyntaxKind.TrueLiteralExpression => [LiteralExpression(SyntaxKind.FalseLiteralExpression)],
        SyntaxKind.FalseLiteralExpression => [LiteralExpression(SyntaxKind.TrueLiteralExpression)],
        SyntaxKind.NumericLiteralExpression when node.Token.Value is int number => [LiteralExpression(SyntaxKind.NumericLiteralExpression, Literal(number == 1 ? 0 : number + 1))],
        _ => [],
    });

    public override SyntaxNode? VisitIsPatternExpression(IsPatternExpressionSyntax node) => Switched(node, (ExpressionSyntax)base.VisitIsPatternExpression(node)!, [Not(node)]);

    public override SyntaxNode? VisitConditionalExpression(ConditionalExpressionSyntax node) =>
        Switched(node, (ExpressionSyntax)base.VisitConditionalExpression(node)!, [node.WithWhenTrue(node.WhenFalse).WithWhenFalse(node.WhenTrue)]);

    public override SyntaxNode? VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        var visited = (ExpressionSyntax)base.VisitInvocationExpression(node)!;
        // Behind "?." the call has no beginning of its own, and what is called for its effect is a statement (below).
        if (node.Expression is not MemberAccessExpressionSyntax { Name.Identifier.ValueText: var name } member || node.Parent is ExpressionStatementSyntax || HasNoBeginning(node))
        {
            return visited;
        }

        var mutated = new List<ExpressionSyntax>();
        if (Methods.TryGetValue(name, out var other) && (node.ArgumentList.Arguments.Count > 0 || other is not "All"))
        {
            mutated.Add(node.WithExpression(member.WithName(Renamed(member.Name, other))));
        }

        if (Changes.Contains(name))
        {
            mutated.Add(member.Expression);
        }

        if (node.Parent is IfStatementSyntax || (node.Parent is ConditionalExpressionSyntax conditional && conditional.Condition == node))
        {
            mutated.Add(Not(node));
        }

        return Switched(node, visited, mutated);
    }

    /// <summary>What an object is made with, one thing at a time left out.</summary>
    public override SyntaxNode? VisitObjectCreationExpression(ObjectCreationExpressionSyntax node) =>
        OneLeftOut(node, (ExpressionSyntax)base.VisitObjectCreationExpression(node)!, node.Initializer, node.WithInitializer);

    public override SyntaxNode? VisitWithExpression(WithExpressionSyntax node) => OneLeftOut(node, (ExpressionSyntax)base.VisitWithExpression(node)!, node.Initializer, node.WithInitializer);

    /// <summary>What is done for its effect, not done; what is left early, not left.</summary>
    public override SyntaxNode? VisitExpressionStatement(ExpressionStatementSyntax node) => Skipped(node, (StatementSyntax)base.VisitExpressionStatement(node)!);

    public override SyntaxNode? VisitContinueStatement(ContinueStatementSyntax node) => Skipped(node, node);

    public override SyntaxNode? VisitReturnStatement(ReturnStatementSyntax node) => node.Expression is null ? Skipped(node, node) : base.VisitReturnStatement(node);

    private static Dictionary<T, T> BothWays<T>(params (T One, T Other)[] pairs)
        where T : notnull => pairs.Concat(pairs.Select(p => (One: p.Other, Other: p.One))).ToDictionary(p => p.One, p => p.Other);

    private static SimpleNameSyntax Renamed(SimpleNameSyntax name, string other) => name is GenericNameSyntax generic ? generic.WithIdentifier(Identifier(other)) : IdentifierName(other);

    private static PrefixUnaryExpressionSyntax Not(ExpressionSyntax node) => PrefixUnaryExpression(SyntaxKind.LogicalNotExpression, ParenthesizedExpression(node.WithoutTrivia()));

    private static SyntaxToken Spaced(SyntaxKind expression) => BinaryExpression(expression, IdentifierName("a"), IdentifierName("b")).NormalizeWhitespace().OperatorToken;

    private static bool HasNoBeginning(SyntaxNode node) => node switch
    {
        InvocationExpressionSyntax call => HasNoBeginning(call.Expression),
        MemberAccessExpressionSyntax member => HasNoBeginning(member.Expression),
        ElementAccessExpressionSyntax element => HasNoBeginning(element.Expression),
        MemberBindingExpressionSyntax or ElementBindingExpressionSyntax => true,
        _ => false,
    };

    /// <summary>A name that a pattern or an <c>out</c> brings in cannot be brought in by one of two branches, or twice.</summary>
    private static bool BringsNames(SyntaxNode node) => node.DescendantNodesAndSelf(n => n is not LambdaExpressionSyntax).Any(n => n is SingleVariableDesignationSyntax);

    private ExpressionSyntax OneLeftOut(ExpressionSyntax node, ExpressionSyntax visited, InitializerExpressionSyntax? initializer, Func<InitializerExpressionSyntax, ExpressionSyntax> with) =>
        initializer?.Kind() is SyntaxKind.ObjectInitializerExpression or SyntaxKind.WithInitializerExpression
            ? Switched(node, visited, initializer.Expressions.Select(e => (with(initializer.WithExpressions(initializer.Expressions.Remove(e))), e.ToString(), "")))
            : visited;

    private ExpressionSyntax Switched(ExpressionSyntax node, ExpressionSyntax visited, IEnumerable<ExpressionSyntax> mutated) =>
        Switched(node, visited, mutated.Select(m => (m, node.ToString(), m.ToString())));

    private ExpressionSyntax Switched(ExpressionSyntax node, ExpressionSyntax visited, IEnumerable<(ExpressionSyntax Mutated, string Before, string After)> changes)
    {
        foreach (var (mutated, before, after) in changes)
        {
            if (Add(node, before, after) is { } mutant)
            {
                visited = ParenthesizedExpression(ConditionalExpression(On(mutant), ParenthesizedExpression(mutated.WithoutTrivia()), ParenthesizedExpression(visited.WithoutTrivia()))).WithTriviaFrom(node);
            }
        }

        return visited;
    }

    private StatementSyntax Skipped(StatementSyntax node, StatementSyntax visited) => Add(node, node.ToString(), "") is { } mutant
        ? Block(IfStatement(Not(On(mutant)), Block(visited.WithoutTrivia()))).WithTriviaFrom(node)
        : visited;

    /// <summary>A mutant of what stands there; null where there can be none, or it is left out.</summary>
    private Mutant? Add(SyntaxNode node, string before, string after)
    {
        // In the head of a type, outside of its members, a switch does not compile, and what is to blame for that cannot be told.
        if (node.FirstAncestorOrSelf<MemberDeclarationSyntax>() is BaseTypeDeclarationSyntax || BringsNames(node) || leftOut.Contains(++LastId))
        {
            return null;
        }

        var mutant = new Mutant(LastId, file, node.GetLocation().GetLineSpan().StartLinePosition.Line + 1, before, after);
        _mutants.Add(mutant);
        return mutant;
    }

    private static ExpressionSyntax On(Mutant mutant) => ParseExpression($"global::{MutatedDomain.SwitchName}.On({mutant.Id})");
}
