using System.Collections.Frozen;
using System.Collections.Immutable;
using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Watch;

/// <summary>A movement of points as watch rules see it.</summary>
/// <param name="EntryRule">The rule that its entry carries.</param>
/// <param name="Points">Without a sign.</param>
/// <param name="Posting">Movements of one posting are counted as one.</param>
internal readonly record struct WatchMovement(WatchTrigger Trigger, string EntryRule, long Points, long Posting)
{
    /// <summary>Whether it may be stopped: what was held was promised, so its capture may not.</summary>
    public bool MayStop => Trigger != WatchTrigger.Spend || EntryRule != EntryNames.RuleCapture;

    /// <summary>An entry as a movement; null for one that nobody watches.</summary>
    public static WatchMovement? Of(Entry entry) =>
        entry.Unit == EntryNames.Points ? Of(entry.Kind, entry.Rule, entry.ReferenceType, entry.Amount, entry.PostingId) : null;

    /// <summary>An entry of points as a movement; null for one that nobody watches.</summary>
    public static WatchMovement? Of(string kind, string rule, string referenceType, long amount, long posting)
    {
        WatchTrigger? trigger = (kind, amount) switch
        {
            // What a level pays follows from what was watched, whenever that comes.
            (EntryNames.Earn, > 0) when rule == EntryNames.RuleManualEarn || referenceType != s_ofLevels => WatchTrigger.Earn,
            (EntryNames.Spend, < 0) => WatchTrigger.Spend,
            (EntryNames.Transfer, > 0) => WatchTrigger.TransferIn,
            (EntryNames.Transfer, < 0) => WatchTrigger.TransferOut,
            // What a member leaves behind nobody has taken.
            (EntryNames.Adjust, not 0) when rule != EntryNames.RuleMemberCancelled => WatchTrigger.Adjust,
            _ => null,
        };
        return trigger is { } found ? new WatchMovement(found, rule, Math.Abs(amount), posting) : null;
    }

    private static readonly string s_ofLevels = EventTypes.ReferenceTypeOf(EventTypes.LevelUpgraded);
}

/// <summary>What a rule measured.</summary>
/// <param name="Value">Of a ratio, times 10,000.</param>
/// <param name="Mean">Of a ratio: of the earlier windows that had something; null where there is none.</param>
/// <param name="EarlierWindows">Of a ratio: how many of them had something; null otherwise.</param>
internal sealed record WatchFigures(long Value, bool IsHit, long? Mean = null, int? EarlierWindows = null);

/// <summary>A watch rule ready to measure. Pure: live decisions, replays and verification all reckon with it.</summary>
internal sealed class PreparedWatchRule(WatchRule rule, BusinessCalendar calendar)
{
    private const long MicrosecondsOfAnHour = 3_600_000_000;

    /// <summary>Before the names of watch rules among the limits of a member: no rule can be named so.</summary>
    public const string Prefix = "watch:";

    public WatchRule Rule { get; } = rule;

    /// <summary>The name of its counters. What they count is part of it, so that a rule that is changed meets no count of another kind.</summary>
    public string Counter { get; } = $"{Prefix}{rule.Code}:{(rule.Measure == WatchMeasure.Count ? "count" : "sum")}:{WatchRules.NameOf(rule.Window.Unit)}";

    public bool Sees(WatchMovement movement) =>
        movement.Trigger == Rule.Trigger && (Rule.EntryRule is null || Rule.EntryRule == movement.EntryRule);

    /// <summary>What the movements of one command add to its counter.</summary>
    /// <exception cref="OverflowException">When the sum does not fit 64 bits.</exception>
    public long AddedBy(IEnumerable<WatchMovement> movements)
    {
        var seen = movements.Where(Sees);
        return Rule.Measure == WatchMeasure.Count
            ? seen.DistinctBy(movement => movement.Posting).Count()
            : seen.Aggregate(0L, (sum, movement) => checked(sum + movement.Points));
    }

    /// <summary>The counter of a time.</summary>
    public LimitKey KeyAt(Instant time) => new(Counter, NumberAt(time, 0));

    /// <summary>All counters that measuring at a time needs, the present one first.</summary>
    public IEnumerable<LimitKey> KeysAt(Instant time)
    {
        for (var back = 0; back < Rule.Window.Length * (1 + (Rule.EarlierWindows ?? 0)); back++)
        {
            yield return new LimitKey(Counter, NumberAt(time, back));
        }
    }

