using System.Linq.Expressions;

namespace Laurel.Expressions.Types;

/// <summary>Which type of the language a type of C# is, and how its values become those of the language.</summary>
internal static class HostTypes
{
    private static readonly Dictionary<Type, ExpressionType> s_plain = new()
    {
        [typeof(bool)] = ExpressionType.Bool,
        [typeof(long)] = ExpressionType.Int,
        [typeof(ulong)] = ExpressionType.Uint,
        [typeof(double)] = ExpressionType.Double,
        [typeof(decimal)] = ExpressionType.Decimal,
        [typeof(string)] = ExpressionType.String,
        [typeof(byte[])] = ExpressionType.Bytes,
        [typeof(Timestamp)] = ExpressionType.Timestamp,
        [typeof(Duration)] = ExpressionType.Duration,
        [typeof(ExpressionType)] = ExpressionType.Type,
        [typeof(object)] = ExpressionType.Dyn,
    };

    /// <summary>Types that a declared getter may have though the language keeps their values otherwise.</summary>
    private static readonly Dictionary<Type, ExpressionType> s_converted = new()
    {
        [typeof(int)] = ExpressionType.Int,
        [typeof(short)] = ExpressionType.Int,
        [typeof(byte)] = ExpressionType.Int,
        [typeof(uint)] = ExpressionType.Uint,
        [typeof(float)] = ExpressionType.Double,
        [typeof(DateTimeOffset)] = ExpressionType.Timestamp,
        [typeof(TimeSpan)] = ExpressionType.Duration,
    };

    private static readonly Dictionary<Type, RecordType> s_noRecords = [];

    /// <summary>The type that is kept as exactly this type of C#.</summary>
    /// <exception cref="ArgumentException">When there is none.</exception>
    public static ExpressionType Plain(Type type) => Find(type, s_noRecords)
        ?? throw new ArgumentException($"Values of {type} have no type in the language.", nameof(type));

    /// <summary>The type of a declared getter.</summary>
    /// <param name="records">Declared so far.</param>
    /// <exception cref="ArgumentException">When there is none.</exception>
    public static ExpressionType OfGetter(Type type, IReadOnlyDictionary<Type, RecordType> records)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        return s_converted.GetValueOrDefault(bare) ?? Find(bare, records) ?? throw new ArgumentException(
            $"A getter cannot give {type}. Declare its record first; elements of lists and maps are long, ulong, double, decimal, bool, "
            + "string, Timestamp, Duration or records.",
            nameof(type));
    }

    /// <summary>A getter's value, which is not null, as the language keeps it.</summary>
    public static Expression Converted(Expression value, ExpressionType type)
    {
        if (type.Clr.IsAssignableFrom(value.Type))
        {
            return value;
        }

        return value.Type == typeof(DateTimeOffset) ? Expression.Call(typeof(Timestamp), nameof(Timestamp.From), null, value)
            : value.Type == typeof(TimeSpan) ? Expression.Call(typeof(Duration), nameof(Duration.From), null, value)
            : Expression.Convert(value, type.Clr);
    }

    private static ExpressionType? Find(Type type, IReadOnlyDictionary<Type, RecordType> records)
    {
        if (s_plain.TryGetValue(type, out var plain))
        {
            return plain;
        }

        if (records.TryGetValue(type, out var record))
        {
            return record.Type;
        }

        if (Implemented(type, typeof(IReadOnlyDictionary<,>)) is [var key, var value])
        {
            return Find(key, records) is { } keyType && TypeRules.CanBeKey(keyType) && Find(value, records) is { } valueType
                ? ExpressionType.Map(keyType, valueType)
                : null;
        }

        return Implemented(type, typeof(IReadOnlyList<>)) is [var element] && Find(element, records) is { } elementType
            ? ExpressionType.List(elementType)
            : null;
    }

    private static Type[]? Implemented(Type type, Type definition) => type.GetInterfaces().Prepend(type)
        .FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == definition)?.GetGenericArguments();
}
