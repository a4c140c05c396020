namespace Laurel.Membership.Benefits.Kinds;

/// <summary><c>discount</c>: a share of every price. Without <c>rateBasisPoints</c> the rate is the level's.</summary>
public sealed class Discount : BenefitKind<Discount.Terms>
{
    /// <param name="RateBasisPoints">What remains of a price, times 10,000; null is as the level says.</param>
    public sealed record Terms(int? RateBasisPoints);

    public override string Code => "discount";

    protected override Terms Read(BenefitSettings settings) => new((int?)settings.IntegerOrNull("rateBasisPoints", 0, 10_000));

    protected override long? PriceOf(Terms settings, BenefitFacts facts, BenefitLine line) =>
        OfPrice(line.Amount, settings.RateBasisPoints ?? facts.Level.DiscountBasisPoints);

    /// <summary>A share of a price, rounded half up to a whole minor unit.</summary>
    internal static long OfPrice(long amount, int rateBasisPoints) => (long)((((Int128)amount * rateBasisPoints) + 5_000) / 10_000);
}
