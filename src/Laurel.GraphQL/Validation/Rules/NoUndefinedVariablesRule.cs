using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.8.3, All Variable Uses Defined: an operation defines every variable that it and its fragments use.</summary>
internal sealed class NoUndefinedVariablesRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new("NoUndefinedVariables", Entered: [], Left: [NodeKind.Document], static context => new NoUndefinedVariablesRule(context));

    public override void Leave(Node node)
    {
        foreach (var operation in Context.Operations)
        {
            var defined = operation.VariableDefinitions.Select(static definition => definition.Variable.Name.Value).ToHashSet(StringComparer.Ordinal);
            foreach (var usage in Context.UsagesIn(operation))
            {
                var name = usage.Node.Name.Value;
                if (!defined.Contains(name))
                {
                    var by = operation.Name is { } operationName ? $" by operation \"{operationName.Value}\"" : "";
                    Context.Report($"Variable \"${name}\" is not defined{by}.", usage.Node, operation);
                }
            }
        }
    }
}
