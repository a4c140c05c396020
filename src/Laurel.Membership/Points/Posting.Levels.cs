using Laurel.Kernel;
using Laurel.Membership.Events;
using Laurel.Membership.Levels;

namespace Laurel.Membership.Points;

/// <content>What the movements of a command, and time, make of the member's level.</content>
internal sealed partial class Posting
{
    // What the windows were told of already.
    private LevelSums _counted = LevelSums.Of(book);

    // What a judgement made of the level; a reward may move it on.
    private LevelMove? _firstMove;

    private LevelFigures Figures => FiguresOn(Programme.Levels);

    /// <summary>Judges the level: up at once where the rules say so, down only where something was taken back.</summary>
    /// <param name="countedAt">When what was gained counts, or what was taken back had counted; null is the time of the command.</param>
    public void JudgeLevel(bool mayFall, string reason, Instant? countedAt = null)
    {
        CountForLevel(countedAt ?? Time);
        if (Reach is { } reach)
        {
            // It has gone into another member, whose level it is.
            reach.Judge(mayFall, reason, countedAt);
            return;
        }

        _firstMove = null;
        Judge(mayFall, reason, FirstId, Time);
        LevelMove = _firstMove ?? LevelMove;
    }

    public void WriteLevel(string? from, string to, string reason) => WriteLevel(Programme.Levels, from, to, reason, FirstId, Time);

    /// <summary>Sets the level by hand. Until then, or for ever, nothing else changes it.</summary>
    /// <returns>The change, which history shows even where the level was that one.</returns>
    public LevelChange PinLevel(LevelJudge ladder, string to, Instant until, LevelHand hand)
    {
        // A hand is stronger than a card: what it sets is the member's own level, and the level held.
        SetState(ladder, StateOn(ladder).Changed() with { Pinned = until.UnixMicroseconds });
        var change = WriteLevel(ladder, FiguresOn(ladder).HeldCode, to, hand.Reason, 0, Time, hand.Operator, until);
        ScheduleLevel(Time);
        return change;
    }

    /// <summary>Lets the rules judge the level again: at once, up or down.</summary>
    /// <returns>The change, which history shows even where the level stays.</returns>
    public LevelChange ReleaseLevel(LevelJudge ladder, LevelHand hand)
    {
        SetState(ladder, StateOn(ladder) with { Pinned = null });
        var own = ladder.TargetRank(FiguresOn(ladder), Time);
        var held = ladder.HeldRank(own, StateOn(ladder), Time);
        var (from, to) = (FiguresOn(ladder).HeldCode, ladder.Levels[own].Code);
        var change = WriteLevel(ladder, from, ladder.Levels[held].Code, hand.Reason, 0, Time, hand.Operator, null);
        SetState(ladder, StateOn(ladder) with { Own = held == own ? null : new OwnLevel(to, Time.UnixMicroseconds) });
        RewardRise(ladder, from, to, Time);
        ScheduleLevel(Time);
        return change;
    }

    /// <summary>Writes down a change that another system made; the rules do not pay for that level any more.</summary>
    /// <param name="isLast">Only the last of a history is told as an event.</param>
    public void ImportLevel(LevelJudge ladder, ImportedLevel imported, string by, bool isLast)
    {
        // What is imported is the member's own level; a card lifts it again once all of it is written.
        SetState(ladder, StateOn(ladder) with { Own = null });
        var from = FiguresOn(ladder).HeldCode;
        var change = ToChange(ladder, from, imported.Level, imported.Reason ?? "imported", 0, Instant.From(imported.Time)) with { Operator = by };
        WriteLevel(ladder, change, isTold: isLast);
        var rewarded = StateOn(ladder).Rewarded ?? [];
        SetState(ladder, StateOn(ladder) with { Rewarded = rewarded.Contains(imported.Level) ? rewarded : [.. rewarded, imported.Level] });
        if (isLast && ladder.Track is null)
        {
            FollowCards("held by card", Time);
        }
    }

    /// <summary>Moves a member out of a level that is being removed: to where the removal says, or higher where more is deserved.</summary>
    public void MoveLevel(LevelJudge ladder, string to, string reason)
    {
        var rank = ladder.RankOf(to);
        rank = StateOn(ladder).IsPinned ? rank : Math.Max(rank, ladder.TargetRank(FiguresOn(ladder), Time));
        SetOwn(ladder, rank, reason, 0, Time);
        ScheduleLevel(Time);
    }

    /// <summary>Whether the member holds a level, or would without cards.</summary>
    public bool Has(LevelJudge ladder, string level) => FiguresOn(ladder) is var figures && (figures.HeldCode == level || figures.LevelCode == level);

