using System.Collections.Immutable;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Benefits;
using Laurel.Membership.Coupons;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Checkouts;

/// <summary>What the steps of a checkout have in common: they find it, with its points, its coupons and its uses of benefits.</summary>
/// <remarks>Refusals that all of them begin with: TIME_IN_FUTURE, CHECKOUT_NOT_FOUND.</remarks>
public abstract class ChangeCheckout(TenantId tenant, string checkoutId, MemberBooks books)
    : MemberCommand(tenant, MemberReference.ByHandle(Checkout.HandleOf(tenant, checkoutId), "CHECKOUT_NOT_FOUND"), books)
{
    protected string CheckoutId { get; } = checkoutId;

    protected override bool NeedsActiveMember => false;

    public override (byte[] Body, long RootId) Freeze(object reply) => (ProgrammeDocument.WriteBytes(reply), 0);

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan)
    {
        if (HasCheckout(book, plan))
        {
            HasParts(book, book.Checkouts.Find(CheckoutId)!, time, plan);
        }
    }

    private protected sealed override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (!HasCheckout(book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        if (book.Checkouts.Find(CheckoutId) is not { } checkout)
        {
            return Refuse("CHECKOUT_NOT_FOUND");
        }

        return HasParts(book, checkout, posting.Time, plan) ? Take(posting, checkout, plan) : Decision.NeedMore.Instance;
    }

    /// <summary>Takes the step.</summary>
    private protected abstract Decision Take(Posting posting, Checkout checkout, LoadPlan plan);

    /// <summary>Asks for what the step needs beside the checkout.</summary>
    private protected virtual bool HasParts(MemberBook book, Checkout checkout, Instant time, LoadPlan plan) =>
        HasHold(book, checkout, plan) & CouponDesk.Has(Books, book, checkout.Price.CouponIds(), plan)
        & Books.Benefits.HasUsesOf(book, CheckoutId, checkout.Price.BenefitsUsed(), plan);

    /// <summary>The refusal of a checkout that is not waiting for its payment; null where it is.</summary>
    /// <remarks>What was reserved may be free already though this step says an earlier time: others came later and were here first.</remarks>
    private protected static Decision? NotReserved(Posting posting, Checkout checkout)
    {
        var (book, state) = (posting.Book, checkout.StateAt(posting.Time));
        if (state != CheckoutState.Reserved)
        {
            return InState(state);
        }

        var isWhole = (checkout.HoldId is not { } hold || book.Points.Holds.Find(hold)!.Status == HoldStatus.Open)
            && checkout.Price.CouponIds().All(id => book.Coupons.All.Find(id) is { State: CouponState.Locked } coupon && coupon.OrderId == checkout.OrderId)
            && BenefitDesk.IsHeld(book, checkout);
        return isWhole ? null : InState(CheckoutState.Expired);
    }

    private protected static Decision InState(CheckoutState state) => Refuse("CHECKOUT_STATE", ("state", CheckoutNames.Of(state)));

    /// <summary>Stores the checkout as it is after the step, and answers with it.</summary>
    private protected static Decision Become(Posting posting, Checkout after)
    {
        posting.Book.Checkouts.Set(after.CheckoutId, after);
        return new Decision.Apply(CheckoutReply.Of(posting.Book.Identity.Id, after, posting.Time), posting.Book.Identity.Id.Value, posting.FirstId, posting.LastId);
    }

    private bool HasCheckout(MemberBook book, LoadPlan plan)
    {
        if (book.Checkouts.IsKnown(CheckoutId))
        {
            return true;
        }

        plan.Need(Books.Checkouts, new CheckoutStatements.CheckoutKey(book.Identity.Tenant.Value, book.Identity.Id.Value, CheckoutId));
        return false;
    }

    private bool HasHold(MemberBook book, Checkout checkout, LoadPlan plan)
    {
        if (checkout is not { State: CheckoutState.Reserved, HoldId: { } hold })
        {
            return true;
        }

        if (book.Points.Holds.Find(hold) is null)
        {
            plan.Need(Books.Holds, MemberBooks.KeyOf(book, hold));
            return false;
        }

        return Books.HasPins(book, plan);
    }
}

