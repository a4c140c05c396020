using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>Section 5.3.1, Field Selections: the type selected from has every field.</summary>
internal sealed class FieldsOnCorrectTypeRule(ValidationContext context) : Rule(context)
{
    public static RuleDefinition Definition { get; } =
        new("FieldsOnCorrectType", Entered: [NodeKind.Field], Left: [], static context => new FieldsOnCorrectTypeRule(context));

    public override bool Enter(Node node)
    {
        if (Context.At is { Selected: { } type, Field: null })
        {
            var name = ((FieldNode)node).Name.Value;
            var suggestion = Suggestions.DidYouMean("to use an inline fragment on", TypesWith(type, name));
            if (suggestion.Length == 0 && type is FieldedType fielded)
            {
                suggestion = Suggestions.DidYouMean("", Suggestions.Nearest(name, fielded.Fields.Names));
            }

            Context.Report($"Cannot query field \"{name}\" on type \"{type}\".{suggestion}", node);
        }

        return true;
    }

    /// <summary>The objects of an abstract type that have the field, and their interfaces that do: what the most have comes first.</summary>
    private static List<string> TypesWith(CompositeType type, string name)
    {
        var counts = new OrderedDictionary<FieldedType, int>();
        foreach (var possible in type.IsAbstract ? type.PossibleTypes : [])
        {
            if (possible.Fields.Find(name) is null)
            {
                continue;
            }

            counts[possible] = 1;
            foreach (var implemented in possible.Interfaces.Where(implemented => implemented.Fields.Find(name) is not null))
            {
                counts[implemented] = counts.GetValueOrDefault(implemented) + 1;
            }
        }

        var types = counts.Keys.ToList();
        types.Sort((first, second) => Compare(first, second, counts));
        return types.ConvertAll(static found => found.Name);
    }

    private static int Compare(FieldedType first, FieldedType second, OrderedDictionary<FieldedType, int> counts)
    {
        if (counts[first] != counts[second])
        {
            return counts[second].CompareTo(counts[first]);
        }

        return (first.Includes(second), second.Includes(first)) switch
        {
            (true, _) => -1,
            (_, true) => 1,
            _ => Suggestions.CompareNaturally(first.Name, second.Name),
        };
    }
}
