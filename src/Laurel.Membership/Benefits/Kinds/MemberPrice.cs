using System.Collections.Frozen;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Benefits.Kinds;

/// <summary><c>member_price</c>: what named SKUs cost those who have it, by the piece.</summary>
public sealed class MemberPrice : BenefitKind<MemberPrice.Terms>
{
    private const int PricesMax = 1_000;

    /// <param name="Prices">Minor units a piece, by SKU.</param>
    public sealed record Terms(FrozenDictionary<string, long> Prices);

    public override string Code => "member_price";

    protected override Terms Read(BenefitSettings settings)
    {
        var prices = settings.List(
            "prices",
            PricesMax,
            item => (Sku: item.Text("sku", BenefitLimits.SkuLengthMax), Price: item.Integer("price", 0, BenefitLimits.PriceMax)));
        if (prices.Count == 0)
        {
            settings.Fail("prices", FieldErrorCode.Required);
        }

        foreach (var repeated in prices.GroupBy(price => price.Sku).Where(group => group.Count() > 1))
        {
            settings.Fail("prices", FieldErrorCode.NotUnique, ("value", repeated.Key));
        }

        return new Terms(prices.DistinctBy(price => price.Sku).ToFrozenDictionary(price => price.Sku, price => price.Price));
    }

    protected override BenefitReason? WhyNot(Terms settings, BenefitFacts facts) =>
        facts.Lines.IsEmpty || facts.Lines.Any(line => line.Sku is { } sku && settings.Prices.ContainsKey(sku)) ? null : new BenefitReason("no_such_sku");

    protected override long? PriceOf(Terms settings, BenefitFacts facts, BenefitLine line) =>
        line.Sku is { } sku && settings.Prices.TryGetValue(sku, out var price) ? checked(price * line.Quantity) : null;
}
