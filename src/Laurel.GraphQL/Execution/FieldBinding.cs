namespace Laurel.GraphQL.Execution;

/// <summary>How the value of a field is found: it is read from its object, or a resolver is asked.</summary>
public sealed class FieldBinding
{
    private FieldBinding()
    {
    }

    /// <summary>Reads the value from the object the field is of (for a root field, the root of the request, which may be <c>null</c>): at
    /// once, and without a sight of the request. <c>null</c> when <see cref="Resolve"/> is asked.</summary>
    public Func<object, object?>? Read => Reader is null ? null : Reader.Read;

    /// <summary><c>null</c> when the value is read.</summary>
    public Resolver? Resolve { get; private init; }

    /// <summary>Section 6.2.3.1, Source Stream: what a subscription to this root field listens to, an
    /// <see cref="IAsyncEnumerable{T}"/> of objects or a <see cref="FieldRefusal"/>. Each event becomes the object that
    /// <see cref="Read"/> or <see cref="Resolve"/> starts from. <c>null</c> for every field but the root fields of subscriptions.</summary>
    public Resolver? Source { get; private init; }

    internal FieldReader? Reader { get; private init; }

    /// <summary>A field that is read, such as a property. Numbers, booleans and strings need no box when <typeparamref name="T"/> is the type that
    /// the field's scalar answers as it is (<see cref="Types.ScalarCoercion.AnswersAsIs"/>).</summary>
    public static FieldBinding Reading<T>(Func<object, T> read) => new() { Reader = new FieldReader<T>(read) };

    /// <summary>A field that a resolver is asked for.</summary>
    public static FieldBinding Resolving(Resolver resolve) => new() { Resolve = resolve };

    /// <summary>A root field of subscriptions.</summary>
    /// <param name="source">Answers the stream of events.</param>
    /// <param name="value">How the field's value is found of one event.</param>
    public static FieldBinding Streaming(Resolver source, FieldBinding value) =>
        new() { Reader = value.Reader, Resolve = value.Resolve, Source = source };
}