    /// <summary>Notes when a level is judged next by time alone, by the rules in force.</summary>
    public void ScheduleLevel(Instant at)
    {
        Instant? due = null;
        foreach (var ladder in Book.IsMerged ? [] : Programme.Ladders)
        {
            due = ladder.NextDue(FiguresOn(ladder), at) is { } next ? Instant.Min(next, due ?? Instant.Never) : due;
        }

        Book.LevelDueAt = due;
    }

    private LevelFigures FiguresOn(LevelJudge ladder) => LevelFigures.Of(Book, ladder);

    private LevelState StateOn(LevelJudge ladder) => FiguresOn(ladder).State;

    private void SetState(LevelJudge ladder, LevelState state)
    {
        if (ladder.Track is not { } track)
        {
            Book.LevelState = state;
        }
        else if (state != StateOn(ladder))
        {
            // Who has nothing but the lowest level of a track has nothing written.
            var figures = FiguresOn(ladder);
            Book.LevelState = Book.LevelState.Standing(new TrackStanding(track, figures.LevelCode, figures.Since.UnixMicroseconds, state));
        }
    }

    /// <summary>Judges every level by the programme of now, up or down, whatever it waited for. What was set by hand stays.</summary>
    public void JudgeAnew(string reason)
    {
        foreach (var ladder in Book.IsMerged ? [] : Programme.Ladders)
        {
            if (!StateOn(ladder).IsPinned)
            {
                SetState(ladder, StateOn(ladder) with { Cooldown = null, MayFall = false, Grace = null });
                MoveTo(ladder, ladder.TargetRank(FiguresOn(ladder), Time), reason, 0, Time);
            }
        }

        FollowCards("level of the card", Time);
        ScheduleLevel(Time);
    }

    private void SettleLevelThrough(Instant at)
    {
        while (Book.LevelDueAt is { } due && due <= at)
        {
            SettleLevel(due);
        }
    }

    /// <summary>Makes what fell due of the level, in the order of time: the balance of points is that of the moment before.</summary>
    private void SettleLevel(Instant at)
    {
        var wasDue = EndCards(at);
        foreach (var ladder in Programme.Ladders)
        {
            if (ladder.NextOwnDue(FiguresOn(ladder), LevelJudge.Before(at)) <= at)
            {
                SettleOwnLevel(ladder, at);
                wasDue = true;
            }
        }

        if (!wasDue)
        {
            // It was noted by an earlier version of the programme: nothing ends by this one, and who has waited for it may rise.
            Judge(mayFall: false, "rules of levels changed", 0, at);
        }

        ScheduleLevel(at);
    }

    private void SettleOwnLevel(LevelJudge ladder, Instant at)
    {
        var state = StateOn(ladder);
        if (state.Pinned is not null)
        {
            SetState(ladder, state with { Pinned = null });
            MoveTo(ladder, ladder.TargetRank(FiguresOn(ladder), at), "no longer set by hand", 0, at);
            if (ladder.Track is null)
            {
                FollowCards("held by card", at);
            }
        }
        else if (state.Cooldown is { } cooldown && cooldown <= at.UnixMicroseconds)
        {
            SetState(ladder, state with { Cooldown = null, MayFall = false });
            Judge(ladder, state.MayFall, "cooldown ended", 0, at);
        }
        else
        {
            EndPeriod(ladder, at);
        }
    }

    private void EndPeriod(LevelJudge ladder, Instant at)
    {
        var figures = FiguresOn(ladder);
        var rank = ladder.RankOf(figures.LevelCode);
        var target = ladder.BestTarget(figures, LevelJudge.Before(at));
        var hadGrace = figures.State.Grace is not null;
        SetState(ladder, figures.State with { Evaluated = at.UnixMicroseconds, Grace = null });
        if (target > rank)
        {
            MoveTo(ladder, target, "period ended", 0, at);
        }
        else if (target < rank && ladder.FallsByTime(rank))
        {
            if (!hadGrace && ladder.GraceEnd(FiguresOn(ladder), at) > at)
            {
                SetState(ladder, StateOn(ladder) with { Grace = at.UnixMicroseconds });
                return;
            }

            MoveTo(ladder, ladder.FallRank(rank, target), hadGrace ? "grace ended" : "period ended", 0, at);
        }
    }

    private void Judge(bool mayFall, string reason, long posting, Instant at)
    {
        foreach (var ladder in Programme.Ladders)
        {
            Judge(ladder, mayFall, reason, posting, at);
        }
    }

