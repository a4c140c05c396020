using System.Text.Json;
using System.Text.Json.Serialization;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Http;

namespace Laurel.Membership.Points;

/// <summary>The lot an entry took points from.</summary>
public sealed record LotTakeReply
{
    public required string LotId { get; init; }

    public required long Points { get; init; }
}

/// <summary>What made an entry.</summary>
public sealed record EntryExplanation
{
    public required string Rule { get; init; }

    /// <summary>Version of the programme that decided.</summary>
    public required int Version { get; init; }

    /// <summary>Base points before the multiplier; null where no rule computed any.</summary>
    public required long? Base { get; init; }

    public required decimal? Multiplier { get; init; }

    /// <summary>Points a cap cut off; null where none did.</summary>
    public required long? Cut { get; init; }

    /// <summary>More, by rule: the caps, or how a claw-back was met.</summary>
    public required JsonElement? Detail { get; init; }
}

/// <summary>One movement as the member and the auditor see it.</summary>
public sealed record PointsRecord
{
    public required string Id { get; init; }

    public required string MemberId { get; init; }

    /// <summary><c>points</c>, <c>growth</c> or the code of a unit that the programme defines.</summary>
    public required string Unit { get; init; }

    public required string Kind { get; init; }

    /// <summary><c>earned_order</c>, <c>spent_exchange</c>, <c>expired</c>, <c>admin_adjust</c> …</summary>
    public required string Type { get; init; }

    /// <summary>Entries are final: always <c>completed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Signed, of its unit.</summary>
    public required long Points { get; init; }

    public required long BalanceAfter { get; init; }

    public required string Reason { get; init; }

    public required string ReferenceType { get; init; }

    public required string ReferenceId { get; init; }

    public required string? OrderId { get; init; }

    /// <summary>The entry, hold or member this one answers.</summary>
    public required string? RelatedId { get; init; }

    /// <summary>When the points granted lapse, exclusive; null for never, and for points that lapse by inactivity.</summary>
    public required DateTimeOffset? ExpireTime { get; init; }

    /// <summary>Whether the points granted lapse by inactivity; absent where they do not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ByInactivity { get; init; }

    /// <summary>Business time.</summary>
    public required DateTimeOffset Time { get; init; }

    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>The lots it took, in the order it took them; empty for what grants.</summary>
    public required IReadOnlyList<LotTakeReply> Lots { get; init; }

    public required EntryExplanation Explanation { get; init; }
}

/// <summary>A page of movements, newest first.</summary>
public sealed record PointsRecordPage
{
    public required IReadOnlyList<PointsRecord> Items { get; init; }

    public required string? NextCursor { get; init; }
}

/// <summary>A lot that still has points.</summary>
public sealed record LotReply
{
    public required string Id { get; init; }

    public required long Granted { get; init; }

    public required long Remaining { get; init; }

    public required long Held { get; init; }

    /// <summary>From when on it can be spent; null while it waits for an event.</summary>
    public required DateTimeOffset? ActiveAt { get; init; }

    /// <summary>Exclusive; null for never. Of points that lapse by inactivity: when they do if the member does nothing until then.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether it lapses by inactivity; absent where it does not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ByInactivity { get; init; }

    /// <summary>The event it waits for; absent where it waits for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PendingEvent { get; init; }

    /// <summary>When it is cancelled if that event has not come.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? CancelAt { get; init; }
}

/// <summary>A hold that is open.</summary>
public sealed record OpenHoldReply
{
    public required string HoldId { get; init; }

    /// <summary>Points still held.</summary>
    public required long Points { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required string Reason { get; init; }

    public required string ReferenceType { get; init; }

    public required string ReferenceId { get; init; }
}

/// <summary>A member's points in sums over all time.</summary>
public sealed record PointsSummary
{
    public required long TotalEarned { get; init; }

    public required long TotalUsed { get; init; }

    public required long TransactionCount { get; init; }

    public required DateTimeOffset? LastTransaction { get; init; }
}

/// <summary>Everything about one member's points.</summary>
public sealed record MemberPoints
{
    public required string MemberId { get; init; }

    /// <summary>Null as of now.</summary>
    public required DateTimeOffset? AsOf { get; init; }

    public required long Available { get; init; }

    public required long Pending { get; init; }

    public required long Held { get; init; }

    public required long Debt { get; init; }

    /// <summary>Null as of an earlier instant.</summary>
    public required long? Expiring30d { get; init; }

    public required long LifetimePoints { get; init; }

    public required long Growth { get; init; }

    public required string LevelCode { get; init; }

