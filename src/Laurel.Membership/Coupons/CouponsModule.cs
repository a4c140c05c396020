using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
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

namespace Laurel.Membership.Coupons;

/// <summary>The doors of members' coupons.</summary>
internal static class CouponsModule
{
    public static void MapCoupons(this IEndpointRouteBuilder routes)
    {
        Write<ClaimCouponBody, CouponsReply>(routes.MapPost("/api/coupons/claim", ClaimAsync), "A member takes a coupon.");
        Write<IssueCouponBody, CouponsReply>(routes.MapPost("/api/coupons/issue", IssueAsync), "An operator gives a member a coupon.");
        Write<LockCouponsBody, CouponsReply>(routes.MapPost("/api/coupons/lock", LockAsync), "Sets coupons aside for an order.");
        Write<CouponsOfOrderBody, CouponsReply>(routes.MapPost("/api/coupons/release", ReleaseAsync), "Ends the locks of an order.");
        Write<UseCouponsBody, CouponsReply>(routes.MapPost("/api/coupons/use", UseAsync), "Uses coupons for an order.");
        Write<CouponsOfOrderBody, CouponsReply>(routes.MapPost("/api/coupons/return", ReturnAsync), "Gives coupons of a refunded order back.");
        Write<RevokeCouponsBody, CouponsReply>(routes.MapPost("/api/coupons/revoke", RevokeAsync), "Takes coupons back by hand.");
        Write<GiveCouponBody, CouponGiftReply>(routes.MapPost("/api/coupons/gift", GiveAsync), "Gives a coupon of one member to another.");
        routes.MapGet("/api/members/{id}/coupons", ListAsync)
            .RequirePermission(Permission.CouponsRead)
            .OpenToOwner(Permission.ReadSelf)
            .Produces<CouponPage>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Coupons of a member, newest first; filters state, amount (those that an order of that amount can use now).");
    }

    private static void Write<TBody, TReply>(RouteHandlerBuilder route, string summary)
        where TBody : notnull => route
        .RequirePermission(Permission.CouponsWrite)
        .Accepts<TBody>("application/json")
        .Produces<TReply>()
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .WithSummary(summary);

    private static Task ClaimAsync(HttpContext context, LaneSet lanes, MemberBooks books, CouponQueries queries) =>
        TakeAsync(context, lanes, books, queries, ReadClaim.Claim);

    private static Task IssueAsync(HttpContext context, LaneSet lanes, MemberBooks books, CouponQueries queries) =>
        TakeAsync(context, lanes, books, queries, ReadClaim.Issue);

    private static async Task TakeAsync(HttpContext context, LaneSet lanes, MemberBooks books, CouponQueries queries, Func<JsonFields, ReadClaim> read)
    {
        if (await WriteRequests.ReadAsync(context, read) is { } request)
        {
            var tenant = request.Actor.Tenant;
            var command = new ClaimCoupon(tenant, request.Body.Member.In(tenant), request.Body.Request, books)
            {
                Time = request.Body.Time,
                Idempotency = request.Idempotency,
            };
            await SubmitAsync(context, lanes, command, earlier => queries.ReadAsync(tenant, earlier, [earlier.FirstId], context.RequestAborted));
        }
    }

    private static Task LockAsync(HttpContext context, LaneSet lanes, MemberBooks books, CouponQueries queries) =>
        ChangeAsync(context, lanes, queries, ReadCoupons.Lock, asked => new LockCoupons(asked.Tenant, asked.Member, asked.Request, books)
        {
            Time = asked.Time,
            Idempotency = asked.Idempotency,
        });

    private static Task ReleaseAsync(HttpContext context, LaneSet lanes, MemberBooks books, CouponQueries queries) =>
        ChangeAsync(context, lanes, queries, ReadCoupons.OfOrder, asked => new ReleaseCoupons(asked.Tenant, asked.Member, asked.Request, books)
        {
            Time = asked.Time,
            Idempotency = asked.Idempotency,
        });

