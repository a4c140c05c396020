using System.Collections.Immutable;

namespace Laurel.GraphQL.Language;

/// <summary>Section 2.10, Input Values.</summary>
public abstract class ValueNode : Node;

/// <summary>Section 2.11, Variables.</summary>
public sealed class VariableNode : ValueNode
{
    public override NodeKind Kind => NodeKind.Variable;

    /// <summary>Without the sign before it.</summary>
    public required NameNode Name { get; init; }

    public override void AddChildrenTo(List<Node> children) => Add(children, Name);
}

/// <summary>Section 2.10.1, Int Value.</summary>
public sealed class IntValueNode : ValueNode
{
    public override NodeKind Kind => NodeKind.IntValue;

    /// <summary>As written: any number of digits.</summary>
    public required string Value { get; init; }

    public override void AddChildrenTo(List<Node> children)
    {
    }
}

/// <summary>Section 2.10.2, Float Value.</summary>
public sealed class FloatValueNode : ValueNode
{
    public override NodeKind Kind => NodeKind.FloatValue;

    /// <summary>As written.</summary>
    public required string Value { get; init; }

    public override void AddChildrenTo(List<Node> children)
    {
    }
}

/// <summary>Section 2.10.4, String Value.</summary>
public sealed class StringValueNode : ValueNode
{
    public override NodeKind Kind => NodeKind.StringValue;

    /// <summary>What the string means: escapes resolved, the indentation of a block string taken away.</summary>
    public required string Value { get; init; }

    /// <summary>Whether it was written as a block string.</summary>
    public bool Block { get; init; }

    public override void AddChildrenTo(List<Node> children)
    {
    }
}

/// <summary>Section 2.10.3, Boolean Value.</summary>
public sealed class BooleanValueNode : ValueNode
{
    public override NodeKind Kind => NodeKind.BooleanValue;

    public required bool Value { get; init; }

    public override void AddChildrenTo(List<Node> children)
    {
    }
}

/// <summary>Section 2.10.5, Null Value.</summary>
public sealed class NullValueNode : ValueNode
{
    public override NodeKind Kind => NodeKind.NullValue;

    public override void AddChildrenTo(List<Node> children)
    {
    }
}

/// <summary>Section 2.10.6, Enum Value.</summary>
public sealed class EnumValueNode : ValueNode
{
    public override NodeKind Kind => NodeKind.EnumValue;

    public required string Value { get; init; }

    public override void AddChildrenTo(List<Node> children)
    {
    }
}

/// <summary>Section 2.10.7, List Value.</summary>
public sealed class ListValueNode : ValueNode
{
    public override NodeKind Kind => NodeKind.ListValue;

    public ImmutableArray<ValueNode> Values { get; init; } = [];

    public override void AddChildrenTo(List<Node> children) => Add(children, Values);
}

/// <summary>Section 2.10.8, Input Object Values.</summary>
public sealed class ObjectValueNode : ValueNode
{
    public override NodeKind Kind => NodeKind.ObjectValue;

    public ImmutableArray<ObjectFieldNode> Fields { get; init; } = [];

    public override void AddChildrenTo(List<Node> children) => Add(children, Fields);
}

/// <summary>Section 2.10.8, Input Object Values: one field of such a value.</summary>
public sealed class ObjectFieldNode : Node
{
    public override NodeKind Kind => NodeKind.ObjectField;

    public required NameNode Name { get; init; }

    public required ValueNode Value { get; init; }

    public override void AddChildrenTo(List<Node> children)
    {
        Add(children, Name);
        Add(children, Value);
    }
}

/// <summary>Section 2.12, Type References.</summary>
public abstract class TypeNode : Node;

/// <summary>Section 2.12, Type References.</summary>
public sealed class NamedTypeNode : TypeNode
{
    public override NodeKind Kind => NodeKind.NamedType;

    public required NameNode Name { get; init; }

    public override void AddChildrenTo(List<Node> children) => Add(children, Name);
}

/// <summary>Section 2.12, Type References.</summary>
public sealed class ListTypeNode : TypeNode
{
    public override NodeKind Kind => NodeKind.ListType;

    public required TypeNode Type { get; init; }

    public override void AddChildrenTo(List<Node> children) => Add(children, Type);
}

/// <summary>Section 2.12, Type References.</summary>
public sealed class NonNullTypeNode : TypeNode
{
    public override NodeKind Kind => NodeKind.NonNullType;

    /// <summary>A name or a list, never a second non-null.</summary>
    public required TypeNode Type { get; init; }

    public override void AddChildrenTo(List<Node> children) => Add(children, Type);
}
