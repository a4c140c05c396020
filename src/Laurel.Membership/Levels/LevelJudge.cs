using System.Collections.Immutable;
using Laurel.Kernel;
using Laurel.Membership.Cards;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Levels;

/// <summary>What becomes of a level when nothing more is earned.</summary>
/// <param name="Projected">The rank after the next judgement.</param>
/// <param name="ToStay">What is missing of the measure to keep the level; 0 where it is safe.</param>
/// <param name="ToNext">What is missing of the measure to the next level; 0 on the highest.</param>
/// <param name="EvaluatedOn">When it is judged next by time alone; null for never.</param>
internal readonly record struct LevelForecast(int Projected, long ToStay, long ToNext, Instant? EvaluatedOn);

/// <summary>Judges the levels of one ladder of a programme by its rules. Pure: whoever asks says when.</summary>
internal sealed class LevelJudge
{
    private readonly ImmutableArray<Level> _levels;
    private readonly BusinessCalendar _calendar;
    private readonly CardCatalogue _cards;
    private readonly Carryover? _carryover;

    private LevelJudge(
        string? track, ImmutableArray<Level> levels, LevelRules rules, BusinessCalendar calendar, CardCatalogue cards, Carryover? carryover)
    {
        (Track, _levels, _calendar, _cards, _carryover) = (track, levels, calendar, cards, carryover);
        Rules = rules.Resolved();
        Windows = [.. MeasuresOf(levels, rules).Where(measure => measure.Window != LevelWindow.Lifetime)];
    }

    /// <summary>The code of the track; null of the main ladder.</summary>
    public string? Track { get; }

    public LevelRules Rules { get; }

    public ImmutableArray<Level> Levels => _levels;

    /// <summary>What is measured over less than a lifetime.</summary>
    public ImmutableArray<LevelMeasure> Windows { get; }

    /// <summary>Whether something is measured since the last change.</summary>
    public bool CountsSinceChange => Windows.Any(measure => measure.Window == LevelWindow.SinceLastChange);

    /// <summary>The code of the lowest level.</summary>
    public string Lowest => _levels[0].Code;

    public static LevelJudge OfMain(Programme programme, BusinessCalendar calendar, CardCatalogue cards) =>
        new(null, programme.Levels, programme.LevelRules, calendar, cards, programme.Carryover);

    public static LevelJudge Of(LevelTrack track, BusinessCalendar calendar, CardCatalogue cards) =>
        new(track.Code, track.Levels, track.LevelRules, calendar, cards, carryover: null);

    /// <summary>Everything that the rules of a ladder measure.</summary>
    public static IEnumerable<LevelMeasure> MeasuresOf(ImmutableArray<Level> levels, LevelRules rules) =>
    [
        rules.Resolved().Measure,
        .. levels.SelectMany(level => level.AnyOf.Concat(level.AllOf)).Select(condition => condition.Measure),
    ];

    /// <summary>The level of that code; null when the ladder has none.</summary>
    public Level? Find(string code)
    {
        foreach (var level in _levels)
        {
            if (level.Code == code)
            {
                return level;
            }
        }

        return null;
    }

    /// <summary>The rank of the level of that code, or of the lowest when a later version has dropped it.</summary>
    public int RankOf(string code)
    {
        for (var rank = 0; rank < _levels.Length; rank++)
        {
            if (_levels[rank].Code == code)
            {
                return rank;
            }
        }

        return 0;
    }

    public static Instant Before(Instant instant) => new(instant.UnixMicroseconds - 1);

    /// <summary>The rank of the highest level that is deserved; the lowest is deserved by all.</summary>
    public int TargetRank(in LevelFigures figures, Instant at)
    {
        for (var rank = _levels.Length - 1; rank > 0; rank--)
        {
            if (_levels[rank].Active && IsMet(_levels[rank], figures, at))
            {
                return rank;
            }
        }

        return 0;
    }

    /// <summary>The rank that a refund leaves a member at the least who has held its level since before a carryover keeps some: until its period ends, what
    /// was enough for a level stays enough.</summary>
    /// <param name="rank">Of the level held.</param>
    public int KeptRank(in LevelFigures figures, int rank, Instant at)
    {
        if (_carryover is not { KeptLevels.IsEmpty: false } carryover
            || figures.Since >= carryover.At
            || figures.State.Evaluated >= carryover.At.UnixMicroseconds)
        {
            return 0;
        }

        var value = ValueOf(Rules.Measure, figures, at);
        return carryover.KeptLevels.Where(kept => value >= kept.Threshold).Select(kept => RankOf(kept.Level)).Where(kept => kept <= rank).DefaultIfEmpty(0).Max();
    }

    public LevelDowngrade DowngradeOf(int rank) => _levels[rank].Downgrade ?? Rules.Downgrade;

