using System.Runtime.InteropServices;
using System.Text;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.3.2, Field Selection Merging: fields with one response name are the same field with the same arguments, or can
/// never both apply; and their answers have one shape.</summary>
/// <remarks>Compares pairs of fields, so the work grows with the square of what a document repeats; it ends at
/// <see cref="ValidationLimits.MergeComparisonsMax"/>. Chains of fragments are followed without recursion, fields within fields no
/// deeper than <see cref="ValidationLimits.MergeDepthMax"/>. The order of errors is that of graphql-js.</remarks>
internal sealed class OverlappingFieldsCanBeMergedRule(ValidationContext context) : Rule(context)
{
    private readonly FieldCollector collector = new(context.Schema);

    // Whether the pair was compared as one that never applies together; such a comparison looks at less.
    private readonly Dictionary<(SelectedFields, string), bool> fieldsAndFragments = [];
    private readonly Dictionary<(string, string), bool> fragmentPairs = [];
    private int comparisons;
    private int conflictsFound;
    private int depth;
    private bool ended;

    public static RuleDefinition Definition { get; } = new(
        "OverlappingFieldsCanBeMerged",
        Entered: [NodeKind.SelectionSet],
        Left: [],
        static context => new OverlappingFieldsCanBeMergedRule(context));

    public override bool Enter(Node node)
    {
        if (ended)
        {
            return false;
        }

        var fields = collector.Collect(Context.At.Selected, (SelectionSetNode)node);
        var conflicts = new List<FieldConflict>();
        CompareWithin(conflicts, fields);
        for (var i = 0; i < fields.Fragments.Count; i++)
        {
            CompareWithFragment(conflicts, exclusive: false, fields, fields.Fragments.GetAt(i).Key);
            for (var j = i + 1; j < fields.Fragments.Count; j++)
            {
                CompareFragments(conflicts, exclusive: false, fields.Fragments.GetAt(i).Key, fields.Fragments.GetAt(j).Key);
            }
        }

        foreach (var conflict in conflicts)
        {
            Report(conflict);
        }

        return true;
    }

    private void Report(FieldConflict conflict)
    {
        var text = new StringBuilder($"Fields \"{conflict.Name}\" conflict because ");
        conflict.AppendReason(text);
        text.Append(". Use different aliases on the fields to fetch both if this was intentional.");
        var (firsts, seconds) = (new List<Node?>(), new List<Node?>());
        conflict.AddNodes(firsts, seconds);
        firsts.AddRange(seconds);
        Context.Report(text.ToString(), CollectionsMarshal.AsSpan(firsts));
    }

    /// <summary>Whether one more comparison may be made. The first time it may not, the document is refused for it.</summary>
    private bool MayCompare()
    {
        if (ended || conflictsFound >= Context.Limits.ErrorsMax)
        {
            return false;
        }

        if (++comparisons > Context.Limits.MergeComparisonsMax)
        {
            End(
                nameof(ValidationLimits.MergeComparisonsMax),
                Context.Limits.MergeComparisonsMax,
                $"Too many fields have the same name: more than {Context.Limits.MergeComparisonsMax} pairs would have to be compared.");
        }

        return !ended;
    }

    private void End(string limit, long max, string message)
    {
        ended = true;
        Context.ReportBeyond(limit, max, message, Context.At.Definition);
    }

    /// <summary>The fields of one selection set with each other.</summary>
    private void CompareWithin(List<FieldConflict> conflicts, SelectedFields fields)
    {
        foreach (var (name, list) in fields.ByName)
        {
            for (var i = 0; i < list.Count && !ended; i++)
            {
                for (var j = i + 1; j < list.Count && MayCompare(); j++)
                {
                    Compare(conflicts, exclusive: false, name, list[i], list[j]);
                }
            }
        }
    }

    /// <summary>The fields of two selection sets with each other.</summary>
    private void CompareBetween(List<FieldConflict> conflicts, bool exclusive, SelectedFields fields, SelectedFields others)
    {
        foreach (var (name, list) in fields.ByName)
        {
            if (!others.ByName.TryGetValue(name, out var otherList))
            {
                continue;
            }

            foreach (var field in list)
            {
                foreach (var other in otherList)
                {
                    if (!MayCompare())
                    {
                        return;
                    }

                    Compare(conflicts, exclusive, name, field, other);
                }
            }
        }
    }

    /// <summary>The fields of a selection set with those of a fragment, and of the fragments that this one spreads.</summary>
    private void CompareWithFragment(List<FieldConflict> conflicts, bool exclusive, SelectedFields fields, string fragmentName)
    {
        if (fields.ByName.Count == 0)
        {
            return;
        }

        var waiting = new Stack<string>([fragmentName]);
        while (waiting.TryPop(out var name))
        {
            if (!IsNew(fieldsAndFragments, (fields, name), exclusive) || !MayCompare() || Context.FindFragment(name) is not { } fragment)
            {
                continue;
            }

            var others = collector.Collect(fragment);
            if (ReferenceEquals(fields, others))
            {
                continue;
            }

            CompareBetween(conflicts, exclusive, fields, others);
            for (var index = others.Fragments.Count - 1; index >= 0; index--)
            {
                waiting.Push(others.Fragments.GetAt(index).Key);
            }
        }
    }

