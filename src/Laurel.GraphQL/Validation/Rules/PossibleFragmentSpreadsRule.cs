using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.5.2.3, Fragment Spread Is Possible: some object is of the type of the fragment and of the type around it.</summary>
internal sealed class PossibleFragmentSpreadsRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new(
            "PossibleFragmentSpreads",
            Entered: [NodeKind.InlineFragment, NodeKind.FragmentSpread],
            Left: [],
            static context => new PossibleFragmentSpreadsRule(context));

    public override bool Enter(Node node)
    {
        var (fragment, name) = node switch
        {
            // The walk has turned to the fragment's type; the type around it is what is selected from.
            InlineFragmentNode => (Context.At.Output as CompositeType, ""),
            FragmentSpreadNode spread => (TypeOf(spread), $" \"{spread.Name.Value}\""),
            _ => (null, ""),
        };
        if (fragment is not null && Context.At.Selected is { } around && !fragment.Overlaps(around))
        {
            Context.Report($"Fragment{name} cannot be spread here as objects of type \"{around}\" can never be of type \"{fragment}\".", node);
        }

        return true;
    }

    private CompositeType? TypeOf(FragmentSpreadNode spread) =>
        Context.FindFragment(spread.Name.Value) is { } fragment ? Context.Schema.FindType(fragment.TypeCondition) as CompositeType : null;
}