/// <summary>The order was paid: the points are spent, the coupons and the benefits used, as the price said.</summary>
/// <remarks>Refusals beside the common ones: CHECKOUT_STATE.</remarks>
public sealed class ConfirmCheckout(TenantId tenant, string checkoutId, MemberBooks books) : ChangeCheckout(tenant, checkoutId, books)
{
    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(new Claim(Hash128.Of(Tenant.Value, "checkout-confirm", CheckoutId), default));

    protected override Cause CauseOf() => new("Checkout confirmed", ReserveCheckout.ReferenceType, CheckoutId);

    private protected override Decision Take(Posting posting, Checkout checkout, LoadPlan plan)
    {
        if (NotReserved(posting, checkout) is { } refusal)
        {
            return refusal;
        }

        var (spend, spent) = checkout.HoldId is { } hold ? Spend(posting, hold, checkout.Points) : (null, []);
        var desk = new CouponDesk(posting, CheckoutId, null);
        foreach (var reduction in checkout.Price.Applied.Where(reduction => reduction.CouponId is not null))
        {
            var coupon = desk.Find(reduction.CouponNumber)!;
            desk.Take(coupon, coupon with { State = CouponState.Used, Discount = reduction.Amount, LockedUntil = Instant.Never }, CouponNames.Use);
        }

        new BenefitDesk(posting).Use(checkout);
        var after = checkout with { State = CheckoutState.Confirmed, EndedAt = posting.Time, SpendId = spend, Spent = spent };
        posting.Raise(CheckoutEvents.Confirmed, new CheckoutStep(posting.Book.Identity.Id.Value, after));
        return Become(posting, after);
    }

    private (long? Entry, ImmutableArray<SpentPoints> Spent) Spend(Posting posting, long hold, long points)
    {
        var (takes, end) = posting.Book.Points.Capture(hold, points, posting.Time);
        var entry = posting.Take(points, EntryNames.Spend, EntryNames.RuleCapture, takes, new TakeTerms { RelatedId = hold, BalanceAfter = end.BalanceAfter });
        posting.WriteHoldChanges(hold, "capture", takes, CheckoutId);
        return (entry, [.. takes.Select(take => new SpentPoints(take.Points, posting.Book.Points.FindLot(take.LotId)!.ExpiresAt))]);
    }
}

/// <summary>The order is given up before it was paid: the points, the coupons and the uses are free again.</summary>
/// <remarks>A checkout that was not paid in time is free already. Refusals beside the common ones: CHECKOUT_STATE.</remarks>
public sealed class CancelCheckout(TenantId tenant, string checkoutId, MemberBooks books) : ChangeCheckout(tenant, checkoutId, books)
{
    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(new Claim(Hash128.Of(Tenant.Value, "checkout-cancel", CheckoutId), default));

    protected override Cause CauseOf() => new("Checkout cancelled", ReserveCheckout.ReferenceType, CheckoutId);

    private protected override Decision Take(Posting posting, Checkout checkout, LoadPlan plan)
    {
        if (NotReserved(posting, checkout) is { } refusal)
        {
            return refusal;
        }

        if (checkout.HoldId is { } hold)
        {
            var end = posting.Book.Points.Release(hold, checkout.Points, posting.Time);
            posting.WriteHoldChanges(hold, "release", end.Freed, CheckoutId);
            posting.WriteLapsed(end);
        }

        var desk = new CouponDesk(posting, CheckoutId, null);
        foreach (var id in checkout.Price.CouponIds())
        {
            var coupon = desk.Find(id)!;
            desk.Take(coupon, coupon.Freed(), CouponNames.Release);
            desk.Find(id, posting.Time);
        }

        new BenefitDesk(posting).GiveBack(checkout);
        var after = checkout with { State = CheckoutState.Cancelled, EndedAt = posting.Time };
        posting.Raise(CheckoutEvents.Cancelled, new CheckoutStep(posting.Book.Identity.Id.Value, after));
        return Become(posting, after);
    }
}
