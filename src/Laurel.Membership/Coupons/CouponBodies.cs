using System.Collections.Immutable;
using System.Globalization;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Rules;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Coupons;

/// <summary>What <c>claim</c> asks for.</summary>
public record ClaimCouponBody
{
    /// <summary>Our id of the member; or give <c>externalId</c>.</summary>
    public string? MemberId { get; init; }

    /// <summary>The shop's id of the member; or give <c>memberId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>The code of the template.</summary>
    public required string Template { get; init; }

    /// <summary>With the template, names this coupon once and for all.</summary>
    public required string Reference { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What <c>issue</c> asks for.</summary>
public sealed record IssueCouponBody : ClaimCouponBody
{
    public required string Reason { get; init; }

    /// <summary>Leaves out limits and conditions but the stock; false when absent.</summary>
    public bool Force { get; init; }
}

/// <summary>What <c>lock</c>, <c>release</c> and <c>return</c> ask for.</summary>
public record CouponsOfOrderBody
{
    /// <summary>Our id of the member; or give <c>externalId</c>.</summary>
    public string? MemberId { get; init; }

    /// <summary>The shop's id of the member; or give <c>memberId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>1 to 20 ids.</summary>
    public required IReadOnlyList<string> CouponIds { get; init; }

    public required string OrderId { get; init; }

    /// <summary>Names this step once and for all.</summary>
    public required string Reference { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What <c>lock</c> asks for.</summary>
public sealed record LockCouponsBody : CouponsOfOrderBody
{
    /// <summary>When the lock ends by itself; 30 minutes after its time when absent, 7 days at the most.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>A coupon that is used, and what the order gets for it.</summary>
public sealed record CouponUseBody
{
    public required string CouponId { get; init; }

    /// <summary>Minor units, 0 or more.</summary>
    public required long Discount { get; init; }
}

/// <summary>What <c>use</c> asks for.</summary>
public sealed record UseCouponsBody
{
    /// <summary>Our id of the member; or give <c>externalId</c>.</summary>
    public string? MemberId { get; init; }

    /// <summary>The shop's id of the member; or give <c>memberId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>1 to 20.</summary>
    public required IReadOnlyList<CouponUseBody> Coupons { get; init; }

    public required string OrderId { get; init; }

    /// <summary>Names this step once and for all.</summary>
    public required string Reference { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What <c>revoke</c> asks for.</summary>
public sealed record RevokeCouponsBody
{
    /// <summary>Our id of the member; or give <c>externalId</c>.</summary>
    public string? MemberId { get; init; }

    /// <summary>The shop's id of the member; or give <c>memberId</c>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>1 to 20 ids.</summary>
    public required IReadOnlyList<string> CouponIds { get; init; }

    public required string Reason { get; init; }

    /// <summary>Names this step once and for all.</summary>
    public required string Reference { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What <c>gift</c> asks for.</summary>
public sealed record GiveCouponBody
{
    public required TransferSide From { get; init; }

    public required TransferSide To { get; init; }

    public required string CouponId { get; init; }

    /// <summary>Names this gift once and for all.</summary>
    public required string Reference { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>A claim or an issue as it was read.</summary>
internal sealed record ReadClaim(MemberName Member, ClaimRequest Request, Instant? Time)
{
    public static ReadClaim Claim(JsonFields fields) => Read(fields, CouponOrigin.Claim);

    public static ReadClaim Issue(JsonFields fields) => Read(fields, CouponOrigin.Issue);

    private static ReadClaim Read(JsonFields fields, CouponOrigin origin)
    {
        var isIssue = origin == CouponOrigin.Issue;
        var claim = new ReadClaim(
            MemberName.Read(fields),
            new ClaimRequest
            {
                Template = fields.Identifier("template", CouponTemplateBody.CodeLengthMax),
                Reference = fields.Identifier("reference", PointsLimits.ReferenceIdLengthMax),
                Origin = origin,
                Force = isIssue && fields.Flag("force", byDefault: false),
                Reason = isIssue ? fields.Text("reason", PointsLimits.ReasonLengthMax) : null,
            },
            fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return claim;
    }
}

/// <summary>A step of coupons as it was read.</summary>
internal sealed record ReadCoupons(MemberName Member, CouponsRequest Request, Instant? Time)
{
    public static ReadCoupons OfOrder(JsonFields fields) => Read(fields, ReadIds(fields), hasOrder: true, hasUntil: false, hasReason: false);

    public static ReadCoupons Lock(JsonFields fields) => Read(fields, ReadIds(fields), hasOrder: true, hasUntil: true, hasReason: false);

    public static ReadCoupons Revoke(JsonFields fields) => Read(fields, ReadIds(fields), hasOrder: false, hasUntil: false, hasReason: true);

    public static ReadCoupons Use(JsonFields fields)
    {
        var picks = fields.List("coupons", CouponsRequest.CouponsMax, ReadUse);
        return Read(fields, Checked(fields, "coupons", picks), hasOrder: true, hasUntil: false, hasReason: false);
    }

    /// <summary>The field <c>couponIds</c>: 1 to 20 ids, none of them twice.</summary>
    public static ImmutableArray<long> Ids(JsonFields fields) => [.. ReadIds(fields).Select(pick => pick.Id)];

    private static ReadCoupons Read(JsonFields fields, ImmutableArray<CouponPick> picks, bool hasOrder, bool hasUntil, bool hasReason)
    {
        var read = new ReadCoupons(
            MemberName.Read(fields),
            new CouponsRequest
            {
                Coupons = picks,
                OrderId = hasOrder ? fields.Identifier("orderId", PointsLimits.ReferenceIdLengthMax) : "",
                Reference = fields.Identifier("reference", PointsLimits.ReferenceIdLengthMax),
                Until = hasUntil ? fields.TimeOrNull("until") : null,
                Reason = hasReason ? fields.Text("reason", PointsLimits.ReasonLengthMax) : null,
            },
            fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return read;
    }

    private static CouponPick ReadUse(JsonFields fields)
    {
        // A coupon's id has the form of every id of ours.
        var pick = new CouponPick(fields.MemberId("couponId").Value, fields.Integer("discount", 0, RuleMistakes.AmountMax));
        fields.RefuseUnknown();
        return pick;
    }

    private static ImmutableArray<CouponPick> ReadIds(JsonFields fields)
    {
        var picks = new List<CouponPick>();
        foreach (var text in fields.TextsOrNull("couponIds", CouponsRequest.CouponsMax, 20) ?? [])
        {
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0)
            {
                picks.Add(new CouponPick(id, null));
            }
            else
            {
                fields.Fail("couponIds", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.MemberId));
            }
        }

        return Checked(fields, "couponIds", picks);
    }

    private static ImmutableArray<CouponPick> Checked(JsonFields fields, string name, IReadOnlyList<CouponPick> picks)
    {
        if (picks.Count == 0 && !fields.HasFaults)
        {
            fields.Fail(name, FieldErrorCode.Required);
        }

        if (picks.Select(pick => pick.Id).Distinct().Count() < picks.Count)
        {
            fields.Fail(name, FieldErrorCode.NotUnique, ("value", picks.GroupBy(pick => pick.Id).First(group => group.Count() > 1).Key));
        }

        return [.. picks];
    }
}

/// <summary>A gift as it was read.</summary>
internal sealed record ReadGift(MemberName From, MemberName To, CouponGift Gift, Instant? Time)
{
    public static ReadGift Read(JsonFields fields)
    {
        var gift = new ReadGift(
            Side(fields, "from"),
            Side(fields, "to"),
            new CouponGift(fields.MemberId("couponId").Value, fields.Identifier("reference", PointsLimits.ReferenceIdLengthMax)),
            fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return gift;
    }

    private static MemberName Side(JsonFields fields, string name)
    {
        if (fields.Object(name) is not { } side)
        {
            return default;
        }

        var member = MemberName.Read(side);
        side.RefuseUnknown();
        return member;
    }
}