    /// <summary>Lots with points left, in the order they are spent, at most 200; empty as of an earlier instant.</summary>
    public required IReadOnlyList<LotReply> Lots { get; init; }

    /// <summary>Open holds, at most 200; empty as of an earlier instant.</summary>
    public required IReadOnlyList<OpenHoldReply> Holds { get; init; }

    /// <summary>Null as of an earlier instant.</summary>
    public required PointsSummary? Summary { get; init; }

    public required PointsRecordPage Records { get; init; }

    /// <summary>The earliest instant of which the figures as of one can be told; null where all can, and for now.</summary>
    [JsonIgnore]
    public Instant? EarliestAsOf { get; init; }

    private static readonly PointsRecordPage s_noRecords = new() { Items = [], NextCursor = null };

    internal static MemberPoints Of(MemberView view) => new()
    {
        MemberId = view.Id.ToString(),
        AsOf = null,
        Available = view.Figures.Available,
        Pending = view.Figures.Pending,
        Held = view.Figures.Held,
        Debt = view.Figures.Debt,
        Expiring30d = view.Figures.Expiring30d,
        LifetimePoints = view.Lifetime,
        Growth = view.Growth,
        LevelCode = view.LevelCode,
        Lots = [],
        Holds = [],
        Summary = null,
        Records = s_noRecords,
    };

    internal static MemberPoints Of(BalanceAsOf balance, Instant at) => new()
    {
        MemberId = new MemberId(balance.MemberId).ToString(),
        AsOf = at.ToDateTimeOffset(),
        Available = balance.Available,
        Pending = balance.Pending,
        Held = balance.Held,
        Debt = balance.Debt,
        Expiring30d = null,
        LifetimePoints = balance.Lifetime,
        Growth = balance.Growth,
        LevelCode = balance.LevelCode,
        EarliestAsOf = balance.EarliestAt is { } earliest ? new Instant(earliest) : null,
        Lots = [],
        Holds = [],
        Summary = null,
        Records = s_noRecords,
    };
}

/// <summary>Which movements a list shows.</summary>
internal sealed record RecordFilter
{
    // Nothing is dated further ahead of its id, whatever the programme says, and clocks of nodes differ by less than the second day. So the
    // partitions of earlier months are not even looked at.
    private static readonly TimeSpan s_timeAheadMax = TimeSpan.FromDays(2);

    public required MemberId? Member { get; init; }

    public required string? Kind { get; init; }

    public required string? Unit { get; init; }

    public required string? OrderId { get; init; }

    /// <summary>Business time, inclusive.</summary>
    public required Instant? From { get; init; }

    /// <summary>Business time, exclusive.</summary>
    public required Instant? To { get; init; }

    public required long Before { get; init; }

    public required int Limit { get; init; }

    /// <summary>How many of the newest are left out.</summary>
    public int Skip { get; init; }

    /// <param name="units">The codes of the units that the programme defines.</param>
    public static RecordFilter Read(QueryFields query, MemberId? member, IEnumerable<string> units) => new()
    {
        Member = member,
        Kind = query.ChoiceOrNull(
            "kind",
            EntryNames.Earn,
            EntryNames.Spend,
            EntryNames.Expire,
            EntryNames.Adjust,
            EntryNames.Reverse,
            EntryNames.Transfer,
            EntryNames.Merge,
            EntryNames.Repay,
            EntryNames.Activate,
            EntryNames.Cancel,
            EntryNames.Reinstate,
            EntryNames.Exchange),
        Unit = query.ChoiceOrNull("unit", [EntryNames.Points, EntryNames.Growth, .. units]),
        OrderId = query.IdentifierOrNull("orderId", PointsLimits.ReferenceIdLengthMax),
        From = query.TimeOrNull("from"),
        To = query.TimeOrNull("to"),
        Before = query.CursorOrNull(1)?[0] ?? long.MaxValue,
        Limit = query.Limit(),
    };

    /// <summary>What the statements of a list are asked with.</summary>
    public object ArgumentsFor(TenantId tenant, int limit) => new
    {
        Tenant = tenant.Value,
        Member = Member?.Value,
        Kind,
        Unit,
        OrderId,
        From = From?.UnixMicroseconds,
        To = To?.UnixMicroseconds,
        Since = From is { } from ? IdGenerator.FirstOf(from.Plus(-s_timeAheadMax)) : 0,
        Before,
        Limit = limit,
        Skip,
    };

    /// <summary>The same list cut off after an instant, inclusive.</summary>
    public RecordFilter Until(Instant at)
    {
        var end = new Instant(at.UnixMicroseconds + 1);
        return this with { To = To is { } to ? Instant.Min(to, end) : end };
    }
}
