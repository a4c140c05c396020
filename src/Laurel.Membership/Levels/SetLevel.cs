using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Levels;

/// <summary>Who changes a level by hand, and why.</summary>
public sealed record LevelHand(string Reason, string Operator);

/// <summary>Sets a member's level by hand, until an instant or for ever; or lets the rules judge it again.</summary>
/// <remarks>Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, TRACK_NOT_FOUND, LEVEL_NOT_FOUND, LEVEL_DISABLED, PIN_OUT_OF_RANGE.</remarks>
/// <param name="level">Its code; null lets the rules judge again.</param>
public sealed class SetLevel(TenantId tenant, MemberReference member, string? level, LevelHand hand, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    /// <summary>The code of the track whose level it is; null for the main ladder.</summary>
    public string? Track { get; init; }

    /// <summary>Until when the rules leave the level alone; null is for ever.</summary>
    public Instant? Until { get; init; }

    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Set twice is set once, and twice in the history; a repeat is told by its Idempotency-Key.
    }

    protected override Cause CauseOf() => new(hand.Reason, "level", "hand");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        if (posting.Programme.FindLadder(Track) is not { } ladder)
        {
            return new Decision.Refuse(LevelEdits.TrackNotFound(Track));
        }

        if (level is null)
        {
            return Told(posting, posting.ReleaseLevel(ladder, hand));
        }

        var found = ladder.Find(level);
        if (found is null)
        {
            return Refuse("LEVEL_NOT_FOUND", ("levelCode", level));
        }

        if (!found.Active)
        {
            return Refuse("LEVEL_DISABLED", ("levelCode", level));
        }

        return Programmes.Programme.OutOfRange(Until, posting.Time, "PIN_OUT_OF_RANGE", "/until") is { } refusal
            ? new Decision.Refuse(refusal)
            : Told(posting, posting.PinLevel(ladder, level, Until ?? Instant.Never, hand));
    }

    private static Decision.Apply Told(Posting posting, LevelChange change)
    {
        var id = posting.Book.Identity.Id;
        var reply = new LevelHandReply
        {
            MemberId = id.ToString(),
            From = change.From!,
            To = change.To,
            Pinned = change.PinnedUntil is not null,
            PinnedUntil = change.PinnedUntil?.ToNullable(),
        };
        return new Decision.Apply(reply, id.Value, 0, 0);
    }
}

/// <summary>Moves a member out of a level that is being removed. What the job sends.</summary>
public sealed class MoveLevel(TenantId tenant, MemberId member, string from, MemberBooks books) : MemberJob(tenant, member, books)
{
    /// <summary>The code of the track that the level is of; null for the main ladder.</summary>
    public string? Track { get; init; }

    // A merged member keeps a level, for the day on which the merge is undone.
    protected override bool ActsWhereItIs => true;

    protected override Cause CauseOf() => new("Level removed", "level", from);

    private protected override Decision Work(Posting posting, LoadPlan plan)
    {
        if (posting.Programme.FindLadder(Track) is { } ladder && ladder.Find(from)?.MoveTo is { } to && posting.Has(ladder, from))
        {
            posting.MoveLevel(ladder, to, $"level {from} removed");
        }

        return Done(posting);
    }
}
