using Laurel.Expressions.Evaluation;
using Laurel.Expressions.Functions;
using Laurel.Expressions.Syntax;
using Laurel.Expressions.Types;

namespace Laurel.Expressions.Checking;

/// <summary>Calls: which overload is meant, and what of it can be computed now.</summary>
internal sealed partial class Checker
{
    /// <summary>Steps that computing one constant may take while an expression is checked.</summary>
    private const int FoldingStepsMax = 1_000;

    private Bound Call(CallNode node)
    {
        if (node.Target is null)
        {
            return node.Function switch
            {
                "_==_" => Equality(node, isNegated: false),
                "_!=_" => Equality(node, isNegated: true),
                "_[_]" => Index(node),
                "@in" => In(node),
                "type" when node.Arguments.Count == 1 => TypeOf(node),
                "dyn" when node.Arguments.Count == 1 => Converted(Bind(node.Arguments[0]), ExpressionType.Dyn),
                "matches" when node.Arguments.Count == 2 => Matches(node, node.Arguments[0], node.Arguments[1]),
                _ => Function(node),
            };
        }

        if (node.Function == "matches" && node.Arguments.Count == 1)
        {
            return Matches(node, node.Target, node.Arguments[0]);
        }

        // math.least(a, b) is a function with a dot in its name, unless math is a variable.
        if (QualifiedName(node.Target) is { } qualifier
            && Functions($"{qualifier.Text}.{node.Function}", isMethod: false) is { Count: > 0 } functions)
        {
            return Call($"{qualifier.Text}.{node.Function}", node.FunctionSpan, node.Span, functions, [.. node.Arguments.Select(Bind)]);
        }

        Bound[] arguments = [Bind(node.Target), .. node.Arguments.Select(Bind)];
        return Functions(node.Function, isMethod: true) is { Count: > 0 } methods
            ? Call(node.Function, node.FunctionSpan, node.Span, methods, arguments)
            : Fault(node.FunctionSpan, ExpressionErrorCode.FunctionUnknown, FunctionHint(node), node.Function);
    }

    private IReadOnlyList<Overload> Functions(string name, bool isMethod) => declarations.Functions.Find(name, isMethod) ?? [];

    private Bound Function(CallNode node)
    {
        Bound[] arguments = [.. node.Arguments.Select(Bind)];
        return Functions(node.Function, isMethod: false) is { Count: > 0 } functions
            ? Call(node.Function, node.FunctionSpan, node.Span, functions, arguments)
            : Fault(node.FunctionSpan, ExpressionErrorCode.FunctionUnknown, FunctionHint(node), node.Function);
    }

    private string? FunctionHint(CallNode node) =>
        node.Target is null && Functions(node.Function, isMethod: true).Count > 0 ? $"x.{node.Function}(…)"
        : node.Target is not null && Functions(node.Function, isMethod: false).Count > 0 ? $"{node.Function}(x)"
        : Suggestions.Nearest(node.Function, declarations.Functions.Names.Concat(Macros.Names).Append("matches").Append("type"));

    private Bound Call(string name, Span span, IReadOnlyList<Overload> overloads, IReadOnlyList<Bound> arguments) =>
        Call(name, span, span, overloads, arguments);

