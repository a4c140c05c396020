using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Levels;
using Laurel.Membership.Merges;

namespace Laurel.Membership.Points;

/// <content>What goes from one member to another because the two are one person, or comes back.</content>
internal sealed partial class Posting
{
    /// <summary>What a fact about a merged member reaches; null for members who are not merged.</summary>
    public MergeReach? Reach { get; set; }

    /// <summary>Lets everything that is free in a lot leave.</summary>
    /// <param name="other">The member it goes to.</param>
    /// <param name="order">The order that earned it, or null.</param>
    public (LotTake Take, PendingLot? Waited) MoveOut(long lot, long other, string? order)
    {
        var (take, waited) = Book.Points.Leave(lot);
        MoveOut([take], other, order);
        return (take, waited);
    }

    /// <summary>Writes points that have left the wallet for another member's.</summary>
    public void MoveOut(IReadOnlyList<LotTake> takes, long other, string? order)
    {
        var id = NextId();
        AddFor(order, id, new Movement(EntryNames.Points, EntryNames.Merge, EntryNames.RuleMerge, -takes.Sum(take => take.Points), Book.Points.Balance)
        {
            RelatedId = other,
        });
        WriteTakes(id, takes, Time);
    }

    /// <summary>Takes points in as a lot of its own, which lapses when the lot did that they come from.</summary>
    /// <param name="waits">What they wait for before they are active; null where they are.</param>
    /// <returns>The id of the lot.</returns>
    public long MoveIn(long points, Instant expiresAt, PendingLot? waits, long other, string? order)
    {
        var id = NextId();
        if (waits is null)
        {
            var repaid = Book.Points.Grant(new LotPosition(expiresAt, Time, id), points, 0);
            AddFor(order, id, new Movement(EntryNames.Points, EntryNames.Merge, EntryNames.RuleMerge, points, Book.Points.Balance)
            {
                DebtDelta = -repaid,
                ExpiresAt = expiresAt,
                RelatedId = other,
            });
            return id;
        }

        var position = new LotPosition(expiresAt, waits.ActivatesAt, id);
        Book.Points.GrantPending(position, points, waits with { LotId = id, Ended = false });
        AddFor(order, id, new Movement(EntryNames.Points, EntryNames.Merge, EntryNames.RuleMerge, points, Book.Points.Balance)
        {
            ExpiresAt = expiresAt,
            RelatedId = other,
        });
        WriteLotChange(LotChange.Pend, points, position with { ActiveAt = Time }, position, Time, new LotReason(cause.Reason, null, cause.ReferenceId));
        return id;
    }

    /// <summary>Lets a debt go: its points come into the balance, and no lot opens for them.</summary>
    public void MoveDebtOut(long points, long other)
    {
        var id = NextId();
        var repaid = Book.Points.Grant(new LotPosition(Instant.Never, Time, id), points, 0);
        Add(id, new Movement(EntryNames.Points, EntryNames.Merge, EntryNames.RuleMerge, points, Book.Points.Balance)
        {
            DebtDelta = -repaid,
            ExpiresAt = Instant.Never,
            RelatedId = other,
        });
    }

    /// <summary>Takes a debt over: what is there pays it, the rest is owed.</summary>
    public void MoveDebtIn(long points, long other)
    {
        var taken = Book.Points.TakeBack(points, [], 0, Time, ShortfallPolicy.Negative);
        Take(taken.Amount, EntryNames.Merge, EntryNames.RuleMerge, taken.Takes, new TakeTerms { DebtDelta = taken.Shortfall, RelatedId = other });
    }

    /// <summary>What moved since the posting began is no gain: windows learn of it otherwise.</summary>
    public void ForgetGains() => _counted = LevelSums.Of(Book);

    private void AddFor(string? order, long id, Movement movement)
    {
        var entry = ToEntry(id, FirstId, movement, Time, order is null ? cause : cause with { OrderId = order });
        Write(entry);
        _replies.Add(ReplyOf(entry));
    }
}
