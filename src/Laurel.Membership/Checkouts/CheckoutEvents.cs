using Laurel.Engine.Events;

namespace Laurel.Membership.Checkouts;

/// <summary>A step of a checkout, as its event tells it.</summary>
/// <param name="After">The checkout after the step.</param>
internal sealed record CheckoutStep(long Member, Checkout After)
{
    /// <summary>Of a refund: its id.</summary>
    public string? RefundId { get; init; }

    /// <summary>Of a refund: what goes back in money, in minor units.</summary>
    public long Money { get; init; }

    /// <summary>Of a refund: points that go back.</summary>
    public long Points { get; init; }
}

/// <summary>What checkouts tell the world.</summary>
internal static class CheckoutEvents
{
    public static EventType<CheckoutStep> Reserved { get; } = Of("checkout.reserved", "A price was promised to a member: points are held and coupons locked.");

    public static EventType<CheckoutStep> Confirmed { get; } = Of("checkout.confirmed", "It was paid: points are spent and coupons used.");

    public static EventType<CheckoutStep> Cancelled { get; } = Of("checkout.cancelled", "It was given up: points and coupons are free again.");

    public static EventType<CheckoutStep> Refunded { get; } = Of(
        "checkout.refunded",
        "A part of it, or all, went back.",
        EventField<CheckoutStep>.NullableText("refund_id", "The shop's id of the refund", s => s.RefundId),
        EventField<CheckoutStep>.Integer("money", "What goes back in money, in minor units", s => s.Money),
        EventField<CheckoutStep>.Integer("points_returned", "How many points go back", s => s.Points));

    private static EventType<CheckoutStep> Of(string name, string meaning, params ReadOnlySpan<EventField<CheckoutStep>> more) => new(
        name,
        meaning,
        [
            EventField<CheckoutStep>.Id("member_id", "The member's id", s => s.Member),
            EventField<CheckoutStep>.Text("checkout_id", "The checkout's id", s => s.After.CheckoutId),
            EventField<CheckoutStep>.Text("related_order", "The shop's id of the order it is for", s => s.After.OrderId),
            EventField<CheckoutStep>.Integer("payable", "What is to be paid in money, in minor units", s => s.After.Payable),
            EventField<CheckoutStep>.Integer("points", "How many points pay for it", s => s.After.Points),
            .. more,
        ]);
}
