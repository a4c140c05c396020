namespace Laurel.Expressions.Syntax;

/// <summary>A part of the syntax tree. Macros are already comprehensions here.</summary>
/// <param name="span">Where it stands in the text.</param>
/// <param name="children">Whose height decides its own.</param>
internal abstract class Node(Span span, params IEnumerable<Node> children)
{
    public Span Span { get; } = span;

    /// <summary>Levels from here down, itself included.</summary>
    public int Height { get; } = 1 + children.Select(static child => child.Height).DefaultIfEmpty(0).Max();
}

/// <summary>A value: null, bool, long, ulong, double, string or an array of byte.</summary>
internal sealed class LiteralNode(Span span, object? value) : Node(span)
{
    public object? Value { get; } = value;
}

/// <param name="absolute">Written with a leading dot: looked up outside the container.</param>
internal sealed class NameNode(Span span, string name, bool absolute) : Node(span)
{
    public string Name { get; } = name;

    public bool IsAbsolute { get; } = absolute;
}

/// <summary><c>operand.field</c>; with <see cref="IsTest"/> <c>has(operand.field)</c>.</summary>
internal sealed class SelectNode(Span span, Node operand, string field, Span fieldSpan, bool isTest) : Node(span, operand)
{
    public Node Operand { get; } = operand;

    public string Field { get; } = field;

    public Span FieldSpan { get; } = fieldSpan;

    public bool IsTest { get; } = isTest;
}

/// <summary>A function, a method or an operator under its name in the specification, such as <c>_+_</c>.</summary>
internal sealed class CallNode(Span span, string function, Span functionSpan, Node? target, IReadOnlyList<Node> arguments)
    : Node(span, target is null ? arguments : arguments.Prepend(target))
{
    public string Function { get; } = function;

    public Span FunctionSpan { get; } = functionSpan;

    public Node? Target { get; } = target;

    public IReadOnlyList<Node> Arguments { get; } = arguments;
}

/// <summary>A chain of <c>&amp;&amp;</c> or of <c>||</c>. Both are associative, errors included, so a chain is one node.</summary>
internal sealed class LogicNode(Span span, bool isAnd, IReadOnlyList<Node> operands) : Node(span, operands)
{
    public bool IsAnd { get; } = isAnd;

    public IReadOnlyList<Node> Operands { get; } = operands;
}

internal sealed class ConditionalNode(Span span, Node condition, Node whenTrue, Node whenFalse) : Node(span, condition, whenTrue, whenFalse)
{
    public Node Condition { get; } = condition;

    public Node WhenTrue { get; } = whenTrue;

    public Node WhenFalse { get; } = whenFalse;
}

internal sealed class ListNode(Span span, IReadOnlyList<Node> elements) : Node(span, elements)
{
    public IReadOnlyList<Node> Elements { get; } = elements;
}

internal sealed class MapNode(Span span, IReadOnlyList<(Node Key, Node Value)> entries)
    : Node(span, entries.SelectMany(static entry => new[] { entry.Key, entry.Value }))
{
    public IReadOnlyList<(Node Key, Node Value)> Entries { get; } = entries;
}

/// <summary><c>Name{field: value}</c>: read so that one clear error can be given for it.</summary>
internal sealed class MessageNode(Span span, string name) : Node(span)
{
    public string Name { get; } = name;
}

internal enum ComprehensionKind
{
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

/// <summary>A macro over a list or the keys of a map.</summary>
/// <param name="predicate">Null only for <c>map</c> with two arguments.</param>
/// <param name="transform">Of <c>map</c>, else null.</param>
internal sealed class ComprehensionNode(
    Span span, ComprehensionKind kind, Node range, string variable, Node? predicate, Node? transform)
    : Node(span, new[] { range, predicate, transform }.OfType<Node>())
{
    public ComprehensionKind Kind { get; } = kind;

    public Node Range { get; } = range;

    public string Variable { get; } = variable;

    public Node? Predicate { get; } = predicate;

    public Node? Transform { get; } = transform;
}

/// <summary><c>cel.bind(variable, value, body)</c>.</summary>
internal sealed class BindNode(Span span, string variable, Node value, Node body) : Node(span, value, body)
{
    public string Variable { get; } = variable;

    public Node Value { get; } = value;

    public Node Body { get; } = body;
}
