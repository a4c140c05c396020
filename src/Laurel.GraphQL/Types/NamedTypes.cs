using System.Collections.Frozen;
using System.Collections.Immutable;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>A type that has a name and is the same object wherever the schema speaks of it.</summary>
/// <remarks>Section 3.4, Types. Types refer to each other in circles, so they are made empty and filled by <see cref="SchemaBuilder"/>;
/// a schema that was handed out never changes.</remarks>
public abstract class NamedType(string name) : SchemaType
{
    public string Name { get; } = name;

    /// <summary>Markdown; <c>null</c> without.</summary>
    public string? Description { get; internal set; }

    /// <summary>Where it is defined; <c>null</c> for the built-in scalars.</summary>
    public TypeDefinitionNode? Definition { get; internal set; }

    /// <summary>Where it is extended, in the order of the documents.</summary>
    public ImmutableArray<TypeExtensionNode> Extensions { get; internal set; } = [];

    public override NamedType Named => this;

    /// <summary>Section 4.1.2, Reserved Names: whether it is one of the types that describe a schema.</summary>
    public bool IsIntrospection => Name.StartsWith("__", StringComparison.Ordinal);

    public override string ToString() => Name;
}

/// <summary>Section 3.5, Scalars.</summary>
public sealed class ScalarType(string name, ScalarCoercion coercion) : NamedType(name)
{
    /// <summary>How its values are read and written.</summary>
    public ScalarCoercion Coercion { get; } = coercion;

    /// <summary>Section 3.13.4, @specifiedBy; <c>null</c> without.</summary>
    public string? SpecifiedByUrl { get; internal set; }

    public override bool IsInput => true;

    public override bool IsOutput => true;
}

/// <summary>Section 3.9, Enums.</summary>
public sealed class EnumType(string name) : NamedType(name)
{
    public NamedList<SchemaEnumValue> Values { get; internal set; } = NamedList<SchemaEnumValue>.Empty;

    public override bool IsInput => true;

    public override bool IsOutput => true;
}

/// <summary>Section 3.10, Input Objects.</summary>
public sealed class InputObjectType(string name) : NamedType(name)
{
    public NamedList<SchemaInput> Fields { get; internal set; } = NamedList<SchemaInput>.Empty;

    /// <summary>Section 3.10, "OneOf Input Objects": exactly one field must be given, and not null.</summary>
    public bool IsOneOf { get; internal set; }

    public override bool IsInput => true;

    public override bool IsOutput => false;
}

/// <summary>A type that has fields below it: an object, or an interface or a union of several.</summary>
public abstract class CompositeType(string name) : NamedType(name)
{
    private FrozenSet<CompositeType> included = [];

    /// <summary>Section 5.5.2.3, GetPossibleTypes: the objects a value of this type may be, in the order of the schema.</summary>
    public ImmutableArray<ObjectType> PossibleTypes { get; internal set; } = [];

    public bool IsAbstract => this is not ObjectType;

    public override bool IsInput => false;

    public override bool IsOutput => true;

    /// <summary>Whether <paramref name="member"/> is a member of this union, or says that it implements this interface.</summary>
    public bool Includes(CompositeType member) => included.Contains(member);

    /// <summary>Section 5.5.2.3: whether some object may be of both types.</summary>
    public bool Overlaps(CompositeType other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }

        return (IsAbstract, other.IsAbstract) switch
        {
            (true, false) => Includes(other),
            (false, true) => other.Includes(this),
            (false, false) => false,
            (true, true) => PossibleTypes.Any(other.Includes),
        };
    }

    internal void Include(IEnumerable<CompositeType> members) => included = members.ToFrozenSet();
}

/// <summary>An object or an interface.</summary>
public abstract class FieldedType(string name) : CompositeType(name)
{
    public NamedList<SchemaField> Fields { get; internal set; } = NamedList<SchemaField>.Empty;

    /// <summary>What it says that it implements; transitive ones are named too.</summary>
    public ImmutableArray<InterfaceType> Interfaces { get; internal set; } = [];
}

/// <summary>Section 3.6, Objects.</summary>
public sealed class ObjectType(string name) : FieldedType(name);

/// <summary>Section 3.7, Interfaces.</summary>
public sealed class InterfaceType(string name) : FieldedType(name);

/// <summary>Section 3.8, Unions.</summary>
public sealed class UnionType(string name) : CompositeType(name)
{
    public ImmutableArray<ObjectType> Members { get; internal set; } = [];
}
