using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.GraphQL;

/// <summary>Who asks: what resolvers find as the context of their field.</summary>
/// <param name="context">The call, or that which opened the socket.</param>
/// <param name="tenant">Whose schema is asked: the tenant of the credentials, else the one that the call names.</param>
/// <param name="actor">Null when the call brought no credentials.</param>
public sealed class GraphQLCaller(HttpContext context, TenantId tenant, Actor? actor)
{
    private Actor? _actor = actor;
    private Language? _language;

    public HttpContext Context { get; } = context;

    public TenantId Tenant { get; } = tenant;

    /// <summary>Null when the call brought no credentials. While a stream is open this changes with what its holder may.</summary>
    public Actor? Actor => Volatile.Read(ref _actor);

    /// <summary>In which refusals are told.</summary>
    public Language Language => _language ??= RequestLanguage.Of(Context.Request);

    /// <summary>For the carrier of a stream, when its holder may something else than before.</summary>
    public void Become(Actor actor) => Volatile.Write(ref _actor, actor);
}

/// <summary>Says of a call that who calls is known already: a field of GraphQL calls a door for the caller of its document.</summary>
public sealed record KnownCaller(Actor Actor);
