using System.Collections.Immutable;

namespace Laurel.GraphQL.Language;

/// <summary>One part of a parsed document. Nodes never change, so a parsed document may be kept and shared by threads.</summary>
/// <remarks>Section 2, Language: each production of the grammar that means something is one class; lists that are absent are empty.
/// The depth of a tree is bounded by <see cref="ParseLimits"/>, so whoever walks one may recurse.</remarks>
public abstract class Node
{
    public Location Location { get; init; }

    public abstract NodeKind Kind { get; }

    /// <summary>Adds the nodes directly below this one, in the order of the document (descriptions first).</summary>
    public abstract void AddChildrenTo(List<Node> children);

    private protected static void Add(List<Node> children, Node? child)
    {
        if (child is not null)
        {
            children.Add(child);
        }
    }

    private protected static void Add<T>(List<Node> children, ImmutableArray<T> more)
        where T : Node
    {
        foreach (var child in more)
        {
            children.Add(child);
        }
    }
}

/// <summary>A node that directives may be written on.</summary>
public interface IDirectedNode
{
    ImmutableArray<DirectiveNode> Directives { get; }
}

/// <summary>Section 2.3, Document.</summary>
public sealed class DocumentNode : Node
{
    public override NodeKind Kind => NodeKind.Document;

    /// <summary>At least one.</summary>
    public required ImmutableArray<DefinitionNode> Definitions { get; init; }

    public override void AddChildrenTo(List<Node> children) => Add(children, Definitions);
}

/// <summary>Section 2.1.8, Names.</summary>
public sealed class NameNode : Node
{
    public override NodeKind Kind => NodeKind.Name;

    public required string Value { get; init; }

    public override void AddChildrenTo(List<Node> children)
    {
    }

    public override string ToString() => Value;
}

/// <summary>Whatever stands at the top of a document: executable, type system, or extension.</summary>
public abstract class DefinitionNode : Node;

/// <summary>Every class of node there is.</summary>
public enum NodeKind
{
    Document,
    Name,
    OperationDefinition,
    FragmentDefinition,
    VariableDefinition,
    SelectionSet,
    Field,
    FragmentSpread,
    InlineFragment,
    Argument,
    Directive,
    Variable,
    IntValue,
    FloatValue,
    StringValue,
    BooleanValue,
    NullValue,
    EnumValue,
    ListValue,
    ObjectValue,
    ObjectField,
    NamedType,
    ListType,
    NonNullType,
    SchemaDefinition,
    OperationTypeDefinition,
    ScalarTypeDefinition,
    ObjectTypeDefinition,
    FieldDefinition,
    InputValueDefinition,
    InterfaceTypeDefinition,
    UnionTypeDefinition,
    EnumTypeDefinition,
    EnumValueDefinition,
    InputObjectTypeDefinition,
    DirectiveDefinition,
    SchemaExtension,
    ScalarTypeExtension,
    ObjectTypeExtension,
    InterfaceTypeExtension,
    UnionTypeExtension,
    EnumTypeExtension,
    InputObjectTypeExtension,
}
