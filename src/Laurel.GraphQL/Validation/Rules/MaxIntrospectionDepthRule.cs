using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>A limit of our own, as graphql-js has it: introspection asks for no lists of types within lists of types, whose answer would grow
/// with each level by the size of the schema.</summary>
internal sealed class MaxIntrospectionDepthRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new("MaxIntrospectionDepth", Entered: [NodeKind.Field], Left: [], static context => new MaxIntrospectionDepthRule(context));

    private const string Exceeded = "Maximum introspection depth exceeded";

    public override bool Enter(Node node)
    {
        var field = (FieldNode)node;
        if (field.Name.Value is not ("__schema" or "__type") || field.SelectionSet is not { } set || !IsTooDeep(set))
        {
            return true;
        }

        Context.ReportBeyond(nameof(ValidationLimits.IntrospectionListsMax), Context.Limits.IntrospectionListsMax, Exceeded, node);
        return false;
    }

    /// <summary>Without recursion, and each fragment once for each number of lists around it, whatever spreads it.</summary>
    private bool IsTooDeep(SelectionSetNode first)
    {
        var seen = new HashSet<(string Fragment, int Lists)>();
        var open = new HashSet<string>(StringComparer.Ordinal);
        var steps = new Stack<Step>([new(first, 0, 0, null)]);
        while (steps.TryPop(out var step))
        {
            if (step.Next == step.Set.Selections.Length)
            {
                if (step.Fragment is not null)
                {
                    open.Remove(step.Fragment);
                }

                continue;
            }

            steps.Push(step with { Next = step.Next + 1 });
            switch (step.Set.Selections[step.Next])
            {
                case FieldNode field:
                    var lists = step.Lists + (field.Name.Value is "fields" or "interfaces" or "possibleTypes" or "inputFields" ? 1 : 0);
                    if (lists >= Context.Limits.IntrospectionListsMax)
                    {
                        return true;
                    }

                    if (field.SelectionSet is { } below)
                    {
                        steps.Push(new(below, 0, lists, null));
                    }

                    break;
                case InlineFragmentNode inline:
                    steps.Push(new(inline.SelectionSet, 0, step.Lists, null));
                    break;
                case FragmentSpreadNode { Name.Value: var name }
                    when !open.Contains(name) && Context.FindFragment(name) is { } fragment && seen.Add((name, step.Lists)):
                    open.Add(name);
                    steps.Push(new(fragment.SelectionSet, 0, step.Lists, name));
                    break;
            }
        }

        return false;
    }

    private readonly record struct Step(SelectionSetNode Set, int Next, int Lists, string? Fragment);
}
