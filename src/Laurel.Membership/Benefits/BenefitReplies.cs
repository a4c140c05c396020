using Laurel.Kernel;

namespace Laurel.Membership.Benefits;

/// <summary>A use of a benefit, as callers see it.</summary>
public sealed record BenefitUseReply
{
    public required string BizNo { get; init; }

    public required string MemberId { get; init; }

    /// <summary>The benefit's code.</summary>
    public required string Code { get; init; }

    public required long Quantity { get; init; }

    /// <summary>Where the member had it from: <c>level</c>, <c>track</c>, <c>card</c>, <c>hand</c> or <c>rule</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Business time.</summary>
    public required DateTimeOffset ConsumeTime { get; init; }

    /// <summary>What it took off the price, in minor units.</summary>
    public required long DiscountAmount { get; init; }

    public required bool FreeShipping { get; init; }

    /// <summary>What was handed out, in words; null for nothing.</summary>
    public required string? Gift { get; init; }

    public required string? OrderId { get; init; }

    /// <summary>When it was given back; null where it was not.</summary>
    public required DateTimeOffset? ReturnTime { get; init; }

    /// <summary>The checkout that takes it; null where a call did.</summary>
    public required string? CheckoutId { get; init; }

    /// <summary>Until when the checkout keeps it unpaid; null where it does not wait for that.</summary>
    public required DateTimeOffset? ReservedUntil { get; init; }

    internal static BenefitUseReply Of(long member, BenefitUse use) => new()
    {
        BizNo = use.BizNo,
        MemberId = new MemberId(member).ToString(),
        Code = use.Benefit,
        Quantity = use.Quantity,
        Source = use.Source,
        ConsumeTime = use.ConsumedAt.ToDateTimeOffset(),
        DiscountAmount = use.DiscountAmount,
        FreeShipping = use.FreeShipping,
        Gift = use.Gift,
        OrderId = use.OrderId,
        ReturnTime = use.ReturnedAt?.ToDateTimeOffset(),
        CheckoutId = use.CheckoutId,
        ReservedUntil = use.HeldUntil?.ToDateTimeOffset(),
    };
}

/// <summary>Uses of a member, newest first.</summary>
public sealed record BenefitUsePage
{
    public required IReadOnlyList<BenefitUseReply> Items { get; init; }

    public required string? NextCursor { get; init; }
}

/// <summary>A grant, as callers see it.</summary>
public sealed record BenefitGrantReply
{
    public required string Reference { get; init; }

    public required string MemberId { get; init; }

    /// <summary>The benefit's code.</summary>
    public required string Code { get; init; }

    /// <summary><c>hand</c> or <c>rule</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Business time, inclusive.</summary>
    public required DateTimeOffset StartTime { get; init; }

    /// <summary>Business time, exclusive; null is for ever.</summary>
    public required DateTimeOffset? EndTime { get; init; }

    /// <summary><c>granted</c> or <c>revoked</c>. Whether its time has come or gone is told by its times.</summary>
    public required string Status { get; init; }

    public required string Reason { get; init; }

    public required string? Operator { get; init; }

    internal static BenefitGrantReply Of(long member, BenefitGrant grant) => new()
    {
        Reference = grant.Reference,
        MemberId = new MemberId(member).ToString(),
        Code = grant.Benefit,
        Source = grant.Source,
        StartTime = grant.StartTime.ToDateTimeOffset(),
        EndTime = grant.EndTime.ToNullable(),
        Status = grant.RevokedAt is null ? "granted" : "revoked",
        Reason = grant.Reason,
        Operator = grant.Operator,
    };
}

/// <summary>Grants to a member, newest first, with those that ended or were taken back.</summary>
public sealed record BenefitGrantPage
{
    public required IReadOnlyList<BenefitGrantReply> Items { get; init; }

    public required string? NextCursor { get; init; }
}

/// <summary>A benefit that a member has.</summary>
public sealed record HeldBenefit
{
    public required string Code { get; init; }

    public required string Name { get; init; }

    public required string Kind { get; init; }

    /// <summary><c>level</c>, <c>track</c>, <c>card</c>, <c>hand</c> or <c>rule</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Since when, by its grant or definition; null is from ever.</summary>
    public required DateTimeOffset? StartTime { get; init; }

    /// <summary>Until when, exclusive, by its grant or definition, whichever is first; null is for ever.</summary>
    public required DateTimeOffset? EndTime { get; init; }

    /// <summary>Uses that are left before the first limit; null where there is no limit.</summary>
    public required long? Remaining { get; init; }

    public required IReadOnlyList<LimitStanding> Limits { get; init; }
}