    /// <summary>The fields of two fragments with each other, and of the fragments that they spread.</summary>
    private void CompareFragments(List<FieldConflict> conflicts, bool exclusive, string firstName, string secondName)
    {
        var waiting = new Stack<(string First, string Second)>([(firstName, secondName)]);
        while (waiting.TryPop(out var pair))
        {
            var (first, second) = pair;
            if (first == second
                || !IsNew(fragmentPairs, string.CompareOrdinal(first, second) < 0 ? (first, second) : (second, first), exclusive)
                || !MayCompare()
                || Context.FindFragment(first) is not { } firstFragment
                || Context.FindFragment(second) is not { } secondFragment)
            {
                continue;
            }

            var (fields, others) = (collector.Collect(firstFragment), collector.Collect(secondFragment));
            CompareBetween(conflicts, exclusive, fields, others);
            for (var index = fields.Fragments.Count - 1; index >= 0; index--)
            {
                waiting.Push((fields.Fragments.GetAt(index).Key, second));
            }

            for (var index = others.Fragments.Count - 1; index >= 0; index--)
            {
                waiting.Push((first, others.Fragments.GetAt(index).Key));
            }
        }
    }

    /// <summary>A pair that was compared as one that may apply together has been compared as one that may not.</summary>
    private static bool IsNew<TPair>(Dictionary<TPair, bool> compared, TPair pair, bool exclusive)
        where TPair : notnull
    {
        if (compared.TryGetValue(pair, out var wasExclusive) && (exclusive || !wasExclusive))
        {
            return false;
        }

        compared[pair] = exclusive;
        return true;
    }

    private void Compare(List<FieldConflict> conflicts, bool exclusive, string name, SelectedField field, SelectedField other)
    {
        // Fields of two different objects never apply together. Of an interface that is not known: an object may come to implement both.
        exclusive |= !ReferenceEquals(field.Parent, other.Parent) && field.Parent is ObjectType && other.Parent is ObjectType;
        if (ReasonAgainst(exclusive, field, other) is { } reason)
        {
            conflictsFound++;
            conflicts.Add(new(name, field.Node, other.Node, reason, []));
            return;
        }

        if (field.Node.SelectionSet is not { } set || other.Node.SelectionSet is not { } otherSet)
        {
            return;
        }

        if (depth >= Context.Limits.MergeDepthMax)
        {
            End(
                nameof(ValidationLimits.MergeDepthMax),
                Context.Limits.MergeDepthMax,
                $"Fields lie within each other deeper than {Context.Limits.MergeDepthMax} levels.");
            return;
        }

        depth++;
        var below = CompareBelow(exclusive, collector.Collect(field.Type?.Named, set), collector.Collect(other.Type?.Named, otherSet));
        depth--;
        if (below.Count > 0)
        {
            conflicts.Add(new(name, field.Node, other.Node, null, [.. below]));
        }
    }

    private static string? ReasonAgainst(bool exclusive, SelectedField field, SelectedField other)
    {
        if (!exclusive)
        {
            var (name, otherName) = (field.Node.Name.Value, other.Node.Name.Value);
            if (name != otherName)
            {
                return $"\"{name}\" and \"{otherName}\" are different fields";
            }

            if (!ReferenceEquals(field.Arguments, other.Arguments))
            {
                return "they have differing arguments";
            }
        }

        return field.Type is { } type && other.Type is { } otherType && !HaveOneShape(type, otherType)
            ? $"they return conflicting types \"{type}\" and \"{otherType}\""
            : null;
    }

    /// <summary>The answers of two fields that are to be merged.</summary>
    private List<FieldConflict> CompareBelow(bool exclusive, SelectedFields fields, SelectedFields others)
    {
        var conflicts = new List<FieldConflict>();
        CompareBetween(conflicts, exclusive, fields, others);
        foreach (var (name, _) in others.Fragments)
        {
            CompareWithFragment(conflicts, exclusive, fields, name);
        }

        foreach (var (name, _) in fields.Fragments)
        {
            CompareWithFragment(conflicts, exclusive, others, name);
        }

        foreach (var (name, _) in fields.Fragments)
        {
            foreach (var (otherName, _) in others.Fragments)
            {
                CompareFragments(conflicts, exclusive, name, otherName);
            }
        }

        return conflicts;
    }

    /// <summary>"SameResponseShape" of the specification, for the type itself.</summary>
    private static bool HaveOneShape(SchemaType type, SchemaType other)
    {
        while (true)
        {
            switch (type, other)
            {
                case (ListType list, ListType otherList):
                    (type, other) = (list.Item, otherList.Item);
                    break;
                case (NonNullType nonNull, NonNullType otherNonNull):
                    (type, other) = (nonNull.Inner, otherNonNull.Inner);
                    break;
                case (CompositeType, CompositeType):
                    return true;
                default:
                    return ReferenceEquals(type, other);
            }
        }
    }
}