    private static Task UseAsync(HttpContext context, LaneSet lanes, MemberBooks books, CouponQueries queries) =>
        ChangeAsync(context, lanes, queries, ReadCoupons.Use, asked => new UseCoupons(asked.Tenant, asked.Member, asked.Request, books)
        {
            Time = asked.Time,
            Idempotency = asked.Idempotency,
        });

    private static Task ReturnAsync(HttpContext context, LaneSet lanes, MemberBooks books, CouponQueries queries) =>
        ChangeAsync(context, lanes, queries, ReadCoupons.OfOrder, asked => new ReturnCoupons(asked.Tenant, asked.Member, asked.Request, books)
        {
            Time = asked.Time,
            Idempotency = asked.Idempotency,
        });

    private static Task RevokeAsync(HttpContext context, LaneSet lanes, MemberBooks books, CouponQueries queries) =>
        ChangeAsync(context, lanes, queries, ReadCoupons.Revoke, asked => new RevokeCoupons(asked.Tenant, asked.Member, asked.Request, books)
        {
            Time = asked.Time,
            Idempotency = asked.Idempotency,
        });

    /// <summary>What a step of coupons is asked for with, whichever it is.</summary>
    private sealed record Asked(TenantId Tenant, MemberReference Member, CouponsRequest Request, Instant? Time, IdempotencyKey? Idempotency);

    private static async Task ChangeAsync(
        HttpContext context, LaneSet lanes, CouponQueries queries, Func<JsonFields, ReadCoupons> read, Func<Asked, ChangeCoupons> commandOf)
    {
        if (await WriteRequests.ReadAsync(context, read) is { } request)
        {
            var (tenant, body) = (request.Actor.Tenant, request.Body);
            var command = commandOf(new Asked(tenant, body.Member.In(tenant), body.Request, body.Time, request.Idempotency));
            var ids = body.Request.Coupons.Select(pick => pick.Id).ToList();
            await SubmitAsync(context, lanes, command, earlier => queries.ReadAsync(tenant, earlier, ids, context.RequestAborted));
        }
    }

    private static async Task GiveAsync(HttpContext context, LaneSet lanes, MemberBooks books, CouponQueries queries)
    {
        if (await WriteRequests.ReadAsync(context, ReadGift.Read) is { } request)
        {
            var tenant = request.Actor.Tenant;
            var command = new GiveCoupon(tenant, request.Body.From.In(tenant), request.Body.To.In(tenant), request.Body.Gift, books)
            {
                Time = request.Body.Time,
                Idempotency = request.Idempotency,
            };
            await SubmitAsync(context, lanes, command, earlier => queries.ReadGiftAsync(tenant, earlier, request.Body.Gift.Coupon, context.RequestAborted));
        }
    }

    internal static async Task SubmitAsync<TReply>(HttpContext context, LaneSet lanes, Command command, Func<NaturalKey, Task<TReply>> readEarlier)
    {
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        WriteResponse.TellVersion(context, outcome);
        if (outcome is Outcome.Duplicate { Earlier: var earlier })
        {
            await WriteResponse.WriteDuplicateAsync(context, StatusCodes.Status200OK, await readEarlier(earlier), ProgrammeDocument.TypeOf<TReply>());
            return;
        }

        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, ProgrammeDocument.TypeOf<TReply>());
    }

    private static async Task ListAsync(HttpContext context, string id, ReadRouter router, TimeProvider clock)
    {
        var query = new QueryFields(context.Request);
        var filter = CouponFilter.Read(query);
        query.RefuseUnknown();
        if (query.Failure is { } failure)
        {
            await ProblemResponse.WriteAsync(context, failure, context.RequestAborted);
            return;
        }

        var tenant = context.Actor().Tenant;
        var page = MemberId.TryParse(id, out var member)
            ? await context.ReadAsync(router, from => CouponQueries.OfMemberAsync(from, tenant, member, filter, Instant.Now(clock), context.RequestAborted))
            : null;
        if (page is null)
        {
            await ProblemResponse.WriteAsync(context, new Refusal(ErrorCode.MemberNotFound), context.RequestAborted);
            return;
        }

        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, page, ProgrammeDocument.TypeOf<CouponPage>());
    }
}
