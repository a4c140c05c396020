using System.Collections.Immutable;

namespace Laurel.GraphQL.Language;

/// <summary>Section 3, Type System: a definition that may be described.</summary>
public abstract class TypeSystemDefinitionNode : DefinitionNode
{
    /// <summary>Section 2.2, Descriptions; <c>null</c> without.</summary>
    public StringValueNode? Description { get; init; }
}

/// <summary>Section 3.3, Schema.</summary>
public sealed class SchemaDefinitionNode : TypeSystemDefinitionNode, IDirectedNode
{
    public override NodeKind Kind => NodeKind.SchemaDefinition;

    public ImmutableArray<DirectiveNode> Directives { get; init; } = [];

    /// <summary>At least one.</summary>
    public required ImmutableArray<OperationTypeDefinitionNode> OperationTypes { get; init; }

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Description);
        Add(children, Directives);
        Add(children, OperationTypes);
    }
}

/// <summary>Section 3.3.1, Root Operation Types.</summary>
public sealed class OperationTypeDefinitionNode : Node
{
    public override NodeKind Kind => NodeKind.OperationTypeDefinition;

    public required OperationType Operation { get; init; }

    public required NamedTypeNode Type { get; init; }

    public override void AddChildrenTo(List<Node> children) => Add(children, Type);
}

/// <summary>Section 3.13, Directives.</summary>
public sealed class DirectiveDefinitionNode : TypeSystemDefinitionNode
{
    public override NodeKind Kind => NodeKind.DirectiveDefinition;

    /// <summary>Without the sign before it.</summary>
    public required NameNode Name { get; init; }

    public ImmutableArray<InputValueDefinitionNode> Arguments { get; init; } = [];

    public bool Repeatable { get; init; }

    /// <summary>At least one, each a name of <see cref="DirectiveLocations"/>.</summary>
    public required ImmutableArray<NameNode> Locations { get; init; }

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Description);
        Add(children, Name);
        Add(children, Arguments);
        Add(children, Locations);
    }
}

/// <summary>Section 3.4, Types: the definition of a named type.</summary>
public abstract class TypeDefinitionNode : TypeSystemDefinitionNode, IDirectedNode
{
    public required NameNode Name { get; init; }

    public ImmutableArray<DirectiveNode> Directives { get; init; } = [];
}

/// <summary>Section 3.5, Scalars.</summary>
public sealed class ScalarTypeDefinitionNode : TypeDefinitionNode
{
    public override NodeKind Kind => NodeKind.ScalarTypeDefinition;

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Description);
        Add(children, Name);
        Add(children, Directives);
    }
}

/// <summary>Section 3.6, Objects.</summary>
public sealed class ObjectTypeDefinitionNode : TypeDefinitionNode
{
    public override NodeKind Kind => NodeKind.ObjectTypeDefinition;

    public ImmutableArray<NamedTypeNode> Interfaces { get; init; } = [];

    public ImmutableArray<FieldDefinitionNode> Fields { get; init; } = [];

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Description);
        Add(children, Name);
        Add(children, Interfaces);
        Add(children, Directives);
        Add(children, Fields);
    }
}

/// <summary>Section 3.7, Interfaces.</summary>
public sealed class InterfaceTypeDefinitionNode : TypeDefinitionNode
{
    public override NodeKind Kind => NodeKind.InterfaceTypeDefinition;

    public ImmutableArray<NamedTypeNode> Interfaces { get; init; } = [];

    public ImmutableArray<FieldDefinitionNode> Fields { get; init; } = [];

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Description);
        Add(children, Name);
        Add(children, Interfaces);
        Add(children, Directives);
        Add(children, Fields);
    }
}

/// <summary>Section 3.8, Unions.</summary>
public sealed class UnionTypeDefinitionNode : TypeDefinitionNode
{
    public override NodeKind Kind => NodeKind.UnionTypeDefinition;

    /// <summary>The members.</summary>
    public ImmutableArray<NamedTypeNode> Types { get; init; } = [];

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Description);
        Add(children, Name);
        Add(children, Directives);
        Add(children, Types);
    }
}

/// <summary>Section 3.9, Enums.</summary>
public sealed class EnumTypeDefinitionNode : TypeDefinitionNode
{
    public override NodeKind Kind => NodeKind.EnumTypeDefinition;

    public ImmutableArray<EnumValueDefinitionNode> Values { get; init; } = [];

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Description);
        Add(children, Name);
        Add(children, Directives);
        Add(children, Values);
    }
}

/// <summary>Section 3.10, Input Objects.</summary>
public sealed class InputObjectTypeDefinitionNode : TypeDefinitionNode
{
    public override NodeKind Kind => NodeKind.InputObjectTypeDefinition;

    public ImmutableArray<InputValueDefinitionNode> Fields { get; init; } = [];

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Description);
        Add(children, Name);
        Add(children, Directives);
        Add(children, Fields);
    }
}

/// <summary>Section 3.6, Objects.</summary>
public sealed class FieldDefinitionNode : Node, IDirectedNode
{
    public override NodeKind Kind => NodeKind.FieldDefinition;

    public StringValueNode? Description { get; init; }

    public required NameNode Name { get; init; }

    public ImmutableArray<InputValueDefinitionNode> Arguments { get; init; } = [];

    public required TypeNode Type { get; init; }

    public ImmutableArray<DirectiveNode> Directives { get; init; } = [];

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Description);
        Add(children, Name);
        Add(children, Arguments);
        Add(children, Type);
        Add(children, Directives);
    }
}

/// <summary>Section 3.6.1, Field Arguments, and 3.10, Input Objects.</summary>
public sealed class InputValueDefinitionNode : Node, IDirectedNode
{
    public override NodeKind Kind => NodeKind.InputValueDefinition;

    public StringValueNode? Description { get; init; }

    public required NameNode Name { get; init; }

    public required TypeNode Type { get; init; }

    /// <summary><c>null</c> without a default; a default of null is a <see cref="NullValueNode"/>.</summary>
    public ValueNode? DefaultValue { get; init; }

    public ImmutableArray<DirectiveNode> Directives { get; init; } = [];

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Description);
        Add(children, Name);
        Add(children, Type);
        Add(children, DefaultValue);
        Add(children, Directives);
    }
}

/// <summary>Section 3.9, Enums.</summary>
public sealed class EnumValueDefinitionNode : Node, IDirectedNode
{
    public override NodeKind Kind => NodeKind.EnumValueDefinition;

    public StringValueNode? Description { get; init; }

    public required NameNode Name { get; init; }

    public ImmutableArray<DirectiveNode> Directives { get; init; } = [];

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Description);
        Add(children, Name);
        Add(children, Directives);
    }
}
