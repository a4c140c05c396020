using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.5.1.4, Fragments Must Be Used: some operation reaches every fragment.</summary>
internal sealed class NoUnusedFragmentsRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new(
            "NoUnusedFragments",
            Entered: [NodeKind.OperationDefinition, NodeKind.FragmentDefinition],
            Left: [NodeKind.Document],
            static context => new NoUnusedFragmentsRule(context));

    public override bool Enter(Node node) => false;

    public override void Leave(Node node)
    {
        var used = Context.Operations.SelectMany(Context.FragmentsReachedFrom)
            .Select(static fragment => fragment.Name.Value)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var fragment in Context.Document.Definitions.OfType<FragmentDefinitionNode>())
        {
            if (!used.Contains(fragment.Name.Value))
            {
                Context.Report($"Fragment \"{fragment.Name.Value}\" is never used.", fragment);
            }
        }
    }
}
