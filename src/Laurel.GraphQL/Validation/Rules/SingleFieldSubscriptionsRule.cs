using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.2.4.1, Single Root Field: a subscription selects one field, not one of introspection, and on no condition.</summary>
internal sealed class SingleFieldSubscriptionsRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new(
            "SingleFieldSubscriptions",
            Entered: [NodeKind.OperationDefinition],
            Left: [],
            static context => new SingleFieldSubscriptionsRule(context));

    public override bool Enter(Node node)
    {
        if (node is OperationDefinitionNode { Operation: OperationType.Subscription } operation && Context.Schema.SubscriptionType is { } root)
        {
            Check(operation, root);
        }

        return false;
    }

    private void Check(OperationDefinitionNode operation, ObjectType root)
    {
        var name = operation.Name is { } given ? $"Subscription \"{given.Value}\"" : "Anonymous Subscription";
        var conditions = new List<Node?>();
        var fields = Collect(operation.SelectionSet, root, conditions);
        if (conditions.Count > 0)
        {
            Context.Report($"{name} must not use `@skip` or `@include` directives in the top level selection.", [.. conditions]);
        }

        if (fields.Count > 1)
        {
            Context.Report($"{name} must select only one top level field.", [.. fields.Values.Skip(1).SelectMany(static nodes => nodes)]);
        }

        foreach (var nodes in fields.Values.Where(static nodes => nodes[0].Name.Value.StartsWith("__", StringComparison.Ordinal)))
        {
            Context.Report($"{name} must not select an introspection top level field.", [.. nodes]);
        }
    }

    /// <summary>"CollectSubscriptionFields" of the specification, without recursion: a chain of fragments is as long as its author
    /// likes.</summary>
    private OrderedDictionary<string, List<FieldNode>> Collect(SelectionSetNode set, ObjectType root, List<Node?> conditions)
    {
        var fields = new OrderedDictionary<string, List<FieldNode>>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<SelectionNode>(set.Selections.Reverse());
        while (waiting.TryPop(out var selection))
        {
            conditions.AddRange(selection.Directives.Where(static directive => directive.Name.Value is "skip" or "include"));
            switch (selection)
            {
                case FieldNode field:
                    if (!fields.TryGetValue(field.ResponseName, out var nodes))
                    {
                        fields[field.ResponseName] = nodes = [];
                    }

                    nodes.Add(field);
                    break;
                case InlineFragmentNode inline when Applies(inline.TypeCondition, root):
                    PushAll(waiting, inline.SelectionSet);
                    break;
                case FragmentSpreadNode spread when seen.Add(spread.Name.Value)
                    && Context.FindFragment(spread.Name.Value) is { } fragment && Applies(fragment.TypeCondition, root):
                    PushAll(waiting, fragment.SelectionSet);
                    break;
            }
        }

        return fields;
    }

    private static void PushAll(Stack<SelectionNode> waiting, SelectionSetNode set)
    {
        for (var index = set.Selections.Length - 1; index >= 0; index--)
        {
            waiting.Push(set.Selections[index]);
        }
    }

    private bool Applies(NamedTypeNode? condition, ObjectType root) =>
        condition is null
        || Context.Schema.FindType(condition) is CompositeType type && (ReferenceEquals(type, root) || type.Includes(root));
}
