using System.Collections.Immutable;
using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Coupons;

/// <summary>A coupon that a call names.</summary>
/// <param name="Discount">Of a use: what the order gets for it, in minor units; otherwise null.</param>
public readonly record struct CouponPick(long Id, long? Discount);

/// <summary>What a caller says about coupons that a member has.</summary>
public sealed record CouponsRequest
{
    /// <summary>Coupons of one call at the most.</summary>
    public const int CouponsMax = 20;

    /// <summary>In the order of the call, none of them twice.</summary>
    public required ImmutableArray<CouponPick> Coupons { get; init; }

    /// <summary>The order they are for; empty for a revocation.</summary>
    public required string OrderId { get; init; }

    /// <summary>Names this step once and for all.</summary>
    public required string Reference { get; init; }

    /// <summary>Of a lock: when it ends by itself; null is half an hour after its time.</summary>
    public Instant? Until { get; init; }

    /// <summary>Of a revocation: why, in the operator's words.</summary>
    public string? Reason { get; init; }

    internal Claim ClaimAs(TenantId tenant, string kind, MemberId? member, Instant? time) => new(
        Hash128.Of(tenant.Value, kind, Reference),
        Hash128.Of(
            tenant.Value,
            kind,
            $"{member}|{Until?.UnixMicroseconds}|{time?.UnixMicroseconds}|{string.Join(',', Coupons.Select(pick => $"{pick.Id}:{pick.Discount}"))}",
            $"{OrderId}|{Reason}"));
}

/// <summary>What the steps of coupons have in common: all coupons of a call take the step, or none does.</summary>
/// <remarks>Refusals that all of them begin with: TIME_IN_FUTURE, MEMBER_NOT_FOUND, MEMBER_INACTIVE, COUPON_NOT_FOUND.</remarks>
public abstract class ChangeCoupons(TenantId tenant, MemberReference member, CouponsRequest request, MemberBooks books) : MemberCommand(tenant, member, books)
{
    /// <summary>The scope of its natural keys.</summary>
    protected abstract string Scope { get; }

    protected CouponsRequest Request { get; } = request;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(Request.ClaimAs(Tenant, Scope, Member.Resolve(handles), Time));

    public override (byte[] Body, long RootId) Freeze(object reply) => (ProgrammeDocument.WriteBytes(reply), 0);

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => HasAll(book, plan);

    protected override Cause CauseOf() => new("Coupon changed", "coupon", Request.Reference);

    private protected sealed override Decision Act(Posting posting, LoadPlan plan)
    {
        if (!HasAll(posting.Book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var desk = new CouponDesk(posting, Request.Reference, Request.Reason);
        var after = new List<Coupon>(Request.Coupons.Length);
        foreach (var pick in Request.Coupons)
        {
            if (desk.Find(pick.Id) is not { } coupon)
            {
                return new Decision.Refuse(NotFound(pick.Id));
            }

            if (Why(desk, posting.Book, coupon, pick) is { } refusal)
            {
                return new Decision.Refuse(refusal);
            }

            after.Add(Change(desk, coupon, pick));
        }

        return new Decision.Apply(CouponsReply.Of(posting.Book, after), posting.Book.Identity.Id.Value, desk.FirstId, desk.FirstId);
    }

    /// <summary>Why the coupon cannot take the step; null where nothing is against it.</summary>
    private protected abstract Refusal? Why(CouponDesk desk, MemberBook book, Coupon coupon, CouponPick pick);

    /// <summary>Takes the step.</summary>
    private protected abstract Coupon Change(CouponDesk desk, Coupon coupon, CouponPick pick);

    /// <summary>Whether the order's other coupons matter.</summary>
    private protected virtual bool LooksAtOrder => false;

    internal static Refusal NotFound(long coupon) => new("COUPON_NOT_FOUND", ("coupon", coupon.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Why a coupon that is not free is not: what state it is in.</summary>
    internal static Refusal? NotFree(Coupon coupon, Instant time)
    {
        var id = ("coupon", (object?)coupon.Id.ToString(CultureInfo.InvariantCulture));
        return coupon.State switch
        {
            CouponState.Claimed when time < coupon.ValidFrom =>
                new Refusal("COUPON_NOT_YET_VALID", id, ("validFrom", coupon.ValidFrom.ToString())) { Definitive = false },
            CouponState.Claimed => null,
            CouponState.Locked =>
                new Refusal("COUPON_LOCKED", id, ("orderId", coupon.OrderId), ("until", coupon.LockedUntil.ToString())) { Definitive = false },
            CouponState.Used => new Refusal("COUPON_USED", id, ("orderId", coupon.OrderId)),
            CouponState.Expired => new Refusal("COUPON_EXPIRED", id, ("expiresAt", coupon.ExpiresAt.ToString())),
            CouponState.Given or CouponState.Revoked => new Refusal("COUPON_GONE", id, ("state", CouponNames.Of(coupon.State))),
        };
    }

    /// <summary>Why an order cannot have the coupon beside those it has; null where nothing is against it.</summary>
    private protected Refusal? NotStackable(CouponDesk desk, MemberBook book, Coupon coupon)
    {
        foreach (var other in book.Coupons.All.Values)
        {
            var isHeld = other.State == CouponState.Used || (other.State == CouponState.Locked && other.LockedUntil > desk.Time);
            if (isHeld && other.Id != coupon.Id && other.OrderId == Request.OrderId && Excludes(coupon.Terms, other.Terms))
            {
                var (one, two) = (coupon.Id.ToString(CultureInfo.InvariantCulture), other.Id.ToString(CultureInfo.InvariantCulture));
                return new Refusal("COUPON_NOT_STACKABLE", ("coupon", one), ("other", two));
            }
        }

        return null;
    }

    private static bool Excludes(CouponTerms one, CouponTerms other) =>
        !one.Stackable || !other.Stackable || (one.Group is { } group && group == other.Group);

    private bool HasAll(MemberBook book, LoadPlan plan) =>
        CouponDesk.Has(Books, book, Request.Coupons.Select(pick => pick.Id), plan)
        & (!LooksAtOrder || CouponDesk.HasOrder(Books, book, Request.OrderId, plan));
}
