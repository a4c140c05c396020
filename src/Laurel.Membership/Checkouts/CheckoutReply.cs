using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Checkouts;

/// <summary>What a rule would pay for the order.</summary>
public sealed record QuotedEarning(string Rule, string Unit, long Amount);

/// <summary>What a basket costs a member now. Nothing is kept of it.</summary>
public sealed record QuoteReply
{
    public required string MemberId { get; init; }

    /// <summary>The code of the member's level.</summary>
    public required string Level { get; init; }

    /// <summary>Of the programme it was reckoned by.</summary>
    public required int Version { get; init; }

    public required string Currency { get; init; }

    /// <summary>What is to be paid in money, in minor units.</summary>
    public required long Payable { get; init; }

    /// <summary>Points that the member could use for it at the most.</summary>
    public required long PointsMax { get; init; }

    public required Price Price { get; init; }

    /// <summary>What the order would earn when it is completed, by the rules of now.</summary>
    public required IReadOnlyList<QuotedEarning> Earnings { get; init; }
}

/// <summary>A checkout as it is told.</summary>
public sealed record CheckoutReply
{
    public required string CheckoutId { get; init; }

    public required string OrderId { get; init; }

    public required string MemberId { get; init; }

    /// <summary><c>reserved</c>, <c>confirmed</c>, <c>cancelled</c> or <c>expired</c>.</summary>
    public required string State { get; init; }

    /// <summary>What is to be paid in money, in minor units.</summary>
    public required long Payable { get; init; }

    /// <summary>Points that pay for it.</summary>
    public required long Points { get; init; }

    /// <summary>Money that went back, in minor units.</summary>
    public required long PaidBack { get; init; }

    /// <summary>Points that went back.</summary>
    public required long PointsBack { get; init; }

    public required DateTimeOffset ReservedAt { get; init; }

    /// <summary>When it expires unpaid.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it was confirmed or cancelled; null before.</summary>
    public required DateTimeOffset? EndedAt { get; init; }

    public required Price Price { get; init; }

    /// <summary>Of a completion: what the order earned; null otherwise.</summary>
    public IReadOnlyList<EntryReply>? Entries { get; init; }

    internal static CheckoutReply Of(MemberId member, Checkout checkout, Instant time) => new()
    {
        CheckoutId = checkout.CheckoutId,
        OrderId = checkout.OrderId,
        MemberId = member.ToString(),
        State = CheckoutNames.Of(checkout.StateAt(time)),
        Payable = checkout.Payable,
        Points = checkout.Points,
        PaidBack = checkout.PaidBack,
        PointsBack = checkout.PointsBack,
        ReservedAt = checkout.ReservedAt.ToDateTimeOffset(),
        ExpiresAt = checkout.ExpiresAt.ToDateTimeOffset(),
        EndedAt = checkout.EndedAt?.ToDateTimeOffset(),
        Price = checkout.Price,
    };
}

/// <summary>What of a line would go back.</summary>
/// <param name="Money">In minor units.</param>
/// <param name="Value">Money and points together, in minor units.</param>
public sealed record RefundPreviewLine(string LineId, long Money, long Value);

/// <summary>What a refund would do.</summary>
public sealed record RefundPreviewReply
{
    /// <summary>What goes back in money, in minor units.</summary>
    public required long Money { get; init; }

    /// <summary>Points that go back to the member.</summary>
    public required long Points { get; init; }

    /// <summary>Points that the order earned and that are taken back, as far as they are there.</summary>
    public required long EarnedPointsTaken { get; init; }

    /// <summary>Coupons that the member has again, or that expire at once.</summary>
    public required IReadOnlyList<string> Coupons { get; init; }

    /// <summary>Codes of the benefits of which the member has a use again.</summary>
    public required IReadOnlyList<string> Benefits { get; init; }

    public required IReadOnlyList<RefundPreviewLine> Lines { get; init; }
}
