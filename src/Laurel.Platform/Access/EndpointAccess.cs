using Laurel.Kernel;
using Microsoft.AspNetCore.Builder;

namespace Laurel.Platform.Access;

/// <summary>Says of an endpoint that only actors with a permission may call it. Several are all needed.</summary>
public sealed record RequiredPermission(string Name);

/// <summary>Says of an endpoint that the member it is about may call it too, for itself alone.</summary>
/// <param name="Permission"><see cref="Access.Permission.ReadSelf"/> or <see cref="Access.Permission.UpdateSelf"/>.</param>
/// <param name="Place">Where the call names the member.</param>
/// <param name="Name">Of the route or query parameter.</param>
public sealed record OwnerAccess(string Permission, OwnerPlace Place, string Name);

/// <summary>Where a call names the member that it is about.</summary>
public enum OwnerPlace
{
    /// <summary>In its path, where <c>me</c> stands for the caller.</summary>
    Route,

    /// <summary>In its query, where nothing stands for the caller.</summary>
    Query,

    /// <summary>Nowhere but in the caller's own credentials.</summary>
    Caller,
}

/// <summary>Says of an endpoint that anyone may call it, without a key.</summary>
public sealed record AnonymousAccess
{
    public static readonly AnonymousAccess Instance = new();

    private AnonymousAccess()
    {
    }
}

/// <summary>Says of an endpoint that is open to everybody that it wants to know who calls: credentials that a call brings have to be good, and are then
/// held to the limits of their holder.</summary>
public sealed record CallerAccess
{
    public static readonly CallerAccess Instance = new();

    private CallerAccess()
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

/// <summary>Says of an endpoint that it is about the whole installation: only actors of the platform's own tenant may call it.</summary>
public sealed record PlatformAccess
{
    public static readonly PlatformAccess Instance = new();

    private PlatformAccess()
    {
    }
}

/// <summary>Says of an endpoint that staff may call it before it has set up one-time passwords, where it has to.</summary>
public sealed record BeforeTotpAccess
{
    public static readonly BeforeTotpAccess Instance = new();

    private BeforeTotpAccess()
    {
    }
}

/// <summary>Says of an endpoint that it is dangerous to whom its permission alone does not say so.</summary>
/// <param name="Permission">Only with it the call is dangerous; null with any.</param>
/// <param name="Query">The name of the query parameter that makes it dangerous; null where it always is.</param>
/// <param name="Value">The value that does.</param>
public sealed record DangerousAccess(string? Permission, string? Query, string? Value);

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

    /// <summary>Opens an endpoint to the member that a route parameter names: for itself, with the permission for that. <c>me</c> stands for the
    /// caller.</summary>
    public static TBuilder OpenToOwner<TBuilder>(this TBuilder builder, string permission, string routeParameter = "id")
        where TBuilder : IEndpointConventionBuilder => builder.OpenToOwner(new OwnerAccess(permission, OwnerPlace.Route, routeParameter));

    /// <summary>Opens an endpoint to the member that a query parameter names: for itself, with the permission for that. Left away it stands for the
    /// caller.</summary>
    public static TBuilder OpenToOwnerOfQuery<TBuilder>(this TBuilder builder, string permission, string queryParameter = "memberId")
        where TBuilder : IEndpointConventionBuilder => builder.OpenToOwner(new OwnerAccess(permission, OwnerPlace.Query, queryParameter));

    /// <summary>Opens an endpoint to members about themselves; it acts for the member that the caller is and names no other.</summary>
    public static TBuilder OpenToCaller<TBuilder>(this TBuilder builder, string permission)
        where TBuilder : IEndpointConventionBuilder => builder.OpenToOwner(new OwnerAccess(permission, OwnerPlace.Caller, ""));

    private static TBuilder OpenToOwner<TBuilder>(this TBuilder builder, OwnerAccess access)
        where TBuilder : IEndpointConventionBuilder
    {
        Invariant.Require(access.Permission is Permission.ReadSelf or Permission.UpdateSelf, "Owners read or update what is theirs.");
        return builder.WithMetadata(access);
    }

    /// <summary>Closes an endpoint to every tenant but the platform's own, whatever their permissions.</summary>
    public static TBuilder OnlyForPlatform<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(PlatformAccess.Instance);

    /// <summary>Lets staff call an endpoint that has to set up one-time passwords first; every other one is closed to it.</summary>
    public static TBuilder OpenBeforeTotp<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(BeforeTotpAccess.Instance);

    /// <summary>Makes an endpoint dangerous whose permission is not of <see cref="Permission.Dangerous"/>.</summary>
    public static TBuilder AsDangerous<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new DangerousAccess(Permission: null, Query: null, Value: null));

    /// <summary>Makes an endpoint dangerous for whoever has a permission and asks for more by a query parameter.</summary>
    public static TBuilder AsDangerousWith<TBuilder>(this TBuilder builder, string permission, string query, string value)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new DangerousAccess(permission, query, value));

    /// <summary>Opens an endpoint to everybody; a required permission on the same endpoint wins over it.</summary>
    public static TBuilder AllowAnonymousAccess<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(AnonymousAccess.Instance);

    /// <summary>Opens an endpoint to everybody, and tells it who calls where the call says so. What a caller may is judged by the endpoint itself.</summary>
    public static TBuilder AllowAnyCaller<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(AnonymousAccess.Instance, CallerAccess.Instance);

    /// <summary>Opens an endpoint to whoever signs; the endpoint looks at the signature before anything else.</summary>
    public static TBuilder AllowSignedAccess<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(SignedAccess.Instance);
}
