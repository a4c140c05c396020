using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.4.1, Argument Names: the directive has every argument that is given.</summary>
internal sealed class KnownArgumentNamesOnDirectivesRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new(
            "KnownArgumentNamesOnDirectives",
            Entered: [NodeKind.Directive],
            Left: [],
            static context => new KnownArgumentNamesOnDirectivesRule(context));

    public override bool Enter(Node node)
    {
        var directive = (DirectiveNode)node;
        if (!directive.Arguments.IsEmpty && Context.KnownDirectives.Find(directive.Name.Value) is { } known)
        {
            foreach (var argument in directive.Arguments)
            {
                var name = argument.Name.Value;
                if (known.Arguments.All(defined => defined.Name != name))
                {
                    Context.Report(
                        $"Unknown argument \"{name}\" on directive \"@{directive.Name.Value}\"."
                        + Suggestions.DidYouMean("", Suggestions.Nearest(name, known.Arguments.Select(static defined => defined.Name))),
                        argument);
                }
            }
        }

        return false;
    }
}
