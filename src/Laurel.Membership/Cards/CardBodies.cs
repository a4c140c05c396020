using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Platform.Http;

namespace Laurel.Membership.Cards;

/// <summary>What a purchase of a card asks for.</summary>
public sealed record BuyCardBody
{
    /// <summary>Names the purchase once and for all: the same again is not done twice.</summary>
    public required string Reference { get; init; }

    /// <summary>The card's code.</summary>
    public required string Card { get; init; }

    /// <summary>1 when absent, 120 at the most.</summary>
    public int? Periods { get; init; }

    /// <summary>What was paid, in minor units; the card's price of these periods when absent.</summary>
    public long? Amount { get; init; }

    /// <summary>The shop's id of the order.</summary>
    public string? OrderId { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What a refund of a purchase asks for.</summary>
public sealed record RefundCardBody
{
    /// <summary>What the purchase was named by.</summary>
    public required string Reference { get; init; }

    public string? Reason { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What a cancellation asks for.</summary>
public sealed record CancelCardBody
{
    /// <summary>The card's code.</summary>
    public required string Card { get; init; }

    public string? Reason { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>A purchase as it was read.</summary>
internal sealed record ReadPurchase(CardRequest Request, Instant? Time)
{
    public static ReadPurchase Read(JsonFields fields)
    {
        var read = new ReadPurchase(ReadRequest(fields), fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return read;
    }

    /// <summary>The data of <c>membership.purchased</c>.</summary>
    public static (MemberName Member, CardRequest Request) ReadEvent(JsonFields data)
    {
        var read = (MemberName.Read(data), ReadRequest(data));
        data.RefuseUnknown();
        return read;
    }

    private static CardRequest ReadRequest(JsonFields fields) => new()
    {
        Reference = fields.Identifier("reference", CardLimits.ReferenceLengthMax),
        Card = fields.Identifier("card", CardLimits.CodeLengthMax),
        Periods = (int)(fields.IntegerOrNull("periods", 1, CardLimits.PeriodsMax) ?? 1),
        Amount = fields.IntegerOrNull("amount", 0, OrderLimits.AmountMax),
        OrderId = fields.IdentifierOrNull("orderId", OrderLimits.IdLengthMax),
    };
}

/// <summary>A refund as it was read.</summary>
internal sealed record ReadCardRefund(string Reference, string? Reason, Instant? Time)
{
    public static ReadCardRefund Read(JsonFields fields)
    {
        var read = ReadFields(fields) with { Time = fields.TimeOrNull("time") };
        fields.RefuseUnknown();
        return read;
    }

    /// <summary>The data of <c>membership.refunded</c>.</summary>
    public static ReadCardRefund ReadEvent(JsonFields data)
    {
        var read = ReadFields(data);
        data.RefuseUnknown();
        return read;
    }

    private static ReadCardRefund ReadFields(JsonFields fields) => new(
        fields.Identifier("reference", CardLimits.ReferenceLengthMax), fields.TextOrNull("reason", CardLimits.ReasonLengthMax), null);
}

/// <summary>A cancellation as it was read.</summary>
internal sealed record ReadCancellation(string Card, string? Reason, Instant? Time)
{
    public static ReadCancellation Read(JsonFields fields)
    {
        var read = new ReadCancellation(
            fields.Identifier("card", CardLimits.CodeLengthMax), fields.TextOrNull("reason", CardLimits.ReasonLengthMax), fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return read;
    }
}

/// <summary>A membership, as callers see it.</summary>
public sealed record MembershipReply
{
    public required string MemberId { get; init; }

    /// <summary>The card's code.</summary>
    public required string Card { get; init; }

    /// <summary><c>active</c>; <c>cancelled</c>: it lasts to its end and is not to be renewed; <c>ended</c>.</summary>
    public required string Status { get; init; }

    public required DateTimeOffset StartTime { get; init; }

    /// <summary>Exclusive.</summary>
    public required DateTimeOffset EndTime { get; init; }

    /// <summary>Since when it is not to be renewed; null where nobody said so.</summary>
    public required DateTimeOffset? CancelledAt { get; init; }

    /// <summary>The merged member with whom it came; null where it is the member's own.</summary>
    public string? BoughtBy { get; init; }

    internal static MembershipReply Of(long member, CardMembership membership, Instant now) => new()
    {
        MemberId = new MemberId(member).ToString(),
        Card = membership.Card,
        Status = !membership.IsInForce(now) ? "ended" : membership.CancelledAt is null ? "active" : "cancelled",
        StartTime = membership.StartTime.ToDateTimeOffset(),
        EndTime = membership.EndTime.ToDateTimeOffset(),
        CancelledAt = membership.CancelledAt?.ToDateTimeOffset(),
    };
}

/// <summary>A purchase of a card, as callers see it, and when the membership ends.</summary>
public sealed record CardPurchaseReply
{
    public required string Reference { get; init; }

    public required string MemberId { get; init; }

    /// <summary>The card's code.</summary>
    public required string Card { get; init; }

    public required int Periods { get; init; }

    /// <summary>What was paid, in minor units.</summary>
    public required long Amount { get; init; }

    public required string? OrderId { get; init; }

    /// <summary>Business time.</summary>
    public required DateTimeOffset PurchasedAt { get; init; }

    /// <summary>When it was refunded; null where it was not.</summary>
    public required DateTimeOffset? RefundedAt { get; init; }

    /// <summary>Since when the membership lasts that it belongs to.</summary>
    public required DateTimeOffset StartTime { get; init; }

    /// <summary>When the membership ends, exclusive.</summary>
    public required DateTimeOffset EndTime { get; init; }

    /// <summary>Null where the level stayed, and where it is told again.</summary>
    public required LevelMove? Level { get; init; }

    internal static CardPurchaseReply Of(long member, CardPurchase purchase, CardMembership membership, LevelMove? level) => new()
    {
        Reference = purchase.Reference,
        MemberId = new MemberId(member).ToString(),
        Card = purchase.Card,
        Periods = purchase.Periods,
        Amount = purchase.Amount,
        OrderId = purchase.OrderId,
        PurchasedAt = purchase.PurchasedAt.ToDateTimeOffset(),
        RefundedAt = purchase.Refund?.At.ToDateTimeOffset(),
        StartTime = membership.StartTime.ToDateTimeOffset(),
        EndTime = membership.EndTime.ToDateTimeOffset(),
        Level = level,
    };
}

/// <summary>The memberships of a member, and what was bought: the newest purchases, at most 100.</summary>
public sealed record MemberCards
{
    public required IReadOnlyList<MembershipReply> Memberships { get; init; }

    public required IReadOnlyList<CardPurchaseItem> Purchases { get; init; }
}

/// <summary>A purchase in the list of a member.</summary>
public sealed record CardPurchaseItem
{
    public required string Reference { get; init; }

    /// <summary>The card's code.</summary>
    public required string Card { get; init; }

    public required int Periods { get; init; }

    /// <summary>What was paid, in minor units.</summary>
    public required long Amount { get; init; }

    public required string? OrderId { get; init; }

    /// <summary>Business time.</summary>
    public required DateTimeOffset PurchasedAt { get; init; }

    /// <summary>When it was refunded; null where it was not.</summary>
    public required DateTimeOffset? RefundedAt { get; init; }

    /// <summary>When the membership ended after it, as it was said then.</summary>
    public required DateTimeOffset EndTime { get; init; }
}

/// <summary>How many hold each card, and what was sold of it.</summary>
public sealed record CardStatistics
{
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>The first business day that sales are counted of, inclusive.</summary>
    public required DateOnly From { get; init; }

    /// <summary>The last business day that sales are counted of, inclusive.</summary>
    public required DateOnly To { get; init; }

    /// <summary>Each card of the programme, and each that somebody holds or has bought.</summary>
    public required IReadOnlyList<CardStatistic> Items { get; init; }
}

/// <summary>The figures of one card.</summary>
public sealed record CardStatistic
{
    /// <summary>The card's code.</summary>
    public required string Card { get; init; }

    /// <summary>Members who hold it now.</summary>
    public required long Active { get; init; }

    /// <summary>Of them, those who have said that they will not renew it.</summary>
    public required long Cancelled { get; init; }

    /// <summary>Of them, those whose membership ends within 30 days.</summary>
    public required long EndingIn30Days { get; init; }

    /// <summary>Purchases of the days, renewals among them.</summary>
    public required long Purchases { get; init; }

    /// <summary>What was paid for them, in minor units.</summary>
    public required long Amount { get; init; }

    /// <summary>Of these purchases, those that were refunded since.</summary>
    public required long Refunds { get; init; }

    /// <summary>What was paid for those, in minor units.</summary>
    public required long AmountRefunded { get; init; }
}
