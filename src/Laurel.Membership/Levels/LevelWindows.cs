using System.Collections.Immutable;
using Laurel.Kernel;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Levels;

/// <summary>What the windows of all ladders of a programme ask for. A gain is counted once for all of them.</summary>
internal sealed class LevelWindows
{
    private readonly BusinessCalendar _calendar;
    private readonly ImmutableArray<LevelMeasure> _windows;
    private readonly bool _countsDays;

    public LevelWindows(IEnumerable<LevelJudge> ladders, BusinessCalendar calendar)
    {
        (_calendar, _windows) = (calendar, [.. ladders.SelectMany(ladder => ladder.Windows)]);
        _countsDays = _windows.Any(measure => measure.Window == LevelWindow.RollingDays);
    }

    /// <summary>Whether some window asks what was gained when. Where none does, nothing is counted.</summary>
    public bool Counts => !_windows.IsEmpty;

    /// <summary>The day under which a gain is counted.</summary>
    public int BucketOf(Instant at)
    {
        var day = _calendar.DayOf(at);
        return CapPeriods.NumberOf(CapPeriod.Day, _countsDays ? day : new DateOnly(day.Year, day.Month, 1));
    }

    /// <summary>The first day that a window may still ask for.</summary>
    public int KeepFrom(LevelState state, Instant at)
    {
        var graces = (state.Tracks ?? []).Select(standing => standing.State.Grace).Append(state.Grace).OfType<long>();
        var moment = graces.Select(end => LevelJudge.Before(new Instant(end))).Append(at).Min();
        var day = _calendar.DayOf(moment);
        var first = _windows.Where(measure => measure.Window != LevelWindow.SinceLastChange)
            .Select(measure => LevelJudge.StartOf(measure, day)).Append(day.AddDays(1)).Min();
        return CapPeriods.NumberOf(CapPeriod.Day, first);
    }
}
