using System.Collections.Immutable;

namespace Laurel.GraphQL.Language;

/// <summary>Section 3.1, Type System Extensions. An extension has no description.</summary>
public abstract class TypeSystemExtensionNode : DefinitionNode, IDirectedNode
{
    public ImmutableArray<DirectiveNode> Directives { get; init; } = [];
}

/// <summary>Section 3.4.3, Type Extensions: the extension of a named type.</summary>
public abstract class TypeExtensionNode : TypeSystemExtensionNode
{
    public required NameNode Name { get; init; }
}

/// <summary>Section 3.3.2, Schema Extension.</summary>
public sealed class SchemaExtensionNode : TypeSystemExtensionNode
{
    public override NodeKind Kind => NodeKind.SchemaExtension;

    public ImmutableArray<OperationTypeDefinitionNode> OperationTypes { get; init; } = [];

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Directives);
        Add(children, OperationTypes);
    }
}

/// <summary>Section 3.5.6, Scalar Extensions.</summary>
public sealed class ScalarTypeExtensionNode : TypeExtensionNode
{
    public override NodeKind Kind => NodeKind.ScalarTypeExtension;

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Name);
        Add(children, Directives);
    }
}

/// <summary>Section 3.6.3, Object Extensions.</summary>
public sealed class ObjectTypeExtensionNode : TypeExtensionNode
{
    public override NodeKind Kind => NodeKind.ObjectTypeExtension;

    public ImmutableArray<NamedTypeNode> Interfaces { get; init; } = [];

    public ImmutableArray<FieldDefinitionNode> Fields { get; init; } = [];

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Name);
        Add(children, Interfaces);
        Add(children, Directives);
        Add(children, Fields);
    }
}

/// <summary>Section 3.7.1, Interface Extensions.</summary>
public sealed class InterfaceTypeExtensionNode : TypeExtensionNode
{
    public override NodeKind Kind => NodeKind.InterfaceTypeExtension;

    public ImmutableArray<NamedTypeNode> Interfaces { get; init; } = [];

    public ImmutableArray<FieldDefinitionNode> Fields { get; init; } = [];

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Name);
        Add(children, Interfaces);
        Add(children, Directives);
        Add(children, Fields);
    }
}

/// <summary>Section 3.8.1, Union Extensions.</summary>
public sealed class UnionTypeExtensionNode : TypeExtensionNode
{
    public override NodeKind Kind => NodeKind.UnionTypeExtension;

    /// <summary>The members.</summary>
    public ImmutableArray<NamedTypeNode> Types { get; init; } = [];

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Name);
        Add(children, Directives);
        Add(children, Types);
    }
}

/// <summary>Section 3.9.1, Enum Extensions.</summary>
public sealed class EnumTypeExtensionNode : TypeExtensionNode
{
    public override NodeKind Kind => NodeKind.EnumTypeExtension;

    public ImmutableArray<EnumValueDefinitionNode> Values { get; init; } = [];

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Name);
        Add(children, Directives);
        Add(children, Values);
    }
}

/// <summary>Section 3.10.2, Input Object Extensions.</summary>
public sealed class InputObjectTypeExtensionNode : TypeExtensionNode
{
    public override NodeKind Kind => NodeKind.InputObjectTypeExtension;

    public ImmutableArray<InputValueDefinitionNode> Fields { get; init; } = [];

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Name);
        Add(children, Directives);
        Add(children, Fields);
    }
}
