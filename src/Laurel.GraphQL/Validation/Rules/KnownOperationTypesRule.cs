using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.2.1.1, Operation Type Existence: the schema has the kind of operation. New in September 2025, so the recorded cases
/// know nothing of it.</summary>
internal sealed class KnownOperationTypesRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } = new(
        "KnownOperationTypes", Entered: [NodeKind.OperationDefinition], Left: [], static context => new KnownOperationTypesRule(context));

    public override bool Enter(Node node)
    {
        var operation = ((OperationDefinitionNode)node).Operation;
        if (Context.Schema.RootOf(operation) is null)
        {
            Context.Report($"The {operation.ToString().ToLowerInvariant()} operation is not supported by the schema.", node);
        }

        return false;
    }
}
