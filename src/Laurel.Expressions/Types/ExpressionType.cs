namespace Laurel.Expressions;

/// <summary>The shapes of types.</summary>
public enum ExpressionKind
{
    Null,
    Bool,
    Int,
    Uint,
    Double,
    Decimal,
    String,
    Bytes,
    Timestamp,
    Duration,
    List,
    Map,
    Record,
    Type,

    /// <summary>Known only when the expression is evaluated.</summary>
    Dyn,

    /// <summary>Of the elements of <c>[]</c>: there are none, so they fit everywhere.</summary>
    Never,

    /// <summary>Stands for any type in the declaration of a function.</summary>
    Parameter,
}

/// <summary>A type of the language, and as what its values are kept.</summary>
/// <remarks>Values of a statically known type are never boxed: an int is a <see cref="long"/>, a list of int an
/// <see cref="IReadOnlyList{T}"/> of <see cref="long"/>.</remarks>
public sealed class ExpressionType : IEquatable<ExpressionType>
{
    public static readonly ExpressionType Null = new(ExpressionKind.Null, "null_type", typeof(object));
    public static readonly ExpressionType Bool = new(ExpressionKind.Bool, "bool", typeof(bool));
    public static readonly ExpressionType Int = new(ExpressionKind.Int, "int", typeof(long));
    public static readonly ExpressionType Uint = new(ExpressionKind.Uint, "uint", typeof(ulong));
    public static readonly ExpressionType Double = new(ExpressionKind.Double, "double", typeof(double));
    public static readonly ExpressionType Decimal = new(ExpressionKind.Decimal, "decimal", typeof(decimal));
    public static readonly ExpressionType String = new(ExpressionKind.String, "string", typeof(string));
    public static readonly ExpressionType Bytes = new(ExpressionKind.Bytes, "bytes", typeof(byte[]));
    public static readonly ExpressionType Timestamp = new(ExpressionKind.Timestamp, "google.protobuf.Timestamp", typeof(Timestamp));
    public static readonly ExpressionType Duration = new(ExpressionKind.Duration, "google.protobuf.Duration", typeof(Duration));
    public static readonly ExpressionType Type = new(ExpressionKind.Type, "type", typeof(ExpressionType));
    public static readonly ExpressionType Dyn = new(ExpressionKind.Dyn, "dyn", typeof(object));
    internal static readonly ExpressionType Never = new(ExpressionKind.Never, "never", typeof(object));

    private ExpressionType(ExpressionKind kind, string name, Type clr, params ExpressionType[] arguments)
    {
        Kind = kind;
        Name = name;
        Clr = clr;
        Arguments = arguments;
    }

    public ExpressionKind Kind { get; }

    /// <summary>As <c>type()</c> shows it, without arguments.</summary>
    public string Name { get; }

    internal Type Clr { get; }

    internal IReadOnlyList<ExpressionType> Arguments { get; }

    internal ExpressionType Element => Arguments[0];

    internal ExpressionType Key => Arguments[0];

    internal ExpressionType Value => Arguments[1];

    internal bool IsDyn => Kind == ExpressionKind.Dyn;

    internal bool IsNumber => Kind is ExpressionKind.Int or ExpressionKind.Uint or ExpressionKind.Double or ExpressionKind.Decimal;

    public static ExpressionType List(ExpressionType element) =>
        new(ExpressionKind.List, "list", typeof(IReadOnlyList<>).MakeGenericType(element.Clr), element);

    public static ExpressionType Map(ExpressionType key, ExpressionType value) =>
        new(ExpressionKind.Map, "map", typeof(IReadOnlyDictionary<,>).MakeGenericType(key.Clr, value.Clr), key, value);

    internal static ExpressionType Record(string name, Type clr) => new(ExpressionKind.Record, name, clr);

    internal static ExpressionType Parameter(string name) => new(ExpressionKind.Parameter, name, typeof(object));

    public bool Equals(ExpressionType? other) =>
        other is not null && Kind == other.Kind && Name == other.Name && Arguments.SequenceEqual(other.Arguments);

    public override bool Equals(object? obj) => Equals(obj as ExpressionType);

    public override int GetHashCode() => HashCode.Combine(Kind, Name, Arguments.Count == 0 ? 0 : Arguments[0].GetHashCode());

    /// <summary>As people write it: <c>map(string, list(int))</c>.</summary>
    public override string ToString() => Kind switch
    {
        ExpressionKind.Timestamp => "timestamp",
        ExpressionKind.Duration => "duration",
        ExpressionKind.Null => "null",
        ExpressionKind.Never => "dyn",
        _ when Arguments.Count > 0 => $"{Name}({string.Join(", ", Arguments)})",
        _ => Name,
    };
}