    private Bound Call(string name, Span nameSpan, Span span, IReadOnlyList<Overload> overloads, IReadOnlyList<Bound> arguments)
    {
        var fitting = new List<(Overload Overload, Dictionary<string, ExpressionType> Bound)>();
        foreach (var overload in overloads.Where(overload => overload.Parameters.Count == arguments.Count))
        {
            var bound = new Dictionary<string, ExpressionType>();
            if (Enumerable.Range(0, arguments.Count).All(i => TypeRules.Fits(overload.Parameters[i], arguments[i].Type, bound)))
            {
                fitting.Add((overload, bound));
            }
        }

        if (fitting.Count == 0)
        {
            var types = arguments.Count == 0 ? "()" : string.Join(", ", arguments.Select(static argument => argument.Type.ToString()));
            return Fault(
                nameSpan,
                ExpressionErrorCode.OverloadMissing,
                arguments.Count == 2 ? NumberHint(arguments[0].Type, arguments[1].Type) : null,
                Shown(name),
                types);
        }

        var isOpen = arguments.Any(static argument => argument.Type.Kind is ExpressionKind.Dyn or ExpressionKind.Never);
        if (!isOpen || fitting.Count == 1)
        {
            var (overload, bound) = fitting[0];
            return Folded(new BoundCall(
                TypeRules.Replace(overload.Result, bound),
                span,
                overload,
                [.. arguments.Select((argument, i) => Converted(argument, TypeRules.Replace(overload.Parameters[i], bound)))],
                bound));
        }

        var result = fitting[0].Overload.Result;
        var isKnown = result.Kind != ExpressionKind.Parameter && fitting.All(fit => fit.Overload.Result.Equals(result));
        return new BoundDynamicCall(
            isKnown ? TypeRules.Replace(result, new Dictionary<string, ExpressionType>()) : ExpressionType.Dyn,
            span,
            [.. fitting.Select(static fit => fit.Overload)],
            [.. arguments.Select(argument => Converted(argument, ExpressionType.Dyn))]);
    }

    private Bound Equality(CallNode node, bool isNegated)
    {
        var (left, right) = (Bind(node.Arguments[0]), Bind(node.Arguments[1]));
        var isMoney = (left.Type.Kind, right.Type.Kind)
            is (ExpressionKind.Decimal, ExpressionKind.Int) or (ExpressionKind.Int, ExpressionKind.Decimal);
        return isMoney || TypeRules.Join(left.Type, right.Type) is not null
            ? new BoundEquality(node.Span, left, right, isNegated)
            : Fault(
                node.FunctionSpan,
                ExpressionErrorCode.OverloadMissing,
                left.Type.Kind == ExpressionKind.Null || right.Type.Kind == ExpressionKind.Null
                    ? "has(…)"
                    : NumberHint(left.Type, right.Type),
                Shown(node.Function),
                $"{left.Type}, {right.Type}");
    }

    private Bound Index(CallNode node)
    {
        var (container, key) = (Bind(node.Arguments[0]), Bind(node.Arguments[1]));
        var isOpen = container.Type.Kind is ExpressionKind.Dyn or ExpressionKind.Never || key.Type.IsDyn
            || (container.Type.Kind == ExpressionKind.Map && container.Type.Key.Kind is ExpressionKind.Dyn or ExpressionKind.Never);
        return isOpen
            ? new BoundDynamicIndex(node.Span, Converted(container, ExpressionType.Dyn), Converted(key, ExpressionType.Dyn))
            : Call("[]", node.FunctionSpan, node.Span, Functions("_[_]", isMethod: false), [container, key]);
    }

    private Bound In(CallNode node)
    {
        var (value, container) = (Bind(node.Arguments[0]), Bind(node.Arguments[1]));
        return container.Type.Kind is ExpressionKind.Dyn or ExpressionKind.Never
            || (value.Type.IsDyn && container.Type.Kind is ExpressionKind.List or ExpressionKind.Map)
            || (container.Type.Kind == ExpressionKind.Map && container.Type.Key.Kind is ExpressionKind.Dyn or ExpressionKind.Never)
            ? new BoundDynamicIn(node.Span, Converted(value, ExpressionType.Dyn), Converted(container, ExpressionType.Dyn))
            : Call("in", node.FunctionSpan, node.Span, Functions("@in", isMethod: false), [value, container]);
    }

    private Bound TypeOf(CallNode node)
    {
        var operand = Bind(node.Arguments[0]);
        return new BoundTypeOf(node.Span, Converted(operand, ExpressionType.Dyn));
    }

