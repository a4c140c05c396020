using System.Text.RegularExpressions;
using Laurel.Expressions.Functions;
using Laurel.Expressions.Syntax;
using Laurel.Expressions.Types;

namespace Laurel.Expressions.Checking;

/// <summary>A part of an expression whose names and types are known.</summary>
internal abstract class Bound(ExpressionType type, Span span)
{
    public ExpressionType Type { get; } = type;

    public Span Span { get; } = span;
}

/// <param name="value">As a value of <paramref name="type"/> is kept.</param>
internal sealed class BoundConstant(ExpressionType type, Span span, object? value) : Bound(type, span)
{
    public object? Value { get; } = value;
}

/// <summary>Evaluates to an error: what was not checked and cannot be.</summary>
internal sealed class BoundFault(Span span, ExpressionErrorCode code) : Bound(ExpressionType.Dyn, span)
{
    public ExpressionErrorCode Code { get; } = code;
}

/// <summary>A variable of the environment.</summary>
internal sealed class BoundVariable(Span span, Member variable) : Bound(variable.Type, span)
{
    public Member Variable { get; } = variable;
}

/// <summary>A variable of a macro.</summary>
internal sealed class Local(string name, ExpressionType type)
{
    public string Name { get; } = name;

    public ExpressionType Type { get; } = type;
}

internal sealed class BoundLocal(Span span, Local local) : Bound(local.Type, span)
{
    public Local Local { get; } = local;
}

/// <summary>A field of a record, or with <see cref="IsTest"/> whether it has a value.</summary>
internal sealed class BoundField(Span span, Bound operand, Member field, bool isTest)
    : Bound(isTest ? ExpressionType.Bool : field.Type, span)
{
    public Bound Operand { get; } = operand;

    public Member Field { get; } = field;

    public bool IsTest { get; } = isTest;
}

/// <summary>A field of a value whose type is known only at evaluation.</summary>
internal sealed class BoundDynamicField(Span span, Bound operand, string field, bool isTest)
    : Bound(isTest ? ExpressionType.Bool : ExpressionType.Dyn, span)
{
    public Bound Operand { get; } = operand;

    public string Field { get; } = field;

    public bool IsTest { get; } = isTest;
}

internal sealed class BoundCall(
    ExpressionType type, Span span, Overload overload, IReadOnlyList<Bound> arguments, Dictionary<string, ExpressionType> parameters)
    : Bound(type, span)
{
    public Overload Overload { get; } = overload;

    public IReadOnlyList<Bound> Arguments { get; } = arguments;

    /// <summary>What the overload's type parameters stand for.</summary>
    public Dictionary<string, ExpressionType> Parameters { get; } = parameters;
}

/// <summary>A call whose overload is chosen by the values at evaluation.</summary>
internal sealed class BoundDynamicCall(ExpressionType type, Span span, IReadOnlyList<Overload> overloads, IReadOnlyList<Bound> arguments)
    : Bound(type, span)
{
    public IReadOnlyList<Overload> Overloads { get; } = overloads;

    public IReadOnlyList<Bound> Arguments { get; } = arguments;
}

/// <summary><c>container[key]</c> where one of both is known only at evaluation.</summary>
internal sealed class BoundDynamicIndex(Span span, Bound container, Bound key) : Bound(ExpressionType.Dyn, span)
{
    public Bound Container { get; } = container;

    public Bound Key { get; } = key;
}

/// <summary><c>value in container</c> where one of both is known only at evaluation.</summary>
internal sealed class BoundDynamicIn(Span span, Bound value, Bound container) : Bound(ExpressionType.Bool, span)
{
    public Bound Value { get; } = value;

    public Bound Container { get; } = container;
}

internal sealed class BoundEquality(Span span, Bound left, Bound right, bool isNegated) : Bound(ExpressionType.Bool, span)
{
    public Bound Left { get; } = left;

    public Bound Right { get; } = right;

    public bool IsNegated { get; } = isNegated;
}

internal sealed class BoundMatches(Span span, Bound text, Regex regex) : Bound(ExpressionType.Bool, span)
{
    public Bound Text { get; } = text;

    public Regex Regex { get; } = regex;
}

internal sealed class BoundTypeOf(Span span, Bound operand) : Bound(ExpressionType.Type, span)
{
    public Bound Operand { get; } = operand;
}

internal sealed class BoundLogic(Span span, bool isAnd, IReadOnlyList<Bound> operands) : Bound(ExpressionType.Bool, span)
{
    public bool IsAnd { get; } = isAnd;

    public IReadOnlyList<Bound> Operands { get; } = operands;
}

internal sealed class BoundConditional(ExpressionType type, Span span, Bound condition, Bound whenTrue, Bound whenFalse) : Bound(type, span)
{
    public Bound Condition { get; } = condition;

    public Bound WhenTrue { get; } = whenTrue;

    public Bound WhenFalse { get; } = whenFalse;
}

internal sealed class BoundList(ExpressionType type, Span span, IReadOnlyList<Bound> elements) : Bound(type, span)
{
    public IReadOnlyList<Bound> Elements { get; } = elements;
}

internal sealed class BoundMap(ExpressionType type, Span span, IReadOnlyList<(Bound Key, Bound Value)> entries) : Bound(type, span)
{
    public IReadOnlyList<(Bound Key, Bound Value)> Entries { get; } = entries;
}

/// <summary>A macro. Its range is a list, a map whose keys are meant, or dyn.</summary>
internal sealed class BoundComprehension(
    ExpressionType type, Span span, ComprehensionKind kind, Bound range, Local variable, Bound? predicate, Bound? transform)
    : Bound(type, span)
{
    public ComprehensionKind Kind { get; } = kind;

    public Bound Range { get; } = range;

    public Local Variable { get; } = variable;

    public Bound? Predicate { get; } = predicate;

    public Bound? Transform { get; } = transform;
}

internal sealed class BoundBind(Span span, Local variable, Bound value, Bound body) : Bound(body.Type, span)
{
    public Local Variable { get; } = variable;

    public Bound Value { get; } = value;

    public Bound Body { get; } = body;
}

/// <summary>The same value kept as another type: boxed, or unboxed with an error when it is something else.</summary>
internal sealed class BoundConvert(ExpressionType type, Bound operand) : Bound(type, operand.Span)
{
    public Bound Operand { get; } = operand;
}
