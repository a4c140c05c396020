using System.Text.Json;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Http;

namespace Laurel.Membership.Watch;

/// <summary>Which cases a list shows. What is null lets everything pass.</summary>
internal sealed record WatchCaseFilter(MemberId? Member, string? Rule, string? Status, string? AssignedTo, long Before, int Limit);

/// <summary>Reads cases.</summary>
internal static class WatchCaseQueries
{
    private const int ChangesMax = 200;

    private const string Columns = """
        SELECT w.member_id AS MemberId, w.id AS Id, w.rule_code AS Rule, w.rule_version AS RuleVersion, w.action AS Action, w.status AS Status,
            w.hits AS Hits, w.opened_at AS OpenedAt, w.last_hit_at AS LastHitAt, w.value AS Value, w.threshold AS Threshold, w.froze AS Froze,
            w.assigned_to AS AssignedTo, w.decided_at AS DecidedAt, w.decided_by AS DecidedBy
        FROM watch_cases w WHERE w.tenant_id = @Tenant
        """;

    // A filter that is null lets everything pass; the column beside it tells PostgreSQL its type.
    private const string Filters = """
         AND w.id < @Before AND w.rule_code = COALESCE(@Rule, w.rule_code) AND w.status = COALESCE(@Status, w.status)
        AND COALESCE(w.assigned_to, '') = COALESCE(@AssignedTo, w.assigned_to, '')
        ORDER BY w.id DESC LIMIT @Limit
        """;

    private const string Cases = Columns + Filters;

    private const string CasesOfMember = Columns + " AND w.member_id = @Member" + Filters;

    private const string One = Columns + " AND w.member_id = (SELECT root_id FROM natural_keys WHERE key_hash = @Key) AND w.id = @Id";

    private const string Held = """
        SELECT COALESCE(SUM(l.remaining), 0) FROM pending_lots p
        JOIN lots l ON l.tenant_id = p.tenant_id AND l.member_id = p.member_id AND l.id = p.lot_id
        WHERE p.tenant_id = @Tenant AND p.member_id = @Member AND p.event = @Event AND p.reference = @Reference
        """;

    private const string Changes = """
        SELECT c.kind AS Kind, c.occurred_at AS OccurredAt, c.action AS Action, c.operator AS Operator, c.assigned_to AS AssignedTo, c.note AS Note,
            c.evidence AS Evidence
        FROM watch_case_changes c WHERE c.tenant_id = @Tenant AND c.member_id = @Member AND c.case_id = @Id ORDER BY c.id DESC LIMIT @Limit
        """;

    private sealed class Row
    {
        public long MemberId { get; init; }

        public long Id { get; init; }

        public required string Rule { get; init; }

        public int RuleVersion { get; init; }

        public required string Action { get; init; }

        public required string Status { get; init; }

        public long Hits { get; init; }

        public long OpenedAt { get; init; }

        public long LastHitAt { get; init; }

        public long Value { get; init; }

        public long Threshold { get; init; }

        public int Froze { get; init; }

        public string? AssignedTo { get; init; }

        public long? DecidedAt { get; init; }

        public string? DecidedBy { get; init; }

        public WatchCaseReply ToReply() => WatchCaseReply.Of(MemberId, new WatchCase
        {
            Id = Id,
            Rule = Rule,
            RuleVersion = RuleVersion,
            Action = WatchCase.ActionOf(Action),
            Status = WatchCase.StatusOf(Status),
            Hits = Hits,
            OpenedAt = new Instant(OpenedAt),
            LastHitAt = new Instant(LastHitAt),
            Value = Value,
            Threshold = Threshold,
            Froze = Froze != 0,
            AssignedTo = AssignedTo,
            DecidedAt = DecidedAt is { } decided ? new Instant(decided) : null,
            DecidedBy = DecidedBy,
        });
    }

    private sealed class ChangeRow
    {
        public required string Kind { get; init; }

        public long OccurredAt { get; init; }

        public string? Action { get; init; }

        public string? Operator { get; init; }

        public string? AssignedTo { get; init; }

        public string? Note { get; init; }

        public string? Evidence { get; init; }

        public WatchChangeReply ToReply() => new()
        {
            Kind = Kind,
            OccurredAt = new Instant(OccurredAt).ToDateTimeOffset(),
            Action = Action,
            Operator = Operator,
            AssignedTo = AssignedTo,
            Note = Note,
            Evidence = Evidence is null ? null : Parse(Evidence),
        };

        private static JsonElement Parse(string text)
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
    }

    public static async Task<WatchCasePage> ListAsync(Database from, TenantId tenant, WatchCaseFilter filter, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("watch.cases");
        var arguments = new
        {
            Tenant = tenant.Value,
            Member = filter.Member?.Value,
            filter.Rule,
            filter.Status,
            filter.AssignedTo,
            filter.Before,
            Limit = filter.Limit + 1,
        };
        var sql = filter.Member is null ? Cases : CasesOfMember;
        var rows = (await session.Connection.QueryAsync<Row>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken))).AsList();
        return new WatchCasePage
        {
            Items = [.. rows.Take(filter.Limit).Select(row => row.ToReply())],
            NextCursor = rows.Count > filter.Limit ? Cursor.Write(rows[filter.Limit - 1].Id) : null,
        };
    }

    /// <summary>One case; null when there is none of this id.</summary>
    public static async Task<WatchCaseDetail?> FindAsync(Database from, TenantId tenant, long id, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("watch.case");
        var key = new { Tenant = tenant.Value, Key = WatchCase.HandleOf(tenant, id).ToBytes(), Id = id };
        if (await session.Connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(One, key, cancellationToken: cancellationToken)) is not { } row)
        {
            return null;
        }

        var reply = row.ToReply();
        var arguments = new { Tenant = tenant.Value, Member = row.MemberId, Id = id, WatchCase.Event, Reference = reply.CaseId, Limit = ChangesMax };
        var held = await session.Connection.ExecuteScalarAsync<long>(new CommandDefinition(Held, arguments, cancellationToken: cancellationToken));
        var changes = await session.Connection.QueryAsync<ChangeRow>(new CommandDefinition(Changes, arguments, cancellationToken: cancellationToken));
        return new WatchCaseDetail { Case = reply, HeldPoints = held, Changes = [.. changes.Select(change => change.ToReply())] };
    }
}
