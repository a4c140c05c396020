using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Language;

namespace Laurel.GraphQL.Serving;

/// <summary>What kind of thing is wrong with a request.</summary>
public enum PreparationFault
{
    None,

    /// <summary>The request has neither a document nor the hash of one.</summary>
    NoDocument,

    /// <summary>The document cannot be read.</summary>
    Syntax,

    /// <summary>The document does not fit the schema.</summary>
    Validation,

    /// <summary>The document has no such operation, or several and the request names none.</summary>
    UnknownOperation,

    /// <summary>The values of the variables do not fit the operation.</summary>
    Variables,

    /// <summary>A limit is passed; the errors name it.</summary>
    Limit,

    /// <summary>No document is kept under the hash: the client is to send it once more with its text.</summary>
    PersistedNotFound,

    /// <summary>Documents are not kept by hash here, or not in this version.</summary>
    PersistedNotSupported,

    /// <summary>The text that came with a hash has another one, or the hash is none.</summary>
    PersistedMismatch,

    /// <summary>Only documents that were laid down beforehand are answered, and this is none of them.</summary>
    NotPersisted,
}

/// <summary>What became of a request before anything was executed.</summary>
/// <param name="Operation"><c>null</c> exactly when there are errors.</param>
/// <param name="Fault"><see cref="PreparationFault.None"/> exactly when there are none.</param>
public sealed record Preparation(PreparedOperation? Operation, ImmutableArray<GraphQLError> Errors, PreparationFault Fault)
{
    [MemberNotNullWhen(true, nameof(Operation))]
    public bool Succeeded => Operation is not null;

    internal static Preparation Refused(PreparationFault fault, params ImmutableArray<GraphQLError> errors) => new(null, errors, fault);
}

/// <summary>What became of a batch.</summary>
/// <param name="Requests">One for each request, in their order; empty when the batch is refused.</param>
/// <param name="Refusal">Why the batch as a whole is not answered; <c>null</c> when it is.</param>
public sealed record BatchPreparation(ImmutableArray<Preparation> Requests, GraphQLError? Refusal);

/// <summary>An operation that may be executed: read, checked, found, with its variables coerced. Belongs to one request.</summary>
public sealed class PreparedOperation
{
    internal PreparedOperation(CheckedOperation operation, IReadOnlyDictionary<string, object?> variables, long cost)
    {
        Checked = operation;
        Variables = variables;
        Cost = cost;
        Plan = operation.PlanFor(variables);
    }

    public OperationType Kind => Checked.Node.Operation;

    /// <summary><c>null</c> for an anonymous operation.</summary>
    public string? Name => Checked.Node.Name?.Value;

    /// <summary>What it may cost at most, with the variables it has; see <see cref="ServiceOptions.CostMax"/>.</summary>
    public long Cost { get; }

    internal CheckedOperation Checked { get; }

    internal IReadOnlyDictionary<string, object?> Variables { get; }

    internal OperationPlan Plan { get; }
}
