using System.Collections.Immutable;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Serving;

/// <summary>A document as it was read and checked, also one that is refused. Requests share it.</summary>
internal sealed class CheckedDocument
{
    private const int BytesOfEach = 2_000;

    // Measured: text, nodes and what the check leaves of a document of average density.
    private const int BytesOfCharacter = 32;
    private const int BytesOfPlannedField = 240;

    private CheckedDocument(string text, Preparation? refusal, ImmutableArray<CheckedOperation> operations)
    {
        Text = text;
        Refusal = refusal;
        Operations = operations;
        BytesEstimated = operations.Aggregate(
            BytesOfEach + (long)BytesOfCharacter * text.Length,
            static (sum, operation) => Saturating.Add(sum, Saturating.Multiply(BytesOfPlannedField, operation.PlannedFieldsMax)));
    }

    public string Text { get; }

    /// <summary>What everybody is answered who sends it; <c>null</c> for a document that may be executed.</summary>
    public Preparation? Refusal { get; }

    /// <summary>In the order of the document; empty when it is refused.</summary>
    public ImmutableArray<CheckedOperation> Operations { get; }

    /// <summary>What it takes to keep it, with the plans for executing it.</summary>
    public long BytesEstimated { get; }

    public static CheckedDocument Refused(string text, PreparationFault fault, params ImmutableArray<GraphQLError> errors) =>
        new(text, Preparation.Refused(fault, errors), []);

    public static CheckedDocument Of(string text, ImmutableArray<CheckedOperation> operations) => new(text, null, operations);
}

/// <summary>An operation of a document that was checked.</summary>
internal sealed class CheckedOperation(
    ExecutableSchema executable, DocumentNode document, OperationDefinitionNode node, OperationMeasure measure, Preparation? refusal)
{
    private const int PlansMax = 4;
    private const int ConditionsMax = 32;

    private ImmutableList<(uint Conditions, OperationPlan Plan)> plans = [];

    public DocumentNode Document => document;

    public OperationDefinitionNode Node => node;

    public OperationMeasure Measure => measure;

    /// <summary>The limit it passes; <c>null</c> when it may be executed.</summary>
    public Preparation? Refusal => refusal;

    /// <summary>The fields of all its plans at most: those are shared by requests for which the same is selected, as long as there are few.</summary>
    public long PlannedFieldsMax => Saturating.Multiply(measure.Conditions.IsEmpty ? 1 : PlansMax, measure.Fields);

    public OperationPlan PlanFor(IReadOnlyDictionary<string, object?> variables)
    {
        if (measure.Conditions.Length > ConditionsMax)
        {
            return Plan(variables);
        }

        var conditions = 0u;
        for (var index = 0; index < measure.Conditions.Length; index++)
        {
            conditions |= variables.GetValueOrDefault(measure.Conditions[index]) is true ? 1u << index : 0;
        }

        var known = Volatile.Read(ref plans);
        foreach (var (those, plan) in known)
        {
            if (those == conditions)
            {
                return plan;
            }
        }

        // Nothing else of the request stays in a plan that is kept.
        var made = Plan(measure.Conditions.ToDictionary(static name => name, variables.GetValueOrDefault, StringComparer.Ordinal));
        if (known.Count < PlansMax)
        {
            Interlocked.CompareExchange(ref plans, known.Add((conditions, made)), known);
        }

        return made;
    }

    private OperationPlan Plan(IReadOnlyDictionary<string, object?> variables) => new(
        new(executable, FieldPlan.FragmentsOf(document), variables), executable.Schema.RootOf(node.Operation)!, node);
}
