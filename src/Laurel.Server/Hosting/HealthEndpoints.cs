using Dapper;
using Laurel.Engine.Sql;
using Laurel.Platform.Access;

namespace Laurel.Server.Hosting;

/// <summary>Asks one thing that Laurel works with whether it answers. Registered as a service by what uses the thing.</summary>
/// <param name="Name"><c>cache</c> or <c>message_queue</c>.</param>
/// <param name="AnswersAsync">Whether it answers; an exception is a no.</param>
public sealed record ReadyProbe(string Name, Func<CancellationToken, Task<bool>> AnswersAsync);

/// <summary><c>/health</c> says that the process lives and touches nothing; <c>/ready</c> says whether it can work.</summary>
/// <remarks>Without its database a node can do nothing: 503. Without cache or queue it is slower or tells later, and stays in
/// service.</remarks>
internal static class HealthEndpoints
{
    private const string Ok = "ok";
    private const string Unavailable = "unavailable";
    private const string Disabled = "disabled";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", () => Results.Json(new { status = Ok })).AllowAnonymousAccess().WithSummary("Whether the process lives.");
        routes.MapGet("/ready", ReadyAsync).AllowAnonymousAccess().WithSummary("Whether database, cache and message queue answer.");
    }

    private static async Task<IResult> ReadyAsync(Database database, IEnumerable<ReadyProbe> probes, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        var states = await Task.WhenAll(
            StateAsync(new ReadyProbe("database", token => AnswersAsync(database, token)), patience.Token),
            StateAsync(probes.FirstOrDefault(probe => probe.Name == "cache"), patience.Token),
            StateAsync(probes.FirstOrDefault(probe => probe.Name == "message_queue"), patience.Token));
        return Results.Json(
            new { database = states[0], cache = states[1], message_queue = states[2] },
            statusCode: states[0] == Ok ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<string> StateAsync(ReadyProbe? probe, CancellationToken patience)
    {
        if (probe is null)
        {
            return Disabled;
        }

        try
        {
            return await probe.AnswersAsync(patience).WaitAsync(patience) ? Ok : Unavailable;
        }
        catch (Exception exception) when (exception is not Kernel.InvariantBrokenException)
        {
            return Unavailable;
        }
    }

    private static async Task<bool> AnswersAsync(Database database, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(cancellationToken);
        return await session.Connection.ExecuteScalarAsync<int>(new CommandDefinition("SELECT 1", cancellationToken: cancellationToken)) == 1;
    }
}
