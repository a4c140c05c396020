namespace Laurel.Expressions.Evaluation;

/// <summary>What one evaluation carries along: the steps it may still take and the error it is in, if any.</summary>
/// <remarks>It lives on the caller's stack, so that evaluating allocates nothing. Compiled code asks for
/// <see cref="Code"/> after each operation that may fail and jumps to whoever absorbs it.</remarks>
internal struct EvaluationState(int stepsMax)
{
    public int StepsLeft = stepsMax;
    public ExpressionErrorCode Code;
    public int Start;
    public int Length;

    public readonly bool Failed => Code != ExpressionErrorCode.None;

    public void Fail(ExpressionErrorCode code) => Code = code;

    public void FailAt(ExpressionErrorCode code, int start, int length)
    {
        Code = code;
        At(start, length);
    }

    public void At(int start, int length)
    {
        Start = start;
        Length = length;
    }

    public void Clear() => Code = ExpressionErrorCode.None;

    /// <summary>Takes steps from the budget; false when it is spent, which is then the error.</summary>
    public bool Charge(long steps)
    {
        if (steps > StepsLeft)
        {
            StepsLeft = 0;
            Code = ExpressionErrorCode.CostExceeded;
            return false;
        }

        StepsLeft -= (int)steps;
        return true;
    }

    /// <summary>Takes steps for text or bytes that are read or made.</summary>
    public bool ChargeUnits(long units) => Charge(units / ExpressionLimits.UnitsPerStep);
}

/// <summary>Compiled code. The state holds an error afterwards, or the result counts.</summary>
internal delegate TResult Evaluator<in TInput, out TResult>(TInput input, ref EvaluationState state);

internal delegate TResult Fallible<in T, out TResult>(T value, ref EvaluationState state);

internal delegate TResult Fallible<in T1, in T2, out TResult>(T1 first, T2 second, ref EvaluationState state);

internal delegate TResult Fallible<in T1, in T2, in T3, out TResult>(T1 first, T2 second, T3 third, ref EvaluationState state);

/// <summary>An overload called with values whose types are known only now.</summary>
internal delegate object? BoxedCall(object?[] arguments, ref EvaluationState state);
