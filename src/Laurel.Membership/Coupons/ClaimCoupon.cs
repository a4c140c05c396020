using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Coupons;

/// <summary>A coupon that a member takes, or is given by an operator.</summary>
public sealed record ClaimRequest
{
    /// <summary>The code of the template.</summary>
    public required string Template { get; init; }

    /// <summary>Names this coupon of the template once and for all.</summary>
    public required string Reference { get; init; }

    /// <summary><see cref="CouponOrigin.Claim"/> or <see cref="CouponOrigin.Issue"/>.</summary>
    public required CouponOrigin Origin { get; init; }

    /// <summary>Of an issue: leaves out everything but the stock, the end of the validity and whether the template is active.</summary>
    public bool Force { get; init; }

    /// <summary>Of an issue: why, in the operator's words.</summary>
    public string? Reason { get; init; }
}

/// <summary>Makes a coupon of a template for a member.</summary>
/// <remarks>Keeps I15: the stock is counted under its own lock, what the member has of the template under the member's. Refusals, first
/// match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, MEMBER_INACTIVE, COUPON_TEMPLATE_NOT_FOUND, COUPON_NOT_CLAIMABLE, COUPON_EXPIRED,
/// COUPON_LIMIT_REACHED, COUPON_SOLD_OUT.</remarks>
public sealed class ClaimCoupon(TenantId tenant, MemberReference member, ClaimRequest request, MemberBooks books) : MemberCommand(tenant, member, books)
{
    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);

        // Only for templates that there are: locking a counter makes its row.
        if (Books.Programmes.Latest(Tenant)?.Programme.FindCoupon(request.Template) is not null)
        {
            roots.Add(Books.CouponStocks.RootOf(Tenant, request.Template));
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) => claims.Add(new Claim(
        Hash128.Of(Tenant.Value, "coupon-claim", request.Template, request.Reference),
        Hash128.Of(Tenant.Value, "coupon-claim", $"{Member.Resolve(handles)}|{request.Origin}|{request.Force}|{Time?.UnixMicroseconds}", request.Reason ?? "")));

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => CouponDesk.HasCount(Books, book, request.Template, plan);

    protected override Cause CauseOf() => new("Coupon claimed", "coupon", request.Reference);

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        var programme = posting.Programme;
        if (programme.Programme.FindCoupon(request.Template) is not { } template)
        {
            return Refuse("COUPON_TEMPLATE_NOT_FOUND", ("template", request.Template));
        }

        if (posting.Draft.Edit<CouponStock>(Books.CouponStocks.RootOf(Tenant, template.Code)) is not { } stock)
        {
            return Decision.NeedRoots.Instance;
        }

        if (!CouponDesk.HasCount(Books, book, template.Code, plan))
        {
            return Decision.NeedMore.Instance;
        }

        if (Why(template, posting) is { } reason)
        {
            // What has not begun begins by itself.
            return new Decision.Refuse(new Refusal("COUPON_NOT_CLAIMABLE", ("template", template.Code), ("reason", reason)) { Definitive = reason != "notYet" });
        }

        if (Ended(template, posting) is { } ended)
        {
            return new Decision.Refuse(ended);
        }

        if (!request.Force && CouponDesk.GotOf(book, template.Code) >= template.PerMember)
        {
            return Refuse("COUPON_LIMIT_REACHED", ("template", template.Code), ("perMember", template.PerMember));
        }

        if (stock.Issued >= template.Stock)
        {
            return Refuse("COUPON_SOLD_OUT", ("template", template.Code), ("stock", template.Stock));
        }

        stock.Issue(1);
        var kind = request.Origin == CouponOrigin.Claim ? CouponNames.Claim : CouponNames.Issue;
        var coupon = new CouponDesk(posting, request.Reference, request.Reason).Make(template, request.Origin, kind);
        return new Decision.Apply(CouponsReply.Of(book, [coupon]), book.Identity.Id.Value, coupon.Id, coupon.Id);
    }

    /// <summary>Why this member gets none of the template, or nobody does; null where nothing is against it.</summary>
    internal static string? NotFor(CouponTemplate template, Posting posting)
    {
        if (!template.Active)
        {
            return "inactive";
        }

        if (!template.Members.Levels.IsEmpty && !template.Members.Levels.Contains(posting.Book.LevelCode))
        {
            return "level";
        }

        var calendar = posting.Programme.Calendar;
        var days = calendar.DayOf(posting.Time).DayNumber - calendar.DayOf(posting.Book.Identity.RegisteredAt).DayNumber;
        return template.Members.NewWithinDays is { } most && days > most ? "notNew" : null;
    }

    /// <summary>Why a coupon made now would be worth nothing; null where it can be used some time.</summary>
    internal static Refusal? Ended(CouponTemplate template, Posting posting)
    {
        var until = template.Validity.SpanFor(posting.Time, posting.Programme.Calendar).Until;
        return until <= posting.Time ? new Refusal("COUPON_EXPIRED", ("coupon", template.Code), ("expiresAt", until.ToString())) : null;
    }

    public override (byte[] Body, long RootId) Freeze(object reply) => (ProgrammeDocument.WriteBytes(reply), 0);

    /// <summary>Why the member cannot have it now in this way; null where nothing is against it.</summary>
    private string? Why(CouponTemplate template, Posting posting)
    {
        if (request.Force)
        {
            return template.Active ? null : "inactive";
        }

        if (request.Origin == CouponOrigin.Claim && !template.Claimable)
        {
            return "issuedOnly";
        }

        if (template.Claim?.From is { } from && posting.Time < Instant.From(from))
        {
            return "notYet";
        }

        return template.Claim?.Until is { } until && posting.Time >= Instant.From(until) ? "over" : NotFor(template, posting);
    }
}
