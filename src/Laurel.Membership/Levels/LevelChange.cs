using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Levels;

/// <summary>One change of a member's level, as it is stored.</summary>
internal sealed record LevelChange
{
    public required TenantId Tenant { get; init; }

    public required MemberId Member { get; init; }

    public required long Id { get; init; }

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
}

internal static class LevelStatements
{
    public static readonly SetStatement<LevelChange> InsertChanges = new(
        sqlite: """
            INSERT INTO level_changes (tenant_id, member_id, id, posting_id, from_code, to_code, reason, lifetime, occurred_at, recorded_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
        postgres: """
            INSERT INTO level_changes (tenant_id, member_id, id, posting_id, from_code, to_code, reason, lifetime, occurred_at, recorded_at)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
        Column<LevelChange>.Int32(c => c.Tenant.Value),
        Column<LevelChange>.Int64(c => c.Member.Value),
        Column<LevelChange>.Int64(c => c.Id),
        Column<LevelChange>.Int64(c => c.PostingId),
        Column<LevelChange>.Text(c => c.From),
        Column<LevelChange>.Text(c => c.To),
        Column<LevelChange>.Text(c => c.Reason),
        Column<LevelChange>.Int64(c => c.Lifetime),
        Column<LevelChange>.Instant(c => c.OccurredAt),
        Column<LevelChange>.Instant(c => c.RecordedAt))
    {
        Committed = MembershipMetrics.Count,
    };
}
