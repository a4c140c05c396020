using System.Collections.Immutable;
using Laurel.GraphQL.Language;
using Laurel.GraphQL.Types;

namespace Laurel.GraphQL.Execution;

/// <summary>Finds the value of a field.</summary>
/// <remarks>Section 6.4.2, Value Resolution. Answers <c>null</c>, a value that the field's type can answer, a sequence for a list, or a
/// <see cref="FieldRefusal"/>. An exception is a bug: the caller learns that something failed, and no more.</remarks>
public delegate ValueTask<object?> Resolver(FieldRequest request);

/// <summary>One field that is to be resolved.</summary>
public sealed record FieldRequest
{
    /// <summary>The value of the object the field is of; for a root field that of the request.</summary>
    public required object? Source { get; init; }

    /// <summary>The arguments, coerced, with the defaults of those that are absent. An argument without either has no entry.</summary>
    public required IReadOnlyDictionary<string, object?> Arguments { get; init; }

    public required ObjectType Parent { get; init; }

    public required SchemaField Field { get; init; }

    /// <summary>Where it is selected: more than one place when selections were merged.</summary>
    public required ImmutableArray<FieldNode> Nodes { get; init; }

    public required ResponsePath Path { get; init; }

    /// <summary>What the caller of the executor gave it for the resolvers of one request.</summary>
    public required object? Context { get; init; }

    public required Schema Schema { get; init; }

    public required CancellationToken CancellationToken { get; init; }
}

/// <summary>What a resolver answers in place of a value when it refuses: the field becomes null, and an error says why.</summary>
/// <param name="Extensions">What programs read, such as a stable code; <c>null</c> without.</param>
public sealed record FieldRefusal(string Message, IReadOnlyDictionary<string, object?>? Extensions);
