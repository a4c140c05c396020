using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.5.2.1, Fragment Spread Target Defined: a spread names a fragment of the document.</summary>
internal sealed class KnownFragmentNamesRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new("KnownFragmentNames", Entered: [NodeKind.FragmentSpread], Left: [], static context => new KnownFragmentNamesRule(context));

    public override bool Enter(Node node)
    {
        var name = ((FragmentSpreadNode)node).Name;
        if (Context.FindFragment(name.Value) is null)
        {
            Context.Report($"Unknown fragment \"{name.Value}\".", name);
        }

        return true;
    }
}
