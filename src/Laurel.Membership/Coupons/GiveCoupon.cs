using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Coupons;

/// <summary>What a caller says when a coupon goes from one member to another.</summary>
public sealed record CouponGift(long Coupon, string Reference);

/// <summary>Gives a coupon of one member to another, who has it with the same terms and the same end. The stock does not change.</summary>
/// <remarks>Both rows are locked in one order with the whole batch. Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND,
/// MEMBER_INACTIVE, TRANSFER_TO_SELF, MEMBER_MERGED, COUPON_NOT_FOUND, COUPON_LOCKED, COUPON_USED, COUPON_EXPIRED, COUPON_GONE,
/// COUPON_NOT_TRANSFERABLE.</remarks>
public sealed class GiveCoupon(TenantId tenant, MemberReference from, MemberReference to, CouponGift gift, MemberBooks books) : MemberCommand(tenant, from, books)
{
    public override void NameHandles(HandleResolution handles)
    {
        base.NameHandles(handles);
        to.Name(handles);
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        if (to.Resolve(handles) is { } id)
        {
            Books.NameMember(Tenant, id, roots);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) => claims.Add(new Claim(
        Hash128.Of(Tenant.Value, "coupon-gift", gift.Reference),
        Hash128.Of(Tenant.Value, "coupon-gift", $"{Member.Resolve(handles)}|{to.Resolve(handles)}|{gift.Coupon}|{Time?.UnixMicroseconds}")));

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => CouponDesk.Has(Books, book, [gift.Coupon], plan);

    protected override Cause CauseOf() => new("Coupon given", "coupon", gift.Reference);

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var draft = posting.Draft;
        if (to.Resolve(draft.Handles) is not { } toId || draft.Edit<MemberBook>(Books.Members.RootOf(Tenant, toId)) is not { } receiver)
        {
            return Refuse(to.NotFound);
        }

        if (ReferenceEquals(receiver, posting.Book))
        {
            return Refuse("TRANSFER_TO_SELF");
        }

        if (receiver.IsMerged)
        {
            return new Decision.Refuse(MergeMembers.Gone(receiver, "/to"));
        }

        if (receiver.Status != MemberStatus.Active)
        {
            return Refuse("MEMBER_INACTIVE", ("status", MemberKind.NameOf(receiver.Status)));
        }

        if (!CouponDesk.Has(Books, posting.Book, [gift.Coupon], plan) | !Books.HasDue(receiver, posting.Time, plan, posting.Programme))
        {
            return Decision.NeedMore.Instance;
        }

        var desk = new CouponDesk(posting, gift.Reference, null);
        if (desk.Find(gift.Coupon) is not { } coupon)
        {
            return new Decision.Refuse(ChangeCoupons.NotFound(gift.Coupon));
        }

        if (coupon.State != CouponState.Claimed && ChangeCoupons.NotFree(coupon, posting.Time) is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        if (!coupon.Terms.Transferable)
        {
            return Refuse("COUPON_NOT_TRANSFERABLE", ("coupon", gift.Coupon.ToString(CultureInfo.InvariantCulture)));
        }

        var incoming = new Posting(draft, receiver, posting.Programme, posting.Time, CauseOf());
        incoming.Settle();
        var (giver, other) = (posting.Book.Identity.Id.Value, new CouponDesk(incoming, gift.Reference, null));
        var received = other.Add(
            id => coupon with { Id = id, Origin = CouponOrigin.Gift, ClaimedAt = posting.Time, OtherMember = giver, OtherCoupon = coupon.Id },
            CouponNames.Receive);
        desk.Take(coupon, coupon with { State = CouponState.Given, OtherMember = toId.Value, OtherCoupon = received.Id }, CouponNames.Give);
        return new Decision.Apply(ReplyOf(giver, toId.Value, received), giver, desk.FirstId, desk.FirstId);
    }

    public override (byte[] Body, long RootId) Freeze(object reply) => (ProgrammeDocument.WriteBytes(reply), 0);

    internal static CouponGiftReply ReplyOf(long from, long to, Coupon received) => new()
    {
        From = from.ToString(CultureInfo.InvariantCulture),
        To = to.ToString(CultureInfo.InvariantCulture),
        Coupon = CouponReply.Of(received),
    };
}
