using System.Globalization;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Points;

/// <content>The clock of points that lapse by inactivity: lots start it, and what the member does turns it.</content>
internal sealed partial class Posting
{
    /// <summary>Lets an entry that was written start or turn the clock. Who has no such points has none, and pays nothing.</summary>
    private void FollowActivity(Entry entry)
    {
        if (entry.ExpiresAt is { IsWhenInactive: true })
        {
            Book.Points.StartClock(entry.OccurredAt, Programme.Activity.EndAfter(entry.OccurredAt));
        }

        if (!Book.Points.Inactivity.RunsOutAt.IsNever && Programme.Activity.IsTold(entry))
        {
            Book.Points.TurnClock(Programme.Activity.EndAfter(entry.OccurredAt));
        }
    }

    /// <summary>Points that become active later have their time from then on, and with them all that lapse together.</summary>
    private void FollowActivity(LotPosition pending)
    {
        if (pending is { ExpiresAt.IsWhenInactive: true, ActiveAt.IsNever: false })
        {
            Book.Points.TurnClock(Programme.Activity.EndAfter(pending.ActiveAt));
        }
    }

    /// <summary>Gives every lot that lives the end that a carryover says. All open lots are loaded.</summary>
    public void CarryLots(Carryover carryover)
    {
        var words = new LotReason("Programme changed", null, Programme.Programme.Version.ToString(CultureInfo.InvariantCulture));
        foreach (var lot in Book.Points.Lots.Values.Where(lot => lot.Remaining > 0 && lot.IsLiveAt(Time)).ToList())
        {
            if (carryover.EndOf(Programme, lot.ActiveAt, lot.ExpiresAt) is { } end)
            {
                var moved = Book.Points.Redate(lot.Id, end);
                WriteLotChange(LotChange.Carry, lot.Remaining, moved.From, moved.Lot.Position, Time, words);
                if (end.IsWhenInactive)
                {
                    Book.Points.StartClock(Time, Programme.Activity.EndAfter(Time));
                }
            }
        }
    }

    /// <summary>Writes for each lot that the clock has ended the date that it has now.</summary>
    private void WriteEnded(DueChange change)
    {
        foreach (var ended in change.Ended)
        {
            var words = new LotReason("No activity", null, "");
            WriteLotChange(LotChange.EndInactive, ended.Lot.Remaining, ended.From, ended.Lot.Position, change.At, words);
        }
    }
}
