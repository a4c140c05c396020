using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Events;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Coupons;

/// <summary>A step of a coupon, as its event tells it.</summary>
/// <param name="After">The coupon after the step.</param>
internal sealed record CouponStep(long Member, CouponChange Change, Coupon After);

/// <summary>Changes the coupons of one member for one command: each step is written, and told by an event.</summary>
internal sealed class CouponDesk(Posting posting, string reference, string? reason)
{
    /// <summary>The id of the first step that the caller asked for; 0 while there is none.</summary>
    public long FirstId { get; private set; }

    public Instant Time => posting.Time;

    private MemberBook Book => posting.Book;

    /// <summary>Asks for coupons by their ids.</summary>
    /// <returns>Whether it is known of all of them what they are.</returns>
    public static bool Has(MemberBooks books, MemberBook book, IEnumerable<long> ids, LoadPlan plan)
    {
        var all = true;
        foreach (var id in ids)
        {
            if (!book.Coupons.All.IsKnown(id))
            {
                plan.Need(books.Coupons, new CouponStatements.CouponKey(book.Identity.Tenant.Value, book.Identity.Id.Value, id));
                all = false;
            }
        }

        return all;
    }

    /// <summary>Asks for the coupons of an order.</summary>
    public static bool HasOrder(MemberBooks books, MemberBook book, string orderId, LoadPlan plan)
    {
        if (book.Coupons.Orders.IsKnown(orderId))
        {
            return true;
        }

        plan.Need(books.CouponOrders, new CouponStatements.OrderKey(book.Identity.Tenant.Value, book.Identity.Id.Value, orderId));
        return false;
    }

    /// <summary>Asks how many coupons of a template the member got.</summary>
    public static bool HasCount(MemberBooks books, MemberBook book, string template, LoadPlan plan)
    {
        var isKnown = book.MergedInto is null || books.HasLimit(book, GotElsewhere(template), plan);
        if (book.Coupons.Counts.Find(template) is not null)
        {
            return isKnown;
        }

        plan.Need(books.CouponCounts, new CouponStatements.TemplateKey(book.Identity.Tenant.Value, book.Identity.Id.Value, template));
        return false;
    }

    /// <summary>How many coupons of a template the member got, those of members who went into this one among them.</summary>
    public static long GotOf(MemberBook book, string template) =>
        book.Coupons.Counts.Find(template)!.Got + (book.Limits.Find(GotElsewhere(template))?.Used ?? 0);

    private static LimitKey GotElsewhere(string template) => new(MoveKinds.CouponsGot + template, 0);

    /// <summary>Makes a coupon of a template, and counts it for the member.</summary>
    public Coupon Make(CouponTemplate template, CouponOrigin origin, string kind)
    {
        var count = Book.Coupons.Counts.Find(template.Code)!;
        Book.Coupons.Counts.Set(template.Code, count with { Got = count.Got + 1 });
        var (from, until) = template.Validity.SpanFor(Time, posting.Programme.Calendar);
        return Add(
            id => new Coupon
            {
                Id = id,
                Template = template.Code,
                TermsText = ProgrammeDocument.Write(template.Terms),
                State = CouponState.Claimed,
                Origin = origin,
                ValidFrom = from,
                ExpiresAt = until,
                ClaimedAt = Time,
            },
            kind);
    }

    /// <summary>The coupon as it stands at the time of the command: a lock or a coupon that has come to its end by then is ended first.</summary>
    /// <param name="freeSince">Where it has just become free: its own end comes no earlier.</param>
    /// <returns>Null when the member has no such coupon.</returns>
    public Coupon? Find(long id, Instant? freeSince = null)
    {
        if (Book.Coupons.All.Find(id) is not { } coupon)
        {
            return null;
        }

        // A lock keeps a coupon beyond its end, which then comes with the end of the lock.
        var freeFrom = freeSince ?? coupon.ExpiresAt;
        if (coupon.State == CouponState.Locked && coupon.LockedUntil <= Time)
        {
            freeFrom = coupon.LockedUntil;
            coupon = Step(coupon, coupon.Freed(), CouponNames.Release, coupon.LockedUntil, isAsked: false);
        }

        if (coupon.State == CouponState.Claimed && coupon.ExpiresAt <= Time)
        {
            coupon = Step(coupon, coupon with { State = CouponState.Expired }, CouponNames.Expire, Instant.Max(coupon.ExpiresAt, freeFrom), isAsked: false);
        }

        return coupon;
    }

    /// <summary>Takes a step that the caller asked for, at the time of the command.</summary>
    public Coupon Take(Coupon before, Coupon after, string kind) => Step(before, after, kind, Time, isAsked: true);

    /// <summary>Puts a new coupon into the member's pocket. Its id is that of the step.</summary>
    public Coupon Add(Func<long, Coupon> make, string kind)
    {
        var id = posting.DrawId();
        var coupon = make(id);
        Write(id, coupon, coupon, kind, Time, isAsked: true);
        return coupon;
    }

    private Coupon Step(Coupon before, Coupon after, string kind, Instant at, bool isAsked)
    {
        Write(posting.DrawId(), before, after, kind, at, isAsked);
        return after;
    }

    private void Write(long id, Coupon before, Coupon after, string kind, Instant at, bool isAsked)
    {
        var identity = Book.Identity;
        Book.Coupons.All.Set(after.Id, after);
        var change = new CouponChange(identity.Tenant.Value, identity.Id.Value, id, after.Id, kind)
        {
            OrderId = after.OrderId ?? before.OrderId,
            Discount = kind == CouponNames.Use ? after.Discount : null,
            Reference = isAsked ? reference : "",
            Reason = isAsked ? reason : null,
            OccurredAt = at,
            RecordedAt = posting.Draft.Now,
        };
        posting.Draft.Insert(CouponStatements.InsertChanges, change);
        var step = new CouponStep(identity.Id.Value, change, after);
        posting.Draft.Raise(MemberEvents.Of(step), new EventSubject(identity.Tenant, identity.Id.Value, id, at), step);
        if (isAsked && FirstId == 0)
        {
            FirstId = id;
        }
    }
}
