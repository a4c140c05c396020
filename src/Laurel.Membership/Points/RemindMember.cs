using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Events;
using Laurel.Membership.Members;

namespace Laurel.Membership.Points;

/// <summary>Points of a member will lapse within so many days.</summary>
/// <param name="Lots">How many lots they are in.</param>
/// <param name="FirstAt">When the first of them lapse.</param>
/// <param name="LastAt">When the last of them lapse.</param>
internal sealed record Reminder(long Member, long Points, int Lots, Instant FirstAt, Instant LastAt, int Days);

/// <summary>Tells a member of points that are about to lapse: each lot once for each number of days that the programme names.</summary>
/// <remarks>That a lot was told of is stored with the event, under the member's lock: whoever asks again, nothing is told twice.</remarks>
public sealed class RemindMember(TenantId tenant, MemberId member, MemberBooks books) : MemberJob(tenant, member, books)
{
    protected override Cause CauseOf() => new("Points are about to lapse", "reminder", "reminders");

    private protected override Decision Work(Posting posting, LoadPlan plan)
    {
        var days = posting.Programme.Programme.RemindDaysBefore.Order().ToList();
        if (days.Count == 0)
        {
            return Done(posting);
        }

        var (points, time) = (posting.Book.Points, posting.Time);
        if (!points.IsLoadedThrough(time.Plus(TimeSpan.FromDays(days[^1] + 1))))
        {
            Books.NeedLots(posting.Book, plan);
            return Decision.NeedMore.Instance;
        }

        var due = points.Lots.Values.Where(lot => lot.Free > 0 && lot.IsLiveAt(time)).Select(lot => (Lot: lot, Days: DaysOf(lot, days, time)))
            .Where(told => told.Days > 0).ToList();
        foreach (var group in due.GroupBy(told => told.Days).OrderByDescending(group => group.Key))
        {
            var lots = group.Select(told => told.Lot).ToList();
            lots.ForEach(lot => points.MarkReminded(lot.Id, group.Key));
            posting.Raise(MemberEvents.Expiring, new Reminder(
                posting.Book.Identity.Id.Value, lots.Sum(lot => lot.Free), lots.Count, lots[0].ExpiresAt, lots[^1].ExpiresAt, group.Key));
        }

        RemindOfInactivity(posting, days);
        return Done(posting);
    }

    /// <summary>Points that lapse by inactivity are told of together, once for each date: with the next activity they have another. Nobody is told
    /// so many days before that the period itself is no longer.</summary>
    private static void RemindOfInactivity(Posting posting, List<int> days)
    {
        var (points, time) = (posting.Book.Points, posting.Time);
        var (end, told) = points.Inactivity;
        var number = end.IsNever || end <= time
            ? 0
            : days.Find(number => number < posting.Programme.Programme.Inactivity.Days && end.Plus(-TimeSpan.FromDays(number)) <= time);
        var lots = number == 0 || (told != 0 && told <= number)
            ? []
            : points.Lots.Values.Where(lot => lot.LapsesByInactivity && lot.Free > 0 && lot.ActiveAt <= time).ToList();
        if (lots.Count > 0)
        {
            points.MarkClockReminded(number);
            posting.Raise(MemberEvents.Expiring, new Reminder(posting.Book.Identity.Id.Value, lots.Sum(lot => lot.Free), lots.Count, end, end, number));
        }
    }

    /// <summary>The number of days to be told of now; 0 for none. A lot that was not yet active so many days before its end is told of at the
    /// next smaller number.</summary>
    private static int DaysOf(Lot lot, List<int> days, Instant time)
    {
        foreach (var number in days)
        {
            var from = lot.ExpiresAt.Plus(-TimeSpan.FromDays(number));
            if (from <= time)
            {
                return lot.ActiveAt <= from && (lot.RemindedDays == 0 || lot.RemindedDays > number) ? number : 0;
            }
        }

        return 0;
    }
}
