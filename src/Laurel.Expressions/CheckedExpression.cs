using Laurel.Expressions.Checking;
using Laurel.Expressions.Compilation;
using Laurel.Expressions.Evaluation;

namespace Laurel.Expressions;

/// <summary>An expression whose names and types are right.</summary>
public sealed class CheckedExpression<TInput>
{
    private readonly Bound _bound;
    private readonly Declarations _declarations;

    internal CheckedExpression(string text, Bound bound, Declarations declarations)
    {
        Text = text;
        _bound = bound;
        _declarations = declarations;
    }

    public string Text { get; }

    public ExpressionType Type => _bound.Type;

    /// <summary>Makes code of it. Takes about as long as thousands of evaluations: do it once and keep the result.</summary>
    /// <typeparam name="TResult">What C# keeps <see cref="Type"/> as (int: <see cref="long"/>, string: <see cref="string"/>, and so
    /// on), or <see cref="object"/> for whatever it is, boxed.</typeparam>
    /// <exception cref="InvalidOperationException">When the expression's type is kept as something else.</exception>
    public CompiledExpression<TInput, TResult> Compile<TResult>()
    {
        if (typeof(TResult) != typeof(object) && typeof(TResult) != Type.Clr)
        {
            throw new InvalidOperationException($"An expression of type {Type} gives {Type.Clr}, not {typeof(TResult)}.");
        }

        return new CompiledExpression<TInput, TResult>(Text, Emitter.Compile<TInput, TResult>(_bound, _declarations));
    }
}

/// <summary>Code that evaluates one expression. Safe for use by many threads; keeps nothing between evaluations.</summary>
public sealed class CompiledExpression<TInput, TResult>
{
    private readonly string _text;
    private readonly Evaluator<TInput, TResult> _evaluator;

    internal CompiledExpression(string text, Evaluator<TInput, TResult> evaluator)
    {
        _text = text;
        _evaluator = evaluator;
    }

    /// <summary>Evaluates with a budget of <see cref="ExpressionLimits.StepsMaxDefault"/> steps.</summary>
    public EvaluationResult<TResult> Evaluate(TInput input) => Evaluate(input, ExpressionLimits.StepsMaxDefault);

    /// <summary>Evaluates. Neither throws nor, where the types allow it, allocates.</summary>
    /// <param name="stepsMax">The budget; when it is spent the result is <see cref="ExpressionErrorCode.CostExceeded"/>.</param>
    public EvaluationResult<TResult> Evaluate(TInput input, int stepsMax)
    {
        var state = new EvaluationState(stepsMax);
        var value = _evaluator(input, ref state);
        return state.Failed
            ? new EvaluationResult<TResult>(state.Code, new Span(state.Start, state.Length))
            : new EvaluationResult<TResult>(value);
    }

    /// <summary>The error of a failed evaluation in words, with the place in the text.</summary>
    /// <exception cref="ArgumentException">When the result is a value.</exception>
    public ExpressionError Describe(EvaluationResult<TResult> result) => result.Code == ExpressionErrorCode.None
        ? throw new ArgumentException("The result is a value.", nameof(result))
        : ExpressionError.At(_text, result.Span, result.Code, null, WordsOf(result.Code));

    // Messages of checks name what they are about; at evaluation only the place is known.
    private object[] WordsOf(ExpressionErrorCode code) => code switch
    {
        ExpressionErrorCode.OverloadMissing => [new Phrase("The operation", "该运算"), new Phrase("these values", "这些值")],
        ExpressionErrorCode.FieldUnknown => [new Phrase("The value", "该值"), new Phrase("of that name", "该名称")],
        ExpressionErrorCode.FieldsUnsupported => ["dyn"],
        _ => [_text.Length],
    };
}

/// <summary>A value or an error.</summary>
public readonly struct EvaluationResult<TResult>
{
    internal EvaluationResult(TResult value) => Value = value;

    internal EvaluationResult(ExpressionErrorCode code, Span span) => (Code, Span) = (code, span);

    /// <summary>Counts only without an error.</summary>
    public TResult? Value { get; }

    /// <summary><see cref="ExpressionErrorCode.None"/> for a value.</summary>
    public ExpressionErrorCode Code { get; }

    public bool IsError => Code != ExpressionErrorCode.None;

    internal Span Span { get; }
}
