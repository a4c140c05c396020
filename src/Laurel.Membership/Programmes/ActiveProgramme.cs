using System.Collections.Immutable;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Benefits;
using Laurel.Membership.Cards;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Rules;
using Laurel.Membership.Watch;

namespace Laurel.Membership.Programmes;

/// <summary>A programme ready to decide with: its calendar and its rules beside it.</summary>
public sealed class ActiveProgramme : Aggregate
{
    /// <param name="kinds">The kinds of benefits there are; null is those of the house.</param>
    public ActiveProgramme(Programme programme, BenefitKinds? kinds = null)
    {
        Programme = programme;
        Calendar = new BusinessCalendar(TimeZoneInfo.FindSystemTimeZoneById(programme.TimeZone));
        Rules = new RuleBook(programme, Calendar);
        Cards = new CardCatalogue(programme);
        Levels = LevelJudge.OfMain(programme, Calendar, Cards);
        Ladders = [Levels, .. programme.Tracks.Select(track => LevelJudge.Of(track, Calendar, Cards))];
        Windows = new LevelWindows(Ladders, Calendar);
        Watch = new WatchRules(programme, Calendar);
        Activity = new Activity(programme, Calendar);
        Benefits = new BenefitCatalogue(programme, Calendar, kinds ?? BenefitKinds.OfTheHouse);
    }

    public Programme Programme { get; }

    public BusinessCalendar Calendar { get; }

    internal RuleBook Rules { get; }

    /// <summary>Judges the main ladder.</summary>
    internal LevelJudge Levels { get; }

    /// <summary>The main ladder, then the tracks in their order.</summary>
    internal ImmutableArray<LevelJudge> Ladders { get; }

    internal LevelWindows Windows { get; }

    internal CardCatalogue Cards { get; }

    /// <summary>The code of the level that a member holds at a moment: one that rests on a card has ended with it, also while nobody has settled
    /// that.</summary>
    /// <param name="level">As it is stored.</param>
    /// <param name="state">What it rests on, as it is stored.</param>
    public string LevelAt(string level, string? state, Instant at) => Cards.LevelAt(level, LevelState.Parse(state), at);

    internal WatchRules Watch { get; }

    internal BenefitCatalogue Benefits { get; }

    internal Activity Activity { get; }

    /// <summary>The ladder of a track; of null the main one. Null when there is no such track.</summary>
    internal LevelJudge? FindLadder(string? track)
    {
        foreach (var ladder in Ladders)
        {
            if (ladder.Track == track)
            {
                return ladder;
            }
        }

        return null;
    }

    /// <summary>The code of the level that a member holds in each track, by the track's.</summary>
    internal IReadOnlyDictionary<string, string> TracksOf(MemberBook book) => Ladders.Where(ladder => ladder.Track is not null)
        .ToDictionary(ladder => ladder.Track!, ladder => LevelFigures.Of(book, ladder).HeldCode);

    /// <summary>When points earned at <paramref name="time"/> lapse: 00:00 local after their last day, exclusive;
    /// <see cref="Instant.WhenInactive"/> for those that have none, and lapse by inactivity.</summary>
    /// <param name="validity">Of the rule that pays them; null is as the programme says.</param>
    public Instant ExpiryOf(Instant time, LotValidity? validity = null)
    {
        if (validity?.Inactivity ?? Programme.Inactivity.AllPoints)
        {
            return Instant.WhenInactive;
        }

        var day = Calendar.DayOf(time);
        var last = validity is null
            ? Programme.ValidityDays is { } days ? day.AddDays(days) : null
            : validity.LastDayFor(day);
        return last is { } found ? Calendar.StartOf(found.AddDays(1)) : Instant.Never;
    }

    /// <summary>A business day as a number: 20260131.</summary>
    public int DayNumberOf(Instant time) => CapPeriods.NumberOf(CapPeriod.Day, Calendar.DayOf(time));

    /// <summary>Programmes are replaced as a whole and never changed, so a copy is the same object.</summary>
    public override Aggregate Copy() => this;
}
