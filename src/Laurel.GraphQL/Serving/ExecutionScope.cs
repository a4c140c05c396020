using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Loading;

namespace Laurel.GraphQL.Serving;

/// <summary>What the host gives an operation on its way.</summary>
public sealed record ExecutionScope
{
    /// <summary>What resolvers get as <see cref="FieldRequest.Context"/>.</summary>
    public object? Context { get; init; }

    /// <summary>What root fields have as their source.</summary>
    public object? Root { get; init; }

    /// <summary>Hears of exceptions, and says what is told of them; <c>null</c> when nobody does.</summary>
    public HearFault? OnFault { get; init; }

    /// <summary>What the loaders in <see cref="Context"/> were made with; <c>null</c> when there are none.</summary>
    public LoaderQueue? Loaders { get; init; }

    /// <summary>The scope in which one event of a subscription is answered, with a context and loaders of its own; <c>null</c> for that of the
    /// subscription.</summary>
    public Func<ExecutionScope>? ForEvent { get; init; }
}
