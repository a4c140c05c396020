using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
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

namespace Laurel.Membership.Merges;

/// <summary>The doors of merges.</summary>
internal static class MergesModule
{
    private sealed record ReadMerge(MemberName Into, string Reason, string Reference);

    public static void MapMerges(this IEndpointRouteBuilder routes)
    {
        Write<MergeMembersBody>(routes.MapPost("/api/members/{id}/merge", MergeAsync), "Lets a member go into another, who has what it had.");
        Write<MergePreviewBody>(routes.MapPost("/api/members/{id}/merge/preview", PreviewAsync), "What a merge would move, and in what the two differ. Changes nothing.");
        Write<UndoMergeBody>(routes.MapPost("/api/members/merges/{mergeId}/undo", UndoAsync), "Undoes a merge: what it moved and is still there goes back.");
        routes.MapGet("/api/members/merges/{mergeId}/undo/preview", UndoPreviewAsync)
            .RequirePermission(Permission.MembersMerge)
            .Produces<MergeReply>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("What undoing a merge would bring back, and what is missing.");
        routes.MapGet("/api/members/merges", ListAsync)
            .RequirePermission(Permission.MembersRead)
            .Produces<MergePage>()
            .WithSummary("Merges, newest first; filter memberId (either side).");
        routes.MapGet("/api/members/merges/{mergeId}", FindAsync)
            .RequirePermission(Permission.MembersRead)
            .Produces<MergeRecord>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("One merge with its lineage: what moved, lot by lot and coupon by coupon.");
    }

    private static void Write<TBody>(RouteHandlerBuilder route, string summary)
        where TBody : notnull => route
        .RequirePermission(Permission.MembersMerge)
        .Accepts<TBody>("application/json")
        .Produces<MergeReply>()
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .WithSummary(summary);

    private static ReadMerge ReadBody(JsonFields fields)
    {
        var into = fields.Object("into");
        var name = into is null ? default : MemberName.Read(into);
        into?.RefuseUnknown();
        var read = new ReadMerge(name, fields.Text("reason", PointsLimits.ReasonLengthMax), fields.Identifier("reference", PointsLimits.ReferenceIdLengthMax));
        fields.RefuseUnknown();
        return read;
    }

    private static ReadMerge ReadPreview(JsonFields fields)
    {
        var into = fields.Object("into");
        var name = into is null ? default : MemberName.Read(into);
        into?.RefuseUnknown();
        fields.RefuseUnknown();
        return new ReadMerge(name, "", "");
    }

    private static async Task MergeAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books, Database database)
    {
        if (await WriteRequests.ReadAsync(context, ReadBody) is not { } request || await MemberOfAsync(context, id) is not { } member)
        {
            return;
        }

        var tenant = request.Actor.Tenant;
        var asked = new MergeRequest(request.Body.Reference, request.Body.Reason, request.Actor.Name);
        var command = new MergeMembers(tenant, MemberReference.ById(member), request.Body.Into.In(tenant), asked, books) { Idempotency = request.Idempotency };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        if (outcome is Outcome.Duplicate { Earlier: var earlier })
        {
            var made = await MergeQueries.FindAsync(database, tenant, earlier.RootId, asked.Reference, context.RequestAborted);
            Invariant.Require(made is not null, "I20: a reference that was taken leads to its merge.");
            await WriteResponse.WriteDuplicateAsync(context, StatusCodes.Status200OK, made, MembershipJson.Default.MergeRecord);
            return;
        }

        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.MergeReply);
    }

    private static async Task PreviewAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books, MemberReader reader)
    {
        if (await WriteRequests.ReadAsync(context, ReadPreview) is not { } request || await MemberOfAsync(context, id) is not { } member)
        {
            return;
        }

        var tenant = request.Actor.Tenant;
        var asked = new MergeRequest("", "", request.Actor.Name) { IsPreview = true };
        var outcome = await lanes.SubmitAsync(new MergeMembers(tenant, MemberReference.ById(member), request.Body.Into.In(tenant), asked, books), context.RequestAborted);
        if (outcome is Outcome.Applied { Reply: MergeReply reply })
        {
            var (from, into) = (await reader.FindAsync(tenant, member), await reader.FindAsync(tenant, new MemberId(MergeQueries.IdOf(reply.Into))));
            await WriteResponse.WriteAsync(
                context, StatusCodes.Status200OK, reply with { Conflicts = [.. reply.Conflicts, .. ProfileConflicts(from!, into!)] }, MembershipJson.Default.MergeReply);
            return;
        }

        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.MergeReply);
    }

    /// <summary>In what the profiles differ, masked as everywhere.</summary>
    private static IEnumerable<MergeConflict> ProfileConflicts(MemberReply from, MemberReply into) =>
        new[]
        {
            new MergeConflict("nickname", from.Nickname, into.Nickname),
            new MergeConflict("phone", from.Phone, into.Phone),
            new MergeConflict("email", from.Email, into.Email),
        }.Where(conflict => conflict.From is not null && conflict.From != conflict.Into);

    private static async Task UndoAsync(HttpContext context, string mergeId, LaneSet lanes, MemberBooks books)
    {
        var read = await WriteRequests.ReadAsync(context, fields =>
        {
            var reason = fields.Text("reason", PointsLimits.ReasonLengthMax);
            fields.RefuseUnknown();
            return reason;
        });
        if (read is { } request)
        {
            var asked = new UndoRequest(request.Body, request.Actor.Name);
            var command = new UndoMerge(request.Actor.Tenant, MergeQueries.IdOf(mergeId), asked, books) { Idempotency = request.Idempotency };
            await AnswerAsync(context, lanes, command);
        }
    }

    private static Task UndoPreviewAsync(HttpContext context, string mergeId, LaneSet lanes, MemberBooks books)
    {
        var actor = context.Actor();
        return AnswerAsync(context, lanes, new UndoMerge(actor.Tenant, MergeQueries.IdOf(mergeId), new UndoRequest("", actor.Name) { IsPreview = true }, books));
    }

    private static async Task AnswerAsync(HttpContext context, LaneSet lanes, UndoMerge command)
    {
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.MergeReply);
    }

    private static async Task ListAsync(HttpContext context, ReadRouter router)
    {
        var query = new QueryFields(context.Request);
        var (member, before, limit) = (query.MemberIdOrNull("memberId"), query.CursorOrNull(1)?[0] ?? long.MaxValue, query.Limit());
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var tenant = context.Actor().Tenant;
        var page = await context.ReadAsync(router, from => MergeQueries.ListAsync(from, tenant, member, before, limit, context.RequestAborted));
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, page, MembershipJson.Default.MergePage);
    }

    private static async Task FindAsync(HttpContext context, string mergeId, ReadRouter router)
    {
        var tenant = context.Actor().Tenant;
        var found = await context.ReadAsync(router, from => MergeQueries.FindAsync(from, tenant, MergeQueries.IdOf(mergeId), context.RequestAborted));
        await (found is null
            ? ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MergeNotFound), context.RequestAborted)
            : WriteResponse.WriteAsync(context, StatusCodes.Status200OK, found, MembershipJson.Default.MergeRecord));
    }

    private static async Task<MemberId?> MemberOfAsync(HttpContext context, string id)
    {
        if (MemberId.TryParse(id, out var member))
        {
            return member;
        }

        await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
        return null;
    }
}
