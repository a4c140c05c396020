using Laurel.Kernel;
using Laurel.Membership.Events;
using Laurel.Membership.Members;
using Laurel.Membership.Statuses;

namespace Laurel.Membership.Points;

/// <content>What becomes of a member's status. Nothing else writes it, so its history is whole (I27).</content>
internal sealed partial class Posting
{
    /// <summary>Gives the member another status, and writes it down. The same again is nothing.</summary>
    public void SetStatus(MemberStatus status, StatusCause why)
    {
        if (Book.Status != status)
        {
            var change = Write(StatusChange.Status, status, why, null);
            Book.Status = status;
            Draft.Raise(MemberEvents.StatusChanged, SubjectOf(change.Id, Time), change);
        }
    }

    /// <summary>Notes that the member will leave when the cooling-off has ended.</summary>
    public void RequestCancellation(Instant dueAt, StatusCause why)
    {
        Write(StatusChange.Requested, Book.Status, why, dueAt);
        Book.CancelDueAt = dueAt;
    }

    /// <summary>Notes that the member stays after all.</summary>
    public void WithdrawCancellation(StatusCause why)
    {
        Write(StatusChange.Withdrawn, Book.Status, why, null);
        Book.CancelDueAt = null;
    }

    private StatusChange Write(string kind, MemberStatus to, StatusCause why, Instant? dueAt)
    {
        var change = new StatusChange(Book.Identity.Tenant.Value, Book.Identity.Id.Value, DrawId(), kind, Book.Status, to, why, dueAt, Time);
        Draft.Insert(StatusChange.Insert, change);
        return change;
    }
}
