using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation;

/// <summary>Where the walk over a document is: the nodes above, and what the schema says of this place. Everything is <c>null</c>
/// where the schema knows nothing, so that one mistake is not reported twice.</summary>
public sealed class DocumentPosition
{
    internal List<Node> Path { get; } = [];

    /// <summary>The definition the walk is in; <c>null</c> before the first.</summary>
    public DefinitionNode? Definition { get; internal set; }

    /// <summary>The node above the present one.</summary>
    public Node? Parent => Path.Count > 0 ? Path[^1] : null;

    /// <summary>The node above that.</summary>
    public Node? Grandparent => Path.Count > 1 ? Path[^2] : null;

    /// <summary>What the field, fragment or operation answers.</summary>
    public SchemaType? Output { get; internal set; }

    /// <summary>What the selection set selects from.</summary>
    public CompositeType? Selected { get; internal set; }

    /// <summary>What the value must be; in a list that of its items, in an object that of the field.</summary>
    public SchemaType? Input { get; internal set; }

    /// <summary>What the value around it must be.</summary>
    public SchemaType? InputParent { get; internal set; }

    /// <summary>Whether the schema has a default for the place of the value.</summary>
    public bool InputHasDefault { get; internal set; }

    public SchemaField? Field { get; internal set; }

    public SchemaDirective? Directive { get; internal set; }

    public SchemaInput? Argument { get; internal set; }

    public SchemaEnumValue? EnumValue { get; internal set; }
}
