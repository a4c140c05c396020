using Laurel.Expressions.Evaluation;

namespace Laurel.Expressions.Functions;

/// <summary>Maps of any key and value types: size, look-up, membership, keys, and how one is made.</summary>
internal static class MapValues
{
    public static readonly IReadOnlyDictionary<object, object?> Empty = new Dictionary<object, object?>();

    private static readonly ExpressionType s_k = ExpressionType.Parameter("K");
    private static readonly ExpressionType s_v = ExpressionType.Parameter("V");

    public static void Declare(FunctionTable table)
    {
        var map = ExpressionType.Map(s_k, s_v);
        table.Add("size", Overload.Generic(typeof(MapValues), nameof(Size), ExpressionType.Int, map));
        table.AddMethod("size", Overload.Generic(typeof(MapValues), nameof(Size), ExpressionType.Int, map));
        table.Add("_[_]", Overload.Generic(typeof(MapValues), nameof(Get), s_v, map, s_k));
        table.Add("@in", Overload.Generic(typeof(MapValues), nameof(Contains), ExpressionType.Bool, s_k, map));
    }

    public static long Size<K, V>(IReadOnlyDictionary<K, V> map) => map.Count;

    public static V Get<K, V>(IReadOnlyDictionary<K, V> map, K key, ref EvaluationState state)
    {
        if (key is null || !map.TryGetValue(key, out var value))
        {
            state.Fail(ExpressionErrorCode.KeyMissing);
            return default!;
        }

        if (value is null && typeof(V) != typeof(object))
        {
            state.Fail(ExpressionErrorCode.FieldAbsent);
        }

        return value;
    }

    public static bool Contains<K, V>(K key, IReadOnlyDictionary<K, V> map) => key is not null && map.ContainsKey(key);

    public static IReadOnlyList<K> Keys<K, V>(IReadOnlyDictionary<K, V> map, ref EvaluationState state) =>
        state.Charge(map.Count) ? map.Keys.ToArray() : [];

    /// <summary>A map of these entries; a key may not come twice, and 1 is the same key as 1u.</summary>
    public static IReadOnlyDictionary<K, V> Make<K, V>(K[] keys, V[] values, ref EvaluationState state)
        where K : notnull
    {
        var map = new Dictionary<K, V>(keys.Length, Evaluation.Keys.ComparerOf<K>());
        for (var i = 0; i < keys.Length && state.Charge(1); i++)
        {
            if (!Evaluation.Keys.IsKey(keys[i]))
            {
                state.Fail(ExpressionErrorCode.KeyUnsupported);
                break;
            }

            if (!map.TryAdd(keys[i], values[i]))
            {
                state.Fail(ExpressionErrorCode.KeyRepeated);
                break;
            }
        }

        return map;
    }
}
