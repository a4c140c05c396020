using System.Collections.Immutable;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Types;

/// <summary>Section 3.6, Objects: one field of an object or an interface.</summary>
public sealed class SchemaField
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public required SchemaType Type { get; init; }

    public NamedList<SchemaInput> Arguments { get; init; } = NamedList<SchemaInput>.Empty;

    /// <summary>Section 3.13.3, @deprecated; <c>null</c> when it is not.</summary>
    public string? DeprecationReason { get; init; }

    public FieldDefinitionNode? Definition { get; init; }
}

/// <summary>Section 3.6, "Field Arguments", and 3.10, Input Objects: a place where a value may be given.</summary>
public sealed class SchemaInput
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public required SchemaType Type { get; init; }

    /// <summary>As the schema writes it; <c>null</c> without a default, a <see cref="NullValueNode"/> for a default of null.</summary>
    public ValueNode? Default { get; init; }

    /// <summary>Section 3.13.3, @deprecated; <c>null</c> when it is not.</summary>
    public string? DeprecationReason { get; init; }

    public InputValueDefinitionNode? Definition { get; init; }

    /// <summary>Section 5.4.3, Required Arguments: whether leaving it out is an error.</summary>
    public bool IsRequired => Type is NonNullType && Default is null;
}

/// <summary>Section 3.9, Enums: one value.</summary>
public sealed class SchemaEnumValue
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>Section 3.13.3, @deprecated; <c>null</c> when it is not.</summary>
    public string? DeprecationReason { get; init; }

    public EnumValueDefinitionNode? Definition { get; init; }
}

/// <summary>Section 3.13, Directives.</summary>
public sealed class SchemaDirective
{
    /// <summary>Without the sign before it.</summary>
    public required string Name { get; init; }

    public string? Description { get; init; }

    public NamedList<SchemaInput> Arguments { get; init; } = NamedList<SchemaInput>.Empty;

    public bool IsRepeatable { get; init; }

    /// <summary>Names of <see cref="DirectiveLocations"/>.</summary>
    public required ImmutableArray<string> Locations { get; init; }

    public DirectiveDefinitionNode? Definition { get; init; }
}
