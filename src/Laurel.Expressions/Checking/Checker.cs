using Laurel.Expressions.Functions;
using Laurel.Expressions.Syntax;
using Laurel.Expressions.Types;

namespace Laurel.Expressions.Checking;

/// <summary>How an expression is checked.</summary>
/// <param name="FoldConstants">Whether calls of constants are computed now.</param>
/// <param name="TreatAsDyn">Every value counts as known only at evaluation, where what does not fit is then an error. No host
/// wants that; the tests evaluate every case in both ways.</param>
internal sealed record CheckMode(bool FoldConstants, bool TreatAsDyn)
{
    public static readonly CheckMode Product = new(FoldConstants: true, TreatAsDyn: false);
}

/// <summary>Finds what the names mean and whether the types fit (CEL specification, "Gradual Type Checking").</summary>
internal sealed partial class Checker(string text, Declarations declarations, CheckMode mode)
{
    private readonly List<ExpressionError> _errors = [];
    private readonly Stack<Local> _locals = [];

    public IReadOnlyList<ExpressionError> Errors => _errors;

    /// <summary>The expression with its types; anything, when there are errors.</summary>
    /// <param name="expected">What it must give; null when anything will do. An int will do for a decimal.</param>
    public Bound Check(Node node, ExpressionType? expected)
    {
        var bound = Bind(node);
        if (expected is null || _errors.Count > 0)
        {
            return bound;
        }

        if (expected.Kind == ExpressionKind.Decimal && bound.Type.Kind == ExpressionKind.Int)
        {
            return Call("decimal", bound.Span, declarations.Functions.Find("decimal", isMethod: false)!, [bound]);
        }

        if (TypeRules.Join(expected, bound.Type) is { } joined && (joined.Equals(expected) || bound.Type.IsDyn))
        {
            return Converted(bound, expected);
        }

        return Fault(bound.Span, ExpressionErrorCode.ResultTypeWrong, null, expected, bound.Type);
    }

    private Bound Bind(Node node)
    {
        var bound = node switch
        {
            LiteralNode literal => new BoundConstant(TypeOf(literal.Value), literal.Span, literal.Value),
            NameNode name => Name(name),
            SelectNode select => Select(select),
            CallNode call => Call(call),
            LogicNode logic => Logic(logic),
            ConditionalNode conditional => Conditional(conditional),
            ListNode list => List(list),
            MapNode map => Map(map),
            ComprehensionNode comprehension => Comprehension(comprehension),
            BindNode bind => BindVariable(bind),
            MessageNode message => Fault(message.Span, ExpressionErrorCode.MessageUnsupported, null, message.Name),
            _ => throw new InvalidOperationException($"No rule checks {node.GetType()}."),
        };
        return mode.TreatAsDyn ? Converted(bound, ExpressionType.Dyn) : bound;
    }

    private static ExpressionType TypeOf(object? literal) =>
        Evaluation.DynamicValues.TypeOf(literal) ?? throw new InvalidOperationException("A literal has a type.");

    /// <summary>Notes an error, and stands for the part at fault so that the rest can still be checked.</summary>
    private BoundFault Fault(Span span, ExpressionErrorCode code, string? hint, params object[] values)
    {
        if (!mode.TreatAsDyn && _errors.Count < ExpressionLimits.ErrorsMax)
        {
            _errors.Add(ExpressionError.At(text, span, code, hint, values));
        }

        return new BoundFault(span, code);
    }

    private Bound Name(NameNode node)
    {
        if (!node.IsAbsolute && _locals.FirstOrDefault(local => local.Name == node.Name) is { } found)
        {
            return new BoundLocal(node.Span, found);
        }

        return Declared(node.Span, node.Name, node.IsAbsolute)
            ?? Fault(node.Span, ExpressionErrorCode.NameUnknown, HintFor(node.Name), node.Name);
    }

    private Bound? Declared(Span span, string name, bool absolute) =>
        declarations.FindVariable(name, absolute) is { } variable ? new BoundVariable(span, variable)
        : declarations.FindType(name) is { } type ? new BoundConstant(ExpressionType.Type, span, type)
        : null;

    private string? HintFor(string name)
    {
        var owner = declarations.Variables.Values
            .FirstOrDefault(variable => declarations.RecordOf(variable.Type)?.Fields.ContainsKey(name) == true);
        return owner is not null
            ? $"{owner.Name}.{name}"
            : Suggestions.Nearest(name, declarations.Variables.Keys.Concat(_locals.Select(static local => local.Name)));
    }

    private Bound Select(SelectNode node)
    {
        if (!node.IsTest && QualifiedName(node) is { } name && Declared(node.Span, name.Text, name.IsAbsolute) is { } declared)
        {
            return declared;
        }

        var operand = Bind(node.Operand);
        switch (operand.Type.Kind)
        {
            case ExpressionKind.Record when declarations.RecordOf(operand.Type) is { } record:
                return record.Fields.TryGetValue(node.Field, out var field)
                    ? new BoundField(node.Span, operand, field, node.IsTest)
                    : Fault(
                        node.FieldSpan,
                        ExpressionErrorCode.FieldUnknown,
                        Suggestions.Nearest(node.Field, record.Fields.Keys),
                        operand.Type,
                        node.Field);
            case ExpressionKind.Map when operand.Type.Key.Kind == ExpressionKind.String:
                var key = new BoundConstant(ExpressionType.String, node.FieldSpan, node.Field);
                return node.IsTest
                    ? Call("in", node.Span, Functions("@in", isMethod: false), [key, operand])
                    : Call("[]", node.Span, Functions("_[_]", isMethod: false), [operand, key]);
            case ExpressionKind.Dyn or ExpressionKind.Never or ExpressionKind.Map:
                return new BoundDynamicField(node.Span, Converted(operand, ExpressionType.Dyn), node.Field, node.IsTest);
            default:
                return Fault(node.FieldSpan, ExpressionErrorCode.FieldsUnsupported, null, operand.Type);
        }
    }

