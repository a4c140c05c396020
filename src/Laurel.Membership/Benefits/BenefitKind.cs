using System.Collections.Immutable;
using Laurel.Kernel;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Benefits;

/// <summary>A line of what a member is about to buy.</summary>
/// <param name="UnitPrice">Minor units, 0 or more.</param>
/// <param name="Quantity">1 or more.</param>
/// <param name="Kind"><c>goods</c>, or what no benefit makes cheaper: <c>gift_card</c>, <c>delivery</c>, <c>service</c>.</param>
public sealed record BenefitLine(string? Sku, string? Category, long UnitPrice, long Quantity, string Kind = BenefitLine.Goods)
{
    /// <summary>What <see cref="Kind"/> is called where something is sold.</summary>
    public const string Goods = "goods";

    public bool IsGoods => Kind == Goods;

    /// <summary>The price without any benefit, in minor units.</summary>
    public long Amount => checked(UnitPrice * Quantity);
}

/// <summary>What a benefit is asked about.</summary>
public sealed record BenefitFacts
{
    /// <summary>The member's level.</summary>
    public required Level Level { get; init; }

    /// <summary>Business time.</summary>
    public required Instant Time { get; init; }

    /// <summary>The business day of <see cref="Time"/>, in the tenant's zone.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>What is bought; empty where nothing is. An amount alone is one line without a SKU.</summary>
    public ImmutableArray<BenefitLine> Lines { get; init; } = [];

    /// <summary>Null where the caller did not tell it: birthdays are not kept here.</summary>
    public DateOnly? Birthday { get; init; }

    /// <summary>Whether the member was granted the benefit, by hand or by a rule, whatever the level gives. A grant says by itself that its
    /// time has come. Told to <c>WhyNot</c> only.</summary>
    public bool IsGranted { get; init; }

    /// <summary>What the goods among the lines come to, in minor units; null where there are no lines.</summary>
    public long? Amount => Lines.IsEmpty ? null : Lines.Where(line => line.IsGoods).Aggregate(0L, (sum, line) => checked(sum + line.Amount));
}

/// <summary>Why a benefit does not apply, for machines.</summary>
/// <param name="Code">Lower case: <c>amount_below_threshold</c>.</param>
/// <param name="Expected">The figure it would take; null where there is none.</param>
/// <param name="Actual">The figure there is; null where there is none.</param>
public sealed record BenefitReason(string Code, long? Expected = null, long? Actual = null);

/// <summary>A kind of benefit: what its settings are and what it gives. A new one derives from <see cref="BenefitKind{TSettings}"/>.</summary>
/// <remarks>Deciding is pure: no clock, no store, no randomness. One object serves all threads.</remarks>
public abstract class BenefitKind
{
    /// <summary>Names it in definitions, in the form of a benefit's code: <c>free_shipping</c>.</summary>
    public abstract string Code { get; }

    /// <summary>Reads the settings of a definition; what is wrong with them is noted there.</summary>
    internal abstract BenefitTerms Prepare(BenefitSettings settings);
}

/// <summary>A kind of benefit with the settings it reads. All but <see cref="Read"/> may stay as it is.</summary>
/// <typeparam name="TSettings">What was read; not changed afterwards.</typeparam>
public abstract class BenefitKind<TSettings> : BenefitKind
    where TSettings : notnull
{
    /// <summary>Reads the settings. What is wrong is told to <paramref name="settings"/>; the result is dropped then.</summary>
    protected abstract TSettings Read(BenefitSettings settings);

    /// <summary>Why it does not apply here; null when it does. A fact that was not told is no reason, unless nothing can be said without
    /// it.</summary>
    protected virtual BenefitReason? WhyNot(TSettings settings, BenefitFacts facts) => null;

    /// <summary>What a line of goods costs with it, in minor units; null where it says nothing about the line.</summary>
    protected virtual long? PriceOf(TSettings settings, BenefitFacts facts, BenefitLine line) => null;

    /// <summary>The amount from which shipping is free, in minor units; null where it says nothing about shipping.</summary>
    protected virtual long? FreeShippingFrom(TSettings settings, BenefitFacts facts) => null;

    /// <summary>What points for purchases are multiplied by, times 10,000; null where it says nothing. The level's own figure counts at the
    /// least.</summary>
    protected virtual int? MultiplierOf(TSettings settings) => null;

    /// <summary>What whoever uses it is handed out, in words; null for nothing.</summary>
    protected virtual string? GiftOf(TSettings settings) => null;

    /// <summary>Features that it opens, beside its own code and its kind's.</summary>
    protected virtual IEnumerable<string> Opens(TSettings settings) => [];

    internal sealed override BenefitTerms Prepare(BenefitSettings settings)
    {
        var read = Read(settings);
        settings.RefuseUnknown();
        return new BenefitTerms
        {
            WhyNot = facts => WhyNot(read, facts),
            PriceOf = (facts, line) => PriceOf(read, facts, line),
            FreeShippingFrom = facts => FreeShippingFrom(read, facts),
            Multiplier = MultiplierOf(read),
            Gift = GiftOf(read),
            Opens = [.. Opens(read)],
        };
    }
}

/// <summary>A kind with the settings of one definition.</summary>
internal sealed record BenefitTerms
{
    public required Func<BenefitFacts, BenefitReason?> WhyNot { get; init; }

    public required Func<BenefitFacts, BenefitLine, long?> PriceOf { get; init; }

    public required Func<BenefitFacts, long?> FreeShippingFrom { get; init; }

    public required int? Multiplier { get; init; }

    public required string? Gift { get; init; }

    public required ImmutableArray<string> Opens { get; init; }
}
