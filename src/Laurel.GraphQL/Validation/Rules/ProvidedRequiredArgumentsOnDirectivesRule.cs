using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.4.3, Required Arguments: every argument of a directive is given that must not be null and has no default.</summary>
internal sealed class ProvidedRequiredArgumentsOnDirectivesRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new(
            "ProvidedRequiredArgumentsOnDirectives",
            Entered: [],
            Left: [NodeKind.Directive],
            static context => new ProvidedRequiredArgumentsOnDirectivesRule(context));

    public override void Leave(Node node)
    {
        var directive = (DirectiveNode)node;
        foreach (var argument in Context.KnownDirectives.Find(directive.Name.Value)?.Arguments ?? [])
        {
            if (argument.IsRequired && directive.Arguments.All(given => given.Name.Value != argument.Name))
            {
                Context.Report(
                    $"Directive \"@{directive.Name.Value}\" argument \"{argument.Name}\" of type \"{argument.Type}\" is required, "
                    + "but it was not provided.",
                    directive);
            }
        }
    }
}
