using System.Collections.Immutable;
using Laurel.Kernel;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Benefits;

/// <summary>What a line costs with the benefits of a member.</summary>
/// <param name="Payable">Minor units, 0 to the line's amount.</param>
/// <param name="Benefit">The code of the benefit that makes the price; null where none does.</param>
public sealed record PricedLine(BenefitLine Line, long Payable, string? Benefit);

/// <summary>What a member pays for lines.</summary>
public sealed record MemberPrices
{
    /// <summary>In the order in which they were asked.</summary>
    public required ImmutableArray<PricedLine> Lines { get; init; }

    /// <summary>Without benefits, in minor units.</summary>
    public required long Amount { get; init; }

    /// <summary>With them, in minor units, 0 to <see cref="Amount"/>.</summary>
    public required long Payable { get; init; }

    /// <summary>The payable amount of goods from which shipping is free, in minor units; null where no benefit says so.</summary>
    public required long? FreeShippingFrom { get; init; }

    /// <summary>The code of the benefit that says so; null where none does.</summary>
    public required string? FreeShippingBy { get; init; }

    /// <summary>What benefits took off, in minor units.</summary>
    public long DiscountAmount => Amount - Payable;

    /// <summary>Whether what is payable for goods reaches <see cref="FreeShippingFrom"/>.</summary>
    public bool FreeShipping => Sum(Lines.Where(line => line.Line.IsGoods), line => line.Payable) >= FreeShippingFrom;

    internal static long Sum(IEnumerable<PricedLine> lines, Func<PricedLine, long> amount) =>
        lines.Aggregate(0L, (sum, line) => checked(sum + amount(line)));
}

/// <summary>Prices with benefits. Pure: the same arguments give the same prices.</summary>
/// <remarks>They make goods cheaper and nothing else. They do not add up: each line costs what the one benefit makes of it that makes it
/// cheapest, and of equal ones the first of the programme, those that take no use before those that do.</remarks>
public static class BenefitPrices
{
    /// <param name="level">The code of the member's level.</param>
    /// <param name="time">Business time: benefits and grants hold from and until.</param>
    /// <param name="lines">What is bought; an amount alone is one line without a SKU.</param>
    /// <param name="grants">What the member was granted beside what the level gives; null is nothing.</param>
    /// <param name="usedUp">Codes of benefits that have no use left.</param>
    /// <exception cref="OverflowException">When an amount does not fit 64 bits.</exception>
    public static MemberPrices Of(
        ActiveProgramme programme, string level, Instant time, ImmutableArray<BenefitLine> lines, IReadOnlyCollection<BenefitGrant>? grants = null,
        ImmutableArray<string> usedUp = default)
    {
        var facts = programme.Benefits.FactsOf(level, time, lines);
        var held = programme.Benefits.HeldBy(facts, grants ?? [])
            .Where(benefit => usedUp.IsDefaultOrEmpty || !usedUp.Contains(benefit.Definition.Code))
            .OrderBy(benefit => benefit.Definition.UsedBy)
            .ToList();
        var shipping = held.Where(benefit => benefit.Terms!.FreeShippingFrom(facts) is not null).MinBy(benefit => benefit.Terms!.FreeShippingFrom(facts));
        var applying = held.Where(benefit => benefit.Terms!.WhyNot(facts) is null).ToList();
        ImmutableArray<PricedLine> priced = [.. facts.Lines.Select(line => Priced(applying, facts, line))];
        return new MemberPrices
        {
            Lines = priced,
            Amount = MemberPrices.Sum(priced, line => line.Line.Amount),
            Payable = MemberPrices.Sum(priced, line => line.Payable),
            FreeShippingFrom = shipping?.Terms!.FreeShippingFrom(facts),
            FreeShippingBy = shipping?.Definition.Code,
        };
    }

    /// <summary>What one benefit takes off all lines together, in minor units.</summary>
    internal static long DiscountOf(PreparedBenefit benefit, BenefitFacts facts) =>
        facts.Lines.Aggregate(0L, (sum, line) => checked(sum + line.Amount - Priced([benefit], facts, line).Payable));

    private static PricedLine Priced(IReadOnlyList<PreparedBenefit> applying, BenefitFacts facts, BenefitLine line)
    {
        var best = new PricedLine(line, line.Amount, null);
        foreach (var benefit in line.IsGoods ? applying : [])
        {
            if (benefit.Terms!.PriceOf(facts, line) is { } price && price < best.Payable)
            {
                best = new PricedLine(line, Math.Max(0, price), benefit.Definition.Code);
            }
        }

        return best;
    }
}
