using System.Globalization;
using System.Text;
using Laurel.Expressions.Syntax;

namespace Laurel.UnitTests.Expressions;

/// <summary>Writes a tree as an expression with as few parentheses as its precedences need, or as its bare structure.</summary>
internal static class SyntaxPrinter
{
    private const int Conditional = 0;
    private const int Or = 1;
    private const int And = 2;
    private const int Relation = 3;
    private const int Sum = 4;
    private const int Product = 5;
    private const int Unary = 6;
    private const int Member = 7;
    private const int Primary = 8;

    public static string Print(Node node) => Text(node, Conditional);

    /// <summary>Everything of the tree but where it stood.</summary>
    public static string Structure(Node node) => node switch
    {
        LiteralNode { Value: byte[] bytes } => $"b:{Convert.ToHexString(bytes)}",
        LiteralNode { Value: double number } => $"Double:{BitConverter.DoubleToInt64Bits(number)}",
        LiteralNode literal => $"{literal.Value?.GetType().Name}:{literal.Value}",
        NameNode name => $"{(name.IsAbsolute ? "." : "")}{name.Name}",
        SelectNode select => $"({(select.IsTest ? "has" : "select")} {Structure(select.Operand)} {select.Field})",
        CallNode call => $"({call.Function} {(call.Target is null ? "_" : Structure(call.Target))}{All(call.Arguments)})",
        LogicNode logic => $"({(logic.IsAnd ? "&&" : "||")}{All(logic.Operands)})",
        ConditionalNode conditional => $"(?:{All([conditional.Condition, conditional.WhenTrue, conditional.WhenFalse])})",
        ListNode list => $"(list{All(list.Elements)})",
        MapNode map => $"(map{All(map.Entries.SelectMany(entry => new[] { entry.Key, entry.Value }))})",
        ComprehensionNode loop => $"({loop.Kind} {loop.Variable}{All([loop.Range, loop.Predicate, loop.Transform])})",
        BindNode bind => $"(bind {bind.Variable}{All([bind.Value, bind.Body])})",
        _ => throw new InvalidOperationException($"{node.GetType()}"),
    };

    private static string All(IEnumerable<Node?> nodes) => string.Concat(nodes.Select(node => node is null ? " _" : " " + Structure(node)));

    private static string Text(Node node, int least)
    {
        var (text, level) = Text(node);
        return level < least ? $"({text})" : text;
    }

    private static (string Text, int Level) Text(Node node) => node switch
    {
        LiteralNode literal => (Literal(literal.Value), Primary),
        NameNode name => ($"{(name.IsAbsolute ? "." : "")}{name.Name}", Primary),
        SelectNode { IsTest: true } select => ($"has({Text(select.Operand, Member)}.{select.Field})", Primary),
        SelectNode select => ($"{Text(select.Operand, Member)}.{select.Field}", Member),
        CallNode { Function: "_[_]" } index => ($"{Text(index.Arguments[0], Member)}[{Print(index.Arguments[1])}]", Member),
        CallNode { Function: "!_" or "-_" } unary => (unary.Function[..1] + Operand(unary.Arguments[0]), Unary),
        CallNode { Function: "@in" } test =>
            ($"{Text(test.Arguments[0], Relation)} in {Text(test.Arguments[1], Sum)}", Relation),
        CallNode { Function: ['_', .. var sign, '_'] } binary => Binary(binary, sign),
        CallNode call => ($"{(call.Target is null ? "" : Text(call.Target, Member) + ".")}{call.Function}({List(call.Arguments)})", Member),
        LogicNode { IsAnd: true } logic => (string.Join(" && ", logic.Operands.Select(operand => Text(operand, Relation))), And),
        LogicNode logic => (string.Join(" || ", logic.Operands.Select(operand => Text(operand, And))), Or),
        ConditionalNode conditional =>
            ($"{Text(conditional.Condition, Or)} ? {Text(conditional.WhenTrue, Or)} : {Print(conditional.WhenFalse)}", Conditional),
        ListNode list => ($"[{List(list.Elements)}]", Primary),
        MapNode map => ("{" + string.Join(", ", map.Entries.Select(entry => $"{Print(entry.Key)}: {Print(entry.Value)}")) + "}", Primary),
        ComprehensionNode loop => ($"{Text(loop.Range, Member)}.{Macro(loop)}", Member),
        BindNode bind => ($"cel.bind({bind.Variable}, {Print(bind.Value)}, {Print(bind.Body)})", Member),
        _ => throw new InvalidOperationException($"{node.GetType()}"),
    };

    // A minus before a number would become part of it.
    private static string Operand(Node node) =>
        Text(node, Unary) is var text && char.IsAsciiDigit(text[0]) ? $"({text})" : text;

    private static (string Text, int Level) Binary(CallNode node, string sign)
    {
        var level = sign switch
        {
            "*" or "/" or "%" => Product,
            "+" or "-" => Sum,
            _ => Relation,
        };
        return ($"{Text(node.Arguments[0], level)} {sign} {Text(node.Arguments[1], level + 1)}", level);
    }

    private static string Macro(ComprehensionNode loop) => loop.Kind switch
    {
        ComprehensionKind.All => $"all({loop.Variable}, {Print(loop.Predicate!)})",
        ComprehensionKind.Exists => $"exists({loop.Variable}, {Print(loop.Predicate!)})",
        ComprehensionKind.ExistsOne => $"exists_one({loop.Variable}, {Print(loop.Predicate!)})",
        ComprehensionKind.Filter => $"filter({loop.Variable}, {Print(loop.Predicate!)})",
        _ when loop.Predicate is null => $"map({loop.Variable}, {Print(loop.Transform!)})",
        _ => $"map({loop.Variable}, {Print(loop.Predicate)}, {Print(loop.Transform!)})",
    };

    private static string List(IEnumerable<Node> nodes) => string.Join(", ", nodes.Select(Print));

    private static string Literal(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        ulong number => number.ToString(CultureInfo.InvariantCulture) + "u",
        double number => number.ToString("R", CultureInfo.InvariantCulture) is var text && text.AsSpan().IndexOfAny('.', 'E') >= 0
            ? text
            : text + ".0",
        byte[] bytes => $"b'{string.Concat(bytes.Select(b => $"\\x{b:x2}"))}'",
        string text => Quoted(text),
        _ => throw new InvalidOperationException($"{value.GetType()}"),
    };

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (var rune in text.EnumerateRunes())
        {
            quoted.Append(rune.Value is < ' ' or '\'' or '\\' or > 126 ? $"\\U{rune.Value:x8}" : rune.ToString());
        }

        return quoted.Append('\'').ToString();
    }
}
