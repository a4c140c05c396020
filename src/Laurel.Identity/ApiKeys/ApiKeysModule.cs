using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Vault;
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
        Read<ApiKeyPage>(routes.MapGet("/api/keys", (HttpContext context, ApiKeyDoors doors) => doors.ListAsync(context)), "Keys by keyset cursor, revoked ones too.");
        Read<ApiKeyReply>(routes.MapGet("/api/keys/{id}", (HttpContext context, string id, ApiKeyDoors doors) => doors.FindAsync(context, id)), "One key; never its secret.");
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

/// <summary>Keys as the command line has them: for whoever has the database and lost the administrator's key.</summary>
public sealed class ApiKeyConsole(Database database, LaneSet lanes, SecretVault vault)
{
    private readonly ApiKeyQueries _queries = new(database);
    private readonly ApiKeyTools _tools = new(new ApiKeyKind(), vault, new AccessChanges());

    /// <summary>A key as a table shows it.</summary>
    public sealed record Line(string Id, string Name, string Scopes, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, DateTimeOffset? LastUsedAt);

    /// <summary>All keys of a tenant, revoked ones too.</summary>
    public async Task<IReadOnlyList<Line>> ListAsync(TenantId tenant, CancellationToken cancellationToken) =>
        [.. (await _queries.PageAsync(tenant, 0, int.MaxValue, cancellationToken))
            .Select(key => new Line(key.Id, key.Name, string.Join(' ', key.Scopes), key.ExpiresAt, key.RevokedAt, key.LastUsedAt))];

    /// <summary>Makes a key that is presented as it is and never expires.</summary>
    /// <param name="scopes">Words of <see cref="Grants"/>.</param>
    /// <returns>Its id and its secret, which is told only now; or why there is none.</returns>
    public async Task<(string? Id, string? Secret, Refusal? Refusal)> CreateAsync(
        TenantId tenant, string name, IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        var body = new ApiKeyBody { Name = name, Scopes = scopes };
        switch (await lanes.SubmitAsync(new CreateApiKey(tenant, body, Permission.All.ToHashSet(StringComparer.Ordinal), _tools), cancellationToken))
        {
            case Outcome.Applied { Reply: ApiKeyReply reply }:
                var id = long.Parse(reply.Id, System.Globalization.CultureInfo.InvariantCulture);
                return (reply.Id, System.Text.Encoding.UTF8.GetString(vault.Open(tenant, ApiKey.SecretPurpose, id, reply.SealedSecret!)), null);
            case Outcome.Refused refused:
                return (null, null, refused.Refusal);
            case Outcome.Failed failed:
                return (null, null, failed.Refusal);
            case var other:
                throw new InvariantBrokenException($"A {other.GetType().Name} is of calls with keys.");
        }
    }

    /// <summary>Ends a key for good.</summary>
    /// <returns>Null when it has ended; otherwise why it has not.</returns>
    public async Task<Refusal?> RevokeAsync(TenantId tenant, long id, CancellationToken cancellationToken) =>
        await lanes.SubmitAsync(new RevokeApiKey(tenant, id, _tools), cancellationToken) switch
        {
            Outcome.Refused refused => refused.Refusal,
            Outcome.Failed failed => failed.Refusal,
            _ => null,
        };
}
