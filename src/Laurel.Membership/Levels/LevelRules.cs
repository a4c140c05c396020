namespace Laurel.Membership.Levels;

/// <summary>What is measured of a member.</summary>
public enum LevelMetric
{
    /// <summary>Points earned that count for the level, less what was taken back. Spending does not lower them.</summary>
    PointsEarned = 0,

    Growth = 1,

    /// <summary>The balance of points at the moment. Has no window.</summary>
    Balance = 2,

    /// <summary>Paid for completed orders less refunds, in minor units.</summary>
    Spend = 3,

    /// <summary>Completed orders, less those refunded whole.</summary>
    Orders = 4,
}

/// <summary>Over which time it is measured. Calendar spans are those of the business time zone.</summary>
public enum LevelWindow
{
    Lifetime = 0,
    Month = 1,
    Quarter = 2,
    HalfYear = 3,
    Year = 4,

    /// <summary>The last days, today included.</summary>
    RollingDays = 5,

    /// <summary>Since the level last changed.</summary>
    SinceLastChange = 6,
}

/// <summary>When a member rises who deserves a higher level.</summary>
public enum LevelUpgrade
{
    Now = 0,

    /// <summary>When the period ends.</summary>
    NextPeriod = 1,
}

/// <summary>When a member falls who no longer deserves the level.</summary>
public enum LevelDowngrade
{
    /// <summary>At once, and only where a refund took back what the level rested on.</summary>
    OnRefund = 0,

    None = 1,

    /// <summary>When the period ends, to the next lower level.</summary>
    OneStep = 2,

    /// <summary>When the period ends, to the highest level that is deserved then.</summary>
    Reevaluate = 3,
}

/// <summary>Where the periods of a member begin.</summary>
public enum LevelAnchor
{
    /// <summary>On the day after the level was reached.</summary>
    LevelStart = 0,

    /// <summary>On the day of registration.</summary>
    JoinDate = 1,

    /// <summary>On the same day for all.</summary>
    Fixed = 2,
}

/// <summary>Terms that are known by a name.</summary>
public enum LevelPreset
{
    /// <summary>A level is kept for the next calendar year by what was earned in this one: points earned in the calendar year, judged anew on
    /// 1 January.</summary>
    YearlyRetention = 0,
}

/// <summary>A figure of a member that can be compared with a threshold.</summary>
public sealed record LevelMeasure
{
    public LevelMetric Metric { get; init; }

    public LevelWindow Window { get; init; }

    /// <summary>Of rolling days, 1 to 366; null for other windows.</summary>
    public int? Days { get; init; }
}

/// <summary>A measure and what it must reach.</summary>
public sealed record LevelCondition
{
    public required LevelMeasure Measure { get; init => field = value ?? new(); } = new();

    /// <summary>Inclusive, 1 or more.</summary>
    public required long AtLeast { get; init; }
}

/// <summary>How long a level is safe before it is judged anew: exactly one of months and days.</summary>
public sealed record LevelPeriod
{
    /// <summary>1 to 120.</summary>
    public int? Months { get; init; }

    /// <summary>7 to 3,660.</summary>
    public int? Days { get; init; }

    public LevelAnchor Anchor { get; init; }

    /// <summary>A first day of a fixed period; null for other anchors.</summary>
    public DateOnly? From { get; init; }
}

/// <summary>How long a level is kept beyond the end of a period, for members who may still earn it.</summary>
public sealed record LevelGrace
{
    /// <summary>0 to 12.</summary>
    public int Months { get; init; }

    /// <summary>0 to 366, after the months.</summary>
    public int Days { get; init; }

    /// <summary>Whether it goes on to the last day of its month.</summary>
    public bool ToMonthEnd { get; init; }
}

/// <summary>How levels are reached, kept and lost.</summary>
public sealed record LevelRules
{
    /// <summary>Terms by a name: they stand in place of <see cref="Measure"/>, <see cref="Period"/> and <see cref="Downgrade"/>.</summary>
    public LevelPreset? Preset { get; init; }

    /// <summary>What the thresholds of the levels are compared with.</summary>
    public LevelMeasure Measure { get; init => field = value ?? new(); } = new();

    public LevelUpgrade Upgrade { get; init; }

    public LevelDowngrade Downgrade { get; init; }

    /// <summary>Null where nothing is judged by time.</summary>
    public LevelPeriod? Period { get; init; }

    public LevelGrace? Grace { get; init; }

    /// <summary>Hours after a change of level in which it is not changed again; what falls in them is made when they end. 0 to 8,784. The
    /// first level is no change.</summary>
    public int CooldownHours { get; init; } = 24;

    /// <summary>The same with the preset written out.</summary>
    internal LevelRules Resolved() => Preset is { } preset ? Of(preset) : this;

    private LevelRules Of(LevelPreset preset) => preset switch
    {
        LevelPreset.YearlyRetention => this with
        {
            Preset = null,
            Measure = new LevelMeasure { Metric = LevelMetric.PointsEarned, Window = LevelWindow.Year },
            Period = new LevelPeriod { Months = 12, Anchor = LevelAnchor.Fixed, From = new DateOnly(2000, 1, 1) },
            Downgrade = LevelDowngrade.Reevaluate,
        },
    };
}