    private Bound Matches(CallNode node, Node textNode, Node patternNode)
    {
        var subject = Bind(textNode);
        if (patternNode is not LiteralNode { Value: string pattern })
        {
            return Fault(patternNode.Span, ExpressionErrorCode.PatternInvalid, "x.matches('^A[0-9]+$')", new Phrase("it must be a literal", "必须是字面量"));
        }

        if (subject.Type.Kind is not (ExpressionKind.String or ExpressionKind.Dyn or ExpressionKind.Never))
        {
            return Fault(node.FunctionSpan, ExpressionErrorCode.OverloadMissing, null, "matches", $"{subject.Type}, string");
        }

        return Patterns.Compile(pattern) switch
        {
            { Regex: { } regex } => new BoundMatches(node.Span, Converted(subject, ExpressionType.String), regex),
            var (_, reason) => Fault(patternNode.Span, ExpressionErrorCode.PatternInvalid, null, reason!),
        };
    }

    /// <summary>The same value kept as another type that it joins.</summary>
    private Bound Converted(Bound bound, ExpressionType type)
    {
        if (bound.Type.Equals(type))
        {
            return bound;
        }

        return bound is BoundConstant constant && type.IsDyn
            ? new BoundConstant(type, constant.Span, constant.Value)
            : new BoundConvert(type, bound);
    }

    /// <summary>A list of constants is a constant, and so is a call of constants that succeeds.</summary>
    private Bound Folded(BoundList list)
    {
        if (!mode.FoldConstants || list.Elements.Any(static element => element is not BoundConstant))
        {
            return list;
        }

        var values = Array.CreateInstance(list.Type.Element.Clr, list.Elements.Count);
        for (var i = 0; i < values.Length; i++)
        {
            values.SetValue(((BoundConstant)list.Elements[i]).Value, i);
        }

        return new BoundConstant(list.Type, list.Span, values);
    }

    private Bound Folded(BoundCall call)
    {
        if (!mode.FoldConstants || call.Arguments.Any(static argument => argument is not BoundConstant))
        {
            return call;
        }

        var state = new EvaluationState(FoldingStepsMax);
        var value = call.Overload.Invoke([.. call.Arguments.Select(static argument => ((BoundConstant)argument).Value)], ref state);
        if (!state.Failed)
        {
            return call.Type.Arguments.Count == 0 && DynamicValues.Fits(value, call.Type)
                ? new BoundConstant(call.Type, call.Span, value)
                : call;
        }

        // A date, an amount or a number that cannot be read would fail at every evaluation: say so now.
        return call is { Arguments: [BoundConstant { Value: string }], Overload.Parameters: [{ Kind: ExpressionKind.String }] }
            && state.Code is ExpressionErrorCode.ValueInvalid or ExpressionErrorCode.ValueOutOfRange
            ? Fault(
                call.Arguments[0].Span,
                ExpressionErrorCode.ConstantInvalid,
                HintFor(call.Type),
                call.Type,
                new Phrase(ExpressionMessages.English(state.Code), ExpressionMessages.Chinese(state.Code)))
            : call;
    }

    private static string? HintFor(ExpressionType type) => type.Kind switch
    {
        ExpressionKind.Timestamp => "timestamp('2026-11-21T08:00:00Z')",
        ExpressionKind.Duration => "duration('1h30m')",
        ExpressionKind.Decimal => "decimal('0.015')",
        _ => null,
    };

    private static string? NumberHint(ExpressionType left, ExpressionType right) =>
        !left.IsNumber || !right.IsNumber || left.Equals(right) ? null
        : left.Kind == ExpressionKind.Double && right.Kind == ExpressionKind.Decimal ? "decimal('…')"
        : left.Kind == ExpressionKind.Double || right.Kind == ExpressionKind.Double ? "double(…)"
        : "int(…)";

    /// <summary>An operator as people write it.</summary>
    private static string Shown(string function) => function switch
    {
        "@in" => "in",
        ['_', .. var sign, '_'] => sign,
        ['-' or '!', '_'] => function[..1],
        _ => function,
    };
}
