using Laurel.Kernel;
using Microsoft.AspNetCore.Builder;

namespace Laurel.Platform.Access;

/// <summary>Says of an endpoint that only actors with a permission may call it. Several are all needed.</summary>
public sealed record RequiredPermission(string Name);

/// <summary>Says of an endpoint that anyone may call it, without a key.</summary>
public sealed record AnonymousAccess
{
    public static readonly AnonymousAccess Instance = new();

    private AnonymousAccess()
    {
    }
}

/// <summary>Says of an endpoint that its callers have no key of ours: it admits by a signature itself, before it does anything.</summary>
public sealed record SignedAccess
{
    public static readonly SignedAccess Instance = new();

    private SignedAccess()
    {
    }
}

/// <summary>Declares who may call an endpoint. One that declares nothing is refused to everybody.</summary>
public static class EndpointAccess
{
    /// <exception cref="InvariantBrokenException">When there is no such permission.</exception>
    public static TBuilder RequirePermission<TBuilder>(this TBuilder builder, string permission)
        where TBuilder : IEndpointConventionBuilder
    {
        Invariant.Require(Permission.All.Contains(permission), "Endpoints ask only for permissions that exist.");
        return builder.WithMetadata(new RequiredPermission(permission));
    }

    /// <summary>Opens an endpoint to everybody; a required permission on the same endpoint wins over it.</summary>
    public static TBuilder AllowAnonymousAccess<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(AnonymousAccess.Instance);

    /// <summary>Opens an endpoint to whoever signs; the endpoint looks at the signature before anything else.</summary>
    public static TBuilder AllowSignedAccess<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(SignedAccess.Instance);
}
