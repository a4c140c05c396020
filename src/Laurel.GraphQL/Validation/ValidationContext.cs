using System.Collections.Immutable;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Validation;

/// <summary>A variable where it is used.</summary>
/// <param name="Type">What is expected there; <c>null</c> where nothing is known.</param>
/// <param name="HasDefault">Whether the place has a default for the case that the variable is not given.</param>
/// <param name="Parent">The type of the value around it; <c>null</c> for an argument.</param>
public readonly record struct VariableUsage(VariableNode Node, SchemaType? Type, bool HasDefault, SchemaType? Parent);

/// <summary>What the rules that check one document share: what is found out once, where the walk is, and the errors.</summary>
public sealed class ValidationContext
{
    private const int LocationsMax = 50;

    private readonly ImmutableArray<GraphQLError>.Builder errors = ImmutableArray.CreateBuilder<GraphQLError>();
    private readonly Dictionary<SelectionSetNode, List<FragmentSpreadNode>> spreads = [];
    private readonly Dictionary<OperationDefinitionNode, List<FragmentDefinitionNode>> reached = [];
    private readonly Dictionary<Node, List<VariableUsage>> usages = [];
    private Dictionary<string, FragmentDefinitionNode>? fragments;

    internal ValidationContext(DocumentNode document, Schema? schema, ValidationLimits limits) =>
        (Document, KnownSchema, Limits, KnownDirectives) = (document, schema, limits, new(document, schema));

    public DocumentNode Document { get; }

    /// <summary>What an executable document is checked against, or a schema document extends; <c>null</c> for a new schema.</summary>
    public Schema? KnownSchema { get; }

    /// <summary>The schema an executable document is checked against.</summary>
    public Schema Schema => KnownSchema ?? throw new InvalidOperationException("This rule is for executable documents.");

    public ValidationLimits Limits { get; }

    public KnownDirectives KnownDirectives { get; }

    /// <summary>Where the walk is, and what is expected there.</summary>
    public DocumentPosition At { get; } = new();

    /// <summary>Whether there are as many errors as are reported.</summary>
    public bool IsEnded { get; private set; }

    internal ImmutableArray<GraphQLError> Errors => errors.ToImmutable();

    /// <summary>All fragments by name; of two with one name the later.</summary>
    public FragmentDefinitionNode? FindFragment(string name)
    {
        if (fragments is null)
        {
            fragments = new(StringComparer.Ordinal);
            foreach (var definition in Document.Definitions)
            {
                if (definition is FragmentDefinitionNode fragment)
                {
                    fragments[fragment.Name.Value] = fragment;
                }
            }
        }

        return fragments.GetValueOrDefault(name);
    }

    /// <summary>The spreads below a selection set, without those in the fragments they name.</summary>
    public IReadOnlyList<FragmentSpreadNode> SpreadsIn(SelectionSetNode set)
    {
        if (spreads.TryGetValue(set, out var known))
        {
            return known;
        }

        var found = new List<FragmentSpreadNode>();
        var waiting = new Stack<SelectionSetNode>([set]);
        while (waiting.TryPop(out var next))
        {
            foreach (var selection in next.Selections)
            {
                switch (selection)
                {
                    case FragmentSpreadNode spread:
                        found.Add(spread);
                        break;
                    case FieldNode { SelectionSet: { } below }:
                        waiting.Push(below);
                        break;
                    case InlineFragmentNode inline:
                        waiting.Push(inline.SelectionSet);
                        break;
                }
            }
        }

        return spreads[set] = found;
    }

    /// <summary>The fragments an operation spreads, directly or through others, each once.</summary>
    public IReadOnlyList<FragmentDefinitionNode> FragmentsReachedFrom(OperationDefinitionNode operation)
    {
        if (reached.TryGetValue(operation, out var known))
        {
            return known;
        }

        var found = new List<FragmentDefinitionNode>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<SelectionSetNode>([operation.SelectionSet]);
        while (waiting.TryPop(out var next))
        {
            foreach (var spread in SpreadsIn(next))
            {
                if (names.Add(spread.Name.Value) && FindFragment(spread.Name.Value) is { } fragment)
                {
                    found.Add(fragment);
                    waiting.Push(fragment.SelectionSet);
                }
            }
        }

        return reached[operation] = found;
    }

    /// <summary>Every use of a variable in an operation and in the fragments it reaches. Complete when the document ends.</summary>
    public IEnumerable<VariableUsage> UsagesIn(OperationDefinitionNode operation)
    {
        foreach (var usage in UsagesDirectlyIn(operation))
        {
            yield return usage;
        }

        foreach (var fragment in FragmentsReachedFrom(operation))
        {
            foreach (var usage in UsagesDirectlyIn(fragment))
            {
                yield return usage;
            }
        }
    }

    /// <summary>The operations of the document.</summary>
    public IEnumerable<OperationDefinitionNode> Operations => Document.Definitions.OfType<OperationDefinitionNode>();

    public void Report(string message, Node? node) => Add(GraphQLError.At(message, node));

    /// <summary>Of very many nodes the first are named: each place costs a walk over the text when the error is told.</summary>
    public void Report(string message, params ReadOnlySpan<Node?> nodes) =>
        Add(GraphQLError.At(message, nodes.Length > LocationsMax ? nodes[..LocationsMax] : nodes));

    /// <summary>A limit of <see cref="ValidationLimits"/> is passed.</summary>
    public void ReportBeyond(string name, long max, string message, Node? node) => Add(GraphQLError.Beyond(name, max, message, node));

    internal void Note(VariableUsage usage)
    {
        if (At.Definition is not { } definition)
        {
            return;
        }

        if (!usages.TryGetValue(definition, out var list))
        {
            usages[definition] = list = [];
        }

        list.Add(usage);
    }

    private List<VariableUsage> UsagesDirectlyIn(Node definition) => usages.GetValueOrDefault(definition) ?? [];

    private void Add(GraphQLError error)
    {
        if (IsEnded)
        {
            return;
        }

        if (errors.Count >= Limits.ErrorsMax)
        {
            errors.Add(GraphQLError.At("Too many validation errors, error limit reached. Validation aborted."));
            IsEnded = true;
            return;
        }

        errors.Add(error);
    }
}
