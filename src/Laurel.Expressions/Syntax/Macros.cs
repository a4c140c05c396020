namespace Laurel.Expressions.Syntax;

/// <summary>Calls that are no functions: they name a variable, or ask about a field without reading it.</summary>
internal static class Macros
{
    public static readonly IReadOnlyList<string> Names = ["has", "all", "exists", "exists_one", "map", "filter"];

    /// <summary>What a macro stands for; null when the call is a plain function.</summary>
    /// <exception cref="SyntaxFault">When its arguments do not suit it.</exception>
    public static Node? Expand(Span span, Token name, Node? target, IReadOnlyList<Node> arguments) =>
        (name.Text, target, arguments.Count) switch
        {
            ("has", null, 1) => Has(span, name, arguments[0]),
            ("all", not null, 2) => Quantifier(ComprehensionKind.All, span, name, target, arguments),
            ("exists", not null, 2) => Quantifier(ComprehensionKind.Exists, span, name, target, arguments),
            ("exists_one" or "existsOne", not null, 2) => Quantifier(ComprehensionKind.ExistsOne, span, name, target, arguments),
            ("filter", not null, 2) => Quantifier(ComprehensionKind.Filter, span, name, target, arguments),
            ("map", not null, 2) =>
                new ComprehensionNode(span, ComprehensionKind.Map, target, Variable(name, arguments[0]), null, arguments[1]),
            ("map", not null, 3) =>
                new ComprehensionNode(span, ComprehensionKind.Map, target, Variable(name, arguments[0]), arguments[1], arguments[2]),
            ("bind", NameNode { Name: "cel" }, 3) => new BindNode(span, Variable(name, arguments[0]), arguments[1], arguments[2]),
            _ => null,
        };

    private static SelectNode Has(Span span, Token name, Node argument) => argument is SelectNode { IsTest: false } select
        ? new SelectNode(span, select.Operand, select.Field, select.FieldSpan, isTest: true)
        : throw new SyntaxFault(
            ExpressionErrorCode.MacroInvalid, argument.Span, "has(order.note)", name.Text, new Phrase("its argument must select a field", "参数必须是字段"));

    private static ComprehensionNode Quantifier(
        ComprehensionKind kind, Span span, Token name, Node target, IReadOnlyList<Node> arguments) =>
        new(span, kind, target, Variable(name, arguments[0]), arguments[1], null);

    private static string Variable(Token name, Node argument) => argument is NameNode { IsAbsolute: false } variable
        ? variable.Name
        : throw new SyntaxFault(
            ExpressionErrorCode.MacroInvalid,
            argument.Span,
            $"{name.Text}(x, …)",
            name.Text,
            new Phrase("its first argument must be the name of a variable", "第一个参数必须是变量名"));
}
