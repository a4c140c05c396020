using System.Collections.Immutable;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Rules;

/// <summary>What a refund of an order does to what a rule paid for it.</summary>
public enum RefundShare
{
    /// <summary>The refunded part is taken back: by line where the order came with lines, else by amount.</summary>
    Proportional = 0,

    /// <summary>All of it is taken back once the whole order is refunded, and nothing before.</summary>
    WhenWhole = 1,

    /// <summary>The member keeps it.</summary>
    Kept = 2,
}

/// <summary>When a rule pays what to whom: one line of the programme.</summary>
public sealed record Rule
{
    /// <summary>Names the rule for good, in lower case: entries carry it.</summary>
    public required string Code { get; init; }

    public required string NameEnglish { get; init; }

    public required string NameChinese { get; init; }

    public string? Description { get; init; }

    /// <summary>A rule that is not active pays nothing and keeps its place.</summary>
    public bool Active { get; init; } = true;

    /// <summary>The type of the event that it listens to: <c>order.completed</c>, or any other.</summary>
    public required string Trigger { get; init; }

    /// <summary>What it pays: <c>points</c>, <c>growth</c>, <c>balance</c>, which is stored money in minor units, <c>benefit</c>, or a unit that the
    /// programme defines.</summary>
    public string Unit { get; init; } = RuleUnits.Points;

    /// <summary>The code of the benefit that it grants; null unless the unit is <c>benefit</c>.</summary>
    public string? Benefit { get; init; }

    /// <summary>An expression that gives a bool; null is always.</summary>
    public string? Condition { get; init; }

    /// <summary>Of orders: which part of a line earns. An expression over <c>line</c> that gives a bool (all of the line's eligible
    /// amount or nothing) or minor units; null is the whole of what the shop told to be eligible.</summary>
    public string? Eligible { get; init; }

    public required RuleAmount Amount { get; init; }

    /// <summary>Multiplies by the multiplier of the member's level.</summary>
    public bool LevelMultiplier { get; init; }

    /// <summary>Multiplies by the greatest multiplier of the campaigns that run for this rule.</summary>
    public bool CampaignMultiplier { get; init; }

    /// <summary>Rules of a higher priority come first; of the same, as they stand in the programme.</summary>
    public int Priority { get; init; }

    /// <summary>Of the rules of one group only the first that matches pays; null adds up with all others.</summary>
    public string? Group { get; init; }

    public ImmutableArray<RuleCap> Caps { get; init; } = [];

    /// <summary>When it pays; null is at all times.</summary>
    public RuleWindow? Window { get; init; }

    /// <summary>How long what it pays can be spent or used. Null is as the programme says for points, and for ever for benefits.</summary>
    public LotValidity? Validity { get; init; }

    /// <summary>What its points wait for before they can be spent; null is nothing. Of points only.</summary>
    public RulePending? Pending { get; init; }

    /// <summary>Of orders: what a refund takes back.</summary>
    public RefundShare Refund { get; init; }

    /// <summary>Whether its points count towards the level.</summary>
    public bool CountsForLevel { get; init; } = true;

    /// <summary>Of rises to a level: whether it pays again for a level that the member was paid for before.</summary>
    public bool Repeat { get; init; }

    public string NameIn(Language language) => language switch
    {
        Language.English => NameEnglish,
        Language.Chinese => NameChinese,
    };
}

/// <summary>What rules pay beside the units that the programme defines.</summary>
public static class RuleUnits
{
    public const string Points = "points";

    public const string Growth = "growth";

    public const string Balance = "balance";

    /// <summary>A grant of a benefit, once for each time that the rule pays.</summary>
    public const string Benefit = "benefit";

    public static readonly ImmutableArray<string> All = [Points, Growth, Balance, Benefit];
}

/// <summary>How much a rule pays before multipliers: exactly one of the three.</summary>
public sealed record RuleAmount
{
    /// <summary>The same each time, 0 or more.</summary>
    public long? Fixed { get; init; }

    /// <summary>By the eligible amount of an order.</summary>
    public AmountStep? Per { get; init; }

    /// <summary>An expression that gives an int or a decimal; what follows its point is dropped, and below zero is zero.</summary>
    public string? Expression { get; init; }

    public static RuleAmount Of(long points) => new() { Fixed = points };

    public static RuleAmount Of(long points, long minorUnits) => new() { Per = new AmountStep { Points = points, MinorUnits = minorUnits } };
}

/// <summary>What becomes of an amount that is no whole number of steps.</summary>
public enum AmountRounding
{
    /// <summary>Only whole steps count: 100 for each full ¥10.</summary>
    WholeSteps = 0,

    /// <summary>The exact share, and what follows its point is dropped.</summary>
    Down = 1,

    /// <summary>The exact share, rounded; a half goes up.</summary>
    HalfUp = 2,

    /// <summary>The exact share, rounded up.</summary>
    Up = 3,
}

/// <summary>"100 points for each ¥10": a pair, because a rate is not a number.</summary>
public sealed record AmountStep
{
    /// <summary>1 or more.</summary>
    public required long Points { get; init; }

    /// <summary>1 or more.</summary>
    public required long MinorUnits { get; init; }

    public AmountRounding Rounding { get; init; }

