using Laurel.Engine.Lanes;
using Laurel.Membership.Members;
using Laurel.Platform.Access;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Points;

/// <summary>The doors between points and stored money. Whoever goes through them moves both, and needs the permission of both.</summary>
internal static class ExchangeModule
{
    public static void MapExchange(this IEndpointRouteBuilder routes)
    {
        PointsModule.Write<MovePointsBody, PostingReply>(
                routes.MapPost("/api/points/to-balance", ToBalanceAsync), "Exchanges points for stored money, at the programme's rate.")
            .RequirePermission(Permission.BalanceWrite)
            .ProducesProblem(StatusCodes.Status409Conflict);
        PointsModule.Write<MovePointsBody, PostingReply>(
                routes.MapPost("/api/points/from-balance", FromBalanceAsync), "Exchanges stored money for points, at the programme's rate.")
            .RequirePermission(Permission.BalanceWrite)
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static Task ToBalanceAsync(HttpContext context, LaneSet lanes, MemberBooks books, PointsQueries queries) =>
        ExchangeAsync(context, lanes, books, queries, ExchangeDirection.ToBalance);

    private static Task FromBalanceAsync(HttpContext context, LaneSet lanes, MemberBooks books, PointsQueries queries) =>
        ExchangeAsync(context, lanes, books, queries, ExchangeDirection.FromBalance);

    private static async Task ExchangeAsync(HttpContext context, LaneSet lanes, MemberBooks books, PointsQueries queries, ExchangeDirection direction)
    {
        if (await WriteRequests.ReadAsync(context, ReadMovement.Positive) is { Actor.Tenant: var tenant } request)
        {
            var command = new ExchangePoints(tenant, request.Body.Member.In(tenant), request.Body.Request, direction, books)
            {
                Time = request.Body.Time,
                Idempotency = request.Idempotency,
            };
            await PointsModule.MoveAsync(context, lanes, queries, command);
        }
    }
}
