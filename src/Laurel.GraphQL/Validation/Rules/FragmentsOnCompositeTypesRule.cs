using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.5.1.3, Fragments on Object, Interface or Union Types: a fragment is on a type that has fields.</summary>
internal sealed class FragmentsOnCompositeTypesRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new(
            "FragmentsOnCompositeTypes",
            Entered: [NodeKind.InlineFragment, NodeKind.FragmentDefinition],
            Left: [],
            static context => new FragmentsOnCompositeTypesRule(context));

    public override bool Enter(Node node)
    {
        var (condition, name) = node switch
        {
            InlineFragmentNode inline => (inline.TypeCondition, ""),
            FragmentDefinitionNode fragment => (fragment.TypeCondition, $" \"{fragment.Name.Value}\""),
            _ => (null, ""),
        };
        if (condition is not null && Context.Schema.FindType(condition) is { } type and not CompositeType)
        {
            Context.Report($"Fragment{name} cannot condition on non composite type \"{type}\".", condition);
        }

        return true;
    }
}
