using System.Collections.Concurrent;
using Laurel.GraphQL.Execution;
using Laurel.GraphQL.Loading;
using Laurel.GraphQL.Serving;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.GraphQL;

/// <summary>Who asks: what resolvers find as the context of their field.</summary>
public sealed class GraphQLCaller
{
    private readonly GraphQLCaller? _lasting;
    private readonly LoaderQueue? _queue;
    private readonly ConcurrentDictionary<object, object> _loaders = [];
    private Actor? _actor;
    private Language? _language;

    /// <param name="context">The call, or that which opened the socket.</param>
    /// <param name="tenant">Whose schema is asked: the tenant of the credentials, else the one that the call names.</param>
    /// <param name="actor">Null when the call brought no credentials.</param>
    public GraphQLCaller(HttpContext context, TenantId tenant, Actor? actor) => (Context, Tenant, _actor) = (context, tenant, actor);

    private GraphQLCaller(GraphQLCaller lasting, LoaderQueue queue) =>
        (_lasting, _queue, Context, Tenant) = (lasting, queue, lasting.Context, lasting.Tenant);

    public HttpContext Context { get; }

    public TenantId Tenant { get; }

    /// <summary>Null when the call brought no credentials. While a stream is open this changes with what its holder may.</summary>
    public Actor? Actor => _lasting is null ? Volatile.Read(ref _actor) : _lasting.Actor;

    /// <summary>In which refusals are told.</summary>
    public Language Language => _language ??= RequestLanguage.Of(Context.Request);

    /// <summary>For the carrier of a stream, when its holder may something else than before.</summary>
    public void Become(Actor actor) => Volatile.Write(ref _actor, actor);

    /// <summary>The scope of one operation of this caller, or of one event of its stream: what is loaded in it is loaded once and together.</summary>
    /// <param name="onFault">Hears of exceptions, and says what is told of them.</param>
    public ExecutionScope BeginOperation(HearFault onFault)
    {
        var queue = new LoaderQueue();
        return new ExecutionScope
        {
            Context = new GraphQLCaller(this, queue),
            Loaders = queue,
            OnFault = onFault,
            ForEvent = () => BeginOperation(onFault),
        };
    }

    /// <summary>The loader that fetches for a resolver in this operation; made when it is asked for first.</summary>
    /// <param name="owner">By what the loader is known.</param>
    public DataLoader<TKey, TValue> LoaderOf<TKey, TValue>(object owner, Func<LoaderQueue, DataLoader<TKey, TValue>> make)
        where TKey : notnull
        where TValue : class
    {
        Invariant.Require(_queue is not null, "Fields are resolved in the scope of an operation.");
        return (DataLoader<TKey, TValue>)_loaders.GetOrAdd(owner, _ => make(_queue));
    }
}

/// <summary>Says of a call that who calls is known already: a field of GraphQL calls a door for the caller of its document.</summary>
public sealed record KnownCaller(Actor Actor);
