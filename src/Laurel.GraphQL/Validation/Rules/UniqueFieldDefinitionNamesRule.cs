using System.Collections.Immutable;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 3.6, Objects, 3.7, Interfaces, and 3.10, Input Objects: no field of a type is defined twice, its extensions included.</summary>
internal sealed class UniqueFieldDefinitionNamesRule(ValidationContext context) : Rule(context)
{
    private readonly Dictionary<(string Type, string Field), NameNode> defined = [];

    public static RuleDefinition Definition { get; } =
        new(
            "UniqueFieldDefinitionNames",
            Entered:
            [
                NodeKind.ObjectTypeDefinition, NodeKind.ObjectTypeExtension, NodeKind.InterfaceTypeDefinition,
                NodeKind.InterfaceTypeExtension, NodeKind.InputObjectTypeDefinition, NodeKind.InputObjectTypeExtension,
            ],
            Left: [],
            static context => new UniqueFieldDefinitionNamesRule(context));

    public override bool Enter(Node node)
    {
        var (type, fields) = node switch
        {
            ObjectTypeDefinitionNode part => (part.Name.Value, NamesOf(part.Fields)),
            ObjectTypeExtensionNode part => (part.Name.Value, NamesOf(part.Fields)),
            InterfaceTypeDefinitionNode part => (part.Name.Value, NamesOf(part.Fields)),
            InterfaceTypeExtensionNode part => (part.Name.Value, NamesOf(part.Fields)),
            InputObjectTypeDefinitionNode part => (part.Name.Value, part.Fields.Select(static field => field.Name)),
            InputObjectTypeExtensionNode part => (part.Name.Value, part.Fields.Select(static field => field.Name)),
            _ => throw new ArgumentOutOfRangeException(nameof(node), node.Kind, "Not a type with fields."),
        };
        foreach (var name in fields)
        {
            if (IsInSchema(type, name.Value))
            {
                Context.Report(
                    $"Field \"{type}.{name.Value}\" already exists in the schema. It cannot also be defined in this type extension.", name);
            }
            else if (!defined.TryAdd((type, name.Value), name))
            {
                Context.Report($"Field \"{type}.{name.Value}\" can only be defined once.", defined[(type, name.Value)], name);
            }
        }

        return false;
    }

    private static IEnumerable<NameNode> NamesOf(ImmutableArray<FieldDefinitionNode> fields) => fields.Select(static field => field.Name);

    private bool IsInSchema(string type, string field) => Context.KnownSchema?.Types.Find(type) switch
    {
        FieldedType fielded => fielded.Fields.Find(field) is not null,
        InputObjectType input => input.Fields.Find(field) is not null,
        _ => false,
    };
}
