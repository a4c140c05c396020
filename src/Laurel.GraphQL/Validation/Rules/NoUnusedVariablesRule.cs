using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.8.4, All Variables Used: an operation or its fragments use every variable it defines.</summary>
internal sealed class NoUnusedVariablesRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new("NoUnusedVariables", Entered: [], Left: [NodeKind.Document], static context => new NoUnusedVariablesRule(context));

    public override void Leave(Node node)
    {
        foreach (var operation in Context.Operations.Where(static operation => !operation.VariableDefinitions.IsEmpty))
        {
            var used = Context.UsagesIn(operation).Select(static usage => usage.Node.Name.Value).ToHashSet(StringComparer.Ordinal);
            foreach (var definition in operation.VariableDefinitions)
            {
                var name = definition.Variable.Name.Value;
                if (!used.Contains(name))
                {
                    var by = operation.Name is { } operationName ? $" in operation \"{operationName.Value}\"" : "";
                    Context.Report($"Variable \"${name}\" is never used{by}.", definition);
                }
            }
        }
    }
}
