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
            static (sum, operation) => Saturating.Add(sum, Saturating.Multiply(BytesOfPlannedField, operation.Measure.Fields)));
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
    private readonly ImmutableDictionary<string, object?> none = ImmutableDictionary<string, object?>.Empty;
    private OperationPlan? shared;

    public DocumentNode Document => document;

    public OperationDefinitionNode Node => node;

    public OperationMeasure Measure => measure;

    /// <summary>The limit it passes; <c>null</c> when it may be executed.</summary>
    public Preparation? Refusal => refusal;

    /// <summary>One for all requests, unless variables decide what is selected.</summary>
    public OperationPlan PlanFor(IReadOnlyDictionary<string, object?> variables) => measure.HasConditions ? Plan(variables) : shared ??= Plan(none);

    private OperationPlan Plan(IReadOnlyDictionary<string, object?> variables) => new(
        new(executable, FieldPlan.FragmentsOf(document), variables), executable.Schema.RootOf(node.Operation)!, node);
}
