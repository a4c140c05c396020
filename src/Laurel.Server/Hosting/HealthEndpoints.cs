using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Platform.Access;

namespace Laurel.Server.Hosting;

/// <summary>Asks one thing that Laurel works with whether it answers. Registered as a service by what uses the thing.</summary>
/// <param name="Name"><c>database</c>, <c>cache</c> or <c>message_queue</c>.</param>
/// <param name="AnswersAsync">Whether it answers; an exception is a no.</param>
public sealed record ReadyProbe(string Name, Func<CancellationToken, Task<bool>> AnswersAsync);

/// <summary><c>/health</c> says that the process lives and touches nothing; <c>/ready</c> says whether it can work.</summary>
/// <remarks>A node that can read stays in service, also when it takes no writes: taken out, it would take the reads with it. Without
/// a database to read from, and while it drains, it answers 503. Without cache or queue it is slower or tells later. Nothing here
/// needs a connection of a pool.</remarks>
internal static class HealthEndpoints
{
    private const string Ok = "ok";
    private const string Unavailable = "unavailable";
    private const string Disabled = "disabled";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", () => Results.Json(new { status = Ok })).AllowAnonymousAccess().WithSummary("Whether the process lives.");
        routes.MapGet("/ready", ReadyAsync).AllowAnonymousAccess().WithSummary("Whether database, cache and message queue answer, and whether writes are taken.");
    }

    private static async Task<IResult> ReadyAsync(
        IEnumerable<ReadyProbe> probes, WriteGate gate, ReadRouter router, Draining draining, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        string[] names = ["database", "cache", "message_queue"];
        var states = await Task.WhenAll(names.Select(name => StateAsync(probes.FirstOrDefault(probe => probe.Name == name), patience.Token)));
        var replicas = ReplicasOf(router);
        var serves = !draining.HasBegun && (states[0] == Ok || replicas == Ok);
        return Results.Json(
            new
            {
                database = states[0],
                cache = states[1],
                message_queue = states[2],
                replicas,
                writes = gate.Reasons == ReadOnlyReasons.None ? Ok : gate.Reasons == ReadOnlyReasons.Unreachable ? Unavailable : "read_only",
                draining = draining.HasBegun,
            },
            statusCode: serves ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static string ReplicasOf(ReadRouter router) =>
        router.Replicas.Count == 0 ? Disabled : router.Replicas.Any(replica => replica.Answers) ? Ok : Unavailable;

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
}