    /// <summary>The dotted name that a chain of fields spells, unless it begins with a macro's variable.</summary>
    private (string Text, bool IsAbsolute)? QualifiedName(Node node) => node switch
    {
        NameNode name when name.IsAbsolute || _locals.All(local => local.Name != name.Name) => (name.Name, name.IsAbsolute),
        SelectNode { IsTest: false } select when QualifiedName(select.Operand) is { } qualifier =>
            ($"{qualifier.Text}.{select.Field}", qualifier.IsAbsolute),
        _ => null,
    };

    /// <summary>A part that must be a bool.</summary>
    private Bound Condition(Node node, string where)
    {
        var bound = Bind(node);
        return bound.Type.Kind is ExpressionKind.Bool or ExpressionKind.Dyn or ExpressionKind.Never
            ? Converted(bound, ExpressionType.Bool)
            : Fault(bound.Span, ExpressionErrorCode.OverloadMissing, null, where, bound.Type);
    }

    private BoundLogic Logic(LogicNode node) =>
        new(node.Span, node.IsAnd, [.. node.Operands.Select(operand => Condition(operand, node.IsAnd ? "&&" : "||"))]);

    private Bound Conditional(ConditionalNode node)
    {
        var condition = Condition(node.Condition, "?:");
        var (whenTrue, whenFalse) = (Bind(node.WhenTrue), Bind(node.WhenFalse));
        return TypeRules.Join(whenTrue.Type, whenFalse.Type) is { } type
            ? new BoundConditional(type, node.Span, condition, Converted(whenTrue, type), Converted(whenFalse, type))
            : Fault(
                node.Span, ExpressionErrorCode.TypesDiffer, NumberHint(whenTrue.Type, whenFalse.Type), whenTrue.Type, whenFalse.Type);
    }

    private Bound List(ListNode node)
    {
        var elements = node.Elements.Select(Bind).ToArray();
        var type = JoinOf(elements);
        return Folded(new BoundList(ExpressionType.List(type), node.Span, [.. elements.Select(element => Converted(element, type))]));
    }

    private Bound Map(MapNode node)
    {
        var entries = node.Entries.Select(entry => (Key: Bind(entry.Key), Value: Bind(entry.Value))).ToArray();
        if (entries.FirstOrDefault(entry => !TypeRules.CanBeKey(entry.Key.Type)).Key is { } wrong)
        {
            return Fault(wrong.Span, ExpressionErrorCode.KeyUnsupported, null);
        }

        var key = JoinOf(entries.Select(static entry => entry.Key));
        var value = JoinOf(entries.Select(static entry => entry.Value));
        return new BoundMap(
            ExpressionType.Map(key, value),
            node.Span,
            [.. entries.Select(entry => (Converted(entry.Key, key), Converted(entry.Value, value)))]);
    }

    /// <summary>The type of all of them; dyn when they differ.</summary>
    private static ExpressionType JoinOf(IEnumerable<Bound> parts) =>
        parts.Aggregate(ExpressionType.Never, static (joined, part) => TypeRules.Join(joined, part.Type) ?? ExpressionType.Dyn);

    private Bound Comprehension(ComprehensionNode node)
    {
        var range = Bind(node.Range);
        ExpressionType element;
        switch (range.Type.Kind)
        {
            case ExpressionKind.List:
                element = range.Type.Element;
                break;
            case ExpressionKind.Map:
                element = range.Type.Key;
                break;
            case ExpressionKind.Dyn or ExpressionKind.Never:
                element = ExpressionType.Dyn;
                break;
            default:
                return Fault(range.Span, ExpressionErrorCode.OverloadMissing, null, MacroName(node.Kind), range.Type);
        }

        // Elements of [] are of no type; whatever is done with them is never done.
        var variable = new Local(node.Variable, element.Kind == ExpressionKind.Never ? ExpressionType.Dyn : element);
        _locals.Push(variable);
        var predicate = node.Predicate is null ? null : Condition(node.Predicate, MacroName(node.Kind));
        var transform = node.Transform is null ? null : Bind(node.Transform);
        _locals.Pop();
        var type = node.Kind switch
        {
            ComprehensionKind.All or ComprehensionKind.Exists or ComprehensionKind.ExistsOne => ExpressionType.Bool,
            ComprehensionKind.Filter => ExpressionType.List(variable.Type),
            _ => ExpressionType.List(transform!.Type),
        };
        return new BoundComprehension(type, node.Span, node.Kind, range, variable, predicate, transform);
    }

    private static string MacroName(ComprehensionKind kind) => kind switch
    {
        ComprehensionKind.All => "all",
        ComprehensionKind.Exists => "exists",
        ComprehensionKind.ExistsOne => "exists_one",
        ComprehensionKind.Filter => "filter",
        ComprehensionKind.Map => "map",
    };

    private BoundBind BindVariable(BindNode node)
    {
        var value = Bind(node.Value);
        var variable = new Local(node.Variable, value.Type);
        _locals.Push(variable);
        var body = Bind(node.Body);
        _locals.Pop();
        return new BoundBind(node.Span, variable, value, body);
    }
}
