using Laurel.Kernel;
using Laurel.Membership.Events;
using Laurel.Membership.Members;
using Laurel.Membership.Statuses;
using Laurel.Platform.Access;

namespace Laurel.Membership.Points;

/// <content>What becomes of a member's status. Nothing else writes it, so its history is whole (I27).</content>
internal sealed partial class Posting
{
    /// <summary>Gives the member another status, and writes it down. The same again is nothing.</summary>
    public void SetStatus(MemberStatus status, StatusCause why)
    {
        if (Book.Status != status)
        {
            var change = Write(StatusChange.Status, status, why);
            Book.Status = status;
            Draft.Raise(MemberEvents.StatusChanged, SubjectOf(change.Id, Time), change);
        }
    }

    /// <summary>Notes that the member will leave when the cooling-off has ended.</summary>
    /// <param name="askedBy">Who asks, where a second person has to say so too; null where nobody has.</param>
    public void RequestCancellation(Instant dueAt, StatusCause why, Hands? askedBy)
    {
        Write(StatusChange.Requested, Book.Status, why, dueAt, askedBy);
        (Book.CancelDueAt, Book.CancelAskedBy) = (dueAt, askedBy);
    }

    /// <summary>Notes that a second person has said too that the member is to leave.</summary>
    public void ConfirmCancellation(StatusCause why, Hands by)
    {
        Write(StatusChange.Confirmed, Book.Status, why, hands: by);
        Book.CancelAskedBy = null;
    }

    /// <summary>Notes that the member stays after all.</summary>
    public void WithdrawCancellation(StatusCause why)
    {
        Write(StatusChange.Withdrawn, Book.Status, why);
        (Book.CancelDueAt, Book.CancelAskedBy) = (null, null);
    }

    private StatusChange Write(string kind, MemberStatus to, StatusCause why, Instant? dueAt = null, Hands? hands = null)
    {
        var change = new StatusChange(Book.Identity.Tenant.Value, Book.Identity.Id.Value, DrawId(), kind, Book.Status, to, why, dueAt, Time, hands);
        Draft.Insert(StatusChange.Insert, change);
        return change;
    }
}
