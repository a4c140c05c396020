using System.Collections.Immutable;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.7.3, Directives Are Unique per Location: a directive stands twice at one place only if it says that it may.</summary>
internal sealed class UniqueDirectivesPerLocationRule(ValidationContext context) : Rule(context)
{
    private readonly Dictionary<string, Dictionary<string, DirectiveNode>> byPlace = new(StringComparer.Ordinal);

    public static RuleDefinition Definition { get; } =
        new(
            "UniqueDirectivesPerLocation",
            Entered: DirectedKinds,
            Left: [],
            static context => new UniqueDirectivesPerLocationRule(context));

    private static ImmutableArray<NodeKind> DirectedKinds =>
    [
        NodeKind.OperationDefinition, NodeKind.FragmentDefinition, NodeKind.VariableDefinition, NodeKind.Field, NodeKind.FragmentSpread,
        NodeKind.InlineFragment, NodeKind.SchemaDefinition, NodeKind.SchemaExtension, NodeKind.ScalarTypeDefinition,
        NodeKind.ScalarTypeExtension, NodeKind.ObjectTypeDefinition, NodeKind.ObjectTypeExtension, NodeKind.FieldDefinition,
        NodeKind.InputValueDefinition, NodeKind.InterfaceTypeDefinition, NodeKind.InterfaceTypeExtension, NodeKind.UnionTypeDefinition,
        NodeKind.UnionTypeExtension, NodeKind.EnumTypeDefinition, NodeKind.EnumTypeExtension, NodeKind.EnumValueDefinition,
        NodeKind.InputObjectTypeDefinition, NodeKind.InputObjectTypeExtension,
    ];

    public override bool Enter(Node node)
    {
        var directives = ((IDirectedNode)node).Directives;
        if (directives.IsEmpty)
        {
            return true;
        }

        var seen = SeenAt(node);
        foreach (var directive in directives)
        {
            var name = directive.Name.Value;
            if (Context.KnownDirectives.Find(name) is { IsRepeatable: false } && !seen.TryAdd(name, directive))
            {
                Context.Report($"The directive \"@{name}\" can only be used once at this location.", seen[name], directive);
            }
        }

        return true;
    }

    /// <summary>A type and its extensions are one place, and so are a schema and its extensions.</summary>
    private Dictionary<string, DirectiveNode> SeenAt(Node node)
    {
        var place = node switch
        {
            SchemaDefinitionNode or SchemaExtensionNode => "",
            TypeDefinitionNode type => type.Name.Value,
            TypeExtensionNode type => type.Name.Value,
            _ => null,
        };
        if (place is null || !byPlace.TryGetValue(place, out var seen))
        {
            seen = new(StringComparer.Ordinal);
            if (place is not null)
            {
                byPlace[place] = seen;
            }
        }

        return seen;
    }
}
