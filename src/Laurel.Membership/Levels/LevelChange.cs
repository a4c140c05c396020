using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Levels;

/// <summary>One change of a member's level, as it is stored.</summary>
internal sealed record LevelChange
{
    public required TenantId Tenant { get; init; }

    public required MemberId Member { get; init; }

    public required long Id { get; init; }

    /// <summary>The code of the track; null of the main ladder.</summary>
    public string? Track { get; init; }

    /// <summary>The posting that moved the lifetime sum; 0 when none did.</summary>
    public required long PostingId { get; init; }

    /// <summary>Null for the first level.</summary>
    public required string? From { get; init; }

    public required string To { get; init; }

    /// <summary>Whether the new level is the higher one. Not stored: which is higher is the programme's to say.</summary>
    public required bool Rises { get; init; }

    public required string Reason { get; init; }

    public required long Lifetime { get; init; }

    public required Instant OccurredAt { get; init; }

    public required Instant RecordedAt { get; init; }

    /// <summary>Who set it by hand; null for changes by the rules.</summary>
    public string? Operator { get; init; }

    /// <summary>Until when nothing else changes it; never is for ever. Null for changes by the rules, and where the rules judge again.</summary>
    public Instant? PinnedUntil { get; init; }
}

internal static class LevelStatements
{
    public static readonly SetStatement<LevelChange> InsertChanges = Statements.Insert("level_changes",
        Column<LevelChange>.Int32("tenant_id", c => c.Tenant.Value),
        Column<LevelChange>.Int64("member_id", c => c.Member.Value),
        Column<LevelChange>.Int64("id", c => c.Id),
        Column<LevelChange>.Int64("posting_id", c => c.PostingId),
        Column<LevelChange>.Text("from_code", c => c.From),
        Column<LevelChange>.Text("to_code", c => c.To),
        Column<LevelChange>.Text("reason", c => c.Reason),
        Column<LevelChange>.Int64("lifetime", c => c.Lifetime),
        Column<LevelChange>.Instant("occurred_at", c => c.OccurredAt),
        Column<LevelChange>.Instant("recorded_at", c => c.RecordedAt),
        Column<LevelChange>.Text("operator", c => c.Operator),
        Column<LevelChange>.NullableInt64("pinned_until", c => c.PinnedUntil?.UnixMicroseconds),
        Column<LevelChange>.Text("track", c => c.Track))
        .Telling(MembershipMetrics.Count);
}
