using System.Linq.Expressions;
using Laurel.Expressions.Checking;
using Laurel.Expressions.Evaluation;
using Laurel.Expressions.Functions;
using Laurel.Expressions.Syntax;

namespace Laurel.Expressions.Compilation;

/// <summary>What decides which parts are evaluated, and absorbs errors of parts that turn out not to matter.</summary>
internal sealed partial class Emitter
{
    /// <summary><c>&amp;&amp;</c> is false when any part is, <c>||</c> true when any part is, whatever errors the others are; else
    /// it is the first error, if there is one (CEL specification, "Logical Operators").</summary>
    private Expression Logic(BoundLogic node)
    {
        var parts = node.Operands.Select(Apart).ToArray();
        if (parts.All(static part => part.Statements.Count == 0))
        {
            return parts.Select(static part => part.Value)
                .Aggregate((all, next) => node.IsAnd ? Expression.AndAlso(all, next) : Expression.OrElse(all, next));
        }

        var result = Declared(typeof(bool));
        var done = Expression.Label("done");
        var absorber = new Absorber(this);
        foreach (var part in parts)
        {
            var decides = node.IsAnd ? Expression.Not(part.Value) : part.Value;
            absorber.Add(part, Expression.IfThen(
                decides, Expression.Block(Expression.Assign(result, Expression.Constant(!node.IsAnd)), Expression.Goto(done))));
        }

        absorber.FailIfPending();
        _statements.Add(Expression.Assign(result, Expression.Constant(node.IsAnd)));
        _statements.Add(Expression.Label(done));
        return result;
    }

    /// <summary>Code that jumps to a label of its own when it fails.</summary>
    private sealed record Part(List<Expression> Statements, Expression Value, LabelTarget OnError);

    private Part Apart(Bound node)
    {
        var (statements, onError) = (_statements, _onError);
        (_statements, _onError) = ([], Expression.Label("error"));
        var value = Emit(node);
        var part = new Part(_statements, value, _onError);
        (_statements, _onError) = (statements, onError);
        return part;
    }

    private Expression Conditional(BoundConditional node)
    {
        var condition = Emit(node.Condition);
        var outer = _statements;
        _statements = [];
        var whenTrue = As(Emit(node.WhenTrue), node.Type.Clr);
        var trueStatements = _statements;
        _statements = [];
        var whenFalse = As(Emit(node.WhenFalse), node.Type.Clr);
        var falseStatements = _statements;
        _statements = outer;
        if (trueStatements.Count == 0 && falseStatements.Count == 0)
        {
            return Expression.Condition(condition, whenTrue, whenFalse);
        }

        var result = Declared(node.Type.Clr);
        _statements.Add(Expression.IfThenElse(
            condition,
            Expression.Block(typeof(void), [.. trueStatements, Expression.Assign(result, whenTrue)]),
            Expression.Block(typeof(void), [.. falseStatements, Expression.Assign(result, whenFalse)])));
        return result;
    }

    private Expression Comprehension(BoundComprehension node)
    {
        var list = Kept(Range(node));
        var (count, index, element) = (Declared(typeof(int)), Declared(typeof(int)), Declared(node.Variable.Type.Clr));
        _locals[node.Variable] = element;
        _statements.Add(Expression.Assign(index, Expression.Constant(0)));
        _statements.Add(Expression.Assign(count, CountOf(list)));
        var done = Expression.Label("done");
        var loop = new Loop(node, list, count, index, element, done);
        return node.Kind switch
        {
            ComprehensionKind.All => Quantifier(loop, decisive: false),
            ComprehensionKind.Exists => Quantifier(loop, decisive: true),
            ComprehensionKind.ExistsOne => One(loop),
            ComprehensionKind.Filter or ComprehensionKind.Map => Collected(loop),
        };
    }

    private sealed record Loop(
        BoundComprehension Node,
        Expression List,
        ParameterExpression Count,
        ParameterExpression Index,
        ParameterExpression Element,
        LabelTarget Done);

    private Expression Range(BoundComprehension node)
    {
        var range = Emit(node.Range);
        return node.Range.Type.Kind switch
        {
            ExpressionKind.List => range,
            ExpressionKind.Map => Fallible(
                node.Range.Span,
                Expression.Call(
                    typeof(MapValues), nameof(MapValues.Keys), [node.Range.Type.Key.Clr, node.Range.Type.Value.Clr], range, _state)),
            _ => Fallible(node.Range.Span, typeof(DynamicValues), nameof(DynamicValues.RangeOf), range),
        };
    }

    // Arrays and lists are asked directly; through an interface each element would cost a call more.
    private static Expression CountOf(Expression list) =>
        list.Type.IsArray ? Expression.ArrayLength(list)
        : Expression.Property(list, Listed(list.Type, typeof(IReadOnlyCollection<>)).GetProperty("Count")!);

    private static Expression ElementAt(Expression list, Expression index) =>
        list.Type.IsArray ? Expression.ArrayIndex(list, index)
        : Expression.Property(list, Listed(list.Type, typeof(IReadOnlyList<>)).GetProperty("Item")!, index);

    private static Type Listed(Type list, Type otherwise) =>
        list.IsGenericType && list.GetGenericTypeDefinition() == typeof(List<>) ? list : otherwise.MakeGenericType(ElementOf(list));

