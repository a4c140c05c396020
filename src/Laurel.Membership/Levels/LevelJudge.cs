using System.Collections.Immutable;
using Laurel.Kernel;
using Laurel.Membership.Cards;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Levels;

/// <summary>What a member's level is judged by.</summary>
internal readonly record struct LevelFigures
{
    public required LevelSums Lifetime { get; init; }

    /// <summary>The balance of points.</summary>
    public required long Points { get; init; }

    /// <summary>Of the member's own level: what it would be without cards.</summary>
    public required string LevelCode { get; init; }

    /// <summary>Since when the own level is held.</summary>
    public required Instant Since { get; init; }

    public required Instant JoinedAt { get; init; }

    public required LevelState State { get; init; }

    public static LevelFigures Of(MemberBook book) => new()
    {
        Lifetime = LevelSums.Of(book),
        Points = book.Points.Balance,
        LevelCode = book.LevelState.Own?.Code ?? book.LevelCode,
        Since = book.LevelState.Own is { } own ? new Instant(own.Since) : book.LevelSince,
        JoinedAt = book.Identity.RegisteredAt,
        State = book.LevelState,
    };

    public static LevelFigures Of(MemberView view)
    {
        var state = LevelState.Parse(view.LevelState);
        return new LevelFigures
        {
            Lifetime = new LevelSums(view.Lifetime, view.Growth, view.TotalAmount, view.TotalOrders),
            Points = view.PointsBalance,
            LevelCode = state.Own?.Code ?? view.LevelCode,
            Since = state.Own is { } own ? new Instant(own.Since) : view.LevelSince,
            JoinedAt = view.RegisteredAt,
            State = state,
        };
    }
}

/// <summary>What becomes of a level when nothing more is earned.</summary>
/// <param name="Projected">The rank after the next judgement.</param>
/// <param name="ToStay">What is missing of the measure to keep the level; 0 where it is safe.</param>
/// <param name="ToNext">What is missing of the measure to the next level; 0 on the highest.</param>
/// <param name="EvaluatedOn">When it is judged next by time alone; null for never.</param>
internal readonly record struct LevelForecast(int Projected, long ToStay, long ToNext, Instant? EvaluatedOn);

/// <summary>Judges levels by the rules of a programme. Pure: whoever asks says when.</summary>
internal sealed class LevelJudge
{
    private readonly ImmutableArray<Level> _levels;
    private readonly Programme _programme;
    private readonly BusinessCalendar _calendar;
    private readonly CardCatalogue _cards;
    private readonly List<LevelMeasure> _windows;
    private readonly bool _countsDays;

    public LevelJudge(Programme programme, BusinessCalendar calendar, CardCatalogue cards)
    {
        (_programme, _calendar, _cards, _levels) = (programme, calendar, cards, programme.Levels);
        Rules = programme.LevelRules.Resolved();
        _windows = [.. MeasuresOf(programme).Where(measure => measure.Window != LevelWindow.Lifetime)];
        _countsDays = _windows.Exists(measure => measure.Window == LevelWindow.RollingDays);
    }

    public LevelRules Rules { get; }

    /// <summary>Whether some window asks what was gained when. Where none does, nothing is counted.</summary>
    public bool Counts => _windows.Count > 0;

    /// <summary>Whether a level may change by time alone.</summary>
    public bool HasPeriods => Rules.Period is not null;

    /// <summary>Everything a programme measures.</summary>
    public static IEnumerable<LevelMeasure> MeasuresOf(Programme programme) =>
    [
        programme.LevelRules.Resolved().Measure,
        .. programme.Levels.SelectMany(level => level.AnyOf.Concat(level.AllOf)).Select(condition => condition.Measure),
    ];

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

    /// <summary>The rank of the level that is held with cards.</summary>
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
        var rank = _programme.RankOf(figures.LevelCode);
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

    private int NextActive(int rank)
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
        var rank = _programme.RankOf(figures.LevelCode);
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

    /// <summary>The day under which a gain is counted.</summary>
    public int BucketOf(Instant at)
    {
        var day = _calendar.DayOf(at);
        return CapPeriods.NumberOf(CapPeriod.Day, _countsDays ? day : new DateOnly(day.Year, day.Month, 1));
    }

    /// <summary>The first day that a window may still ask for.</summary>
    public int KeepFrom(LevelState state, Instant at)
    {
        var moment = state.Grace is { } end ? Instant.Min(at, Before(new Instant(end))) : at;
        var day = _calendar.DayOf(moment);
        var first = _windows.Where(measure => measure.Window != LevelWindow.SinceLastChange)
            .Select(measure => StartOf(measure, day)).Append(day.AddDays(1)).Min();
        return CapPeriods.NumberOf(CapPeriod.Day, first);
    }

    private Instant? PeriodDue(in LevelFigures figures, Instant at)
    {
        if (figures.State.Grace is { } ended)
        {
            return GraceEnd(figures, new Instant(ended));
        }

        var rank = _programme.RankOf(figures.LevelCode);
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
        _ => SumOf(measure, figures.State.Days, at),
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

    private static DateOnly StartOf(LevelMeasure measure, DateOnly day) => measure.Window switch
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
