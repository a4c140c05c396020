using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Points;

/// <summary>The doors of this capability.</summary>
internal static class PointsModule
{
    public static void MapPoints(this IEndpointRouteBuilder routes)
    {
        Write<EarnPointsBody, PostingReply>(routes.MapPost("/api/points/earn", EarnAsync), "Grants raw points.");
        Write<SpendPointsBody, PostingReply>(routes.MapPost("/api/points/spend", SpendAsync), "Spends points, soonest expiry first.");
        Write<HoldPointsBody, HoldReply>(routes.MapPost("/api/points/hold", HoldAsync), "Sets points aside.");
        Write<EndHoldBody, HoldReply>(routes.MapPost("/api/points/capture", CaptureAsync), "Spends points of a hold; the rest is released.");
        Write<EndHoldBody, HoldReply>(routes.MapPost("/api/points/release", ReleaseAsync), "Gives points of a hold back.");
        Write<TransferPointsBody, TransferReply>(routes.MapPost("/api/points/transfer", TransferAsync), "Gives points of one member to another.");
        routes.MapGet("/api/points/records", RecordsAsync)
            .RequirePermission(Permission.PointsRead)
            .OpenToOwnerOfQuery(Permission.ReadSelf)
            .Produces<PointsRecordPage>()
            .WithSummary("Movements of the tenant, newest first; filters memberId, kind, unit, orderId, from, to.");
        routes.MapGet("/api/points/records/{id}/explain", ExplainAsync)
            .RequirePermission(Permission.PointsRead)
            .Produces<RecordExplanation>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Why a movement is what it is, in words: the rule, its version and the numbers that made it.");
        routes.MapGet("/api/members/{id}/points", MemberPointsAsync)
            .RequirePermission(Permission.PointsRead)
            .OpenToOwner(Permission.ReadSelf)
            .Produces<MemberPoints>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("A member's balances, lots, holds, summary and records; with asOf, as they stood at an instant.");
    }

    internal static RouteHandlerBuilder Write<TBody, TReply>(RouteHandlerBuilder route, string summary)
        where TBody : notnull => route
        .RequirePermission(Permission.PointsWrite)
        .Accepts<TBody>("application/json")
        .Produces<TReply>()
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .WithSummary(summary);

    private static async Task EarnAsync(HttpContext context, LaneSet lanes, MemberBooks books, PointsQueries queries)
    {
        if (await WriteRequests.ReadAsync(context, ReadMovement.Earn) is { } request)
        {
            await MoveAsync(context, lanes, queries, request.Body.ToEarning(request.Actor.Tenant, request.Idempotency, books));
        }
    }

    private static async Task SpendAsync(HttpContext context, LaneSet lanes, MemberBooks books, PointsQueries queries)
    {
        if (await WriteRequests.ReadAsync(context, ReadMovement.Spend) is { } request)
        {
            var command = new SpendPoints(request.Actor.Tenant, request.Body.Member.In(request.Actor.Tenant), request.Body.Request, books)
            {
                Time = request.Body.Time,
                OrderAmount = request.Body.OrderAmount,
                Idempotency = request.Idempotency,
            };
            await MoveAsync(context, lanes, queries, command);
        }
    }

    internal static Task MoveAsync(HttpContext context, LaneSet lanes, PointsQueries queries, Command command) =>
        SubmitAsync(context, lanes, command, queries.ReadPostingAsync, MembershipJson.Default.PostingReply);

    private static async Task HoldAsync(HttpContext context, LaneSet lanes, MemberBooks books, PointsQueries queries)
    {
        if (await WriteRequests.ReadAsync(context, ReadMovement.Hold) is { } request)
        {
            var command = new HoldPoints(request.Actor.Tenant, request.Body.Member.In(request.Actor.Tenant), request.Body.Request, books)
            {
                Time = request.Body.Time,
                ExpiresAt = request.Body.ExpiresAt,
                Idempotency = request.Idempotency,
            };
            await SubmitAsync(context, lanes, command, queries.ReadHoldAsync, MembershipJson.Default.HoldReply);
        }
    }

    private static async Task CaptureAsync(HttpContext context, LaneSet lanes, MemberBooks books, PointsQueries queries)
    {
        if (await WriteRequests.ReadAsync(context, ReadHoldEnd.Read) is { } request)
        {
            var command = new CaptureHold(request.Actor.Tenant, request.Body.Request, books)
            {
                Time = request.Body.Time,
                Idempotency = request.Idempotency,
            };
            await EndHoldAsync(context, lanes, queries, command, request.Body.Request.HoldId);
        }
    }

