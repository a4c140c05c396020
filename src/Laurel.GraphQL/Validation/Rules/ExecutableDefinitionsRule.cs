using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.1.1, Executable Definitions: a request holds operations and fragments only.</summary>
internal sealed class ExecutableDefinitionsRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new("ExecutableDefinitions", Entered: [NodeKind.Document], Left: [], static context => new ExecutableDefinitionsRule(context));

    public override bool Enter(Node node)
    {
        foreach (var definition in ((DocumentNode)node).Definitions)
        {
            if (definition is not ExecutableDefinitionNode)
            {
                var name = definition switch
                {
                    TypeDefinitionNode type => $"\"{type.Name.Value}\"",
                    TypeExtensionNode type => $"\"{type.Name.Value}\"",
                    DirectiveDefinitionNode directive => $"\"{directive.Name.Value}\"",
                    _ => "schema",
                };
                Context.Report($"The {name} definition is not executable.", definition);
            }
        }

        return false;
    }
}
