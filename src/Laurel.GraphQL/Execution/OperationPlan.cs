using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Execution;

/// <summary>What of an operation can be known before it is executed.</summary>
internal sealed class OperationPlan(FieldPlan fields, ObjectType root, OperationDefinitionNode operation)
{
    public OperationType Kind => operation.Operation;

    public FieldPlan Fields => fields;

    public ObjectType Root => root;

    public PlannedField[] RootFields { get; } = fields.PlanRoot(root, operation.SelectionSet);
}