    private static async Task ReleaseAsync(HttpContext context, LaneSet lanes, MemberBooks books, PointsQueries queries)
    {
        if (await WriteRequests.ReadAsync(context, ReadHoldEnd.Read) is { } request)
        {
            var command = new ReleaseHold(request.Actor.Tenant, request.Body.Request, books)
            {
                Time = request.Body.Time,
                Idempotency = request.Idempotency,
            };
            await EndHoldAsync(context, lanes, queries, command, request.Body.Request.HoldId);
        }
    }

    private static Task EndHoldAsync(HttpContext context, LaneSet lanes, PointsQueries queries, Command command, long holdId) =>
        SubmitAsync(
            context,
            lanes,
            command,
            (tenant, earlier, token) => queries.ReadHoldEndAsync(tenant, earlier, holdId, token),
            MembershipJson.Default.HoldReply);

    private static async Task TransferAsync(HttpContext context, LaneSet lanes, MemberBooks books, PointsQueries queries)
    {
        if (await WriteRequests.ReadAsync(context, ReadTransfer.Read) is { } request)
        {
            var tenant = request.Actor.Tenant;
            var command = new TransferPoints(tenant, request.Body.From.In(tenant), request.Body.To.In(tenant), request.Body.Request, books)
            {
                Time = request.Body.Time,
                Idempotency = request.Idempotency,
            };
            await SubmitAsync(
                context,
                lanes,
                command,
                (_, earlier, token) => queries.ReadTransferAsync(tenant, earlier, request.Body.To.In(tenant), request.Body.Request.Points, token),
                MembershipJson.Default.TransferReply);
        }
    }

    internal static async Task SubmitAsync<TReply>(
        HttpContext context,
        LaneSet lanes,
        Command command,
        Func<TenantId, NaturalKey, CancellationToken, Task<TReply>> readEarlier,
        JsonTypeInfo<TReply> type)
    {
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        if (outcome is Outcome.Duplicate { Earlier: var earlier })
        {
            var reply = await readEarlier(command.Tenant, earlier, context.RequestAborted);
            await WriteResponse.WriteDuplicateAsync(context, StatusCodes.Status200OK, reply, type);
            return;
        }

        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, type);
    }

    private static async Task RecordsAsync(HttpContext context, RecordPages pages)
    {
        if (await pages.FindAsync(context) is { } page)
        {
            await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, page, MembershipJson.Default.PointsRecordPage);
        }
    }

    private static IEnumerable<string> UnitsOf(HttpContext context, ProgrammeKind programmes) =>
        programmes.Latest(context.Actor().Tenant)!.Programme.Units.Select(unit => unit.Code);

    private static async Task ExplainAsync(HttpContext context, string id, RecordExplanations explanations)
    {
        var language = RequestLanguage.Of(context.Request);
        var known = long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var entry);
        if (known && await explanations.ReadAsync(context.Actor().Tenant, entry, language, context.RequestAborted) is { } explanation)
        {
            await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, explanation, MembershipJson.Default.RecordExplanation);
            return;
        }

        await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.RecordNotFound, ("record", id)), context.RequestAborted);
    }

    private static async Task MemberPointsAsync(
        HttpContext context, string id, MemberCache members, PointsQueries queries, BalancesAsOf balances, ReadRouter router, ProgrammeKind programmes)
    {
        var query = new QueryFields(context.Request);
        var tenant = context.Actor().Tenant;
        var known = MemberId.TryParse(id, out var member);
        var asOf = query.TimeOrNull("asOf");
        var filter = RecordFilter.Read(query, member, UnitsOf(context, programmes));
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var reply = !known ? null : await context.ReadMemberAsync(members, router, tenant, member, async from =>
        {
            if (await from.ViewAsync(tenant, member) is not { } view)
            {
                return null;
            }

            var points = asOf is { } instant
                ? MemberPoints.Of(await balances.ReadAsync(from.Database, tenant, member, instant, context.RequestAborted), instant)
                : MemberPoints.Of(view) with { Summary = await from.SummaryAsync(view) };
            return await queries.FillAsync(from.Database, points, tenant, asOf is { } until ? filter.Until(until) : filter, context.RequestAborted);
        });
        if (reply is null)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
            return;
        }

        if (reply.EarliestAsOf is { } earliest && asOf < earliest)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.AsOfTooEarly, ("earliest", earliest.ToString())), context.RequestAborted);
            return;
        }

        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, MembershipJson.Default.MemberPoints);
    }
}
