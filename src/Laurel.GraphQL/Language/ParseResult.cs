using System.Diagnostics.CodeAnalysis;

namespace Laurel.GraphQL.Language;

/// <summary>What reading came to: a node, or the fault that ended the reading.</summary>
public readonly record struct ParseResult<T>
    where T : Node
{
    private ParseResult(T? node, SyntaxError? error)
    {
        Node = node;
        Error = error;
    }

    /// <summary><c>null</c> after a fault.</summary>
    public T? Node { get; }

    /// <summary><c>null</c> if the text could be read.</summary>
    public SyntaxError? Error { get; }

    [MemberNotNullWhen(true, nameof(Node))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Error is null;

    internal static ParseResult<T> Of(T node, SyntaxError? error) => error is null ? new(node, null) : new(null, error);
}
