using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 3.3, "Root Operation Types": each kind of operation begins at one type.</summary>
internal sealed class UniqueOperationTypesRule(ValidationContext context) : Rule(context)
{
    private readonly Dictionary<OperationType, OperationTypeDefinitionNode> defined = [];

    public static RuleDefinition Definition { get; } =
        new(
            "UniqueOperationTypes",
            Entered: [NodeKind.SchemaDefinition, NodeKind.SchemaExtension],
            Left: [],
            static context => new UniqueOperationTypesRule(context));

    public override bool Enter(Node node)
    {
        var types = node is SchemaDefinitionNode definition ? definition.OperationTypes : ((SchemaExtensionNode)node).OperationTypes;
        foreach (var type in types)
        {
            var name = type.Operation.ToString().ToLowerInvariant();
            if (Context.KnownSchema?.RootOf(type.Operation) is not null)
            {
                Context.Report($"Type for {name} already defined in the schema. It cannot be redefined.", type);
            }
            else if (!defined.TryAdd(type.Operation, type))
            {
                Context.Report($"There can be only one {name} type in schema.", defined[type.Operation], type);
            }
        }

        return false;
    }
}
