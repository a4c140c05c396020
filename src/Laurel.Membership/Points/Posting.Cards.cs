using Laurel.Kernel;
using Laurel.Membership.Cards;
using Laurel.Membership.Levels;

namespace Laurel.Membership.Points;

/// <content>Cards that the member holds, and what they make of the level: at least theirs while they last.</content>
internal sealed partial class Posting
{
    /// <summary>Holds a card as its membership says now, and lets the level follow.</summary>
    /// <param name="reason">Why the level changes, where it does.</param>
    /// <param name="at">From when on: the business time, or the later start of the membership.</param>
    public void HoldCard(CardMembership membership, string reason, Instant at)
    {
        Book.Cards.Memberships.Set(membership.Card, membership);
        Instant? until = membership.EndTime > at ? membership.EndTime : null;
        Book.LevelState = Book.LevelState.Holding(membership.Card, membership.StartTime, until);
        // One that begins after a merged member's is held already: what else is held now decides.
        LevelMove = FollowCards(reason, at > Instant.Max(Time, Draft.Now) ? Time : at) ?? LevelMove;
        ScheduleLevel(Time);
    }

    /// <summary>Holds a card that another has bought who has been merged into this member, or holds it no more, and lets the level follow.</summary>
    /// <param name="held">As the member has it from now on.</param>
    /// <param name="isHeld">Whether the member has it at all.</param>
    public void PassCard(HeldCard held, bool isHeld, string reason)
    {
        Book.LevelState = Book.LevelState.Holding(held.Code, new Instant(held.From), isHeld ? new Instant(held.Until) : null, held.Of);
        LevelMove = FollowCards(reason, Time) ?? LevelMove;
        ScheduleLevel(Time);
    }

    /// <summary>Lets the level held follow the cards: up to the highest of theirs, and back to the member's own. The own one goes on as if
    /// nothing had happened, with its periods and its cooldown, and nothing is paid for a rise that was bought.</summary>
    /// <returns>The change; null where the level stays.</returns>
    private LevelMove? FollowCards(string reason, Instant at)
    {
        var state = Book.LevelState;
        if (state is { Cards: null, Own: null })
        {
            return null;
        }

        var own = state.Own ?? new OwnLevel(Book.LevelCode, Book.LevelSince.UnixMicroseconds);
        var held = Programme.Levels.HeldRank(Programme.Programme.RankOf(own.Code), state, at);
        var (from, to) = (Book.LevelCode, Programme.Programme.Levels[held].Code);
        if (from == to)
        {
            return null;
        }

        WriteLevel(Programme.Levels, from, to, reason, 0, at);
        Book.LevelState = state with { Own = own };
        return new LevelMove { From = from, To = to };
    }

    /// <summary>Ends the cards that have come to their end.</summary>
    /// <returns>Whether one did.</returns>
    private bool EndCards(Instant at)
    {
        var ended = (Book.LevelState.Cards ?? []).Where(card => card.Until <= at.UnixMicroseconds).OrderBy(card => card.Until).ToList();
        foreach (var card in ended)
        {
            var (from, until) = (new Instant(card.From), new Instant(card.Until));
            Book.LevelState = Book.LevelState.Holding(card.Code, from, null, card.Of);
            Draft.Raise(CardEvents.Expired, SubjectOf(DrawId(), until), new MembershipStep(Book.Identity.Id.Value, card.Code, from, until));
            FollowCards($"card {card.Code} ended", until);
        }

        return ended.Count > 0;
    }
}
