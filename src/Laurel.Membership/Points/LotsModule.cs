using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Points;

/// <summary>The doors of the life of lots.</summary>
internal static class LotsModule
{
    public static void MapLots(this IEndpointRouteBuilder routes)
    {
        PointsModule.Write<EndWaitingBody, PostingReply>(routes.MapPost("/api/points/lots/{id}/activate", ActivateAsync), "Activates a pending lot.");
        PointsModule.Write<EndWaitingBody, PostingReply>(routes.MapPost("/api/points/lots/{id}/cancel", CancelAsync), "Cancels a pending lot.");
        PointsModule.Write<ExtendLotsBody, ExtensionReply>(routes.MapPost("/api/points/lots/extend", ExtendAsync), "Lets live lots lapse later.");
        PointsModule.Write<ReinstateBody, PostingReply>(routes.MapPost("/api/points/reinstate", ReinstateAsync), "Brings lapsed points back.");
    }

    private static Task ActivateAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books, PointsQueries queries) =>
        EndWaitingAsync(context, id, lanes, queries, (request, lot) =>
            new ActivateLot(request.Actor.Tenant, request.Body.Member.In(request.Actor.Tenant), lot, request.Body.Reason, books)
            {
                Time = request.Body.Time,
                Idempotency = request.Idempotency,
            });

    private static Task CancelAsync(HttpContext context, string id, LaneSet lanes, MemberBooks books, PointsQueries queries) =>
        EndWaitingAsync(context, id, lanes, queries, (request, lot) =>
            new CancelLot(request.Actor.Tenant, request.Body.Member.In(request.Actor.Tenant), lot, request.Body.Reason, books)
            {
                Time = request.Body.Time,
                Idempotency = request.Idempotency,
            });

    private static async Task EndWaitingAsync(
        HttpContext context, string id, LaneSet lanes, PointsQueries queries, Func<WriteRequest<ReadEndWaiting>, long, Command> make)
    {
        if (await WriteRequests.ReadAsync(context, ReadEndWaiting.Read) is not { } request)
        {
            return;
        }

        if (!MemberId.TryParse(id, out var lot))
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.LotNotFound), context.RequestAborted);
            return;
        }

        await PointsModule.MoveAsync(context, lanes, queries, make(request, lot.Value));
    }

    private static async Task ExtendAsync(HttpContext context, LaneSet lanes, MemberBooks books, PointsQueries queries)
    {
        if (await WriteRequests.ReadAsync(context, ReadExtension.Read) is { } request)
        {
            var command = new ExtendLots(request.Actor.Tenant, request.Body.Member.In(request.Actor.Tenant), request.Body.Request, books)
            {
                Time = request.Body.Time,
                Idempotency = request.Idempotency,
            };
            await PointsModule.SubmitAsync(
                context,
                lanes,
                command,
                (tenant, earlier, token) => queries.ReadExtensionAsync(tenant, earlier, request.Body.Request.Reference, token),
                MembershipJson.Default.ExtensionReply);
        }
    }

    private static async Task ReinstateAsync(HttpContext context, LaneSet lanes, MemberBooks books, PointsQueries queries)
    {
        if (await WriteRequests.ReadAsync(context, ReadReinstatement.Read) is { } request)
        {
            var command = new ReinstatePoints(request.Actor.Tenant, request.Body.Member.In(request.Actor.Tenant), request.Body.Request, books)
            {
                Time = request.Body.Time,
                Idempotency = request.Idempotency,
            };
            await PointsModule.MoveAsync(context, lanes, queries, command);
        }
    }
}
