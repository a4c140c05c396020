using System.Collections.Frozen;
using Laurel.Kernel;
using Laurel.Membership.Levels;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Cards;

/// <summary>The cards of one version of a programme, ready to be asked.</summary>
internal sealed class CardCatalogue(Programme programme)
{
    private readonly FrozenDictionary<string, MembershipCard> _byCode = programme.Cards.ToFrozenDictionary(card => card.Code);

    public MembershipCard? Find(string code) => _byCode.GetValueOrDefault(code);

    /// <summary>The rank of the level that cards give at the least at a moment; 0, the lowest, where none gives one.</summary>
    /// <remarks>A card that the programme has no more gives nothing. What is written late, for a time before a card began, does not ask for its
    /// beginning: the level would fall and rise again.</remarks>
    public int FloorRank(IReadOnlyList<HeldCard>? held, Instant at)
    {
        var floor = 0;
        foreach (var card in held ?? [])
        {
            if (at.UnixMicroseconds < card.Until && Find(card.Code) is { Level: { } level })
            {
                floor = Math.Max(floor, programme.RankOf(level));
            }
        }

        return floor;
    }

    /// <summary>The code of the level at a moment that is not settled yet: one that rests on a card ends with it, to the instant.</summary>
    /// <param name="level">As it is stored.</param>
    public string LevelAt(string level, LevelState state, Instant at)
    {
        if (state is { Cards: null } or { IsPinned: true } or { Own: null })
        {
            return level;
        }

        var own = programme.RankOf(state.Own.Code);
        return programme.Levels[Math.Max(own, FloorRank(state.Cards, at))].Code;
    }
}
