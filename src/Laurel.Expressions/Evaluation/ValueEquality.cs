using Laurel.Expressions.Functions;

namespace Laurel.Expressions.Evaluation;

/// <summary>Equality of values of any types: numbers by their amount, lists and maps by their elements, else by type and
/// value (CEL specification, "Equality").</summary>
internal static class ValueEquality
{
    public static bool AreEqual(object? left, object? right, ref EvaluationState state)
    {
        switch (left, right)
        {
            case (null, _) or (_, null):
                return left is null && right is null;
            case (long or ulong or double or decimal, long or ulong or double or decimal):
                return Numbers.CompareAny(left, right) == 0;
            case (string a, string b):
                state.ChargeUnits(Math.Min(a.Length, b.Length));
                return a == b;
            case (byte[] a, byte[] b):
                state.ChargeUnits(Math.Min(a.Length, b.Length));
                return a.AsSpan().SequenceEqual(b);
            case (bool or Timestamp or Duration or ExpressionType or string or byte[], _):
                return left.Equals(right);
        }

        if (DynamicValues.AsMap(left) is { } leftMap)
        {
            return DynamicValues.AsMap(right) is { } rightMap && AreEqual(leftMap, rightMap, ref state);
        }

        return DynamicValues.AsList(left) is { } leftList
            ? DynamicValues.AsList(right) is { } rightList && AreEqual(leftList, rightList, ref state)
            : left.Equals(right);
    }

    public static bool BytesEqual(byte[] left, byte[] right) => left.AsSpan().SequenceEqual(right);

    private static bool AreEqual(IReadOnlyList<object?> left, IReadOnlyList<object?> right, ref EvaluationState state)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        for (var i = 0; i < left.Count; i++)
        {
            if (!state.Charge(1) || !AreEqual(left[i], right[i], ref state))
            {
                return false;
            }
        }

        return true;
    }

    private static bool AreEqual(
        IReadOnlyDictionary<object, object?> left, IReadOnlyDictionary<object, object?> right, ref EvaluationState state)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        foreach (var (key, value) in left)
        {
            if (!state.Charge(1) || !right.TryGetValue(key, out var other) || !AreEqual(value, other, ref state))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>Keys of maps of any type: 1, 1u and 1.0 are one key.</summary>
internal sealed class Keys : IEqualityComparer<object>
{
    public static readonly Keys Comparer = new();

    private Keys()
    {
    }

    /// <summary>A whole number as long where it fits, else as ulong; anything else as it is.</summary>
    public static object Normal(object key) => key switch
    {
        ulong number and <= long.MaxValue => (long)number,
        double number when number == Math.Floor(number) && number is >= -9.223372036854775808e18 and < 9.223372036854775808e18 =>
            (long)number,
        double number when number == Math.Floor(number) && number > 0 && number < 1.8446744073709551616e19 => (ulong)number,
        decimal number when number == decimal.Floor(number) && number >= long.MinValue && number <= long.MaxValue => (long)number,
        _ => key,
    };

    /// <summary>This for keys of any type; null, which is the type's own equality, for keys of one.</summary>
    public static IEqualityComparer<K>? ComparerOf<K>() => typeof(K) == typeof(object) ? (IEqualityComparer<K>)(object)Comparer : null;

    public static bool IsKey(object? key) => key is bool or long or ulong or string;

    public new bool Equals(object? left, object? right) => left is not null && right is not null && Normal(left).Equals(Normal(right));

    public int GetHashCode(object key) => Normal(key).GetHashCode();
}