    private static Type ElementOf(Type list) => list.GetInterfaces().Prepend(list)
        .First(static i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)).GetGenericArguments()[0];

    /// <summary>A loop of which each round is a step of the budget.</summary>
    private void Rounds(Loop loop, Action round)
    {
        var outer = _statements;
        var steps = Expression.Field(_state, nameof(EvaluationState.StepsLeft));
        _statements =
        [
            Expression.IfThen(Expression.GreaterThanOrEqual(loop.Index, loop.Count), Expression.Goto(loop.Done)),
        ];
        FailIf(Expression.LessThanOrEqual(steps, Expression.Constant(0)), ExpressionErrorCode.CostExceeded, loop.Node.Span);
        _statements.Add(Expression.Assign(steps, Expression.Subtract(steps, Expression.Constant(1))));
        _statements.Add(Expression.Assign(loop.Element, As(ElementAt(loop.List, loop.Index), loop.Element.Type)));
        if (!loop.Element.Type.IsValueType && loop.Element.Type != typeof(object))
        {
            // A list of the host may have holes.
            FailIf(Expression.ReferenceEqual(loop.Element, Expression.Constant(null)), ExpressionErrorCode.FieldAbsent, loop.Node.Range.Span);
        }

        _statements.Add(Expression.Assign(loop.Index, Expression.Add(loop.Index, Expression.Constant(1))));
        round();
        var body = _statements;
        _statements = outer;
        _statements.Add(Expression.Loop(Expression.Block(typeof(void), body)));
        _statements.Add(Expression.Label(loop.Done));
    }

    /// <summary><c>all</c> and <c>exists</c>: the first element that decides ends it, and absorbs earlier errors.</summary>
    private ParameterExpression Quantifier(Loop loop, bool decisive)
    {
        var result = Declared(typeof(bool));
        var decided = Expression.Label("decided");
        var absorber = new Absorber(this);
        _statements.Add(Expression.Assign(result, Expression.Constant(decisive)));
        Rounds(loop, () =>
        {
            var part = Apart(loop.Node.Predicate!);
            absorber.Add(part, Expression.IfThen(decisive ? part.Value : Expression.Not(part.Value), Expression.Goto(decided)));
        });
        absorber.FailIfPending();
        _statements.Add(Expression.Assign(result, Expression.Constant(!decisive)));
        _statements.Add(Expression.Label(decided));
        return result;
    }

    private BinaryExpression One(Loop loop)
    {
        var found = Declared(typeof(int));
        _statements.Add(Expression.Assign(found, Expression.Constant(0)));
        Rounds(loop, () => _statements.Add(Expression.IfThen(
            Emit(loop.Node.Predicate!), Expression.Assign(found, Expression.Add(found, Expression.Constant(1))))));
        return Expression.Equal(found, Expression.Constant(1));
    }

    private ParameterExpression Collected(Loop loop)
    {
        var element = loop.Node.Type.Element.Clr;
        var result = Variable(Expression.New(typeof(List<>).MakeGenericType(element)));
        Rounds(loop, () =>
        {
            var outer = _statements;
            var condition = loop.Node.Predicate is null ? null : Emit(loop.Node.Predicate);
            _statements = condition is null ? outer : [];
            var value = loop.Node.Transform is null ? loop.Element : Emit(loop.Node.Transform);
            _statements.Add(Expression.Call(result, "Add", null, As(value, element)));
            if (condition is not null)
            {
                outer.Add(Expression.IfThen(condition, Expression.Block(typeof(void), _statements)));
                _statements = outer;
            }
        });
        return result;
    }

    private ParameterExpression Declared(Type type)
    {
        var variable = Expression.Variable(type);
        _variables.Add(variable);
        return variable;
    }

    /// <summary>Keeps the first error of some parts until it is known whether it matters.</summary>
    private sealed class Absorber
    {
        private readonly Emitter _emitter;
        private readonly ParameterExpression _code;
        private readonly ParameterExpression _start;
        private readonly ParameterExpression _length;
        private bool _absorbs;

        public Absorber(Emitter emitter)
        {
            _emitter = emitter;
            _code = emitter.Declared(typeof(ExpressionErrorCode));
            _start = emitter.Declared(typeof(int));
            _length = emitter.Declared(typeof(int));
            emitter._statements.Add(Expression.Assign(_code, Expression.Constant(ExpressionErrorCode.None)));
        }

        /// <summary>Adds a part whose errors are kept. A spent budget is none of them and goes on outwards.</summary>
        public void Add(Part part, Expression whenValued)
        {
            _emitter._statements.AddRange(part.Statements);
            _emitter._statements.Add(whenValued);
            if (!_emitter._used.Contains(part.OnError))
            {
                return;
            }

            _absorbs = true;
            var next = Expression.Label("next");
            var state = _emitter._state;
            _emitter._statements.AddRange(
            [
                Expression.Goto(next),
                Expression.Label(part.OnError),
                Expression.IfThen(_emitter.IsCode(Expression.Equal, ExpressionErrorCode.CostExceeded), _emitter.GotoError()),
                Expression.IfThen(
                    Expression.Equal(_code, Expression.Constant(ExpressionErrorCode.None)),
                    Expression.Block(
                        Expression.Assign(_code, Expression.Field(state, nameof(EvaluationState.Code))),
                        Expression.Assign(_start, Expression.Field(state, nameof(EvaluationState.Start))),
                        Expression.Assign(_length, Expression.Field(state, nameof(EvaluationState.Length))))),
                Expression.Call(state, nameof(EvaluationState.Clear), null),
                Expression.Label(next),
            ]);
        }

        public void FailIfPending()
        {
            if (_absorbs)
            {
                _emitter._statements.Add(Expression.IfThen(
                    Expression.NotEqual(_code, Expression.Constant(ExpressionErrorCode.None)),
                    Expression.Block(
                        Expression.Call(_emitter._state, nameof(EvaluationState.FailAt), null, _code, _start, _length),
                        _emitter.GotoError())));
            }
        }
    }
}
