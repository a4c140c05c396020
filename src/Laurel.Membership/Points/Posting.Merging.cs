using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
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

    /// <summary>Judges the levels by what both members have together; the higher of the two is kept, with the hand that set it.</summary>
    /// <returns>The tracks whose level changed.</returns>
    public IReadOnlyList<TrackMerge> JoinLevels(MemberBook source)
    {
        var before = Programme.Ladders.Select(ladder => FiguresOn(ladder).HeldCode).ToList();
        ForgetGains();
        foreach (var ladder in Programme.Ladders)
        {
            SetState(ladder, StateOn(ladder).With(LevelFigures.Of(source, ladder).State));
        }

        JudgeLevel(mayFall: false, "members merged");
        foreach (var ladder in Programme.Ladders)
        {
            var (theirs, mine) = (LevelFigures.Of(source, ladder), FiguresOn(ladder).HeldCode);
            if (ladder.RankOf(theirs.HeldCode) > ladder.RankOf(mine))
            {
                WriteLevel(ladder, mine, theirs.HeldCode, "members merged", FirstId, Time);
                SetState(ladder, StateOn(ladder) with { Pinned = theirs.State.Pinned ?? StateOn(ladder).Pinned });
                ScheduleLevel(Time);
            }
        }

        return
        [
            .. from pair in Programme.Ladders.Zip(before)
               let after = FiguresOn(pair.First).HeldCode
               where pair.First.Track is not null && after != pair.Second
               select new TrackMerge(pair.First.Track!, LevelFigures.Of(source, pair.First).HeldCode, pair.Second, after),
        ];
    }

    /// <summary>Each is judged by its own again. A level that the survivor has had from the merge goes with it, unless it is deserved by now.</summary>
    public void PartLevels(Posting source, MemberMerge made)
    {
        ForgetGains();
        foreach (var ladder in Programme.Ladders)
        {
            var isOfBefore = FiguresOn(ladder).HeldSince < made.MergedAt;
            SetState(ladder, StateOn(ladder).Without(LevelFigures.Of(source.Book, ladder).State, isOfBefore));
        }

        source.ForgetGains();
        source.JudgeLevel(mayFall: false, "merge undone");
        source.ScheduleLevel(source.Time);
        GiveBack(Programme.Levels, source.Book, made.SourceLevel, made.LevelBefore, made.LevelAfter);
        foreach (var track in made.Tracks ?? [])
        {
            if (Programme.FindLadder(track.Track) is { } ladder)
            {
                GiveBack(ladder, source.Book, track.Source, track.Before, track.After);
            }
        }

        JudgeLevel(mayFall: false, "merge undone");
        ScheduleLevel(Time);
    }

    private void GiveBack(LevelJudge ladder, MemberBook source, string theirs, string before, string after)
    {
        // A level that somebody had set by hand for the one that went goes back with the hand that set it.
        var held = FiguresOn(ladder).HeldCode;
        if (after == before || held != after)
        {
            return;
        }

        if (after == theirs && StateOn(ladder).Pinned == LevelFigures.Of(source, ladder).State.Pinned)
        {
            SetState(ladder, StateOn(ladder) with { Pinned = null });
        }

        var target = Math.Max(ladder.TargetRank(FiguresOn(ladder), Time), ladder.Find(before) is null ? -1 : ladder.RankOf(before));
        if (!StateOn(ladder).IsPinned && target < ladder.RankOf(held))
        {
            WriteLevel(ladder, held, ladder.Levels[target].Code, "merge undone", FirstId, Time);
        }
    }

    private void AddFor(string? order, long id, Movement movement)
    {
        var entry = ToEntry(id, FirstId, movement, Time, order is null ? cause : cause with { OrderId = order });
        Write(entry);
        _replies.Add(ReplyOf(entry));
    }
}
