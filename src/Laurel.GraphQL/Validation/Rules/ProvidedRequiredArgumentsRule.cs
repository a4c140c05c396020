using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.4.3, Required Arguments: every argument is given that must not be null and has no default.</summary>
internal sealed class ProvidedRequiredArgumentsRule(ValidationContext context) : Rule(context)
{
    private readonly ProvidedRequiredArgumentsOnDirectivesRule onDirectives = new(context);

    public static RuleDefinition Definition { get; } =
        new(
            "ProvidedRequiredArguments",
            Entered: [],
            Left: [NodeKind.Field, NodeKind.Directive],
            static context => new ProvidedRequiredArgumentsRule(context));

    public override void Leave(Node node)
    {
        if (node is DirectiveNode)
        {
            onDirectives.Leave(node);
            return;
        }

        var field = (FieldNode)node;
        if (Context.At.Field is not { } definition)
        {
            return;
        }

        foreach (var argument in definition.Arguments)
        {
            if (argument.IsRequired && field.Arguments.All(given => given.Name.Value != argument.Name))
            {
                Context.Report(
                    $"Field \"{definition.Name}\" argument \"{argument.Name}\" of type \"{argument.Type}\" is required, but it was not provided.",
                    field);
            }
        }
    }
}
