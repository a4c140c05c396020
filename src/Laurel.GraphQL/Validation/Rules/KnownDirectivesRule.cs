using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.7.1, Directives Are Defined, and 5.7.2, Directives Are in Valid Locations: a directive exists and is allowed where it stands.</summary>
internal sealed class KnownDirectivesRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new("KnownDirectives", Entered: [NodeKind.Directive], Left: [], static context => new KnownDirectivesRule(context));

    public override bool Enter(Node node)
    {
        var name = ((DirectiveNode)node).Name.Value;
        if (Context.KnownDirectives.Find(name) is not { } known)
        {
            Context.Report($"Unknown directive \"@{name}\".", node);
        }
        else if (LocationOf(Context.At) is { } location && !known.Locations.Contains(location))
        {
            Context.Report($"Directive \"@{name}\" may not be used on {location}.", node);
        }

        return true;
    }

    private static string? LocationOf(DocumentPosition at) => at.Parent switch
    {
        OperationDefinitionNode { Operation: OperationType.Query } => DirectiveLocations.Query,
        OperationDefinitionNode { Operation: OperationType.Mutation } => DirectiveLocations.Mutation,
        OperationDefinitionNode { Operation: OperationType.Subscription } => DirectiveLocations.Subscription,
        FieldNode => DirectiveLocations.Field,
        FragmentSpreadNode => DirectiveLocations.FragmentSpread,
        InlineFragmentNode => DirectiveLocations.InlineFragment,
        FragmentDefinitionNode => DirectiveLocations.FragmentDefinition,
        VariableDefinitionNode => DirectiveLocations.VariableDefinition,
        SchemaDefinitionNode or SchemaExtensionNode => DirectiveLocations.Schema,
        ScalarTypeDefinitionNode or ScalarTypeExtensionNode => DirectiveLocations.Scalar,
        ObjectTypeDefinitionNode or ObjectTypeExtensionNode => DirectiveLocations.Object,
        FieldDefinitionNode => DirectiveLocations.FieldDefinition,
        InterfaceTypeDefinitionNode or InterfaceTypeExtensionNode => DirectiveLocations.Interface,
        UnionTypeDefinitionNode or UnionTypeExtensionNode => DirectiveLocations.Union,
        EnumTypeDefinitionNode or EnumTypeExtensionNode => DirectiveLocations.Enum,
        EnumValueDefinitionNode => DirectiveLocations.EnumValue,
        InputObjectTypeDefinitionNode or InputObjectTypeExtensionNode => DirectiveLocations.InputObject,
        InputValueDefinitionNode when at.Grandparent is InputObjectTypeDefinitionNode or InputObjectTypeExtensionNode =>
            DirectiveLocations.InputFieldDefinition,
        InputValueDefinitionNode => DirectiveLocations.ArgumentDefinition,
        _ => null,
    };
}