/// <summary>How much of a limit is used.</summary>
public sealed record LimitStanding
{
    /// <summary><c>day</c>, <c>month</c>, <c>year</c> or <c>total</c>.</summary>
    public required string Period { get; init; }

    public required long UsesMax { get; init; }

    public required long Used { get; init; }
}

/// <summary>The benefits that a member has, in the order of the programme.</summary>
public sealed record MemberBenefits
{
    public required string MemberId { get; init; }

    /// <summary>The code of the member's level.</summary>
    public required string Level { get; init; }

    /// <summary>The business time they are told for.</summary>
    public required DateTimeOffset AsOf { get; init; }

    public required IReadOnlyList<HeldBenefit> Items { get; init; }
}

/// <summary>Why a benefit could not be used: what a consumption would be refused with.</summary>
public sealed record EligibilityReason
{
    /// <summary>A code of the errors.</summary>
    public required string Code { get; init; }

    /// <summary>In words, in the language of the request.</summary>
    public required string Detail { get; init; }

    /// <summary>What the code names: <c>reason</c>, <c>period</c>, <c>usesMax</c> …</summary>
    public required IReadOnlyDictionary<string, string> Values { get; init; }
}

/// <summary>Whether a member could use a benefit.</summary>
public sealed record BenefitEligibility
{
    public required string MemberId { get; init; }

    /// <summary>The benefit's code.</summary>
    public required string Code { get; init; }

    public required DateTimeOffset AsOf { get; init; }

    public required bool Eligible { get; init; }

    /// <summary>Everything that stands against it; empty when it could be used.</summary>
    public required IReadOnlyList<EligibilityReason> Reasons { get; init; }

    public required long? Remaining { get; init; }

    /// <summary>What it would take off the price that was told, in minor units.</summary>
    public required long DiscountAmount { get; init; }
}

/// <summary>Whether a member may enter.</summary>
public sealed record FeatureAccess
{
    public required string MemberId { get; init; }

    public required string Feature { get; init; }

    public required bool Allowed { get; init; }

    /// <summary>The code of the benefit that opens it; null where none does.</summary>
    public required string? Benefit { get; init; }

    public required string Level { get; init; }
}

/// <summary>What a line costs.</summary>
public sealed record PricedLineReply
{
    public required string? Sku { get; init; }

    /// <summary>Minor units, without benefits.</summary>
    public required long Amount { get; init; }

    /// <summary>Minor units, with them.</summary>
    public required long Payable { get; init; }

    /// <summary>The code of the benefit that makes the price; null where none does.</summary>
    public required string? Benefit { get; init; }

    internal static PricedLineReply Of(PricedLine line) =>
        new() { Sku = line.Line.Sku, Amount = line.Line.Amount, Payable = line.Payable, Benefit = line.Benefit };
}

/// <summary>What a member pays.</summary>
public sealed record MemberPriceReply
{
    public required string MemberId { get; init; }

    public required string Level { get; init; }

    public required string Currency { get; init; }

    public required long Amount { get; init; }

    public required long Payable { get; init; }

    public required long DiscountAmount { get; init; }

    /// <summary>Whether <see cref="Payable"/> reaches <see cref="FreeShippingFrom"/>.</summary>
    public required bool FreeShipping { get; init; }

    /// <summary>Minor units from which shipping is free; null where no benefit says so.</summary>
    public required long? FreeShippingFrom { get; init; }

    public required IReadOnlyList<PricedLineReply> Lines { get; init; }
}

/// <summary>Uses of a benefit on one business day.</summary>
public sealed record BenefitUsageDay
{
    /// <summary><c>2026-01-31</c>.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Consumptions, with those that were given back.</summary>
    public required long Uses { get; init; }

    /// <summary>What they took in all.</summary>
    public required long Quantity { get; init; }

    /// <summary>Of the quantity, what was given back.</summary>
    public required long Returned { get; init; }

    /// <summary>Of the quantity, what checkouts hold that are not paid yet.</summary>
    public required long Reserved { get; init; }

    /// <summary>How many members used it.</summary>
    public required long Members { get; init; }

    /// <summary>What it took off prices, less what was given back, in minor units.</summary>
    public required long DiscountAmount { get; init; }
}

/// <summary>How a benefit is used, by business day; days without a use are left out.</summary>
public sealed record BenefitUsage
{
    public required string Code { get; init; }

    public required DateOnly From { get; init; }

    /// <summary>The last day, inclusive.</summary>
    public required DateOnly To { get; init; }

    public required IReadOnlyList<BenefitUsageDay> Days { get; init; }
}