    public bool FallsByTime(int rank) => rank > 0 && DowngradeOf(rank) is LevelDowngrade.OneStep or LevelDowngrade.Reevaluate;

    /// <summary>Where a member falls to who deserves no more than <paramref name="target"/>.</summary>
    public int FallRank(int rank, int target)
    {
        if (DowngradeOf(rank) == LevelDowngrade.Reevaluate)
        {
            return target;
        }

        var next = rank - 1;
        while (next > 0 && !_levels[next].Active)
        {
            next--;
        }

        return next;
    }

    /// <summary>Until when a level that has just changed is not changed again; null where it may be.</summary>
    public Instant? CooldownEnd(in LevelFigures figures, Instant at)
    {
        if (Rules.CooldownHours == 0 || figures.Since == figures.JoinedAt)
        {
            return null;
        }

        var end = figures.Since.Plus(TimeSpan.FromHours(Rules.CooldownHours));
        return end > at ? end : null;
    }

    /// <summary>When a level is lost that was not requalified for in the period that ended at <paramref name="end"/>.</summary>
    public Instant GraceEnd(in LevelFigures figures, Instant end)
    {
        var until = end;
        if (Rules.Grace is { } grace)
        {
            var last = _calendar.DayOf(end).AddMonths(grace.Months).AddDays(grace.Days - 1);
            until = _calendar.StartOf((grace.ToMonthEnd ? EndOfMonth(last) : last).AddDays(1));
        }

        return CooldownEnd(figures, until) ?? until;
    }

    /// <summary>When the level is judged next by time alone, or a card ends; null for never.</summary>
    /// <param name="at">Everything up to it was judged.</param>
    public Instant? NextDue(in LevelFigures figures, Instant at)
    {
        var due = NextOwnDue(figures, at);
        return figures.State.NextCardEnd() is { } end ? Instant.Min(end, due ?? Instant.Never) : due;
    }

    /// <summary>When the member's own level is judged next by time alone; null for never.</summary>
    /// <inheritdoc cref="NextDue"/>
    public Instant? NextOwnDue(in LevelFigures figures, Instant at)
    {
        var state = figures.State;
        if (state.Pinned is { } pinned)
        {
            return new Instant(pinned) is { IsNever: false } until ? until : null;
        }

        var period = PeriodDue(figures, at);
        return state.Cooldown is { } cooldown
            ? Instant.Min(new Instant(cooldown), period ?? Instant.Never)
            : period;
    }

    /// <summary>The rank of the level that is held with cards. No card gives a level of a track, whose state knows of none.</summary>
    /// <param name="own">The rank of the member's own level.</param>
    public int HeldRank(int own, LevelState state, Instant at) => state.IsPinned ? own : Math.Max(own, _cards.FloorRank(state.Cards, at));

    /// <summary>What becomes of the level when nothing more is earned and no card is bought.</summary>
    public LevelForecast Forecast(in LevelFigures figures, Instant now)
    {
        var forecast = ForecastOwn(figures, now);
        if (figures.State.NextCardEnd() is not { } end)
        {
            return forecast;
        }

        // What comes first is forecast: the end of a card, or the judgement of the own level under it.
        var rank = RankOf(figures.LevelCode);
        var isFirst = forecast.EvaluatedOn is not { } due || end <= due;
        var (at, own) = isFirst ? (end, rank) : (forecast.EvaluatedOn!.Value, forecast.Projected);
        var (held, projected) = (HeldRank(rank, figures.State, now), HeldRank(own, figures.State, at));
        var value = ValueOf(Rules.Measure, figures, now);
        var next = NextActive(held);
        return new LevelForecast(
            projected,
            projected < held ? Math.Max(0, _levels[held].Threshold - value) : 0,
            next < _levels.Length ? Math.Max(0, _levels[next].Threshold - value) : 0,
            at);
    }

    /// <summary>The next rank that members may come to; the number of levels where there is none.</summary>
    public int NextActive(int rank)
    {
        var next = rank + 1;
        while (next < _levels.Length && !_levels[next].Active)
        {
            next++;
        }

        return next;
    }

    private LevelForecast ForecastOwn(in LevelFigures figures, Instant now)
    {
        var rank = RankOf(figures.LevelCode);
        var due = NextOwnDue(figures, now);
        var at = due is { } instant && instant > now ? Before(instant) : now;
        var target = BestTarget(figures, at);
        var falls = due is not null && !figures.State.IsPinned && target < rank && (FallsByTime(rank) || figures.State.MayFall);
        var toStay = falls ? Math.Max(0, _levels[rank].Threshold - ValueOf(Rules.Measure, figures, at)) : 0;
        var projected = !falls ? rank : figures.State.MayFall ? target : FallRank(rank, target);
        if (!figures.State.IsPinned && target > rank && (due is not null || Rules.Upgrade == LevelUpgrade.Now))
        {
            projected = target;
        }

        var next = NextActive(rank);
        var toNext = next < _levels.Length ? Math.Max(0, _levels[next].Threshold - ValueOf(Rules.Measure, figures, now)) : 0;
        return new LevelForecast(projected, toStay, toNext, due);
    }

