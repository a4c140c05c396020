using System.Collections.Immutable;
using System.Globalization;
using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Limits;
using Laurel.Platform.Vault;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Laurel.Membership.Coupons;

/// <summary>What <c>share</c> asks for.</summary>
public sealed record ShareCouponsBody
{
    /// <summary>Our id of the owner; or give <c>externalId</c>.</summary>
    public string? MemberId { get; init; }

    /// <summary>The shop's id of the owner; or give <c>memberId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>1 to 20 ids, in the order in which they are given.</summary>
    public required IReadOnlyList<string> CouponIds { get; init; }

    /// <summary>Exclusive; seven days after its time when absent, 366 at the most.</summary>
    public DateTimeOffset? EndTime { get; init; }

    /// <summary>Names the link once and for all.</summary>
    public required string Reference { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What <c>share/claim</c> asks for, and <c>share/revoke</c> of the owner.</summary>
public sealed record ShareTokenBody
{
    /// <summary>Our id of the member; or give <c>externalId</c>.</summary>
    public string? MemberId { get; init; }

    /// <summary>The shop's id of the member; or give <c>memberId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>As <c>share</c> told it.</summary>
    public required string Token { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>A link, as its owner sees it.</summary>
public sealed record CouponShareReply
{
    public required string MemberId { get; init; }

    public required string Reference { get; init; }

    public required IReadOnlyList<string> CouponIds { get; init; }

    /// <summary>Exclusive.</summary>
    public required DateTimeOffset EndTime { get; init; }

    /// <summary>Null where it was not revoked.</summary>
    public required DateTimeOffset? RevokedAt { get; init; }

    /// <summary>What leads to the coupons; told to whoever made the link, and null otherwise.</summary>
    public string? Token { get; init; }

    internal static CouponShareReply Of(long member, CouponShare share) => new()
    {
        MemberId = new MemberId(member).ToString(),
        Reference = share.Reference,
        CouponIds = [.. share.Coupons.Select(id => id.ToString(CultureInfo.InvariantCulture))],
        EndTime = share.EndTime.ToDateTimeOffset(),
        RevokedAt = share.RevokedAt?.ToDateTimeOffset(),
    };
}

/// <summary>A link that is asked for, as it was read.</summary>
internal sealed record ReadShare(MemberName Member, ImmutableArray<long> Coupons, Instant? EndTime, string Reference, Instant? Time)
{
    public static ReadShare Read(JsonFields fields)
    {
        var read = new ReadShare(
            MemberName.Read(fields),
            ReadCoupons.Ids(fields),
            fields.TimeOrNull("endTime"),
            fields.Identifier("reference", PointsLimits.ReferenceIdLengthMax),
            fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return read;
    }
}

/// <summary>A member and the token of a link, as they were read.</summary>
internal sealed record ReadToken(MemberName Member, string Token, Instant? Time)
{
    public static ReadToken Read(JsonFields fields)
    {
        var read = new ReadToken(MemberName.Read(fields), fields.Identifier("token", CouponCode.LengthMax), fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return read;
    }
}

/// <summary>The doors of coupons that are shared by a link.</summary>
internal static class CouponSharesModule
{
    private const string ReadShareRow = """
        SELECT member_id AS Member, reference AS Reference, coupon_ids AS Coupons, end_time AS EndTime, shared_at AS SharedAt, revoked_at AS RevokedAt
        FROM coupon_shares WHERE tenant_id = @Tenant AND member_id = @Member AND id = @Id
        """;

    private sealed class Row
    {
        public long Member { get; init; }

        public required string Reference { get; init; }

        public required string Coupons { get; init; }

        public long EndTime { get; init; }

        public long SharedAt { get; init; }

        public long? RevokedAt { get; init; }
    }

    public static void MapCouponShares(this IEndpointRouteBuilder routes)
    {
        Write<ShareCouponsBody, CouponShareReply>(routes.MapPost("/api/coupons/share", ShareAsync), "Makes a link by which other members get coupons of a member.");
        Write<ShareTokenBody, CouponsReply>(routes.MapPost("/api/coupons/share/claim", ClaimAsync), "A member comes by a link and gets one of its coupons.");
        Write<ShareTokenBody, CouponShareReply>(routes.MapPost("/api/coupons/share/revoke", RevokeAsync), "Ends a link; what was given stays given.");
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

    private static async Task ShareAsync(HttpContext context, LaneSet lanes, MemberBooks books, PersonalDataVault vault, Database database)
    {
        if (await WriteRequests.ReadAsync(context, ReadShare.Read) is not { } request)
        {
            return;
        }

        var (tenant, body) = (request.Actor.Tenant, request.Body);
        var token = TokenOf(vault, tenant, body.Reference);
        var command = new ShareCoupons(tenant, body.Member.In(tenant), new ShareRequest(body.Coupons, body.EndTime, body.Reference, token), books)
        {
            Time = body.Time,
            Idempotency = request.Idempotency,
        };
        var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
        await AnswerAsync(context, outcome, earlier => FindAsync(database, tenant, earlier.RootId, token, context.RequestAborted), token);
    }

    private static async Task RevokeAsync(HttpContext context, LaneSet lanes, MemberBooks books, Database database)
    {
        if (await WriteRequests.ReadAsync(context, ReadToken.Read) is { } request)
        {
            var (tenant, body) = (request.Actor.Tenant, request.Body);
            var command = new RevokeShare(tenant, body.Member.In(tenant), body.Token, books) { Time = body.Time, Idempotency = request.Idempotency };
            var outcome = await lanes.SubmitAsync(command, context.RequestAborted);
            await AnswerAsync(context, outcome, earlier => FindAsync(database, tenant, earlier.RootId, body.Token, context.RequestAborted), null);
        }
    }

    private static async Task ClaimAsync(HttpContext context, LaneSet lanes, MemberBooks books, CouponQueries queries, RateLimitGate limits)
    {
        if (await WriteRequests.ReadAsync(context, ReadToken.Read) is { } request)
        {
            var (tenant, body) = (request.Actor.Tenant, request.Body);
            var member = body.Member.In(tenant);
            var command = new ClaimShared(tenant, member, body.Token, books) { Time = body.Time, Idempotency = request.Idempotency };
            await limits.RunUnderAsync(
                context, RateLimits.Codes, member.SubjectIn(tenant), async _ => await CouponsModule.SubmitAsync(context, lanes, command, ReadEarlierAsync));

            Task<CouponsReply> ReadEarlierAsync(NaturalKey earlier) => queries.ReadAsync(tenant, earlier, [earlier.FirstId], context.RequestAborted);
        }
    }

    /// <summary>The token of a link: 80 bits that nobody can guess who does not have the keys, and the same for the same name, so that it need not
    /// be stored to be told again.</summary>
    private static string TokenOf(PersonalDataVault vault, TenantId tenant, string reference) =>
        CouponCode.Make(vault.BlindIndex(tenant, "coupon-share", reference).ToBytes(), 0);

    /// <summary>Answers with the link and, to its maker, the token: no reply that is kept holds it.</summary>
    private static async Task AnswerAsync(HttpContext context, Outcome outcome, Func<NaturalKey, Task<CouponShareReply>> readEarlier, string? token)
    {
        WriteResponse.TellVersion(context, outcome);
        var type = Programmes.ProgrammeDocument.TypeOf<CouponShareReply>();
        switch (outcome)
        {
            case Outcome.Applied { Reply: CouponShareReply made }:
                await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, made with { Token = token }, type);
                break;
            case Outcome.Duplicate { Earlier: var earlier }:
                await WriteResponse.WriteDuplicateAsync(context, StatusCodes.Status200OK, await readEarlier(earlier) with { Token = token }, type);
                break;
            case Outcome.Replayed { Reply: { Applied: true } reply }:
                var kept = System.Text.Json.JsonSerializer.Deserialize(reply.Body, type)!;
                await WriteResponse.WriteDuplicateAsync(context, StatusCodes.Status200OK, kept with { Token = token }, type);
                break;
            default:
                await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, type);
                break;
        }
    }

    private static async Task<CouponShareReply> FindAsync(Database database, TenantId tenant, long owner, string token, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("coupons.share");
        var arguments = new { Tenant = tenant.Value, Member = owner, Id = CouponShare.IdOf(tenant, token) };
        var row = await session.Connection.QuerySingleAsync<Row>(new CommandDefinition(ReadShareRow, arguments, cancellationToken: cancellationToken));
        return CouponShareReply.Of(row.Member, new CouponShare
        {
            Id = arguments.Id,
            Reference = row.Reference,
            Coupons = CouponShare.CouponsOf(row.Coupons),
            EndTime = new Instant(row.EndTime),
            SharedAt = new Instant(row.SharedAt),
            RevokedAt = row.RevokedAt is { } revoked ? new Instant(revoked) : null,
        });
    }
}
