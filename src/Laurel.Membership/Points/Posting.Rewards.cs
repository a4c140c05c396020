using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Points;

/// <content>What rules pay for a rise of the level.</content>
internal sealed partial class Posting
{
    /// <summary>Pays what the rules give for every level that was risen to, the lowest first, as postings of their own; and judges the level again
    /// by it. A level is paid for once, however often it is reached, but by rules that repeat themselves.</summary>
    /// <param name="from">The level before.</param>
    /// <param name="to">The level now.</param>
    /// <param name="at">When it was reached.</param>
    public void RewardRise(LevelJudge ladder, string from, string to, Instant at)
    {
        if (Programme.Rules.For(EventTypes.RiseIn(ladder.Track)).Rules.IsEmpty)
        {
            return;
        }

        var hasPaid = false;
        for (var rank = ladder.RankOf(from) + 1; rank <= ladder.RankOf(to); rank++)
        {
            hasPaid |= ladder.Levels[rank].Active && Reward(ladder, ladder.Levels[rank].Code, at);
        }

        if (hasPaid)
        {
            CountForLevel(at);
            Judge(mayFall: false, "level rewarded", 0, at);
        }
    }

    private bool Reward(LevelJudge ladder, string level, Instant at)
    {
        var (trigger, rewarded) = (EventTypes.RiseIn(ladder.Track), StateOn(ladder).Rewarded ?? []);
        var reference = ladder.Track is { } track ? $"{track}/{level}" : level;
        var data = new Dictionary<string, object?> { ["level"] = level };
        if (ladder.Track is not null)
        {
            data["track"] = ladder.Track;
        }

        var facts = new RuleFacts
        {
            Member = Book,
            Event = new EventFacts(trigger, "", reference, data),
            Time = at,
            IsRepeated = rewarded.Contains(level),
        };
        var awards = RulePayments.RunForRise(this, facts);
        if (awards.Any(award => !award.Rule.Repeat))
        {
            SetState(ladder, StateOn(ladder) with { Rewarded = [.. rewarded, level] });
        }

        var rise = new Cause(EventTypes.ReasonOf(trigger), EventTypes.ReferenceTypeOf(trigger), reference);
        RulePayments.Post(new Posting(Draft, Book, Programme, at, rise), awards);
        return awards.Count > 0;
    }
}
