using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.5.1.1, Fragment Name Uniqueness: no two fragments have one name.</summary>
internal sealed class UniqueFragmentNamesRule(ValidationContext context) : Rule(context)
{
    private readonly Dictionary<string, NameNode> known = new(StringComparer.Ordinal);

    public static RuleDefinition Definition { get; } =
        new(
            "UniqueFragmentNames",
            Entered: [NodeKind.OperationDefinition, NodeKind.FragmentDefinition],
            Left: [],
            static context => new UniqueFragmentNamesRule(context));

    public override bool Enter(Node node)
    {
        if (node is FragmentDefinitionNode { Name: var name } && !known.TryAdd(name.Value, name))
        {
            Context.Report($"There can be only one fragment named \"{name.Value}\".", known[name.Value], name);
        }

        return false;
    }
}
