using Laurel.Expressions.Evaluation;

namespace Laurel.Expressions.Functions;

/// <summary>Lists of any element type: size, index, membership, concatenation.</summary>
internal static class ListValues
{
    private static readonly ExpressionType s_a = ExpressionType.Parameter("A");

    public static void Declare(FunctionTable table)
    {
        var list = ExpressionType.List(s_a);
        table.Add("size", Overload.Generic(typeof(ListValues), nameof(Size), ExpressionType.Int, list));
        table.AddMethod("size", Overload.Generic(typeof(ListValues), nameof(Size), ExpressionType.Int, list));
        table.Add("_[_]", Overload.Generic(typeof(ListValues), nameof(At), s_a, list, ExpressionType.Int));
        table.Add("@in", Overload.OfMembership(typeof(ListValues), nameof(Contains), s_a, list));
        table.Add("_+_", Overload.Generic(typeof(ListValues), nameof(Concat), list, list, list));
    }

    public static long Size<A>(IReadOnlyList<A> list) => list.Count;

    public static A At<A>(IReadOnlyList<A> list, long index, ref EvaluationState state)
    {
        if (index < 0 || index >= list.Count)
        {
            state.Fail(ExpressionErrorCode.IndexOutOfRange);
            return default!;
        }

        var element = list[(int)index];
        if (element is null && typeof(A) != typeof(object))
        {
            state.Fail(ExpressionErrorCode.FieldAbsent);
        }

        return element;
    }

    public static bool Contains<A>(A value, IReadOnlyList<A> list, ref EvaluationState state)
    {
        for (var i = 0; i < list.Count && state.Charge(1); i++)
        {
            if (AreEqual(list[i], value, ref state))
            {
                return true;
            }
        }

        return false;
    }

    public static IReadOnlyList<A> Concat<A>(IReadOnlyList<A> left, IReadOnlyList<A> right, ref EvaluationState state)
    {
        if (!state.Charge((long)left.Count + right.Count))
        {
            return [];
        }

        return (A[])[.. left, .. right];
    }

    // The just-in-time compiler keeps only the branch of the type at hand, which then boxes nothing.
    private static bool AreEqual<A>(A left, A right, ref EvaluationState state)
    {
        if (typeof(A) == typeof(double))
        {
            return (double)(object)left! == (double)(object)right!;
        }

        if (typeof(A) == typeof(string))
        {
            return Strings.AreEqual((string)(object)left!, (string)(object)right!, ref state);
        }

        return typeof(A).IsValueType
            ? EqualityComparer<A>.Default.Equals(left, right)
            : ValueEquality.AreEqual(left, right, ref state);
    }
}