    /// <summary>The highest rank deserved at a moment or, while a grace runs, at the end of the period before it.</summary>
    public int BestTarget(in LevelFigures figures, Instant at)
    {
        var target = TargetRank(figures, at);
        return figures.State.Grace is { } end ? Math.Max(target, TargetRank(figures, Before(new Instant(end)))) : target;
    }

    private Instant? PeriodDue(in LevelFigures figures, Instant at)
    {
        if (figures.State.Grace is { } ended)
        {
            return GraceEnd(figures, new Instant(ended));
        }

        var rank = RankOf(figures.LevelCode);
        var mayRise = Rules.Upgrade == LevelUpgrade.NextPeriod && rank < _levels.Length - 1;
        return Rules.Period is { } period && (mayRise || FallsByTime(rank))
            ? PeriodEnd(period, figures, Instant.Max(at, new Instant(figures.State.Evaluated ?? long.MinValue)))
            : null;
    }

    /// <summary>The first end of a period after an instant.</summary>
    private Instant PeriodEnd(LevelPeriod period, in LevelFigures figures, Instant after)
    {
        var first = period.Anchor switch
        {
            LevelAnchor.LevelStart => _calendar.DayOf(figures.Since),
            LevelAnchor.JoinDate => _calendar.DayOf(figures.JoinedAt),
            LevelAnchor.Fixed => period.From ?? new DateOnly(2000, 1, 1),
        };

        // The day on which a level is reached is no day of its period yet.
        var more = period.Anchor == LevelAnchor.LevelStart ? 1 : 0;
        var today = _calendar.DayOf(after);
        var count = period.Months is { } months
            ? (((today.Year - first.Year) * 12) + today.Month - first.Month) / months
            : (today.DayNumber - first.DayNumber) / (period.Days ?? 1);
        for (count = Math.Max(1, count - 1); ; count++)
        {
            var end = _calendar.StartOf(EndOf(period, first, count).AddDays(more));
            if (end > after)
            {
                return end;
            }
        }
    }

    private static DateOnly EndOf(LevelPeriod period, DateOnly first, int count) =>
        period.Months is { } months ? first.AddMonths(months * count) : first.AddDays((period.Days ?? 1) * count);

    private bool IsMet(Level level, in LevelFigures figures, Instant at)
    {
        var isReached = ValueOf(Rules.Measure, figures, at) >= level.Threshold;
        foreach (var condition in level.AnyOf)
        {
            isReached = isReached || ValueOf(condition.Measure, figures, at) >= condition.AtLeast;
        }

        foreach (var condition in level.AllOf)
        {
            isReached = isReached && ValueOf(condition.Measure, figures, at) >= condition.AtLeast;
        }

        return isReached;
    }

    private long ValueOf(LevelMeasure measure, in LevelFigures figures, Instant at) => measure switch
    {
        { Metric: LevelMetric.Balance } => figures.Points,
        { Window: LevelWindow.Lifetime } => figures.Lifetime.Of(measure.Metric),
        { Window: LevelWindow.SinceLastChange } => figures.State.SinceChange.Of(measure.Metric),
        _ => SumOf(measure, figures.Days, at),
    };

    private long SumOf(LevelMeasure measure, IReadOnlyList<LevelBucket>? days, Instant at)
    {
        if (days is null)
        {
            return 0;
        }

        var day = _calendar.DayOf(at);
        var (from, until) = (CapPeriods.NumberOf(CapPeriod.Day, StartOf(measure, day)), CapPeriods.NumberOf(CapPeriod.Day, day));
        return days.Where(bucket => bucket.Day >= from && bucket.Day <= until).Sum(bucket => bucket.Sums.Of(measure.Metric));
    }

    /// <summary>The first day of a window that ends with a day.</summary>
    public static DateOnly StartOf(LevelMeasure measure, DateOnly day) => measure.Window switch
    {
        LevelWindow.Month => new DateOnly(day.Year, day.Month, 1),
        LevelWindow.Quarter => new DateOnly(day.Year, ((day.Month - 1) / 3 * 3) + 1, 1),
        LevelWindow.HalfYear => new DateOnly(day.Year, day.Month <= 6 ? 1 : 7, 1),
        LevelWindow.Year => new DateOnly(day.Year, 1, 1),
        LevelWindow.RollingDays => day.AddDays(1 - (measure.Days ?? 1)),
        LevelWindow.Lifetime or LevelWindow.SinceLastChange => throw new InvariantBrokenException("It begins on no day of the calendar."),
    };

    private static DateOnly EndOfMonth(DateOnly day) => new(day.Year, day.Month, DateTime.DaysInMonth(day.Year, day.Month));
}
