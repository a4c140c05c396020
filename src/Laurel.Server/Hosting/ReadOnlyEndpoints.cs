using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Writes;

namespace Laurel.Server.Hosting;

/// <summary>What <c>POST /api/admin/read-only</c> asks for.</summary>
public sealed record ReadOnlyBody
{
    /// <summary>True stops all writes on every node, false lets them in again.</summary>
    public required bool On { get; init; }

    /// <summary>Why, for those who look at the table later; at most 500 characters.</summary>
    public required string Reason { get; init; }

    internal static ReadOnlyBody Read(JsonFields fields)
    {
        if (!fields.Has("on"))
        {
            fields.Fail("on", FieldErrorCode.Required);
        }

        var body = new ReadOnlyBody { On = fields.Flag("on", byDefault: false), Reason = fields.Text("reason", ReadOnlySwitch.ReasonLengthMax) };
        fields.RefuseUnknown();
        return body;
    }
}

/// <summary>Whether the node that answers takes writes.</summary>
public sealed record ReadOnlyReply
{
    public required bool ReadOnly { get; init; }

    /// <summary>Why it takes none: <c>setting</c>, <c>command</c>, <c>database</c>, <c>unreachable</c>; empty when it does.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    internal static ReadOnlyReply Of(WriteGate gate)
    {
        var reasons = gate.Reasons;
        return new ReadOnlyReply
        {
            ReadOnly = reasons != ReadOnlyReasons.None,
            Reasons =
            [
                .. Enum.GetValues<ReadOnlyReasons>()
                    .Where(reason => reason != ReadOnlyReasons.None && reasons.HasFlag(reason))
                    .Select(reason => reason.ToString().ToLowerInvariant()),
            ],
        };
    }
}

/// <summary><c>/api/admin/read-only</c>: stops all writes, and lets them in again.</summary>
internal static class ReadOnlyEndpoints
{
    public static void MapReadOnly(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/admin/read-only", SwitchAsync)
            .RequirePermission(Permission.ReadOnlySwitch)
            .OnlyForPlatform()
            .Accepts<ReadOnlyBody>("application/json")
            .Produces<ReadOnlyReply>()
            .WithSummary("Stops all writes on every node within about a second, or lets them in again.");
        routes.MapGet("/api/admin/read-only", AnswerAsync)
            .RequirePermission(Permission.ReadOnlySwitch)
            .OnlyForPlatform()
            .Produces<ReadOnlyReply>()
            .WithSummary("Whether the node that answers takes writes, and why not.");
    }

    private static Task AnswerAsync(HttpContext context, WriteGate gate) =>
        context.Response.WriteAsJsonAsync(ReadOnlyReply.Of(gate), context.RequestAborted);

    private static async Task SwitchAsync(HttpContext context, LaneSet lanes, WriteGate gate, PrimaryWatch watch, TimeProvider clock)
    {
        if (await WriteRequests.ReadAsync(context, ReadOnlyBody.Read) is not { } request)
        {
            return;
        }

        var command = ReadOnlySwitch.Set(request.Body.On, request.Body.Reason, request.Actor.Name, Instant.Now(clock));
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        if (outcome is Outcome.Failed failed)
        {
            await ProblemResponse.WriteAsync(context, failed.Refusal, context.RequestAborted);
            return;
        }

        // This node obeys at once; the others when they look the next time.
        WriteResponse.TellVersion(context, outcome);
        await watch.ObeyAsync(context.RequestAborted);
        await AnswerAsync(context, gate);
    }
}
