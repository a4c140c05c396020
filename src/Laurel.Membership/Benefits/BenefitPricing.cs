using System.Collections.Immutable;

namespace Laurel.Membership.Benefits;

/// <summary>What a line costs with the benefits of a member.</summary>
/// <param name="Payable">Minor units, 0 to the line's amount.</param>
/// <param name="Benefit">The code of the benefit that makes the price; null where none does.</param>
internal sealed record PricedLine(BenefitLine Line, long Payable, string? Benefit);

/// <summary>Prices with benefits. Pure.</summary>
/// <remarks>Benefits do not add up: each line costs what the one benefit makes of it that makes it cheapest, and of equal ones the first of the
/// programme.</remarks>
internal static class BenefitPricing
{
    /// <param name="held">In the order of the programme, all in force.</param>
    public static ImmutableArray<PricedLine> Of(IReadOnlyList<PreparedBenefit> held, BenefitFacts facts)
    {
        var applying = held.Where(benefit => benefit.Terms!.WhyNot(facts) is null).ToList();
        return [.. facts.Lines.Select(line => Priced(applying, facts, line))];
    }

    /// <summary>What one benefit takes off all lines together, in minor units.</summary>
    public static long DiscountOf(PreparedBenefit benefit, BenefitFacts facts) =>
        facts.Lines.Aggregate(0L, (sum, line) => checked(sum + line.Amount - Priced([benefit], facts, line).Payable));

    /// <summary>The smallest amount from which shipping is free; null where no benefit says so.</summary>
    public static long? FreeShippingFrom(IEnumerable<PreparedBenefit> held, BenefitFacts facts) => held.Min(benefit => benefit.Terms!.FreeShippingFrom(facts));

    private static PricedLine Priced(IReadOnlyList<PreparedBenefit> applying, BenefitFacts facts, BenefitLine line)
    {
        var best = new PricedLine(line, line.Amount, null);
        foreach (var benefit in applying)
        {
            if (benefit.Terms!.PriceOf(facts, line) is { } price && price < best.Payable)
            {
                best = new PricedLine(line, Math.Max(0, price), benefit.Definition.Code);
            }
        }

        return best;
    }
}
