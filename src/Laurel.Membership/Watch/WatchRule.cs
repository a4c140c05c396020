namespace Laurel.Membership.Watch;

/// <summary>Which movements of points a watch rule looks at.</summary>
public enum WatchTrigger
{
    /// <summary>Points that were earned. What is paid for reaching a level is not among them: it follows from what was watched.</summary>
    Earn = 0,

    /// <summary>Points that were spent, captured holds included.</summary>
    Spend = 1,

    /// <summary>Points that came from another member.</summary>
    TransferIn = 2,

    /// <summary>Points that went to another member.</summary>
    TransferOut = 3,

    /// <summary>Corrections by hand, up or down.</summary>
    Adjust = 4,
}

/// <summary>What a watch rule measures in its window.</summary>
public enum WatchMeasure
{
    /// <summary>How often: movements of one command are one.</summary>
    Count = 0,

    /// <summary>How many points in all, without their signs.</summary>
    Sum = 1,

    /// <summary>The sum as a multiple of the member's own mean of earlier windows, times 10,000.</summary>
    Ratio = 2,

    /// <summary>How many members earned with the same <c>deviceId</c>.</summary>
    MembersOfDevice = 3,

    /// <summary>How many members earned with the same <c>address</c>.</summary>
    MembersOfAddress = 4,

    /// <summary>1 where a member invites somebody by whom that member was invited.</summary>
    ReferralRing = 5,

    /// <summary>How many persons one member invited who share a <c>deviceId</c>.</summary>
    ReferralsOfDevice = 6,
}

/// <summary>What windows are made of, by business time; hours are those of UTC.</summary>
public enum WatchUnit
{
    Hour = 0,
    Day = 1,

    /// <summary>From Monday on (ISO 8601).</summary>
    Week = 2,

    Month = 3,
}

/// <summary>What a hit does.</summary>
public enum WatchAction
{
    /// <summary>Opens a case and lets it happen.</summary>
    Flag = 0,

    /// <summary>What is earned waits for the decision of the case; anything else is not done until it is decided.</summary>
    Hold = 1,

    /// <summary>It is not done.</summary>
    Refuse = 2,

    /// <summary>It is done, and the member is inactive from then on.</summary>
    Freeze = 3,
}

/// <summary>The stretch of time that is measured: the hour, day, week or month of the movement and those before it.</summary>
public sealed record WatchWindow
{
    public required WatchUnit Unit { get; init; }

    /// <summary>How many of them, the present one included.</summary>
    public int Length { get; init; } = 1;
}

/// <summary>What is unusual, and what is done about it: one line of the programme.</summary>
public sealed record WatchRule
{
    /// <summary>Names the rule for good: 1 to 40 lower-case letters, digits, underscores. Cases carry it.</summary>
    public required string Code { get; init; }

    public required string NameEnglish { get; init; }

    public required string NameChinese { get; init; }

    public string? Description { get; init; }

    /// <summary>A rule that is not active counts nothing and keeps its place.</summary>
    public bool Active { get; init; } = true;

    public required WatchTrigger Trigger { get; init; }

    /// <summary>Looks only at movements that carry this rule, such as <c>order</c> or <c>earn</c>; null looks at all of the trigger.</summary>
    public string? EntryRule { get; init; }

    public required WatchMeasure Measure { get; init; }

    public required WatchWindow Window { get; init; }

    /// <summary>More than this is a hit. Of a ratio, times 10,000: 50,000 is five times the mean.</summary>
    public required long Threshold { get; init; }

    /// <summary>Of a ratio: how many earlier windows make the mean. Those in which nothing moved are left out of it.</summary>
    public int? EarlierWindows { get; init; }

    /// <summary>Of a ratio: how many of them must have something for there to be a mean at all.</summary>
    public int? EarlierWindowsMin { get; init; }

    /// <summary>Of a ratio: a sum below this is no hit, however great the multiple.</summary>
    public long? SumMin { get; init; }

    public required WatchAction Action { get; init; }
}
