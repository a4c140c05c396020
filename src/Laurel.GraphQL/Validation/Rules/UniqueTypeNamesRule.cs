using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 3.3, Schema: no two types have one name.</summary>
internal sealed class UniqueTypeNamesRule(ValidationContext context) : Rule(context)
{
    private readonly Dictionary<string, NameNode> defined = new(StringComparer.Ordinal);

    public static RuleDefinition Definition { get; } =
        new(
            "UniqueTypeNames",
            Entered:
            [
                NodeKind.ScalarTypeDefinition, NodeKind.ObjectTypeDefinition, NodeKind.InterfaceTypeDefinition,
                NodeKind.UnionTypeDefinition, NodeKind.EnumTypeDefinition, NodeKind.InputObjectTypeDefinition,
            ],
            Left: [],
            static context => new UniqueTypeNamesRule(context));

    public override bool Enter(Node node)
    {
        var name = ((TypeDefinitionNode)node).Name;
        if (Context.KnownSchema?.Types.Find(name.Value) is not null)
        {
            Context.Report($"Type \"{name.Value}\" already exists in the schema. It cannot also be defined in this type definition.", name);
        }
        else if (!defined.TryAdd(name.Value, name))
        {
            Context.Report($"There can be only one type named \"{name.Value}\".", defined[name.Value], name);
        }

        return false;
    }
}
