using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.4.1, Argument Names: the field or directive has every argument that is given.</summary>
internal sealed class KnownArgumentNamesRule(ValidationContext context) : Rule(context)
{
    private readonly KnownArgumentNamesOnDirectivesRule onDirectives = new(context);

    public static RuleDefinition Definition { get; } =
        new(
            "KnownArgumentNames",
            Entered: [NodeKind.Argument, NodeKind.Directive],
            Left: [],
            static context => new KnownArgumentNamesRule(context));

    public override bool Enter(Node node) => node switch
    {
        DirectiveNode directive => onDirectives.Enter(directive),
        ArgumentNode argument => Check(argument),
        _ => true,
    };

    private bool Check(ArgumentNode argument)
    {
        if (Context.At is { Argument: null, Field: { } field, Selected: { } selected })
        {
            var name = argument.Name.Value;
            Context.Report(
                $"Unknown argument \"{name}\" on field \"{selected}.{field.Name}\"."
                + Suggestions.DidYouMean("", Suggestions.Nearest(name, field.Arguments.Names)),
                argument);
        }

        return true;
    }
}
