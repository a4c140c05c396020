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
    public void RewardRise(string from, string to, Instant at)
    {
        if (Programme.Rules.For(EventTypes.LevelUpgraded).Rules.IsEmpty)
        {
            return;
        }

        var levels = Programme.Programme;
        var hasPaid = false;
        for (var rank = levels.RankOf(from) + 1; rank <= levels.RankOf(to); rank++)
        {
            hasPaid |= levels.Levels[rank].Active && Reward(levels.Levels[rank].Code, at);
        }

        if (hasPaid)
        {
            CountForLevel(at);
            Judge(mayFall: false, "level rewarded", 0, at);
        }
    }

    private bool Reward(string level, Instant at)
    {
        var rewarded = Book.LevelState.Rewarded ?? [];
        var facts = new RuleFacts
        {
            Member = Book,
            Event = new EventFacts(EventTypes.LevelUpgraded, "", level, new Dictionary<string, object?> { ["level"] = level }),
            Time = at,
            IsRepeated = rewarded.Contains(level),
        };
        var awards = RulePayments.RunForRise(this, facts);
        if (awards.Any(award => !award.Rule.Repeat))
        {
            Book.LevelState = Book.LevelState with { Rewarded = [.. rewarded, level] };
        }

        var reward = new Posting(Draft, Book, Programme, at, new Cause(
            EventTypes.ReasonOf(EventTypes.LevelUpgraded), EventTypes.ReferenceTypeOf(EventTypes.LevelUpgraded), level));
        RulePayments.Post(reward, awards);
        return awards.Count > 0;
    }
}
