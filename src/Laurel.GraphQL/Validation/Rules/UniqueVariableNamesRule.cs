using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.8.1, Variable Uniqueness: an operation defines no variable twice.</summary>
internal sealed class UniqueVariableNamesRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new(
            "UniqueVariableNames",
            Entered: [NodeKind.OperationDefinition],
            Left: [],
            static context => new UniqueVariableNamesRule(context));

    public override bool Enter(Node node)
    {
        var variables = ((OperationDefinitionNode)node).VariableDefinitions;
        foreach (var named in variables.GroupBy(static definition => definition.Variable.Name.Value, StringComparer.Ordinal))
        {
            if (named.Count() > 1)
            {
                Context.Report(
                    $"There can be only one variable named \"${named.Key}\".",
                    [.. named.Select(static definition => definition.Variable.Name)]);
            }
        }

        return true;
    }
}
