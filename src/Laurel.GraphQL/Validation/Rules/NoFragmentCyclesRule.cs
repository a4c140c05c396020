using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.5.2.2, Fragment Spreads Must Not Form Cycles: no fragment reaches itself. Walks without recursion:
/// a chain of fragments is as long as its author likes.</summary>
internal sealed class NoFragmentCyclesRule(ValidationContext context) : Rule(context)
{
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly Stack<Step> steps = new();
    private readonly List<FragmentSpreadNode> path = [];
    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);

    public static RuleDefinition Definition { get; } =
        new(
            "NoFragmentCycles",
            Entered: [NodeKind.OperationDefinition, NodeKind.FragmentDefinition],
            Left: [],
            static context => new NoFragmentCyclesRule(context));

    public override bool Enter(Node node)
    {
        if (node is FragmentDefinitionNode fragment)
        {
            Follow(fragment);
        }

        return false;
    }

    /// <summary>Explores to the end, so that every cycle is found, and each fragment once.</summary>
    private void Follow(FragmentDefinitionNode first)
    {
        Open(first);
        while (steps.TryPop(out var step))
        {
            if (step.Next == step.Spreads.Count)
            {
                places.Remove(step.Name);
                if (path.Count > 0)
                {
                    path.RemoveAt(path.Count - 1);
                }

                continue;
            }

            var spread = step.Spreads[step.Next];
            steps.Push(step with { Next = step.Next + 1 });
            path.Add(spread);
            var entered = false;
            if (places.TryGetValue(spread.Name.Value, out var place))
            {
                ReportCycle(spread.Name.Value, [.. path.Skip(place)]);
            }
            else if (Context.FindFragment(spread.Name.Value) is { } fragment)
            {
                entered = Open(fragment);
            }

            if (!entered)
            {
                path.RemoveAt(path.Count - 1);
            }
        }
    }

    private bool Open(FragmentDefinitionNode fragment)
    {
        if (!seen.Add(fragment.Name.Value) || Context.SpreadsIn(fragment.SelectionSet) is not { Count: > 0 } spreads)
        {
            return false;
        }

        places[fragment.Name.Value] = path.Count;
        steps.Push(new(fragment.Name.Value, spreads, 0));
        return true;
    }

    private void ReportCycle(string name, FragmentSpreadNode[] cycle)
    {
        var via = string.Join(", ", cycle[..^1].Select(static spread => $"\"{spread.Name.Value}\""));
        Context.Report($"Cannot spread fragment \"{name}\" within itself{(via.Length == 0 ? "" : $" via {via}")}.", [.. cycle]);
    }

    private readonly record struct Step(string Name, IReadOnlyList<FragmentSpreadNode> Spreads, int Next);
}
