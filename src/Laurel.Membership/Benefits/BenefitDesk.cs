using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Checkouts;
using Laurel.Membership.Events;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Benefits;

/// <summary>Takes uses of benefits for checkouts of one member, for one command: held while it is not paid, used when it is, given back when it is not or
/// when all of it goes back.</summary>
/// <remarks>Keeps I17: what is held counts as what is used does, and its number is counted beside.</remarks>
internal sealed class BenefitDesk(Posting posting)
{
    private MemberBook Book => posting.Book;

    /// <summary>The uses of a member, among those that are here, whose checkout was not paid in time.</summary>
    public static IEnumerable<BenefitUse> OverAt(MemberBook book, Instant time) =>
        book.HasBenefits ? book.Benefits.Uses.Values.Where(use => use.HeldUntil <= time) : [];

    /// <summary>How much of a counter is used at a time: what is over counts no longer, though nobody has ended it yet.</summary>
    public static long UsedAt(MemberBook book, LimitKey key, Instant time) =>
        book.Limits.Find(key)!.Used - OverAt(book, time).Where(use => BenefitCounters.Of(use.Benefit, use.Day).Contains(key)).Sum(use => use.Quantity);

    /// <summary>Gives back what is held by checkouts that were not paid in time, as of their ends. Needs what <see cref="BenefitLoads.HasHeldUses"/>
    /// asks for.</summary>
    public void EndHeld()
    {
        foreach (var use in OverAt(Book, posting.Time).ToList())
        {
            GiveBack(use, use.HeldUntil!.Value);
        }
    }

    /// <summary>Holds a use of each benefit that a price takes one of.</summary>
    public void Hold(Checkout checkout)
    {
        var catalogue = posting.Programme.Benefits;
        var facts = catalogue.FactsOf(Book.LevelCode, posting.Time);
        foreach (var benefit in checkout.Price.BenefitsUsed())
        {
            var applied = checkout.Price.Applied.Where(one => one.Benefit == benefit).ToList();
            var use = new BenefitUse
            {
                BizNo = BenefitUse.NameOf(checkout.CheckoutId, benefit),
                Id = posting.DrawId(),
                Benefit = benefit,
                Quantity = 1,
                Source = catalogue.HoldingOf(catalogue.Find(benefit)!, facts, catalogue.GrantsOf(Book))!.Source,
                Day = facts.Day,
                ConsumedAt = posting.Time,
                DiscountAmount = applied.Where(one => one.By == Pricing.OfBenefit).Sum(one => one.Amount),
                FreeShipping = applied.Exists(one => one.By == Pricing.OfDelivery),
                OrderId = checkout.OrderId,
                CheckoutId = checkout.CheckoutId,
                HeldUntil = checkout.ExpiresAt,
            };
            Book.Benefits.Uses.Set(use.BizNo, use);
            ConsumeBenefit.Count(Book, use, use.Quantity);
            CountHeld(1);
        }
    }

    /// <summary>Whether everything that a checkout holds is still held.</summary>
    public static bool IsHeld(MemberBook book, Checkout checkout) => UsesOf(book, checkout).All(use => use?.HeldUntil is not null);

    /// <summary>The checkout was paid.</summary>
    public void Use(Checkout checkout)
    {
        foreach (var use in UsesOf(Book, checkout).Select(use => use! with { HeldUntil = null }))
        {
            Book.Benefits.Uses.Set(use.BizNo, use);
            CountHeld(-1);
            posting.Raise(MemberEvents.BenefitUsed, new BenefitUseFact(Book.Identity.Id.Value, use));
        }
    }

    /// <summary>The checkout was given up, or all of it went back.</summary>
    public void GiveBack(Checkout checkout)
    {
        foreach (var use in UsesOf(Book, checkout))
        {
            GiveBack(use!, posting.Time);
        }
    }

    private void GiveBack(BenefitUse use, Instant time)
    {
        var returned = use with { ReturnedAt = time, HeldUntil = null };
        Book.Benefits.Uses.Set(use.BizNo, returned);
        ConsumeBenefit.Count(Book, use, -use.Quantity);
        if (use.HeldUntil is not null)
        {
            // Nobody was told that it was used.
            CountHeld(-1);
            return;
        }

        posting.Raise(MemberEvents.BenefitReturned, new BenefitUseFact(Book.Identity.Id.Value, returned));
    }

    private void CountHeld(long change) =>
        Book.Limits.Set(BenefitCounters.Held, new LimitUse(BenefitCounters.Held, checked(Book.Limits.Find(BenefitCounters.Held)!.Used + change)));

    private static IEnumerable<BenefitUse?> UsesOf(MemberBook book, Checkout checkout) =>
        [.. checkout.Price.BenefitsUsed().Select(benefit => book.Benefits.Uses.Find(BenefitUse.NameOf(checkout.CheckoutId, benefit)))];
}
