using System.Collections.Immutable;

namespace Laurel.GraphQL.Language;

/// <summary>Section 2.4, Operations.</summary>
public enum OperationType
{
    Query,
    Mutation,
    Subscription,
}

/// <summary>An operation or a fragment: what a request may hold.</summary>
public abstract class ExecutableDefinitionNode : DefinitionNode, IDirectedNode
{
    /// <summary>Section 2.2, Descriptions; <c>null</c> without.</summary>
    public StringValueNode? Description { get; init; }

    public ImmutableArray<DirectiveNode> Directives { get; init; } = [];

    public required SelectionSetNode SelectionSet { get; init; }
}

/// <summary>Section 2.4, Operations.</summary>
public sealed class OperationDefinitionNode : ExecutableDefinitionNode
{
    public override NodeKind Kind => NodeKind.OperationDefinition;

    public required OperationType Operation { get; init; }

    /// <summary><c>null</c> for an anonymous operation.</summary>
    public NameNode? Name { get; init; }

    public ImmutableArray<VariableDefinitionNode> VariableDefinitions { get; init; } = [];

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Description);
        Add(children, Name);
        Add(children, VariableDefinitions);
        Add(children, Directives);
        Add(children, SelectionSet);
    }
}

/// <summary>Section 2.9, Fragments.</summary>
public sealed class FragmentDefinitionNode : ExecutableDefinitionNode
{
    public override NodeKind Kind => NodeKind.FragmentDefinition;

    public required NameNode Name { get; init; }

    public required NamedTypeNode TypeCondition { get; init; }

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Description);
        Add(children, Name);
        Add(children, TypeCondition);
        Add(children, Directives);
        Add(children, SelectionSet);
    }
}

/// <summary>Section 2.11, Variables.</summary>
public sealed class VariableDefinitionNode : Node, IDirectedNode
{
    public override NodeKind Kind => NodeKind.VariableDefinition;

    public StringValueNode? Description { get; init; }

    public required VariableNode Variable { get; init; }

    public required TypeNode Type { get; init; }

    /// <summary><c>null</c> without a default; a default of null is a <see cref="NullValueNode"/>.</summary>
    public ValueNode? DefaultValue { get; init; }

    public ImmutableArray<DirectiveNode> Directives { get; init; } = [];

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Description);
        Add(children, Variable);
        Add(children, Type);
        Add(children, DefaultValue);
        Add(children, Directives);
    }
}

/// <summary>Section 2.5, Selection Sets.</summary>
public sealed class SelectionSetNode : Node
{
    public override NodeKind Kind => NodeKind.SelectionSet;

    /// <summary>At least one.</summary>
    public required ImmutableArray<SelectionNode> Selections { get; init; }

    public override void AddChildrenTo(List<Node> children) => Add(children, Selections);
}

/// <summary>A field, a spread or an inline fragment.</summary>
public abstract class SelectionNode : Node, IDirectedNode
{
    public ImmutableArray<DirectiveNode> Directives { get; init; } = [];
}

/// <summary>Section 2.6, Fields.</summary>
public sealed class FieldNode : SelectionNode
{
    public override NodeKind Kind => NodeKind.Field;

    /// <summary>Section 2.8, Field Alias; <c>null</c> without.</summary>
    public NameNode? Alias { get; init; }

    public required NameNode Name { get; init; }

    /// <summary>The name the result has: the alias, or else the name.</summary>
    public string ResponseName => (Alias ?? Name).Value;

    public ImmutableArray<ArgumentNode> Arguments { get; init; } = [];

    /// <summary><c>null</c> for a leaf.</summary>
    public SelectionSetNode? SelectionSet { get; init; }

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Alias);
        Add(children, Name);
        Add(children, Arguments);
        Add(children, Directives);
        Add(children, SelectionSet);
    }
}

/// <summary>Section 2.9, Fragments.</summary>
public sealed class FragmentSpreadNode : SelectionNode
{
    public override NodeKind Kind => NodeKind.FragmentSpread;

    public required NameNode Name { get; init; }

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Name);
        Add(children, Directives);
    }
}

/// <summary>Section 2.9.2, Inline Fragments.</summary>
public sealed class InlineFragmentNode : SelectionNode
{
    public override NodeKind Kind => NodeKind.InlineFragment;

    /// <summary><c>null</c> for a fragment on the type around it.</summary>
    public NamedTypeNode? TypeCondition { get; init; }

    public required SelectionSetNode SelectionSet { get; init; }

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, TypeCondition);
        Add(children, Directives);
        Add(children, SelectionSet);
    }
}

/// <summary>Section 2.7, Arguments.</summary>
public sealed class ArgumentNode : Node
{
    public override NodeKind Kind => NodeKind.Argument;

    public required NameNode Name { get; init; }

    public required ValueNode Value { get; init; }

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Name);
        Add(children, Value);
    }
}

/// <summary>Section 2.13, Directives.</summary>
public sealed class DirectiveNode : Node
{
    public override NodeKind Kind => NodeKind.Directive;

    /// <summary>Without the sign before it.</summary>
    public required NameNode Name { get; init; }

    public ImmutableArray<ArgumentNode> Arguments { get; init; } = [];

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Name);
        Add(children, Arguments);
    }
}
