using Laurel.Engine.Events;
using Laurel.Membership.Points;

namespace Laurel.Membership.Units;

/// <summary>What the units of programmes tell the world.</summary>
internal static class UnitEvents
{
    public static EventType<Entry> Changed { get; } = new(
        "unit.changed",
        "A unit that the programme defines moved.",
        EventField<Entry>.Id("member_id", "The member's id", e => e.Member.Value),
        EventField<Entry>.Text("unit", "The unit's code", e => e.Unit),
        EventField<Entry>.Integer("amount", "What the member gains; negative where units leave", e => e.Amount),
        EventField<Entry>.NullableText("related_order", "The order it is for, or null", e => e.OrderId),
        EventField<Entry>.Id("entry_id", "The entry's id", e => e.Id),
        EventField<Entry>.Integer("balance_after", "What the member has of the unit after it", e => e.BalanceAfter),
        EventField<Entry>.Text("kind", "earn, spend, adjust, reverse or merge", e => e.Kind),
        EventField<Entry>.Text("rule", "The rule that made it", e => e.Rule),
        EventField<Entry>.Text("reference_type", "What kind of thing the caller named", e => e.ReferenceType),
        EventField<Entry>.Text("reference_id", "The caller's id of that thing", e => e.ReferenceId));
}
