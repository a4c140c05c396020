using Laurel.Platform.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Laurel.Identity.ApiKeys;

/// <summary>The doors of this capability.</summary>
public static class ApiKeysModule
{
    public static void AddApiKeys(this IServiceCollection services)
    {
        services.AddSingleton<ApiKeyKind>();
        services.AddSingleton<ApiKeyTools>();
        services.AddSingleton<ApiKeyQueries>();
        services.AddSingleton<ApiKeyDoors>();
    }

    public static void MapApiKeys(this IEndpointRouteBuilder routes)
    {
        Read<ApiKeyPage>(
            routes.MapGet("/api/keys", (HttpContext context, ApiKeyDoors doors) => doors.ListAsync(context)),
            "Keys by keyset cursor, revoked ones too.");
        Read<ApiKeyReply>(
            routes.MapGet("/api/keys/{id}", (HttpContext context, string id, ApiKeyDoors doors) => doors.FindAsync(context, id)),
            "One key; never its secret.");
        Write<ApiKeyBody>(
            routes.MapPost("/api/keys", (HttpContext context, ApiKeyDoors doors) => doors.CreateAsync(context)),
            StatusCodes.Status201Created, "Makes a key; the answer shows its secret once.");
        Write<ApiKeyBody>(
            routes.MapPut("/api/keys/{id}", (HttpContext context, string id, ApiKeyDoors doors) => doors.ReplaceAsync(context, id)),
            StatusCodes.Status200OK, "Says anew what a key is called, what it may do, until when and how often.");
        Write<RotateApiKeyBody>(
            routes.MapPost("/api/keys/{id}/rotate", (HttpContext context, string id, ApiKeyDoors doors) => doors.RotateAsync(context, id)),
            StatusCodes.Status200OK, "Gives a key a new secret; the old one counts for a while.");
        routes.MapPost("/api/keys/{id}/revoke", (HttpContext context, string id, ApiKeyDoors doors) => doors.RevokeAsync(context, id))
            .RequirePermission(Permission.KeysWrite)
            .Produces<ApiKeyReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Ends a key for good.");
    }

    private static void Write<TBody>(RouteHandlerBuilder route, int status, string summary)
        where TBody : notnull => route
        .RequirePermission(Permission.KeysWrite)
        .Accepts<TBody>("application/json")
        .Produces<ApiKeyReply>(status)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .WithSummary(summary);

    private static void Read<TReply>(RouteHandlerBuilder route, string summary) => route
        .RequirePermission(Permission.KeysRead)
        .Produces<TReply>()
        .ProducesProblem(StatusCodes.Status404NotFound)
        .WithSummary(summary);
}
