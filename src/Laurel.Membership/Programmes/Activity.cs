using System.Collections.Frozen;
using Laurel.Kernel;
using Laurel.Membership.Points;

namespace Laurel.Membership.Programmes;

/// <summary>Tells by its entries what a member has done that counts as activity, and until when it lets points live.</summary>
/// <remarks>What leaves no entry is no activity: so the clock can be proved from the entries alone.</remarks>
internal sealed class Activity(Programme programme, BusinessCalendar calendar)
{
    // The rules that pay for an event that counts.
    private readonly FrozenSet<string> _rules =
        programme.Rules.Where(rule => programme.Inactivity.ResetBy.Contains(rule.Trigger)).Select(rule => rule.Code).ToFrozenSet();

    private readonly FrozenSet<string> _movements = programme.Inactivity.ResetBy.Intersect(InactivityRules.Movements).ToFrozenSet();

    /// <summary>When points lapse if nothing happens after that time: 00:00 local after their last day, exclusive.</summary>
    public Instant EndAfter(Instant time) => calendar.StartOf(calendar.DayOf(time).AddDays(programme.Inactivity.Days + 1));

    /// <summary>Whether an entry tells of activity of its member. A merge of members always does: one of the two has asked for it.</summary>
    public bool IsTold(Entry entry) => entry.Kind switch
    {
        EntryNames.Earn when entry.Rule == EntryNames.RuleManualEarn => _movements.Contains(InactivityRules.Earned),
        EntryNames.Earn => _rules.Contains(entry.Rule),
        EntryNames.Spend => entry.Unit == EntryNames.Points && _movements.Contains(InactivityRules.Spent),
        EntryNames.Transfer => entry.Amount < 0 && _movements.Contains(InactivityRules.Transferred),
        EntryNames.Exchange => _movements.Contains(InactivityRules.Exchanged),
        EntryNames.Merge => true,
        _ => false,
    };
}
