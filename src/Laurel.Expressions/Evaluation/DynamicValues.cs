using System.Collections;
using Laurel.Expressions.Functions;
using Laurel.Expressions.Types;

namespace Laurel.Expressions.Evaluation;

/// <summary>Values whose types are known only when they come. A list is an <see cref="IReadOnlyList{T}"/> of object or any
/// <see cref="IList"/>, a map an <see cref="IReadOnlyDictionary{TKey, TValue}"/> of object or any <see cref="IDictionary"/>.</summary>
internal static class DynamicValues
{
    /// <summary>Null for an object that is no value of the language.</summary>
    public static ExpressionType? TypeOf(object? value, IReadOnlyDictionary<Type, RecordType>? records = null) => value switch
    {
        null => ExpressionType.Null,
        bool => ExpressionType.Bool,
        long => ExpressionType.Int,
        ulong => ExpressionType.Uint,
        double => ExpressionType.Double,
        decimal => ExpressionType.Decimal,
        string => ExpressionType.String,
        byte[] => ExpressionType.Bytes,
        Timestamp => ExpressionType.Timestamp,
        Duration => ExpressionType.Duration,
        ExpressionType => ExpressionType.Type,
        _ when AsMap(value) is not null => s_anyMap,
        _ when AsList(value) is not null => s_anyList,
        _ => records?.GetValueOrDefault(value.GetType())?.Type,
    };

    private static readonly ExpressionType s_anyList = ExpressionType.List(ExpressionType.Dyn);
    private static readonly ExpressionType s_anyMap = ExpressionType.Map(ExpressionType.Dyn, ExpressionType.Dyn);

    /// <summary>Whether a value may stand where an overload wants this type. Elements are looked at when they are used.</summary>
    public static bool Fits(object? value, ExpressionType type) => type.Kind switch
    {
        ExpressionKind.Dyn or ExpressionKind.Parameter => true,
        ExpressionKind.List => AsList(value) is not null,
        ExpressionKind.Map => AsMap(value) is not null,
        ExpressionKind.Null => value is null,
        ExpressionKind.Record => value is not null && type.Clr.IsInstanceOfType(value),
        _ => value is not null && value.GetType() == type.Clr,
    };

    public static IReadOnlyList<object?>? AsList(object? value) => value switch
    {
        byte[] => null,
        IReadOnlyList<object?> list => list,
        IList list and not IDictionary => new AnyList(list),
        _ => null,
    };

    public static IReadOnlyDictionary<object, object?>? AsMap(object? value) => value switch
    {
        IReadOnlyDictionary<object, object?> map => map,
        IDictionary map => new AnyMap(map),
        _ => null,
    };

    /// <summary>The value as a list of T; the error is <see cref="ExpressionErrorCode.OverloadMissing"/> when an element is none.</summary>
    public static IReadOnlyList<T> ListOf<T>(object? value, ref EvaluationState state)
    {
        if (value is IReadOnlyList<T> list)
        {
            return list;
        }

        if (AsList(value) is not { } any || !state.Charge(any.Count))
        {
            return Fail<IReadOnlyList<T>>(ref state, []);
        }

        var typed = new T[any.Count];
        for (var i = 0; i < typed.Length; i++)
        {
            typed[i] = Deep<T>(any[i], ref state);
        }

        return typed;
    }

    /// <summary>The value as a map of K and V, which its keys and values must be.</summary>
    public static IReadOnlyDictionary<K, V> MapOf<K, V>(object? value, ref EvaluationState state)
        where K : notnull
    {
        if (value is IReadOnlyDictionary<K, V> map)
        {
            return map;
        }

        var typed = new Dictionary<K, V>(Keys.ComparerOf<K>());
        if (AsMap(value) is not { } any || !state.Charge(any.Count))
        {
            return Fail<IReadOnlyDictionary<K, V>>(ref state, typed);
        }

        foreach (var (key, item) in any)
        {
            var (typedKey, typedItem) = (Deep<K>(key, ref state), Deep<V>(item, ref state));
            if (state.Failed)
            {
                break;
            }

            typed[typedKey] = typedItem;
        }

        return typed;
    }

    private static T Deep<T>(object? value, ref EvaluationState state) =>
        value is T typed ? typed
        : value is null && typeof(T) == typeof(object) ? default!
        : Conversion<T>.Convert is { } convert ? convert(value, ref state)
        : Fail<T>(ref state, default!);

    /// <summary>How a value becomes a T that is a list or map itself; null for other types.</summary>
    private static class Conversion<T>
    {
        public static readonly Fallible<object?, T>? Convert = Make();

