using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.2.2.1, Operation Name Uniqueness: no two operations have one name.</summary>
internal sealed class UniqueOperationNamesRule(ValidationContext context) : Rule(context)
{
    private readonly Dictionary<string, NameNode> known = new(StringComparer.Ordinal);

    public static RuleDefinition Definition { get; } =
        new(
            "UniqueOperationNames",
            Entered: [NodeKind.OperationDefinition],
            Left: [],
            static context => new UniqueOperationNamesRule(context));

    public override bool Enter(Node node)
    {
        if (((OperationDefinitionNode)node).Name is { } name && !known.TryAdd(name.Value, name))
        {
            Context.Report($"There can be only one operation named \"{name.Value}\".", known[name.Value], name);
        }

        return false;
    }
}
