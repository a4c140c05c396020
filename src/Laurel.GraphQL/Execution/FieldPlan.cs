using System.Collections.Immutable;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Execution;

/// <summary>Section 6.3, "Field Collection": which fields an operation selects of an object. Worked out once for each place and type, as values
/// turn up.</summary>
/// <param name="variables">Those that <c>@skip</c> and <c>@include</c> speak of; others do not matter.</param>
internal sealed class FieldPlan(
    ExecutableSchema executable, IReadOnlyDictionary<string, FragmentDefinitionNode> fragments, IReadOnlyDictionary<string, object?> variables)
{
    public PlannedField[] PlanRoot(ObjectType root, SelectionSetNode set) => Plan(root, [set]);

    /// <summary>The fields below a field whose value is of <paramref name="type"/>.</summary>
    public PlannedField[] PlanBelow(PlannedField field, ObjectType type) => field.Find(type)
        ?? field.Add(type, Plan(type, field.Nodes.Select(static node => node.SelectionSet).OfType<SelectionSetNode>()));

    public static Dictionary<string, FragmentDefinitionNode> FragmentsOf(DocumentNode document)
    {
        var byName = new Dictionary<string, FragmentDefinitionNode>(StringComparer.Ordinal);
        foreach (var fragment in document.Definitions.OfType<FragmentDefinitionNode>())
        {
            byName[fragment.Name.Value] = fragment;
        }

        return byName;
    }

    /// <summary>A field that the type does not have is left out: the document was not validated.</summary>
    private PlannedField[] Plan(ObjectType type, IEnumerable<SelectionSetNode> sets)
    {
        var planned = new List<PlannedField>();
        foreach (var nodes in Collect(type, sets).Values)
        {
            if (executable.Schema.FindField(type, nodes[0].Name.Value) is { } field)
            {
                planned.Add(new(field, BindingOf(type, field), [.. nodes]));
            }
        }

        return [.. planned];
    }

    /// <summary>The name of a type is known where its fields are planned.</summary>
    private FieldBinding BindingOf(ObjectType type, SchemaField field) => ReferenceEquals(field, Schema.TypenameField)
        ? FieldBinding.Reading(_ => type.Name)
        : executable.BindingOf(field);

    /// <summary>Without recursion: a chain of fragments is as long as its author likes.</summary>
    private OrderedDictionary<string, List<FieldNode>> Collect(ObjectType type, IEnumerable<SelectionSetNode> sets)
    {
        var fields = new OrderedDictionary<string, List<FieldNode>>(StringComparer.Ordinal);
        var spread = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<SelectionNode>(sets.SelectMany(static set => set.Selections).Reverse());
        while (waiting.TryPop(out var selection))
        {
            if (!IsIncluded(selection, variables))
            {
                continue;
            }

            switch (selection)
            {
                case FieldNode field:
                    if (!fields.TryGetValue(field.ResponseName, out var nodes))
                    {
                        fields[field.ResponseName] = nodes = [];
                    }

                    nodes.Add(field);
                    break;
                case InlineFragmentNode inline when Applies(inline.TypeCondition, type):
                    PushAll(waiting, inline.SelectionSet);
                    break;
                case FragmentSpreadNode named when spread.Add(named.Name.Value)
                    && fragments.TryGetValue(named.Name.Value, out var fragment) && Applies(fragment.TypeCondition, type):
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

    /// <summary>Sections 3.13.1 and 3.13.2, @skip and @include.</summary>
    public static bool IsIncluded(SelectionNode selection, IReadOnlyDictionary<string, object?> variables)
    {
        foreach (var directive in selection.Directives)
        {
            if (directive.Name.Value is "skip" or "include"
                && directive.Arguments.FirstOrDefault(static argument => argument.Name.Value == "if") is { } condition
                && LiteralCoercion.Coerce(condition.Value, BuiltInScalars.Boolean, variables).Value is bool holds
                && holds == (directive.Name.Value == "skip"))
            {
                return false;
            }
        }

        return true;
    }

    private bool Applies(NamedTypeNode? condition, ObjectType type) =>
        condition is null
        || executable.Schema.FindType(condition) is CompositeType wanted && (ReferenceEquals(wanted, type) || wanted.Includes(type));
}
