using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Watch;

/// <summary>The doors of the queue of cases.</summary>
internal static class WatchCasesModule
{
    private const int NameLengthMax = 100;

    private static readonly string[] s_states = ["open", "assigned", "released", "confirmed"];

    public static void MapWatchCases(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/watch/cases", ListAsync)
            .RequirePermission(Permission.WatchRead)
            .Produces<WatchCasePage>()
            .WithSummary("Watch cases, newest first; filters memberId, rule, status, assignedTo.");
        routes.MapGet("/api/watch/cases/{id}", FindAsync)
            .RequirePermission(Permission.WatchRead)
            .Produces<WatchCaseDetail>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("One case, what waits for it, and what happened to it.");
        Decide<AssignWatchCaseBody>(routes.MapPost("/api/watch/cases/{id}/assign", AssignAsync), "Says who looks at a case.");
        Decide<DecideWatchCaseBody>(
            routes.MapPost("/api/watch/cases/{id}/release", ReleaseAsync), "Nothing was wrong: what waited for the case is the member's from now on.");
        Decide<DecideWatchCaseBody>(
            routes.MapPost("/api/watch/cases/{id}/confirm", ConfirmAsync), "Something was wrong: what waited for the case is taken away.");
    }

    private static void Decide<TBody>(RouteHandlerBuilder route, string summary)
        where TBody : notnull => route
        .RequirePermission(Permission.WatchWrite)
        .Accepts<TBody>("application/json")
        .Produces<WatchCaseReply>()
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .WithSummary(summary);

    private static async Task ListAsync(HttpContext context, ReadRouter router)
    {
        var query = new QueryFields(context.Request);
        var filter = new WatchCaseFilter(
            query.MemberIdOrNull("memberId"),
            query.IdentifierOrNull("rule", NameLengthMax),
            query.ChoiceOrNull("status", s_states),
            query.TextOrNull("assignedTo", NameLengthMax),
            query.CursorOrNull(1)?[0] ?? long.MaxValue,
            query.Limit());
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var tenant = context.Actor().Tenant;
        var page = await context.ReadAsync(router, from => WatchCaseQueries.ListAsync(from, tenant, filter, context.RequestAborted));
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, page, MembershipJson.Default.WatchCasePage);
    }

    private static async Task FindAsync(HttpContext context, string id, ReadRouter router)
    {
        var tenant = context.Actor().Tenant;
        var isId = long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        var found = !isId ? null : await context.ReadAsync(router, from => WatchCaseQueries.FindAsync(from, tenant, number, context.RequestAborted));
        await (found is null
            ? ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.WatchCaseNotFound), context.RequestAborted)
            : WriteResponse.WriteAsync(context, StatusCodes.Status200OK, found, MembershipJson.Default.WatchCaseDetail));
    }

    private static Task AssignAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books) =>
        DecideAsync(context, id, lanes, books, WatchCaseStatus.Assigned);

    private static Task ReleaseAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books) =>
        DecideAsync(context, id, lanes, books, WatchCaseStatus.Released);

    private static Task ConfirmAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books) =>
        DecideAsync(context, id, lanes, books, WatchCaseStatus.Confirmed);

    private static async Task DecideAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books, WatchCaseStatus to)
    {
        var read = await WriteRequests.ReadAsync(context, fields =>
        {
            var assignee = to == WatchCaseStatus.Assigned ? fields.Text("assignee", NameLengthMax) : null;
            var note = fields.Text("note", WatchCase.NoteLengthMax);
            fields.RefuseUnknown();
            return (Assignee: assignee, Note: note);
        });
        if (read is not { Actor: var actor } request)
        {
            return;
        }

        // No case has the id 0, so what is no id finds none.
        _ = long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        var verdict = new WatchVerdict(to, request.Body.Note, actor.Name, request.Body.Assignee);
        var command = new DecideWatchCase(actor.Tenant, number, verdict, books) { Idempotency = request.Idempotency };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, MembershipJson.Default.WatchCaseReply);
    }
}
