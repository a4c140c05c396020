using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 3.9, Enums: no value of an enum is defined twice, its extensions included.</summary>
internal sealed class UniqueEnumValueNamesRule(ValidationContext context) : Rule(context)
{
    private readonly Dictionary<(string Type, string Value), NameNode> defined = [];

    public static RuleDefinition Definition { get; } =
        new(
            "UniqueEnumValueNames",
            Entered: [NodeKind.EnumTypeDefinition, NodeKind.EnumTypeExtension],
            Left: [],
            static context => new UniqueEnumValueNamesRule(context));

    public override bool Enter(Node node)
    {
        var (type, values) = node switch
        {
            EnumTypeDefinitionNode definition => (definition.Name.Value, definition.Values),
            EnumTypeExtensionNode extension => (extension.Name.Value, extension.Values),
            _ => throw new ArgumentOutOfRangeException(nameof(node), node.Kind, "Not an enum."),
        };
        foreach (var name in values.Select(static value => value.Name))
        {
            if ((Context.KnownSchema?.Types.Find(type) as EnumType)?.Values.Find(name.Value) is not null)
            {
                Context.Report(
                    $"Enum value \"{type}.{name.Value}\" already exists in the schema. It cannot also be defined in this type extension.", name);
            }
            else if (!defined.TryAdd((type, name.Value), name))
            {
                Context.Report($"Enum value \"{type}.{name.Value}\" can only be defined once.", defined[(type, name.Value)], name);
            }
        }

        return false;
    }
}
