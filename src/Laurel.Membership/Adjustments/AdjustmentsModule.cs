using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Balance;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Adjustments;

/// <summary>The doors of adjustments and of their requests.</summary>
internal static class AdjustmentsModule
{
    private static readonly string[] s_states = ["pending", "approved", "rejected"];

    public static void MapAdjustments(this IEndpointRouteBuilder routes)
    {
        PointsModule.Write<MovePointsBody, PostingReply>(routes.MapPost("/api/points/adjust", AdjustAsync), "Corrects points by hand, up or down.")
            .AsDangerous()
            .ProducesProblem(StatusCodes.Status409Conflict);
        Judge(routes.MapPost("/api/points/adjustments/{id}/approve", ApproveAsync), "Approves an adjustment that another person asked for, and posts it.");
        Judge(routes.MapPost("/api/points/adjustments/{id}/reject", RejectAsync), "Rejects an adjustment that waits.");
        routes.MapGet("/api/points/adjustments", ListAsync)
            .RequirePermission(Permission.PointsRead)
            .Produces<AdjustmentPage>()
            .WithSummary("Adjustments that took or take a second person, newest first; filters memberId, status.");
        routes.MapGet("/api/points/adjustments/{id}", FindAsync)
            .RequirePermission(Permission.PointsRead)
            .Produces<AdjustmentReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("One of them.");
    }

    private static void Judge(RouteHandlerBuilder route, string summary) => route
        .RequirePermission(Permission.PointsApprove)
        .Accepts<JudgeAdjustmentBody>("application/json")
        .Produces<AdjustmentReply>()
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .WithSummary(summary);

    private static async Task AdjustAsync(HttpContext context, LaneSet lanes, MemberBooks books, PointsQueries queries, Database database)
    {
        if (await WriteRequests.ReadAsync(context, ReadMovement.Signed) is not { Actor: var actor } request)
        {
            return;
        }

        var asked = request.Body.Request;
        var command = new AdjustPoints(actor.Tenant, request.Body.Member.In(actor.Tenant), asked, books)
        {
            Time = request.Body.Time,
            Idempotency = request.Idempotency,
            AskedBy = new Signatory(actor.Hands, actor.Name),
        };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        if (outcome is Outcome.Duplicate { Earlier: var earlier })
        {
            await RepeatAsync(context, queries, database, asked, earlier);
            return;
        }

        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.PostingReply);
    }

    /// <summary>Answers what became of an adjustment that was asked for before: posted at once, or kept as a request.</summary>
    private static async Task RepeatAsync(HttpContext context, PointsQueries queries, Database database, PointsRequest asked, NaturalKey earlier)
    {
        var tenant = context.Actor().Tenant;
        if (earlier.FirstId == 0)
        {
            var request = await AdjustmentQueries.FindAsync(
                database, tenant, earlier.RootId, asked.ReferenceType, asked.ReferenceId, context.RequestAborted);
            Invariant.Require(request is not null, "I18: an adjustment without an entry was kept as a request.");
            if (request.EntryId is null)
            {
                context.Response.Headers[WriteRequests.ReplayedHeader] = "true";
                var refusal = request.Status == "pending"
                    ? AdjustmentRequest.Waits(request.RequestId)
                    : AdjustmentRequest.WrongState(request.RequestId, request.Status);
                await ProblemResponse.WriteAsync(context, refusal, context.RequestAborted);
                return;
            }

            var entry = long.Parse(request.EntryId, CultureInfo.InvariantCulture);
            earlier = earlier with { FirstId = entry, LastId = entry };
        }

        var reply = await queries.ReadPostingAsync(tenant, earlier, context.RequestAborted);
        await WriteResponse.WriteDuplicateAsync(context, StatusCodes.Status200OK, reply, MembershipJson.Default.PostingReply);
    }

    private static Task ApproveAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books) => JudgeAsync(context, id, lanes, books, approves: true);

    private static Task RejectAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books) => JudgeAsync(context, id, lanes, books, approves: false);

    private static async Task JudgeAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books, bool approves)
    {
        var read = await WriteRequests.ReadAsync(context, fields =>
        {
            var reason = fields.Text("reason", PointsLimits.ReasonLengthMax);
            fields.RefuseUnknown();
            return reason;
        });
        if (read is not { Actor: var actor } request)
        {
            return;
        }

        // No request has the id 0, so what is no id finds none.
        _ = long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        var verdict = new AdjustmentVerdict(approves, request.Body, new Signatory(actor.Hands, actor.Name));
        var command = new JudgeAdjustment(actor.Tenant, number, verdict, books) { Idempotency = request.Idempotency };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.AdjustmentReply);
    }

    private static async Task ListAsync(HttpContext context, ReadRouter router)
    {
        var query = new QueryFields(context.Request);
        var filter = new AdjustmentFilter(
            query.MemberIdOrNull("memberId"), query.ChoiceOrNull("status", s_states), query.CursorOrNull(1)?[0] ?? long.MaxValue, query.Limit());
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var tenant = context.Actor().Tenant;
        var page = await context.ReadAsync(router, from => AdjustmentQueries.ListAsync(from, tenant, filter, context.RequestAborted));
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, page, MembershipJson.Default.AdjustmentPage);
    }

    private static async Task FindAsync(HttpContext context, string id, ReadRouter router)
    {
        var tenant = context.Actor().Tenant;
        var known = long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        var request = !known ? null : await context.ReadAsync(router, from => AdjustmentQueries.FindAsync(from, tenant, number, context.RequestAborted));
        await (request is null
            ? ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.AdjustmentNotFound), context.RequestAborted)
            : WriteResponse.WriteAsync(context, StatusCodes.Status200OK, request, MembershipJson.Default.AdjustmentReply));
    }
}
