using Laurel.Platform.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Cards;

/// <summary>The doors of this capability.</summary>
internal static class CardsModule
{
    public static void MapCards(this IEndpointRouteBuilder routes)
    {
        routes.MapCardDefinitions();
        routes.MapGet("/api/cards/statistics", (HttpContext context, CardDoors doors) => doors.StatisticsAsync(context))
            .RequirePermission(Permission.MembershipsRead)
            .Produces<CardStatistics>()
            .WithSummary("How many hold each card, and what was sold of it; from and to are days, at most 366.");
        routes.MapGet("/api/members/{id}/memberships", (HttpContext context, string id, CardDoors doors) => doors.ListAsync(context, id))
            .RequirePermission(Permission.MembershipsRead)
            .OpenToOwner(Permission.ReadSelf)
            .Produces<MemberCards>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("The memberships of a member, and what was bought.");
        Write<BuyCardBody, CardPurchaseReply>(
            routes.MapPost("/api/members/{id}/memberships", (HttpContext context, string id, CardDoors doors) => doors.BuyAsync(context, id)),
            "A member has bought a card; reference names the purchase once and for all.", StatusCodes.Status201Created);
        Write<RefundCardBody, CardPurchaseReply>(
            routes.MapPost("/api/members/{id}/memberships/refund", (HttpContext context, string id, CardDoors doors) => doors.RefundAsync(context, id)),
            "A purchase of a card was refunded: its time is taken back, as far as it is not over.");
        Write<CancelCardBody, MembershipReply>(
            routes.MapPost("/api/members/{id}/memberships/cancel", (HttpContext context, string id, CardDoors doors) => doors.CancelAsync(context, id)),
            "A membership is not to be renewed; it lasts to its end.");
    }

    private static void Write<TBody, TReply>(RouteHandlerBuilder route, string summary, int status = StatusCodes.Status200OK)
        where TBody : notnull => route
        .RequirePermission(Permission.MembershipsWrite)
        .Accepts<TBody>("application/json")
        .Produces<TReply>(status)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .WithSummary(summary);
}
