using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Coupons;

/// <summary>Makes the coupon of a code for the member who has it. Its place in the stock was taken when its batch was made.</summary>
/// <remarks>The code names the act: once redeemed, it is a repetition for the same member and refused for any other. Refusals, first match
/// wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, MEMBER_INACTIVE, COUPON_CODE_NOT_FOUND, COUPON_CODE_USED, COUPON_TEMPLATE_NOT_FOUND,
/// COUPON_NOT_CLAIMABLE, COUPON_EXPIRED, COUPON_LIMIT_REACHED.</remarks>
public sealed class RedeemCode(TenantId tenant, MemberReference member, string code, MemberBooks books) : MemberCommand(tenant, member, books)
{
    private readonly CodeKey _key = CouponCode.KeyOf(tenant, code);

    private RootRef Root => Books.CouponCodes.RootOf(Tenant, _key);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        roots.Add(Root);
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) => claims.Add(new Claim(
        Hash128.Of(Tenant.Value, "coupon-redeem", $"{_key.Id:x}{_key.Check:x}"),
        Hash128.Of(Tenant.Value, "coupon-redeem", $"{Member.Resolve(handles)}"),
        "COUPON_CODE_USED"));

    public override (byte[] Body, long RootId) Freeze(object reply) => (ProgrammeDocument.WriteBytes(reply), 0);

    protected override Cause CauseOf() => new("Coupon redeemed", "coupon", _key.LastFour);

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (posting.Draft.Edit<StoredCode>(Root) is not { } stored || stored.Key != _key)
        {
            return Refuse("COUPON_CODE_NOT_FOUND");
        }

        if (stored.Coupon is not null)
        {
            return Refuse("COUPON_CODE_USED");
        }

        if (posting.Programme.Programme.FindCoupon(stored.Template) is not { } template)
        {
            return Refuse("COUPON_TEMPLATE_NOT_FOUND", ("template", stored.Template));
        }

        if (!CouponDesk.HasCount(Books, book, template.Code, plan))
        {
            return Decision.NeedMore.Instance;
        }

        if (ClaimCoupon.NotFor(template, posting) is { } reason)
        {
            return Refuse("COUPON_NOT_CLAIMABLE", ("template", template.Code), ("reason", reason));
        }

        if (ClaimCoupon.Ended(template, posting) is { } ended)
        {
            return new Decision.Refuse(ended);
        }

        if (CouponDesk.GotOf(book, template.Code) >= template.PerMember)
        {
            return Refuse("COUPON_LIMIT_REACHED", ("template", template.Code), ("perMember", template.PerMember));
        }

        var coupon = new CouponDesk(posting, _key.LastFour, null).Make(template, CouponOrigin.Code, CouponNames.Redeem);
        (stored.Member, stored.Coupon) = (book.Identity.Id.Value, coupon.Id);
        return new Decision.Apply(CouponsReply.Of(book, [coupon]), book.Identity.Id.Value, coupon.Id, coupon.Id);
    }
}