        private static Fallible<object?, T>? Make()
        {
            var method = !typeof(T).IsGenericType ? null
                : typeof(T).GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? nameof(ListOf)
                : typeof(T).GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) ? nameof(MapOf)
                : null;
            return method is null ? null : typeof(DynamicValues).GetMethod(method)!
                .MakeGenericMethod(typeof(T).GetGenericArguments())
                .CreateDelegate<Fallible<object?, T>>();
        }
    }

    public static IReadOnlyList<object?> AnyListOf(object? value, ref EvaluationState state) =>
        AsList(value) ?? Fail<IReadOnlyList<object?>>(ref state, []);

    public static IReadOnlyDictionary<object, object?> AnyMapOf(object? value, ref EvaluationState state) =>
        AsMap(value) ?? Fail<IReadOnlyDictionary<object, object?>>(ref state, MapValues.Empty);

    /// <summary>The elements that a macro goes through.</summary>
    public static IReadOnlyList<object?> RangeOf(object? value, ref EvaluationState state) =>
        AsMap(value) is { } map ? MapValues.Keys(map, ref state)
        : AsList(value) ?? Fail<IReadOnlyList<object?>>(ref state, []);

    /// <summary>The value as T, or an error.</summary>
    public static T Unboxed<T>(object? value, ref EvaluationState state)
    {
        if (value is T typed)
        {
            return typed;
        }

        state.Fail(ExpressionErrorCode.OverloadMissing);
        return default!;
    }

    /// <summary>Calls the first overload that takes these values.</summary>
    public static object? Call(IReadOnlyList<Overload> overloads, object?[] arguments, ref EvaluationState state)
    {
        foreach (var overload in overloads)
        {
            if (overload.Accepts(arguments))
            {
                return overload.Invoke(arguments, ref state);
            }
        }

        return Fail<object?>(ref state, null);
    }

    /// <summary><c>container[key]</c>. A number of any type may be an index or a key when it is whole.</summary>
    public static object? Index(object? container, object? key, ref EvaluationState state)
    {
        if (AsMap(container) is { } map)
        {
            if (map.TryGetValue(key ?? s_noKey, out var value))
            {
                return value;
            }

            state.Fail(ExpressionErrorCode.KeyMissing);
            return null;
        }

        if (AsList(container) is not { } list)
        {
            return Fail<object?>(ref state, null);
        }

        if (Keys.Normal(key ?? s_noKey) is long index)
        {
            return ListValues.At(list, index, ref state);
        }

        state.Fail(ExpressionErrorCode.ValueInvalid);
        return null;
    }

    /// <summary><c>value in container</c>.</summary>
    public static bool Contains(object? value, object? container, ref EvaluationState state)
    {
        if (AsMap(container) is { } map)
        {
            return map.ContainsKey(value ?? s_noKey);
        }

        if (AsList(container) is not { } list)
        {
            return Fail(ref state, false);
        }

        for (var i = 0; i < list.Count && state.Charge(1); i++)
        {
            if (ValueEquality.AreEqual(list[i], value, ref state))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary><c>operand.field</c> of a map or of a record of the host.</summary>
    public static object? Select(object? operand, string field, IReadOnlyDictionary<Type, RecordType> records, ref EvaluationState state)
    {
        if (AsMap(operand) is not null)
        {
            return Index(operand, field, ref state);
        }

        if (operand is null || !records.TryGetValue(operand.GetType(), out var record))
        {
            state.Fail(ExpressionErrorCode.FieldsUnsupported);
            return null;
        }

        if (!record.Fields.TryGetValue(field, out var member))
        {
            state.Fail(ExpressionErrorCode.FieldUnknown);
            return null;
        }

        var value = record.Read(operand, member);
        if (value is null && member.Type.Kind is not (ExpressionKind.Dyn or ExpressionKind.Null))
        {
            state.Fail(ExpressionErrorCode.FieldAbsent);
        }

        return value;
    }

    public static bool Has(object? operand, string field, IReadOnlyDictionary<Type, RecordType> records, ref EvaluationState state)
    {
        if (AsMap(operand) is { } map)
        {
            return map.ContainsKey(field);
        }

        if (operand is null || !records.TryGetValue(operand.GetType(), out var record))
        {
            state.Fail(ExpressionErrorCode.FieldsUnsupported);
            return false;
        }

        if (record.Fields.TryGetValue(field, out var member))
        {
            return record.Read(operand, member) is not null;
        }

        state.Fail(ExpressionErrorCode.FieldUnknown);
        return false;
    }

    public static ExpressionType TypeValue(object? value, IReadOnlyDictionary<Type, RecordType> records, ref EvaluationState state) =>
        TypeOf(value, records) ?? Fail(ref state, ExpressionType.Null);

    // No map has it, and null cannot be looked up.
    private static readonly object s_noKey = new();

    private static T Fail<T>(ref EvaluationState state, T nothing)
    {
        if (!state.Failed)
        {
            state.Fail(ExpressionErrorCode.OverloadMissing);
        }

        return nothing;
    }
}

/// <summary>A list of values that are not objects, boxed as they are read.</summary>
internal sealed class AnyList(IList list) : IReadOnlyList<object?>
{
    public int Count => list.Count;

    public object? this[int index] => list[index];

    public IEnumerator<object?> GetEnumerator() => list.Cast<object?>().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => list.GetEnumerator();
}

/// <summary>A map with keys or values of one type, seen as one of any. Numbers find their equals among keys of another type.</summary>
internal sealed class AnyMap(IDictionary map) : IReadOnlyDictionary<object, object?>
{
    public int Count => map.Count;

    public IEnumerable<object> Keys => map.Keys.Cast<object>();

    public IEnumerable<object?> Values => map.Values.Cast<object?>();

    public object? this[object key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException();

    public bool ContainsKey(object key) => map.Contains(key) || Other(key) is { } other && map.Contains(other);

    public bool TryGetValue(object key, out object? value)
    {
        var found = map.Contains(key) ? key : Other(key) is { } other && map.Contains(other) ? other : null;
        value = found is null ? null : map[found];
        return found is not null;
    }

    public IEnumerator<KeyValuePair<object, object?>> GetEnumerator()
    {
        foreach (var key in map.Keys)
        {
            yield return new KeyValuePair<object, object?>(key!, map[key!]);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static object? Other(object key) => Evaluation.Keys.Normal(key) switch
    {
        long number when key is not long => number,
        long number and >= 0 => (ulong)number,
        ulong number when key is not ulong => number,
        _ => null,
    };
}
