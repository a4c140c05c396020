using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.8.2, Variables Are Input Types: an object cannot be given as a variable.</summary>
internal sealed class VariablesAreInputTypesRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new(
            "VariablesAreInputTypes",
            Entered: [NodeKind.VariableDefinition],
            Left: [],
            static context => new VariablesAreInputTypesRule(context));

    public override bool Enter(Node node)
    {
        var definition = (VariableDefinitionNode)node;
        if (Context.Schema.FindType(definition.Type) is { IsInput: false })
        {
            var type = Printer.Print(definition.Type);
            Context.Report($"Variable \"${definition.Variable.Name.Value}\" cannot be non-input type \"{type}\".", definition.Type);
        }

        return true;
    }
}
