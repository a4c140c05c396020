namespace Laurel.Membership.Benefits.Kinds;

/// <summary><c>free_shipping</c> from an amount on. Without <c>amountMin</c> the amount is the level's.</summary>
public sealed class FreeShipping : BenefitKind<FreeShipping.Terms>
{
    /// <param name="AmountMin">Minor units; 0 is always, null is as the level says.</param>
    public sealed record Terms(long? AmountMin);

    public override string Code => "free_shipping";

    protected override Terms Read(BenefitSettings settings) => new(settings.IntegerOrNull("amountMin", 0, BenefitLimits.AmountMax));

    protected override long? FreeShippingFrom(Terms settings, BenefitFacts facts) => settings.AmountMin ?? facts.Level.FreeShippingFrom;

    protected override BenefitReason? WhyNot(Terms settings, BenefitFacts facts)
    {
        var from = settings.AmountMin ?? facts.Level.FreeShippingFrom;
        return facts.Amount is { } amount && amount < from ? new BenefitReason("amount_below_threshold", from, amount) : null;
    }
}
