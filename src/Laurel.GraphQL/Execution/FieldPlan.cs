using System.Collections.Immutable;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Execution;

/// <summary>A field of an object as one request selects it: found, with its arguments coerced, once for all objects of the type.</summary>
internal sealed record PlannedField(
    string ResponseName,
    SchemaField Field,
    ImmutableArray<FieldNode> Nodes,
    FieldBinding Binding,
    IReadOnlyDictionary<string, object?> Arguments,
    GraphQLError? ArgumentError)
{
    /// <summary>By object type, what is selected below this field. Filled as values turn up.</summary>
    public Dictionary<ObjectType, PlannedField[]> Below { get; } = [];
}

/// <summary>Section 6.3, "Field Collection": which fields an operation selects of an object.</summary>
internal sealed class FieldPlan(ExecutableSchema executable, DocumentNode document, IReadOnlyDictionary<string, object?> variables)
{
    private readonly Dictionary<string, FragmentDefinitionNode> fragments = FragmentsOf(document);

    public PlannedField[] PlanRoot(ObjectType root, SelectionSetNode set) => Plan(root, [set]);

    /// <summary>The fields below a field whose value is of <paramref name="type"/>.</summary>
    public PlannedField[] PlanBelow(PlannedField field, ObjectType type)
    {
        lock (field.Below)
        {
            if (!field.Below.TryGetValue(type, out var below))
            {
                field.Below[type] = below = Plan(type, field.Nodes.Select(static node => node.SelectionSet).OfType<SelectionSetNode>());
            }

            return below;
        }
    }

    private PlannedField[] Plan(ObjectType type, IEnumerable<SelectionSetNode> sets) =>
        [.. Collect(type, sets).Select(collected => PlanOne(type, collected.Key, [.. collected.Value])).OfType<PlannedField>()];

    /// <summary>A field that the type does not have is left out: the document was not validated.</summary>
    private PlannedField? PlanOne(ObjectType type, string responseName, ImmutableArray<FieldNode> nodes)
    {
        if (executable.Schema.FindField(type, nodes[0].Name.Value) is not { } field)
        {
            return null;
        }

        var (arguments, error) = ArgumentCoercion.Coerce(field.Arguments, nodes[0].Arguments, nodes[0], variables);
        return new(responseName, field, nodes, executable.BindingOf(field), arguments, error);
    }

    /// <summary>Without recursion: a chain of fragments is as long as its author likes.</summary>
    private OrderedDictionary<string, List<FieldNode>> Collect(ObjectType type, IEnumerable<SelectionSetNode> sets)
    {
        var fields = new OrderedDictionary<string, List<FieldNode>>(StringComparer.Ordinal);
        var spread = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<SelectionNode>(sets.SelectMany(static set => set.Selections).Reverse());
        while (waiting.TryPop(out var selection))
        {
            if (!IsIncluded(selection))
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
    private bool IsIncluded(SelectionNode selection)
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

    private static Dictionary<string, FragmentDefinitionNode> FragmentsOf(DocumentNode document)
    {
        var byName = new Dictionary<string, FragmentDefinitionNode>(StringComparer.Ordinal);
        foreach (var fragment in document.Definitions.OfType<FragmentDefinitionNode>())
        {
            byName[fragment.Name.Value] = fragment;
        }

        return byName;
    }
}