    private void Judge(LevelJudge ladder, bool mayFall, string reason, long posting, Instant at)
    {
        var figures = FiguresOn(ladder);
        if (figures.State.IsPinned || Book.IsMerged)
        {
            return;
        }

        var from = ladder.RankOf(figures.LevelCode);
        var to = Math.Max(ladder.TargetRank(figures, at), mayFall ? ladder.KeptRank(figures, from, at) : 0);
        var rises = to > from && ladder.Rules.Upgrade == LevelUpgrade.Now;
        var falls = to < from && mayFall && ladder.DowngradeOf(from) == LevelDowngrade.OnRefund;
        if (rises || falls)
        {
            if (ladder.CooldownEnd(figures, at) is { } end)
            {
                SetState(ladder, figures.State with { Cooldown = end.UnixMicroseconds, MayFall = falls });
            }
            else
            {
                MoveTo(ladder, to, reason, posting, at);
            }
        }
        else if (to >= from && figures.State.Grace is { } ended)
        {
            // Requalified: the period that ended is made good.
            SetState(ladder, figures.State with { Grace = null, Evaluated = ended });
        }

        if (ladder.Track is null)
        {
            // A later version of the programme may give another level by a card.
            FollowCards("level of the card", at);
        }

        ScheduleLevel(at);
    }

    private void MoveTo(LevelJudge ladder, int rank, string reason, long posting, Instant at)
    {
        var figures = FiguresOn(ladder);
        var (from, to) = (figures.LevelCode, ladder.Levels[rank].Code);
        if (to != from)
        {
            SetOwn(ladder, rank, reason, posting, at);
            if (ladder.Track is null)
            {
                _firstMove ??= figures.HeldCode == Book.LevelCode ? null : new LevelMove { From = figures.HeldCode, To = Book.LevelCode };
            }

            RewardRise(ladder, from, to, at);
        }
    }

    /// <summary>Gives the member an own level. What is held is that, or what a card gives where it is more.</summary>
    private void SetOwn(LevelJudge ladder, int rank, string reason, long posting, Instant at)
    {
        var figures = FiguresOn(ladder);
        var held = ladder.HeldRank(rank, figures.State, at);
        var (own, to) = (ladder.Levels[rank].Code, ladder.Levels[held].Code);
        SetState(ladder, figures.State.Changed());
        if (to != figures.HeldCode)
        {
            WriteLevel(ladder, figures.HeldCode, to, reason, posting, at);
        }

        if (ladder.Track is null)
        {
            Book.LevelState = Book.LevelState with { Own = held == rank && Book.LevelSince == at ? null : new OwnLevel(own, at.UnixMicroseconds) };
        }
    }

    /// <summary>Tells the windows what was gained since they were told last.</summary>
    private void CountForLevel(Instant at)
    {
        var (windows, gain) = (Programme.Windows, LevelSums.Of(Book) - _counted);
        if (windows.Counts && gain != default)
        {
            var state = Book.LevelState;
            Book.LevelState = state.Counting(gain, windows.BucketOf(at), windows.KeepFrom(state, at), at >= Figures.Since);
            foreach (var ladder in Programme.Ladders.Where(ladder => ladder.Track is not null && ladder.CountsSinceChange && at >= FiguresOn(ladder).Since))
            {
                SetState(ladder, StateOn(ladder) with { SinceChange = StateOn(ladder).SinceChange + gain });
            }
        }

        _counted += gain;
    }

    private LevelChange WriteLevel(
        LevelJudge ladder, string? from, string to, string reason, long posting, Instant at, string? by = null, Instant? until = null) =>
        WriteLevel(ladder, ToChange(ladder, from, to, reason, posting, at) with { Operator = by, PinnedUntil = until }, isTold: true);

    private LevelChange ToChange(LevelJudge ladder, string? from, string to, string reason, long posting, Instant at) => new()
    {
        Tenant = Book.Identity.Tenant,
        Member = Book.Identity.Id,
        Id = DrawId(),
        Track = ladder.Track,
        PostingId = posting,
        From = from,
        To = to,
        Rises = from is null || ladder.RankOf(to) > ladder.RankOf(from),
        Reason = reason,
        Lifetime = Book.Lifetime,
        OccurredAt = at,
        RecordedAt = Draft.Now,
    };

    private LevelChange WriteLevel(LevelJudge ladder, LevelChange change, bool isTold)
    {
        Draft.Insert(LevelStatements.InsertChanges, change);
        if (change.From == change.To)
        {
            return change;
        }

        if (change.From is not null && isTold)
        {
            Draft.Raise(MemberEvents.Of(change), SubjectOf(change.Id, change.OccurredAt), change);
        }

        var state = StateOn(ladder).Changed();
        if (ladder.Track is { } track)
        {
            Book.LevelState = Book.LevelState.Standing(new TrackStanding(track, change.To, change.OccurredAt.UnixMicroseconds, state));
        }
        else
        {
            (Book.LevelCode, Book.LevelSince, Book.LevelState) = (change.To, change.OccurredAt, state);
        }

        return change;
    }
}
