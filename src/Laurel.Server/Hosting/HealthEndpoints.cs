using Dapper;
using Laurel.Engine.Sql;
using Laurel.Platform.Access;

namespace Laurel.Server.Hosting;

/// <summary><c>/health</c> says that the process lives and touches nothing; <c>/ready</c> says whether it can work.</summary>
internal static class HealthEndpoints
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", () => Results.Json(new { status = "ok" })).AllowAnonymousAccess().WithSummary("Whether the process lives.");
        routes.MapGet("/ready", ReadyAsync).AllowAnonymousAccess().WithSummary("Whether the database answers.");
    }

    private static async Task<IResult> ReadyAsync(Database database, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        try
        {
            await using var session = await database.OpenReaderAsync(patience.Token);
            await session.Connection.ExecuteScalarAsync<int>(new CommandDefinition("SELECT 1", cancellationToken: patience.Token));
            return Results.Json(new { database = "ok" });
        }
        catch (Exception exception) when (exception is not InvalidOperationException)
        {
            return Results.Json(new { database = "unavailable" }, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
