using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.2.3.1, Lone Anonymous Operation: an operation without a name is the only one.</summary>
internal sealed class LoneAnonymousOperationRule(ValidationContext context) : Rule(context)
{
    private int operations;

    public static RuleDefinition Definition { get; } =
        new(
            "LoneAnonymousOperation",
            Entered: [NodeKind.Document, NodeKind.OperationDefinition],
            Left: [],
            static context => new LoneAnonymousOperationRule(context));

    public override bool Enter(Node node)
    {
        switch (node)
        {
            case DocumentNode document:
                operations = document.Definitions.Count(static definition => definition is OperationDefinitionNode);
                return true;
            case OperationDefinitionNode { Name: null } when operations > 1:
                Context.Report("This anonymous operation must be the only defined operation.", node);
                return false;
            default:
                return false;
        }
    }
}