    /// <summary>What an amount of 0 or more earns.</summary>
    /// <exception cref="OverflowException">When it does not fit 64 bits.</exception>
    public long Of(long amount)
    {
        var exact = (Int128)amount * Points;
        return checked((long)(Rounding switch
        {
            AmountRounding.WholeSteps => (Int128)(amount / MinorUnits) * Points,
            AmountRounding.Down => exact / MinorUnits,
            AmountRounding.HalfUp => ((2 * exact) + MinorUnits) / (2 * (Int128)MinorUnits),
            AmountRounding.Up => (exact + MinorUnits - 1) / MinorUnits,
        }));
    }
}

/// <summary>Over which time a cap counts, in business days of the tenant. A week begins on Monday.</summary>
public enum CapPeriod
{
    /// <summary>What one event makes.</summary>
    Transaction = 0,
    Day = 1,
    Week = 2,
    Month = 3,

    Year = 4,

    /// <summary>For ever.</summary>
    Total = 5,
}

/// <summary>Whose payments a cap counts.</summary>
public enum CapScope
{
    Member = 0,

    /// <summary>All members together: a budget.</summary>
    Programme = 1,
}

/// <summary>The most that a rule pays, or how often.</summary>
public sealed record RuleCap
{
    public required CapPeriod Period { get; init; }

    public CapScope Scope { get; init; }

    /// <summary>Of the rule's unit, 0 or more; what is over is cut off and told. Null is no such limit.</summary>
    public long? PointsMax { get; init; }

    /// <summary>How often the rule pays, 0 or more; after that it does not match. Null is no such limit.</summary>
    public long? UsesMax { get; init; }

    /// <summary>Rules that name the same word count together; null counts this rule alone.</summary>
    public string? Shared { get; init; }
}

/// <summary>A span of a day: "22:00" to "06:00" runs over midnight.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="Until">Exclusive.</param>
public sealed record DaySpan(TimeOnly From, TimeOnly Until)
{
    public bool Contains(TimeOnly time) => From < Until ? From <= time && time < Until : time >= From || time < Until;
}

/// <summary>When a rule pays, by the business time of its event. All that is set must hold.</summary>
public sealed record RuleWindow
{
    /// <summary>Inclusive; null is from the beginning.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Exclusive; null is without an end.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Of the tenant's time zone; empty is every day.</summary>
    public ImmutableArray<DayOfWeek> Weekdays { get; init; } = [];

    /// <summary>Of the tenant's time zone; empty is all day.</summary>
    public ImmutableArray<DaySpan> Hours { get; init; } = [];
}

/// <summary>The end of a span of the calendar, up to which a validity may be rounded.</summary>
public enum CalendarSpan
{
    Month = 0,
    Quarter = 1,
    HalfYear = 2,
    Year = 3,
}

/// <summary>How long points can be spent: exactly one of days, months, a last day, never and inactivity.</summary>
public sealed record LotValidity
{
    /// <summary>Days after the day of earning, 0 or more.</summary>
    public int? Days { get; init; }

    /// <summary>Months after the day of earning, 0 or more. The 31st becomes the last day of a shorter month.</summary>
    public int? Months { get; init; }

    /// <summary>The last day, the same for all.</summary>
    public DateOnly? LastDay { get; init; }

    public bool Never { get; init; }

    /// <summary>As long as the member does something, by the programme's <see cref="Programmes.InactivityRules"/>. Of points only.</summary>
    public bool Inactivity { get; init; }

    /// <summary>Of days and months: on to the last day of this span.</summary>
    public CalendarSpan? RoundedUpTo { get; init; }

    /// <summary>The last day on which points earned on <paramref name="day"/> can be spent; null is for ever. Not for those that lapse by inactivity.</summary>
    public DateOnly? LastDayFor(DateOnly day)
    {
        if (Never)
        {
            return null;
        }

        var last = LastDay ?? (Months is { } months ? day.AddMonths(months) : day.AddDays(Days ?? 0));
        return RoundedUpTo is { } span ? EndOf(span, last) : last;
    }

    private static DateOnly EndOf(CalendarSpan span, DateOnly day)
    {
        var months = span switch
        {
            CalendarSpan.Month => 1,
            CalendarSpan.Quarter => 3,
            CalendarSpan.HalfYear => 6,
            CalendarSpan.Year => 12,
        };
        var month = ((((day.Month - 1) / months) + 1) * months);
        return new DateOnly(day.Year, month, DateTime.DaysInMonth(day.Year, month));
    }
}

/// <summary>What points wait for: a number of days, or an event.</summary>
public sealed record RulePending
{
    /// <summary>They are active at 00:00 of so many business days after that of earning, 1 or more.</summary>
    public int? Days { get; init; }

    /// <summary>The type of the event that makes them active, told with the reference of what earned them: of an order, its id.</summary>
    public string? Event { get; init; }

    /// <summary>With <see cref="Event"/>: for how many business days after that of earning they wait; then they are cancelled. 1 or more.</summary>
    public int? CancelDays { get; init; }
}

/// <summary>A campaign that multiplies what rules pay.</summary>
public sealed record MultiplierCampaign
{
    public required string Code { get; init; }

    public required string NameEnglish { get; init; }

    public required string NameChinese { get; init; }

    public bool Active { get; init; } = true;

    /// <summary>Codes of the rules it multiplies; empty is every rule that lets campaigns multiply.</summary>
    public ImmutableArray<string> Rules { get; init; } = [];

    /// <summary>The multiplier times 10,000: 20,000 is double.</summary>
    public required int MultiplierBasisPoints { get; init; }

    /// <summary>An expression over what every event has (<c>member</c>, <c>event</c>, <c>now</c>); null is always.</summary>
    public string? Condition { get; init; }

    public RuleWindow? Window { get; init; }
}
