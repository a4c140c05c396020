using System.Linq.Expressions;
using Laurel.GraphQL.Execution;

namespace Laurel.GraphQL.Binding;

/// <summary>Code that is compiled when it is called for the first time: a schema has hundreds of fields, and to compile one takes longer than to look
/// at it. Whether it fits was found when it was written.</summary>
internal sealed class Deferred<T>
{
    private readonly Lock gate = new();
    private LambdaExpression? written;
    private Func<T, object?>? made;

    /// <param name="written">From a <typeparamref name="T"/> to an object.</param>
    public Deferred(LambdaExpression written) => this.written = written;

    public object? Call(T value) => (made ?? Make())(value);

    private Func<T, object?> Make()
    {
        lock (gate)
        {
            made ??= ((Expression<Func<T, object?>>)written!).Compile();
            written = null;
            return made;
        }
    }
}

/// <summary>The same for a resolver.</summary>
internal sealed class DeferredResolver(Expression<Resolver> written)
{
    private readonly Lock gate = new();
    private Expression<Resolver>? written = written;
    private Resolver? made;

    public ValueTask<object?> Call(FieldRequest request) => (made ?? Make())(request);

    private Resolver Make()
    {
        lock (gate)
        {
            made ??= written!.Compile();
            written = null;
            return made;
        }
    }
}

/// <summary>Makes such code where its type is known only by reflection.</summary>
internal static class Deferred
{
    /// <summary>A <see cref="Func{T, TResult}"/> of the type of <paramref name="value"/> and object.</summary>
    public static Delegate Compile(ParameterExpression value, Expression body)
    {
        var function = typeof(Func<,>).MakeGenericType(value.Type, typeof(object));
        var deferred = Activator.CreateInstance(typeof(Deferred<>).MakeGenericType(value.Type), Expression.Lambda(function, body, value))!;
        return Delegate.CreateDelegate(function, deferred, nameof(Deferred<>.Call));
    }

    public static Func<object, object?> CompileRead(ParameterExpression source, Expression body) =>
        new Deferred<object>(Expression.Lambda<Func<object, object?>>(body, source)).Call;
}
