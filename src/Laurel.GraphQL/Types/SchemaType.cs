namespace Laurel.GraphQL.Types;

/// <summary>A type as it stands at a field or an argument: a name, or a list or a non-null of one.</summary>
/// <remarks>Section 3.4, Types.</remarks>
public abstract class SchemaType
{
    /// <summary>Section 3.4, "Input and Output Types": whether a value of this type may be given.</summary>
    public abstract bool IsInput { get; }

    /// <summary>Section 3.4, "Input and Output Types": whether a value of this type may be answered.</summary>
    public abstract bool IsOutput { get; }

    /// <summary>The type inside all lists and non-nulls.</summary>
    public abstract NamedType Named { get; }

    /// <summary>This type without its outermost non-null.</summary>
    public SchemaType Nullable => this is NonNullType nonNull ? nonNull.Inner : this;

    /// <summary>Whether both are written alike. Named types are equal when they are the same object.</summary>
    public static bool Same(SchemaType first, SchemaType second)
    {
        while (!ReferenceEquals(first, second))
        {
            switch (first, second)
            {
                case (NonNullType nonNull, NonNullType other):
                    (first, second) = (nonNull.Inner, other.Inner);
                    break;
                case (ListType list, ListType other):
                    (first, second) = (list.Item, other.Item);
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    /// <summary>Section 3.6, "IsSubType": whether every value of this type is a value of <paramref name="wide"/>.</summary>
    public bool IsSubTypeOf(SchemaType wide)
    {
        var narrow = this;
        while (!ReferenceEquals(narrow, wide))
        {
            switch (narrow, wide)
            {
                case (NonNullType nonNull, NonNullType other):
                    (narrow, wide) = (nonNull.Inner, other.Inner);
                    break;
                case (_, NonNullType):
                    return false;
                case (NonNullType nonNull, _):
                    narrow = nonNull.Inner;
                    break;
                case (ListType list, ListType other):
                    (narrow, wide) = (list.Item, other.Item);
                    break;
                default:
                    return wide is CompositeType abstractType && narrow is CompositeType member && abstractType.Includes(member);
            }
        }

        return true;
    }
}

/// <summary>Section 3.11, List.</summary>
public sealed class ListType(SchemaType item) : SchemaType
{
    public SchemaType Item { get; } = item;

    public override bool IsInput => Item.IsInput;

    public override bool IsOutput => Item.IsOutput;

    public override NamedType Named { get; } = item.Named;

    public override string ToString() => $"[{Item}]";
}

/// <summary>Section 3.12, Non-Null.</summary>
public sealed class NonNullType(SchemaType inner) : SchemaType
{
    /// <summary>Never a second non-null.</summary>
    public SchemaType Inner { get; } =
        inner is NonNullType ? throw new ArgumentException("A non-null of a non-null does not exist.", nameof(inner)) : inner;

    public override bool IsInput => Inner.IsInput;

    public override bool IsOutput => Inner.IsOutput;

    public override NamedType Named { get; } = inner.Named;

    public override string ToString() => $"{Inner}!";
}
