using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Reads;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Units;

/// <summary>The doors of this capability.</summary>
internal static class UnitsModule
{
    public static void MapUnits(this IEndpointRouteBuilder routes)
    {
        PointsModule.Write<MoveUnitBody, PostingReply>(
            routes.MapPost("/api/units/earn", (HttpContext context, LaneSet lanes, MemberBooks books, PointsQueries queries) =>
                MoveAsync(context, lanes, books, queries, UnitMove.Earn)),
            "Grants a unit that the programme defines.");
        PointsModule.Write<MoveUnitBody, PostingReply>(
            routes.MapPost("/api/units/spend", (HttpContext context, LaneSet lanes, MemberBooks books, PointsQueries queries) =>
                MoveAsync(context, lanes, books, queries, UnitMove.Spend)),
            "Spends a unit that the programme defines.");
        PointsModule.Write<AdjustUnitBody, PostingReply>(
            routes.MapPost("/api/units/adjust", (HttpContext context, LaneSet lanes, MemberBooks books, PointsQueries queries) =>
                MoveAsync(context, lanes, books, queries, UnitMove.Adjust)),
            "Corrects a unit that the programme defines by hand, up or down.");
        routes.MapGet("/api/members/{id}/units", OfMemberAsync)
            .RequirePermission(Permission.PointsRead)
            .OpenToOwner(Permission.ReadSelf)
            .Produces<MemberUnits>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("What a member has of the units that the programme defines; with asOf, as it stood at an instant.");
    }

    private static async Task MoveAsync(HttpContext context, LaneSet lanes, MemberBooks books, PointsQueries queries, UnitMove move)
    {
        Func<JsonFields, ReadUnitMove> read = move == UnitMove.Adjust ? ReadUnitMove.Adjustment : ReadUnitMove.Positive;
        if (await WriteRequests.ReadAsync(context, read) is { Actor.Tenant: var tenant } request)
        {
            await PointsModule.MoveAsync(context, lanes, queries, new MoveUnit(tenant, request.Body.Member.In(tenant), move, request.Body.Request, books)
            {
                Time = request.Body.Time,
                Idempotency = request.Idempotency,
            });
        }
    }

    private static async Task OfMemberAsync(HttpContext context, string id, ReadRouter router, ProgrammeKind programmes)
    {
        var query = new QueryFields(context.Request);
        var asOf = query.TimeOrNull("asOf");
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var tenant = context.Actor().Tenant;
        var amounts = MemberId.TryParse(id, out var member)
            ? await context.ReadAsync(router, from => UnitQueries.FindAsync(from, tenant, member, asOf, context.RequestAborted))
            : null;
        if (amounts is null)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
            return;
        }

        if (amounts.Earliest is { } earliest && asOf < earliest)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.AsOfTooEarly, ("earliest", earliest.ToString())), context.RequestAborted);
            return;
        }

        var language = RequestLanguage.Of(context.Request);
        var reply = new MemberUnits
        {
            MemberId = member.ToString(),
            AsOf = asOf?.ToDateTimeOffset(),
            Items =
            [
                .. programmes.Latest(tenant)!.Programme.Units.Select(unit => new UnitAmount
                {
                    Unit = unit.Code,
                    Name = unit.NameIn(language),
                    Amount = amounts.ByUnit.GetValueOrDefault(unit.Code),
                    Spendable = unit.Spendable,
                }),
            ],
        };
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, reply, MembershipJson.Default.MemberUnits);
    }
}
