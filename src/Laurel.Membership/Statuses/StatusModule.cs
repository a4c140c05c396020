using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Kernel;
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

namespace Laurel.Membership.Statuses;

/// <summary>The doors of this capability.</summary>
internal static class StatusModule
{
    private static readonly StatusCause s_byOwner = new("Asked by the member", "member");

    /// <summary>Who calls about a member who leaves or stays.</summary>
    private sealed record LeavingCall(TenantId Tenant, StatusCause Why, bool IsOwner, Hands Hands);

    public static void MapStatuses(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/members/{id}/status", SetAsync)
            .RequirePermission(Permission.MembersStatus)
            .Accepts<StatusBody>("application/json")
            .Produces<StatusReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Gives a member another status by hand.");
        routes.MapGet("/api/members/{id}/status", HistoryAsync)
            .RequirePermission(Permission.MembersRead)
            .OpenToOwner(Permission.ReadSelf)
            .Produces<StatusHistory>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("A member's status and how it came about, newest first.");
        routes.MapGet("/api/members/cancellations", ListAsync)
            .RequirePermission(Permission.MembersRead)
            .Produces<LeavingMembers>()
            .WithSummary("Members who are to leave, the soonest first.");
        routes.MapDelete("/api/members/{id}", (HttpContext context, string id, LaneSet lanes, MemberBooks books) =>
                LeaveAsync(context, id, lanes, (call, member) =>
                    new RequestCancellation(call.Tenant, member, call.Why, books) { AskedBy = call.IsOwner ? null : call.Hands }))
            .RequirePermission(Permission.MembersDelete)
            .OpenToOwner(Permission.UpdateSelf)
            .Produces<StatusReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Asks that a member leaves for good, once the cooling-off has ended.");
        routes.MapPost("/api/members/{id}/cancellation/confirm", (HttpContext context, string id, LaneSet lanes, MemberBooks books) =>
                LeaveAsync(context, id, lanes, (call, member) => new ConfirmCancellation(call.Tenant, member, call.Why, call.Hands, books)))
            .RequirePermission(Permission.MembersDelete)
            .Produces<StatusReply>()
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Says as a second person that a member is to leave.");
        routes.MapDelete("/api/members/{id}/cancellation", (HttpContext context, string id, LaneSet lanes, MemberBooks books) =>
                LeaveAsync(context, id, lanes, (call, member) => new WithdrawCancellation(call.Tenant, member, call.Why, books)))
            .RequirePermission(Permission.MembersDelete)
            .OpenToOwner(Permission.UpdateSelf)
            .Produces<StatusReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("A member who asked to leave stays after all.");
    }

    private static async Task SetAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books)
    {
        var read = await WriteRequests.ReadAsync(context, fields =>
        {
            var status = fields.ChoiceOrNull("status", "active", "inactive", "frozen", "banned");
            if (!fields.Has("status"))
            {
                fields.Fail("status", FieldErrorCode.Required);
            }

            var reason = fields.Text("reason", PointsLimits.ReasonLengthMax);
            fields.RefuseUnknown();
            return (Status: status is null ? MemberStatus.Active : MemberKind.StatusOf(status), Reason: reason);
        });
        if (read is not { } request)
        {
            return;
        }

        if (!MemberId.TryParse(id, out var member))
        {
            await NotFoundAsync(context);
            return;
        }

        var why = new StatusCause(request.Body.Reason, request.Actor.Name);
        var command = new SetStatus(request.Actor.Tenant, MemberReference.ById(member), request.Body.Status, why, books) { Idempotency = request.Idempotency };
        await SubmitAsync(context, lanes, command);
    }

    // What a member asks twice it asks once, so it takes no body and no key.
    private static Task LeaveAsync(HttpContext context, string id, LaneSet lanes, Func<LeavingCall, MemberReference, Command> command)
    {
        var actor = context.Actor();
        if (!MemberId.TryParse(id, out var member))
        {
            return NotFoundAsync(context);
        }

        var isOwner = actor.Is(member);
        var call = new LeavingCall(actor.Tenant, isOwner ? s_byOwner : new StatusCause("Asked by staff", actor.Name), isOwner, actor.Hands);
        return SubmitAsync(context, lanes, command(call, MemberReference.ById(member)));
    }

    private static async Task HistoryAsync(HttpContext context, string id, ReadRouter router)
    {
        var query = new QueryFields(context.Request);
        var (limit, cursor) = (query.Limit(), query.CursorOrNull(1));
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var tenant = context.Actor().Tenant;
        var found = MemberId.TryParse(id, out var member)
            ? await context.ReadAsync(router, from => StatusQueries.FindAsync(from, tenant, member, cursor?[0] ?? long.MaxValue, limit, context.RequestAborted))
            : null;
        if (found is null)
        {
            await NotFoundAsync(context);
            return;
        }

        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, found, MembershipJson.Default.StatusHistory);
    }

    private static async Task ListAsync(HttpContext context, ReadRouter router)
    {
        var query = new QueryFields(context.Request);
        var (limit, cursor, unconfirmed) = (query.Limit(), query.CursorOrNull(2), query.Flag("unconfirmed", byDefault: false));
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        (long, long)? after = cursor is null ? null : (cursor[0], cursor[1]);
        var tenant = context.Actor().Tenant;
        var page = await context.ReadAsync(router, from => LeavingQueries.PageAsync(from, tenant, unconfirmed, after, limit, context.RequestAborted));
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, page, MembershipJson.Default.LeavingMembers);
    }

    private static async Task SubmitAsync(HttpContext context, LaneSet lanes, Command command)
    {
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.StatusReply);
    }

    private static Task NotFoundAsync(HttpContext context) =>
        ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
}
