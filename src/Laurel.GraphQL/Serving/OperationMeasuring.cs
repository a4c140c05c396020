using System.Collections.Immutable;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Serving;

/// <summary>How much an operation asks for, fragments spread out.</summary>
/// <param name="Aliases">Fields that have an alias.</param>
/// <param name="Depth">Fields and lists within each other.</param>
/// <param name="Fields">All fields, for each type their object may be of.</param>
/// <param name="Conditions">The variables that decide what is selected.</param>
internal sealed record OperationMeasure(long Aliases, long Depth, long Fields, ImmutableArray<string> Conditions, CostFormula Cost);

/// <summary>Measures an operation. A fragment is measured once, however often it is spread, and chains of fragments are followed
/// without recursion; what is nested in the text is walked by recursion, which the parser bounds.</summary>
/// <remarks>The cost is an upper bound: fields that are selected twice count twice, and all fragments on an abstract type count together.</remarks>
internal sealed class OperationMeasuring(
    Schema schema, CostModel model, long listSizeAssumed, IReadOnlyDictionary<string, FragmentDefinitionNode> fragments)
{
    private readonly Dictionary<Place, Sums> known = [];
    private readonly List<Place> missing = [];
    private readonly List<CostSum> steps = [];
    private readonly SortedSet<string> conditions = new(StringComparer.Ordinal);

    public OperationMeasure Measure(OperationDefinitionNode operation)
    {
        var whole = new Place(operation, null);
        var waiting = new Stack<Place>([whole]);
        while (waiting.TryPeek(out var place))
        {
            if (known.ContainsKey(place))
            {
                waiting.Pop();
                continue;
            }

            // What a fragment adds must be known before whoever spreads it can be measured.
            missing.Clear();
            var begun = steps.Count;
            var sums = new Sums();
            Collect(sums, place.Definition.SelectionSet, TypeOf(place.Definition), place.Sizing);
            if (missing.Count == 0)
            {
                known[place] = sums;
                continue;
            }

            Forget(begun);
            foreach (var spread in missing)
            {
                waiting.Push(spread);
            }
        }

        var measured = known[whole];
        return new(measured.Aliases, measured.Depth, measured.Fields, [.. conditions], new([.. steps], measured.Base));
    }

    /// <summary>Takes the steps back that were made for sums nobody keeps; one of them may be of a fragment that is known.</summary>
    private void Forget(int begun)
    {
        for (var step = begun; step < steps.Count; step++)
        {
            steps[step].Step = -1;
        }

        steps.RemoveRange(begun, steps.Count - begun);
    }

    /// <param name="sizing">The field around, when it says how large lists below it are.</param>
    private void Collect(Sums sums, SelectionSetNode set, CompositeType type, SchemaField? sizing)
    {
        foreach (var selection in set.Selections)
        {
            CostFactor? condition = null;
            if (NoteConditions(selection))
            {
                condition = new ConditionFactor(selection);
            }
            else if (!FieldPlan.IsIncluded(selection, ImmutableDictionary<string, object?>.Empty))
            {
                continue;
            }

            switch (selection)
            {
                case FieldNode node when schema.FindField(type, node.Name.Value) is { } field:
                    AddField(sums, node, field, type, sizing, condition);
                    break;
                case InlineFragmentNode inline:
                    var inner = new Sums();
                    Collect(inner, inline.SelectionSet, inline.TypeCondition is { } on ? (CompositeType)schema.FindType(on)! : type, sizing);
                    AddSpread(sums, inner, condition);
                    break;
                case FragmentSpreadNode spread:
                    var place = new Place(fragments[spread.Name.Value], sizing);
                    if (known.TryGetValue(place, out var spreadOut))
                    {
                        AddSpread(sums, spreadOut, condition);
                    }
                    else
                    {
                        missing.Add(place);
                    }

                    break;
            }
        }
    }

    private void AddField(Sums sums, FieldNode node, SchemaField field, CompositeType type, SchemaField? sizing, CostFactor? condition)
    {
        var below = new Sums();
        var size = model.SizeOf(field);
        if (node.SelectionSet is { } set)
        {
            Collect(below, set, (CompositeType)field.Type.Named, size is { Sized.IsEmpty: false } ? field : null);
        }

        var lists = ListsOf(field.Type);
        sums.Aliases = Saturating.Add(sums.Aliases, Saturating.Add(below.Aliases, node.Alias is null ? 0 : 1));
        sums.Depth = Math.Max(sums.Depth, below.Depth == 0 ? 1 : below.Depth + 1 + lists);
        sums.Fields = Saturating.Add(sums.Fields, Saturating.Add(below.Fields, type.IsAbstract ? type.PossibleTypes.Length : 1));
        if (field.Type.Named.IsIntrospection)
        {
            return;
        }

        var factor = size is null ? null : new SizeFactor(field, node, size, listSizeAssumed);
        var one = new CostSum();
        one.Add(model.WeightOf(field));
        AddTimes(one, below.Base, null);
        AddTimes(one, below.Sized, factor);

        var isSized = lists > 0 && sizing is not null && model.SizeOf(sizing)!.Sized.Contains(field.Name);
        var all = new CostSum();
        AddTimes(all, WithInnerLists(one, lists), lists == 0 || isSized ? null : size is { Sized.IsEmpty: true } ? factor : listSizeAssumed);
        AddTimes(isSized ? sums.Sized : sums.Base, all, condition);
        var given = node.Arguments.Aggregate(
            0L, (sum, argument) => Saturating.Add(sum, field.Arguments.Find(argument.Name.Value) is { } known ? model.WeightOf(known) : 0));
        var arguments = new CostSum();
        arguments.Add(given);
        AddTimes(sums.Base, arguments, condition);
    }

    private void AddSpread(Sums sums, Sums inner, CostFactor? condition)
    {
        sums.Aliases = Saturating.Add(sums.Aliases, inner.Aliases);
        sums.Depth = Math.Max(sums.Depth, inner.Depth);
        sums.Fields = Saturating.Add(sums.Fields, inner.Fields);
        AddTimes(sums.Base, inner.Base, condition);
        AddTimes(sums.Sized, inner.Sized, condition);
    }

    /// <summary>Lists within the list have the size that is assumed.</summary>
    private CostSum WithInnerLists(CostSum one, int lists)
    {
        for (var level = 1; level < lists; level++)
        {
            var all = new CostSum();
            AddTimes(all, one, listSizeAssumed);
            one = all;
        }

        return one;
    }

    /// <param name="factor">A <see cref="CostFactor"/>, a number, or <c>null</c> for 1.</param>
    private void AddTimes(CostSum target, CostSum part, object? factor)
    {
        if (part.IsZero)
        {
            return;
        }

        var (times, later) = factor switch
        {
            null => (1, null),
            long number => (number, null),
            SizeFactor { IsConstant: true } size => (size.Evaluate(ImmutableDictionary<string, object?>.Empty), null),
            CostFactor unknown => (1L, unknown),
            _ => throw new ArgumentOutOfRangeException(nameof(factor), factor, "Not a factor."),
        };
        if (later is null && part.Terms.Count == 0)
        {
            target.Add(Saturating.Multiply(times, part.Constant));
            return;
        }

        if (part.Step < 0)
        {
            part.Step = steps.Count;
            steps.Add(part);
        }

        target.Add(new CostTerm(times, later, part.Step));
    }

    private CompositeType TypeOf(ExecutableDefinitionNode definition) => definition switch
    {
        OperationDefinitionNode operation => schema.RootOf(operation.Operation)!,
        FragmentDefinitionNode fragment => (CompositeType)schema.FindType(fragment.TypeCondition)!,
        _ => throw new ArgumentOutOfRangeException(nameof(definition), definition.Kind, "Not executable."),
    };

    /// <summary>Whether variables decide about a selection.</summary>
    private bool NoteConditions(SelectionNode selection)
    {
        var isConditional = false;
        foreach (var directive in selection.Directives)
        {
            if (directive.Name.Value is "skip" or "include" && directive.Arguments is [{ Value: VariableNode variable }])
            {
                conditions.Add(variable.Name.Value);
                isConditional = true;
            }
        }

        return isConditional;
    }

    private static int ListsOf(SchemaType type)
    {
        var lists = 0;
        while (type.Nullable is ListType list)
        {
            lists++;
            type = list.Item;
        }

        return lists;
    }

    /// <summary>A definition, and the field around it where that says how large lists in it are.</summary>
    private readonly record struct Place(ExecutableDefinitionNode Definition, SchemaField? Sizing);

    private sealed class Sums
    {
        public long Aliases { get; set; }

        public long Depth { get; set; }

        public long Fields { get; set; }

        public CostSum Base { get; } = new();

        /// <summary>What is to be multiplied by the size that the field around says.</summary>
        public CostSum Sized { get; } = new();
    }
}
