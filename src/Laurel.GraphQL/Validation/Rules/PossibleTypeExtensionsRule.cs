using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 3.4, "Type Extensions": what is extended exists and is of the kind the extension says.</summary>
internal sealed class PossibleTypeExtensionsRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new(
            "PossibleTypeExtensions",
            Entered:
            [
                NodeKind.ScalarTypeExtension, NodeKind.ObjectTypeExtension, NodeKind.InterfaceTypeExtension,
                NodeKind.UnionTypeExtension, NodeKind.EnumTypeExtension, NodeKind.InputObjectTypeExtension,
            ],
            Left: [],
            static context => new PossibleTypeExtensionsRule(context));

    public override bool Enter(Node node)
    {
        var extension = (TypeExtensionNode)node;
        var name = extension.Name.Value;
        var definition = Context.Document.Definitions.OfType<TypeDefinitionNode>().LastOrDefault(type => type.Name.Value == name);
        if (definition is null && Context.KnownSchema?.Types.Find(name) is null)
        {
            var known = Context.Document.Definitions.OfType<TypeDefinitionNode>().Select(static type => type.Name.Value)
                .Concat(Context.KnownSchema?.Types.Names ?? []);
            Context.Report(
                $"Cannot extend type \"{name}\" because it is not defined." + Suggestions.DidYouMean("", Suggestions.Nearest(name, known)),
                extension.Name);
        }
        else if (KindOf(extension) is var kind && kind != KindOf((object?)definition ?? Context.KnownSchema?.Types.Find(name)))
        {
            Context.Report($"Cannot extend non-{kind} type \"{name}\".", definition, extension);
        }

        return true;
    }

    private static string KindOf(object? type) => type switch
    {
        ScalarTypeExtensionNode or ScalarTypeDefinitionNode or ScalarType => "scalar",
        ObjectTypeExtensionNode or ObjectTypeDefinitionNode or ObjectType => "object",
        InterfaceTypeExtensionNode or InterfaceTypeDefinitionNode or InterfaceType => "interface",
        UnionTypeExtensionNode or UnionTypeDefinitionNode or UnionType => "union",
        EnumTypeExtensionNode or EnumTypeDefinitionNode or EnumType => "enum",
        InputObjectTypeExtensionNode or InputObjectTypeDefinitionNode or InputObjectType => "input object",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a type."),
    };
}
