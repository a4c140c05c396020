using System.Globalization;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Http;

namespace Laurel.Membership.Merges;

/// <summary>Reads merges of members.</summary>
internal static class MergeQueries
{
    private const string Columns = """
        SELECT g.id AS Id, g.source_id AS Source, g.survivor_id AS Survivor, g.reference AS Reference, g.reason AS Reason, g.operator AS Operator,
            g.merged_at AS MergedAt, g.source_level AS SourceLevel, g.level_before AS LevelBefore, g.level_after AS LevelAfter, g.undone_at AS UndoneAt,
            g.undo_reason AS UndoReason, g.undo_operator AS UndoOperator
        FROM member_merges g WHERE g.tenant_id = @Tenant
        """;

    private const string One = Columns + " AND g.source_id = (SELECT root_id FROM natural_keys WHERE key_hash = @Key) AND g.id = @Id";

    private const string OfReference = Columns + " AND g.source_id = @Source AND g.reference = @Reference";

    private const string All = Columns + " AND g.id < @Before ORDER BY g.id DESC LIMIT @Limit";

    private const string OfMember = Columns + " AND g.id < @Before AND (g.source_id = @Member OR g.survivor_id = @Member) ORDER BY g.id DESC LIMIT @Limit";

    private const string Moves = """
        SELECT v.id AS Id, v.merge_id AS Merge, v.kind AS Kind, v.from_member AS FromMember, v.from_ref AS FromRef, v.to_member AS ToMember, v.to_ref AS ToRef,
            v.quantity AS Quantity, v.code AS Code
        FROM member_merge_moves v WHERE v.tenant_id = @Tenant AND v.source_id = @Source AND v.merge_id = @Id ORDER BY v.id LIMIT @Limit
        """;

    /// <summary>Moves that are told of one merge.</summary>
    private const int MovesMax = 10_000;

    private sealed class Row
    {
        public long Id { get; init; }

        public long Source { get; init; }

        public long Survivor { get; init; }

        public required string Reference { get; init; }

        public required string Reason { get; init; }

        public required string Operator { get; init; }

        public long MergedAt { get; init; }

        public required string SourceLevel { get; init; }

        public required string LevelBefore { get; init; }

        public required string LevelAfter { get; init; }

        public long? UndoneAt { get; init; }

        public string? UndoReason { get; init; }

        public string? UndoOperator { get; init; }

        public MergeRecord ToRecord() => MergeRecord.Of(new MemberMerge
        {
            Id = Id,
            Source = Source,
            Survivor = Survivor,
            Reference = Reference,
            Reason = Reason,
            Operator = Operator,
            MergedAt = new Instant(MergedAt),
            SourceLevel = SourceLevel,
            LevelBefore = LevelBefore,
            LevelAfter = LevelAfter,
            UndoneAt = UndoneAt is { } undone ? new Instant(undone) : null,
            UndoReason = UndoReason,
            UndoOperator = UndoOperator,
        });
    }

    private sealed class MoveRow
    {
        public long Id { get; init; }

        public long Merge { get; init; }

        public required string Kind { get; init; }

        public long FromMember { get; init; }

        public long FromRef { get; init; }

        public long ToMember { get; init; }

        public long ToRef { get; init; }

        public long Quantity { get; init; }

        public required string Code { get; init; }

        public MergeMoveReply ToReply() => MergeMoveReply.Of(new MergeMove(Id, Merge, Kind, FromMember, FromRef, ToMember, ToRef, Quantity, Code, 0));
    }

    /// <summary>One merge with its lineage; null when there is none of this id.</summary>
    public static async Task<MergeRecord?> FindAsync(Database from, TenantId tenant, long id, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("members.merge");
        var key = MemberMerge.HandleOf(tenant, id).ToBytes();
        var found = await session.Connection.QuerySingleOrDefaultAsync<Row>(
            new CommandDefinition(One, new { Tenant = tenant.Value, Key = key, Id = id }, cancellationToken: cancellationToken));
        if (found is null)
        {
            return null;
        }

        var moves = await session.Connection.QueryAsync<MoveRow>(
            new CommandDefinition(Moves, new { Tenant = tenant.Value, found.Source, Id = id, Limit = MovesMax }, cancellationToken: cancellationToken));
        return found.ToRecord() with { Lineage = [.. moves.Select(move => move.ToReply())] };
    }

    /// <summary>The merge that a member made under a reference.</summary>
    public static async Task<MergeRecord?> FindAsync(Database from, TenantId tenant, long source, string reference, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("members.merge");
        var arguments = new { Tenant = tenant.Value, Source = source, Reference = reference };
        return (await session.Connection.QueryFirstOrDefaultAsync<Row>(new CommandDefinition(OfReference, arguments, cancellationToken: cancellationToken)))?.ToRecord();
    }

    public static async Task<MergePage> ListAsync(Database from, TenantId tenant, MemberId? member, long before, int limit, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("members.merges");
        var arguments = new { Tenant = tenant.Value, Member = member?.Value, Before = before, Limit = limit + 1 };
        var rows = (await session.Connection.QueryAsync<Row>(
            new CommandDefinition(member is null ? All : OfMember, arguments, cancellationToken: cancellationToken))).AsList();
        return new MergePage
        {
            Items = [.. rows.Take(limit).Select(row => row.ToRecord())],
            NextCursor = rows.Count > limit ? Cursor.Write(rows[limit - 1].Id) : null,
        };
    }

    /// <summary>0 for what is no id: no merge has it.</summary>
    public static long IdOf(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;
}
