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

    private LevelFigures Figures => LevelFigures.Of(Book);

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

    public void WriteLevel(string? from, string to, string reason) => WriteLevel(from, to, reason, FirstId, Time);

    /// <summary>Sets the level by hand. Until then, or for ever, nothing else changes it.</summary>
    /// <returns>The change, which history shows even where the level was that one.</returns>
    public LevelChange PinLevel(string to, Instant until, LevelHand hand)
    {
        // A hand is stronger than a card: what it sets is the member's own level, and the level held.
        Book.LevelState = Book.LevelState.Changed() with { Pinned = until.UnixMicroseconds };
        var change = WriteLevel(Book.LevelCode, to, hand.Reason, 0, Time, hand.Operator, until);
        ScheduleLevel(Time);
        return change;
    }

    /// <summary>Lets the rules judge the level again: at once, up or down.</summary>
    /// <returns>The change, which history shows even where the level stays.</returns>
    public LevelChange ReleaseLevel(LevelHand hand)
    {
        Book.LevelState = Book.LevelState with { Pinned = null };
        var own = Programme.Levels.TargetRank(Figures, Time);
        var held = Programme.Levels.HeldRank(own, Book.LevelState, Time);
        var (from, to) = (Book.LevelCode, Programme.Programme.Levels[own].Code);
        var change = WriteLevel(from, Programme.Programme.Levels[held].Code, hand.Reason, 0, Time, hand.Operator, null);
        Book.LevelState = Book.LevelState with { Own = held == own ? null : new OwnLevel(to, Time.UnixMicroseconds) };
        RewardRise(from, to, Time);
        ScheduleLevel(Time);
        return change;
    }

    /// <summary>Writes down a change that another system made; the rules do not pay for that level any more.</summary>
    /// <param name="isLast">Only the last of a history is told as an event.</param>
    public void ImportLevel(ImportedLevel imported, string by, bool isLast)
    {
        // What is imported is the member's own level; a card lifts it again once all of it is written.
        Book.LevelState = Book.LevelState with { Own = null };
        var change = ToChange(Book.LevelCode, imported.Level, imported.Reason ?? "imported", 0, Instant.From(imported.Time)) with { Operator = by };
        WriteLevel(change, isTold: isLast);
        var rewarded = Book.LevelState.Rewarded ?? [];
        Book.LevelState = Book.LevelState with { Rewarded = rewarded.Contains(imported.Level) ? rewarded : [.. rewarded, imported.Level] };
        if (isLast)
        {
            FollowCards("held by card", Time);
        }
    }

    /// <summary>Moves a member out of a level that is being removed: to where the removal says, or higher where more is deserved.</summary>
    public void MoveLevel(string to, string reason)
    {
        var levels = Programme.Programme;
        var rank = levels.RankOf(to);
        rank = Book.LevelState.IsPinned ? rank : Math.Max(rank, Programme.Levels.TargetRank(Figures, Time));
        SetOwn(rank, reason, 0, Time);
        ScheduleLevel(Time);
    }

    /// <summary>Judges the level by the programme of now, up or down, whatever it waited for. What was set by hand stays.</summary>
    public void JudgeAnew(string reason)
    {
        if (!Book.LevelState.IsPinned && !Book.IsMerged)
        {
            Book.LevelState = Book.LevelState with { Cooldown = null, MayFall = false, Grace = null };
            MoveTo(Programme.Levels.TargetRank(Figures, Time), reason, 0, Time);
            FollowCards("level of the card", Time);
            ScheduleLevel(Time);
        }
    }

    /// <summary>Notes when the level is judged next by time alone, by the rules in force.</summary>
    public void ScheduleLevel(Instant at) => Book.LevelDueAt = Book.IsMerged ? null : Programme.Levels.NextDue(Figures, at);

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
        if (!EndCards(at) || Programme.Levels.NextOwnDue(Figures, LevelJudge.Before(at)) <= at)
        {
            SettleOwnLevel(at);
        }

        ScheduleLevel(at);
    }

    private void SettleOwnLevel(Instant at)
    {
        var state = Book.LevelState;
        if (state.Pinned is not null)
        {
            Book.LevelState = state with { Pinned = null };
            MoveTo(Programme.Levels.TargetRank(Figures, at), "no longer set by hand", 0, at);
            FollowCards("held by card", at);
        }
        else if (state.Cooldown is { } cooldown && cooldown <= at.UnixMicroseconds)
        {
            Book.LevelState = state with { Cooldown = null, MayFall = false };
            Judge(state.MayFall, "cooldown ended", 0, at);
        }
        else
        {
            EndPeriod(at);
        }
    }

    private void EndPeriod(Instant at)
    {
        var levels = Programme.Levels;
        var rank = Programme.Programme.RankOf(Figures.LevelCode);
        var target = levels.BestTarget(Figures, LevelJudge.Before(at));
        var hadGrace = Book.LevelState.Grace is not null;
        Book.LevelState = Book.LevelState with { Evaluated = at.UnixMicroseconds, Grace = null };
        if (target > rank)
        {
            MoveTo(target, "period ended", 0, at);
        }
        else if (target < rank && levels.FallsByTime(rank))
        {
            if (!hadGrace && levels.GraceEnd(Figures, at) > at)
            {
                Book.LevelState = Book.LevelState with { Grace = at.UnixMicroseconds };
                return;
            }

            MoveTo(levels.FallRank(rank, target), hadGrace ? "grace ended" : "period ended", 0, at);
        }
    }

    private void Judge(bool mayFall, string reason, long posting, Instant at)
    {
        if (Book.LevelState.IsPinned || Book.IsMerged)
        {
            return;
        }

        var levels = Programme.Levels;
        var (from, to) = (Programme.Programme.RankOf(Figures.LevelCode), levels.TargetRank(Figures, at));
        var rises = to > from && levels.Rules.Upgrade == LevelUpgrade.Now;
        var falls = to < from && mayFall && levels.DowngradeOf(from) == LevelDowngrade.OnRefund;
        if (rises || falls)
        {
            if (levels.CooldownEnd(Figures, at) is { } end)
            {
                Book.LevelState = Book.LevelState with { Cooldown = end.UnixMicroseconds, MayFall = falls };
            }
            else
            {
                MoveTo(to, reason, posting, at);
            }
        }
        else if (to >= from && Book.LevelState.Grace is { } ended)
        {
            // Requalified: the period that ended is made good.
            Book.LevelState = Book.LevelState with { Grace = null, Evaluated = ended };
        }

        // A later version of the programme may give another level by a card.
        FollowCards("level of the card", at);
        ScheduleLevel(at);
    }

    private void MoveTo(int rank, string reason, long posting, Instant at)
    {
        var (from, to) = (Figures.LevelCode, Programme.Programme.Levels[rank].Code);
        if (to != from)
        {
            var held = Book.LevelCode;
            SetOwn(rank, reason, posting, at);
            _firstMove ??= held == Book.LevelCode ? null : new LevelMove { From = held, To = Book.LevelCode };
            RewardRise(from, to, at);
        }
    }

    /// <summary>Gives the member an own level. What is held is that, or what a card gives where it is more.</summary>
    private void SetOwn(int rank, string reason, long posting, Instant at)
    {
        var held = Programme.Levels.HeldRank(rank, Book.LevelState, at);
        var (own, to) = (Programme.Programme.Levels[rank].Code, Programme.Programme.Levels[held].Code);
        Book.LevelState = Book.LevelState.Changed();
        if (to != Book.LevelCode)
        {
            WriteLevel(Book.LevelCode, to, reason, posting, at);
        }

        Book.LevelState = Book.LevelState with { Own = held == rank && Book.LevelSince == at ? null : new OwnLevel(own, at.UnixMicroseconds) };
    }

    /// <summary>Tells the windows what was gained since they were told last.</summary>
    private void CountForLevel(Instant at)
    {
        var levels = Programme.Levels;
        var now = LevelSums.Of(Book);
        if (levels.Counts && now != _counted)
        {
            var state = Book.LevelState;
            Book.LevelState = state.Counting(now - _counted, levels.BucketOf(at), levels.KeepFrom(state, at), at >= Figures.Since);
        }

        _counted = now;
    }

    private LevelChange WriteLevel(string? from, string to, string reason, long posting, Instant at, string? by = null, Instant? until = null) =>
        WriteLevel(ToChange(from, to, reason, posting, at) with { Operator = by, PinnedUntil = until }, isTold: true);

    private LevelChange ToChange(string? from, string to, string reason, long posting, Instant at) => new()
    {
        Tenant = Book.Identity.Tenant,
        Member = Book.Identity.Id,
        Id = DrawId(),
        PostingId = posting,
        From = from,
        To = to,
        Rises = from is null || Programme.Programme.RankOf(to) > Programme.Programme.RankOf(from),
        Reason = reason,
        Lifetime = Book.Lifetime,
        OccurredAt = at,
        RecordedAt = Draft.Now,
    };

    private LevelChange WriteLevel(LevelChange change, bool isTold)
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

        Book.LevelCode = change.To;
        Book.LevelSince = change.OccurredAt;
        Book.LevelState = Book.LevelState.Changed();
        return change;
    }
}
