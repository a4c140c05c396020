using System.Collections.Immutable;
using System.Text;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation.Rules;

/// <summary>A field where it is selected.</summary>
/// <param name="Parent">What it is selected from; <c>null</c> when the schema does not know.</param>
/// <param name="Type">What it answers; <c>null</c> when the schema does not know.</param>
/// <param name="Arguments">The arguments in one spelling: the same string object for the same arguments.</param>
internal sealed record SelectedField(NamedType? Parent, FieldNode Node, SchemaType? Type, string Arguments);

/// <summary>The fields of a selection set by their response names, and the fragments it spreads; what is in these is not here.</summary>
internal sealed class SelectedFields
{
    public OrderedDictionary<string, List<SelectedField>> ByName { get; } = new(StringComparer.Ordinal);

    public OrderedDictionary<string, FragmentSpreadNode> Fragments { get; } = new(StringComparer.Ordinal);
}

/// <summary>Two fields that cannot be merged.</summary>
/// <param name="Reason">Why, in words; <c>null</c> when it is because of <paramref name="Below"/>.</param>
internal sealed record FieldConflict(string Name, FieldNode First, FieldNode Second, string? Reason, ImmutableArray<FieldConflict> Below)
{
    public void AppendReason(StringBuilder text)
    {
        text.Append(Reason);
        var separator = "";
        foreach (var conflict in Below)
        {
            text.Append(separator).Append("subfields \"").Append(conflict.Name).Append("\" conflict because ");
            conflict.AppendReason(text);
            separator = " and ";
        }
    }

    public void AddNodes(List<Node?> firsts, List<Node?> seconds)
    {
        firsts.Add(First);
        seconds.Add(Second);
        foreach (var conflict in Below)
        {
            conflict.AddNodes(firsts, seconds);
        }
    }
}

/// <summary>Collects the fields of selection sets, each set once.</summary>
internal sealed class FieldCollector(Schema schema)
{
    private readonly Dictionary<SelectionSetNode, SelectedFields> collected = [];
    private readonly Dictionary<string, string> spellings = new(StringComparer.Ordinal);

    public SelectedFields Collect(NamedType? parent, SelectionSetNode set)
    {
        if (!collected.TryGetValue(set, out var fields))
        {
            fields = new();
            Collect(parent, set, fields);
            collected[set] = fields;
        }

        return fields;
    }

    public SelectedFields Collect(FragmentDefinitionNode fragment) =>
        collected.GetValueOrDefault(fragment.SelectionSet)
        ?? Collect(schema.FindType(fragment.TypeCondition) as NamedType, fragment.SelectionSet);

    private void Collect(NamedType? parent, SelectionSetNode set, SelectedFields fields)
    {
        foreach (var selection in set.Selections)
        {
            switch (selection)
            {
                case FieldNode field:
                    var type = (parent as FieldedType)?.Fields.Find(field.Name.Value)?.Type;
                    if (!fields.ByName.TryGetValue(field.ResponseName, out var list))
                    {
                        fields.ByName[field.ResponseName] = list = [];
                    }

                    list.Add(new(parent, field, type, Spell(field.Arguments)));
                    break;
                case FragmentSpreadNode spread:
                    fields.Fragments[spread.Name.Value] = spread;
                    break;
                case InlineFragmentNode inline:
                    Collect(
                        inline.TypeCondition is { } condition ? schema.FindType(condition) as NamedType : parent, inline.SelectionSet, fields);
                    break;
            }
        }
    }

    /// <summary>Sorted by name, and one object for each spelling, so that a comparison is one of references.</summary>
    private string Spell(ImmutableArray<ArgumentNode> arguments)
    {
        if (arguments.IsEmpty)
        {
            return "";
        }

        var text = new StringBuilder();
        foreach (var argument in arguments.OrderBy(static argument => argument.Name.Value, StringComparer.Ordinal))
        {
            text.Append(argument.Name.Value).Append(':');
            Spell(argument.Value, text);
            text.Append(',');
        }

        var spelling = text.ToString();
        return spellings.TryAdd(spelling, spelling) ? spelling : spellings[spelling];
    }

    private static void Spell(ValueNode value, StringBuilder text)
    {
        switch (value)
        {
            case ListValueNode list:
                text.Append('[');
                foreach (var item in list.Values)
                {
                    Spell(item, text);
                    text.Append(',');
                }

                text.Append(']');
                break;
            case ObjectValueNode fields:
                text.Append('{');
                foreach (var field in fields.Fields.OrderBy(static field => field.Name.Value, StringComparer.Ordinal))
                {
                    text.Append(field.Name.Value).Append(':');
                    Spell(field.Value, text);
                    text.Append(',');
                }

                text.Append('}');
                break;
            default:
                text.Append(Printer.Print(value));
                break;
        }
    }
}
