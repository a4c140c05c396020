using System.Linq.Expressions;
using Laurel.Expressions.Evaluation;

namespace Laurel.Expressions.Functions;

/// <summary>The four orders. Numbers of different types are ordered by their amounts; nothing is less or greater than NaN.</summary>
internal static class Comparisons
{
    public static void Declare(FunctionTable table)
    {
        Same(table, (long a, long b) => a < b, (a, b) => a <= b, (a, b) => a > b, (a, b) => a >= b);
        Same(table, (ulong a, ulong b) => a < b, (a, b) => a <= b, (a, b) => a > b, (a, b) => a >= b);
        Same(table, (double a, double b) => a < b, (a, b) => a <= b, (a, b) => a > b, (a, b) => a >= b);
        Same(table, (decimal a, decimal b) => a < b, (a, b) => a <= b, (a, b) => a > b, (a, b) => a >= b);
        Same(table, (Timestamp a, Timestamp b) => a < b, (a, b) => a <= b, (a, b) => a > b, (a, b) => a >= b);
        Same(table, (Duration a, Duration b) => a < b, (a, b) => a <= b, (a, b) => a > b, (a, b) => a >= b);
        Same(table, (bool a, bool b) => !a && b, (a, b) => !a || b, (a, b) => a && !b, (a, b) => a || !b);

        Mixed<long, ulong>(table, (a, b) => Numbers.Compare(a, b), (a, b) => Numbers.Compare(a, b));
        Mixed<long, double>(table, (a, b) => Numbers.Compare(a, b), (a, b) => Numbers.Compare(a, b));
        Mixed<ulong, double>(table, (a, b) => Numbers.Compare(a, b), (a, b) => Numbers.Compare(a, b));
        Mixed<double, decimal>(table, (a, b) => Numbers.Compare(a, b), (a, b) => Numbers.Compare(a, b));
        Same(table, (decimal a, long b) => a < b, (a, b) => a <= b, (a, b) => a > b, (a, b) => a >= b);
        Same(table, (long a, decimal b) => a < b, (a, b) => a <= b, (a, b) => a > b, (a, b) => a >= b);

        Charged(table, static (string a, string b, ref EvaluationState state) =>
            state.ChargeUnits(Math.Min(a.Length, b.Length)) ? CodePoints.Compare(a, b) : 0);
        Charged(table, static (byte[] a, byte[] b, ref EvaluationState state) =>
            state.ChargeUnits(Math.Min(a.Length, b.Length)) ? Numbers.CompareBytes(a, b) : 0);
    }

    private static void Same<T1, T2>(
        FunctionTable table,
        Expression<Func<T1, T2, bool>> less,
        Expression<Func<T1, T2, bool>> lessOrEqual,
        Expression<Func<T1, T2, bool>> greater,
        Expression<Func<T1, T2, bool>> greaterOrEqual)
    {
        table.Pure("_<_", less);
        table.Pure("_<=_", lessOrEqual);
        table.Pure("_>_", greater);
        table.Pure("_>=_", greaterOrEqual);
    }

    /// <summary>Both ways round, from comparisons that give -1, 0, 1 or <see cref="Numbers.Unordered"/>.</summary>
    private static void Mixed<T1, T2>(FunctionTable table, Expression<Func<T1, T2, int>> compare, Expression<Func<T2, T1, int>> reverse)
    {
        Ordered(table, compare);
        Ordered(table, reverse);
    }

    private static void Ordered<T1, T2>(FunctionTable table, Expression<Func<T1, T2, int>> compare)
    {
        Expression<Func<int, bool>>[] tests = [c => c == -1, c => c == -1 || c == 0, c => c == 1, c => c == 1 || c == 0];
        for (var i = 0; i < tests.Length; i++)
        {
            var body = new ParameterReplacer(tests[i].Parameters, [compare.Body]).Visit(tests[i].Body);
            table.Add(s_names[i], Overload.Pure(Expression.Lambda<Func<T1, T2, bool>>(body, compare.Parameters)));
        }
    }

    private static readonly string[] s_names = ["_<_", "_<=_", "_>_", "_>=_"];

    private static void Charged<T>(FunctionTable table, Fallible<T, T, int> compare)
    {
        table.Add("_<_", Overload.Of((T a, T b, ref EvaluationState state) => compare(a, b, ref state) < 0));
        table.Add("_<=_", Overload.Of((T a, T b, ref EvaluationState state) => compare(a, b, ref state) <= 0));
        table.Add("_>_", Overload.Of((T a, T b, ref EvaluationState state) => compare(a, b, ref state) > 0));
        table.Add("_>=_", Overload.Of((T a, T b, ref EvaluationState state) => compare(a, b, ref state) >= 0));
    }
}
