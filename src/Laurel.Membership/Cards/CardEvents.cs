using Laurel.Engine.Events;
using Laurel.Kernel;

namespace Laurel.Membership.Cards;

/// <summary>A step of a membership, as its event tells it.</summary>
internal sealed record MembershipStep(long Member, string Card, Instant StartTime, Instant EndTime)
{
    /// <summary>Of a purchase or a refund: the shop's name of the purchase.</summary>
    public string? Reference { get; init; }

    /// <summary>Of a purchase or a refund: what was paid, in minor units.</summary>
    public long Amount { get; init; }

    /// <summary>Of a cancellation or a refund: why, in words.</summary>
    public string? Reason { get; init; }

    public static MembershipStep Of(long member, CardMembership membership) =>
        new(member, membership.Card, membership.StartTime, membership.EndTime);
}

/// <summary>What memberships tell the world.</summary>
internal static class CardEvents
{
    public static EventType<MembershipStep> Started { get; } = Of("membership.started", "A member bought a card and holds it now.", Bought());

    public static EventType<MembershipStep> Renewed { get; } = Of("membership.renewed", "A card that a member held was bought again: it lasts longer.", Bought());

    public static EventType<MembershipStep> Refunded { get; } = Of(
        "membership.refunded", "A purchase of a card was refunded: its time is taken back, as far as it is not over.", [.. Bought(), Why()]);

    public static EventType<MembershipStep> Cancelled { get; } = Of(
        "membership.cancelled", "A membership is not to be renewed; it lasts to its end.", [Why()]);

    public static EventType<MembershipStep> Expired { get; } = Of("membership.expired", "A membership came to its end.", []);

    private static EventField<MembershipStep>[] Bought() =>
    [
        EventField<MembershipStep>.NullableText("reference", "The shop's name of the purchase", s => s.Reference),
        EventField<MembershipStep>.Integer("amount", "What was paid for it, in minor units", s => s.Amount),
    ];

    private static EventField<MembershipStep> Why() => EventField<MembershipStep>.NullableText("reason", "Why, in words; null where nobody said", s => s.Reason);

    private static EventType<MembershipStep> Of(string name, string meaning, EventField<MembershipStep>[] more) => new(
        name,
        meaning,
        [
            EventField<MembershipStep>.Id("member_id", "The member's id", s => s.Member),
            EventField<MembershipStep>.Text("card", "The card's code", s => s.Card),
            EventField<MembershipStep>.NullableTime("start_time", "Since when the member holds it", s => s.StartTime),
            EventField<MembershipStep>.NullableTime("end_time", "When it ends, exclusive", s => s.EndTime),
            .. more,
        ]);
}