    /// <summary>Whether an earlier instant lies in the window that ends at a time.</summary>
    public bool IsInWindow(Instant earlier, Instant time)
    {
        var number = NumberAt(earlier, 0);
        for (var back = 0; back < Rule.Window.Length; back++)
        {
            if (NumberAt(time, back) == number)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Measures by counters.</summary>
    /// <param name="added">What the command adds to the present one.</param>
    public WatchFigures Measure(Instant time, long added, Func<LimitKey, long> used)
    {
        var length = Rule.Window.Length;
        Span<long> windows = stackalloc long[1 + (Rule.EarlierWindows ?? 0)];
        windows[0] = added;
        var back = 0;
        foreach (var key in KeysAt(time))
        {
            windows[back / length] = checked(windows[back / length] + used(key));
            back++;
        }

        return Rule.Measure == WatchMeasure.Ratio ? Compare(windows[0], windows[1..]) : Judge(windows[0]);
    }

    /// <summary>Whether a value is a hit.</summary>
    public WatchFigures Judge(long value) => new(value, value > Rule.Threshold);

    private WatchFigures Compare(long sum, ReadOnlySpan<long> earlier)
    {
        Int128 total = 0;
        var filled = 0;
        foreach (var window in earlier)
        {
            total += window;
            filled += window > 0 ? 1 : 0;
        }

        if (filled < Math.Max(1, Rule.EarlierWindowsMin ?? 1))
        {
            return new WatchFigures(0, IsHit: false, null, filled);
        }

        var ratio = (Int128)sum * filled * 10_000 / total;
        var value = (long)Int128.Min(ratio, long.MaxValue);
        return new WatchFigures(value, sum >= (Rule.SumMin ?? 0) && value > Rule.Threshold, (long)(total / filled), filled);
    }

    private int NumberAt(Instant time, int back)
    {
        if (Rule.Window.Unit == WatchUnit.Hour)
        {
            return (int)(Math.DivRem(time.UnixMicroseconds, MicrosecondsOfAnHour, out var rest) - (rest < 0 ? 1 : 0)) - back;
        }

        var day = calendar.DayOf(time);
        return Rule.Window.Unit switch
        {
            WatchUnit.Day => CapPeriods.NumberOf(CapPeriod.Day, Before(day, back)),
            WatchUnit.Week => CapPeriods.NumberOf(CapPeriod.Week, Before(day, 7 * back)),
            WatchUnit.Month => CapPeriods.NumberOf(CapPeriod.Month, day.AddMonths(-Math.Min(back, ((day.Year - 1) * 12) + day.Month - 1))),
            _ => throw new InvariantBrokenException("Every unit of a window has a number."),
        };
    }

    private static DateOnly Before(DateOnly day, int days) => day.AddDays(-Math.Min(days, day.DayNumber));
}

/// <summary>The active watch rules of one version of a programme, by what they look at, in the order in which they stand.</summary>
internal sealed class WatchRules
{
    private readonly FrozenDictionary<WatchTrigger, ImmutableArray<PreparedWatchRule>> _byTrigger;

    public WatchRules(Programme programme, BusinessCalendar calendar)
    {
        All = [.. programme.Watch.Where(rule => rule.Active).Select(rule => new PreparedWatchRule(rule, calendar))];
        _byTrigger = All.GroupBy(rule => rule.Rule.Trigger).ToFrozenDictionary(group => group.Key, group => group.ToImmutableArray());
    }

    public ImmutableArray<PreparedWatchRule> All { get; }

    /// <summary>Whether nothing is watched, so that nobody needs to look.</summary>
    public bool IsEmpty => All.IsEmpty;

    public ImmutableArray<PreparedWatchRule> For(WatchTrigger trigger) => _byTrigger.GetValueOrDefault(trigger, []);

    /// <summary>Whether it is measured by who else did the same, and not by the member's own counters.</summary>
    public static bool IsOfMarks(WatchMeasure measure) => measure is
        WatchMeasure.MembersOfDevice or WatchMeasure.MembersOfAddress or WatchMeasure.ReferralRing or WatchMeasure.ReferralsOfDevice;

    public static string NameOf(WatchUnit unit) => unit switch
    {
        WatchUnit.Hour => "hour",
        WatchUnit.Day => "day",
        WatchUnit.Week => "week",
        WatchUnit.Month => "month",
    };

    public static string NameOf(WatchAction action) => action switch
    {
        WatchAction.Flag => "flag",
        WatchAction.Hold => "hold",
        WatchAction.Refuse => "refuse",
        WatchAction.Freeze => "freeze",
    };

    public static string NameOf(WatchMeasure measure) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(measure.ToString());
}
