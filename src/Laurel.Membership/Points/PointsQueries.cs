using System.Data.Common;
using System.Globalization;
using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Openings;

namespace Laurel.Membership.Points;

/// <summary>Reads movements: for lists, from whom they are asked of, and to tell again what an earlier command did, from the primary.</summary>
public sealed class PointsQueries(Database database, TimeProvider clock)
{
    internal const string RecordColumns = """
        e.id AS Id, e.member_id AS MemberId, e.posting_id AS PostingId, e.unit AS Unit, e.kind AS Kind, e.amount AS Amount,
        e.balance_after AS BalanceAfter, e.occurred_at AS OccurredAt, e.recorded_at AS RecordedAt, e.expires_at AS ExpiresAt,
        e.rule AS Rule, e.rule_version AS RuleVersion, e.base AS Base, e.multiplier AS Multiplier, e.cut AS Cut,
        e.reason AS Reason, e.reference_type AS ReferenceType, e.reference_id AS ReferenceId, e.order_id AS OrderId,
        e.related_id AS RelatedId, e.detail AS Detail
        """;

    // A filter that is null lets everything pass; the column beside it tells PostgreSQL its type. The list ends where entries begin, whether
    // those below are still there or not. Stored money has a list and a permission of its own.
    private const string Filters = " AND e.id >= " + OpeningCut.InForce + """
         AND e.id >= @Since AND e.id < @Before AND e.unit <> 'balance'
        AND e.kind = COALESCE(@Kind, e.kind) AND e.unit = COALESCE(@Unit, e.unit)
        AND COALESCE(e.order_id, '') = COALESCE(@OrderId, e.order_id, '')
        AND e.occurred_at >= COALESCE(@From, e.occurred_at) AND e.occurred_at < COALESCE(@To, e.occurred_at + 1)
        ORDER BY e.id DESC LIMIT @Limit OFFSET @Skip
        """;

    private const string RecordsOfTenant = "SELECT " + RecordColumns + " FROM entries e WHERE e.tenant_id = @Tenant" + Filters;

    private const string RecordsOfMember = "SELECT " + RecordColumns + " FROM entries e WHERE e.tenant_id = @Tenant AND e.member_id = @Member" + Filters;

    private const string CountOfTenant = "SELECT COUNT(*) FROM (SELECT e.id FROM entries e WHERE e.tenant_id = @Tenant" + Filters + ") found";

    private const string CountOfMember =
        "SELECT COUNT(*) FROM (SELECT e.id FROM entries e WHERE e.tenant_id = @Tenant AND e.member_id = @Member" + Filters + ") found";

    private const string ReadPosting = "SELECT " + RecordColumns + """
         FROM entries e
        WHERE e.tenant_id = @Tenant AND e.member_id = @Member AND e.id BETWEEN @First AND @Last ORDER BY e.id
        """;

    private const string ReadIncoming = "SELECT " + RecordColumns + """
         FROM entries e
        WHERE e.tenant_id = @Tenant AND e.member_id = @Member AND e.reference_type = 'transfer' AND e.reference_id = @Reference AND e.amount > 0
        ORDER BY e.id
        """;

    internal const string ReadTakes = """
        SELECT entry_id AS EntryId, lot_id AS LotId, points AS Points FROM lot_takes
        WHERE tenant_id = @Tenant AND member_id = @Member AND entry_id BETWEEN @First AND @Last ORDER BY entry_id, lot_id
        """;

    private const string ReadLevelMove = """
        SELECT from_code AS FromCode, to_code AS ToCode FROM level_changes
        WHERE tenant_id = @Tenant AND member_id = @Member AND posting_id = @First AND from_code IS NOT NULL AND track IS NULL
        """;

    private const string ReadLots = """
        SELECT l.id AS Id, l.granted AS Granted, l.remaining AS Remaining, l.held AS Held, l.active_at AS ActiveAt, l.expires_at AS ExpiresAt,
            w.event AS PendingEvent, w.cancels_at AS CancelsAt, m.inactive_at AS InactiveAt
        FROM lots l
        LEFT JOIN members m ON l.expires_at = 9223372036854775806 AND m.tenant_id = l.tenant_id AND m.id = l.member_id
        LEFT JOIN pending_lots w ON w.tenant_id = l.tenant_id AND w.member_id = l.member_id AND w.lot_id = l.id
        WHERE l.tenant_id = @Tenant AND l.member_id = @Member AND l.remaining > 0 AND (COALESCE(m.inactive_at, l.expires_at) > @Now OR l.held > 0)
        ORDER BY l.expires_at, l.active_at, l.id LIMIT 200
        """;

    private const string ReadHolds = """
        SELECT id AS Id, points - captured - released AS Points, expires_at AS ExpiresAt, reason AS Reason, reference_type AS ReferenceType, reference_id AS ReferenceId
        FROM holds WHERE tenant_id = @Tenant AND member_id = @Member AND status = 'open' AND expires_at > @Now ORDER BY id LIMIT 200
        """;

    private const string ReadHold = """
        SELECT id AS Id, points AS Points, captured AS Captured, released AS Released, status AS Status, expires_at AS ExpiresAt
        FROM holds WHERE tenant_id = @Tenant AND member_id = @Member AND id = @Hold
        """;

    private const string ReadExtension = """
        SELECT lot_id AS LotId, points AS Points, expires_before AS ExpiresBefore, expires_after AS ExpiresAfter FROM lot_changes
        WHERE tenant_id = @Tenant AND member_id = @Member AND kind = 'extend' AND reference = @Reference ORDER BY id
        """;

    private const string FindMember = "SELECT root_id FROM natural_keys WHERE key_hash = @Key";

    private const string ReadSummary = """
        SELECT s.earned + COALESCE(p.earned, 0) AS Earned, s.used + COALESCE(p.spent, 0) AS Used, s.movements + COALESCE(p.movements, 0) AS Count,
            CASE WHEN p.moved_at IS NULL OR s.moved_at > p.moved_at THEN s.moved_at ELSE p.moved_at END AS Last
        FROM (
            SELECT COALESCE(SUM(CASE WHEN e.kind = 'earn' THEN e.amount ELSE 0 END), 0) AS earned,
                COALESCE(SUM(CASE WHEN e.kind = 'spend' THEN -e.amount ELSE 0 END), 0) AS used,
                COUNT(*) AS movements, MAX(e.occurred_at) AS moved_at
            FROM entries e WHERE e.tenant_id = @Tenant AND e.member_id = @Member AND e.unit = 'points' AND e.id >=
        """ + " " + OpeningCut.InForce + """
        ) s
        LEFT JOIN opening_members p ON p.tenant_id = @Tenant AND p.member_id = @Member AND p.cut_id =
        """ + " " + OpeningCut.InForce;

    /// <summary>Movements of the tenant, or of one member, newest first.</summary>
    internal static async Task<PointsRecordPage> RecordsAsync(Database from, TenantId tenant, RecordFilter filter, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("points.records");
        return await RecordsAsync(session.Connection, tenant, filter, cancellationToken);
    }

    /// <summary>One movement of a member, without the lots that it took; null when there is none.</summary>
    internal static async Task<PointsRecord?> FindAsync(Database from, TenantId tenant, MemberId member, long entry, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("points.record");
        var arguments = new { Tenant = tenant.Value, Member = member.Value, First = entry, Last = entry };
        var rows = await session.Connection.QueryAsync<RecordRows.Record>(new CommandDefinition(ReadPosting, arguments, cancellationToken: cancellationToken));
        return rows.SingleOrDefault()?.ToRecord([]);
    }

    /// <summary>How many movements there are, at most the limit of the filter.</summary>
    internal static async Task<int> CountAsync(Database from, TenantId tenant, RecordFilter filter, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("points.records.count");
        var sql = filter.Member is null ? CountOfTenant : CountOfMember;
        return await session.Connection.ExecuteScalarAsync<int>(
            new CommandDefinition(sql, filter.ArgumentsFor(tenant, filter.Limit), cancellationToken: cancellationToken));
    }

    /// <summary>The sums over all entries of points of a member, those that opening balances stand for included.</summary>
    /// <remarks>Not cancelled with its caller: others may share the answer.</remarks>
    internal static async Task<PointsSummary> SummaryAsync(Database from, TenantId tenant, MemberId member)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), CancellationToken.None);
        using var timed = from.Times.Begin("points.summary");
        var arguments = new { Tenant = tenant.Value, Member = member.Value };
        return (await session.Connection.QuerySingleAsync<RecordRows.Summary>(new CommandDefinition(ReadSummary, arguments))).ToReply();
    }

    /// <summary>Adds lots, holds and records. As of an earlier instant only the records are told.</summary>
    internal async Task<MemberPoints> FillAsync(Database from, MemberPoints points, TenantId tenant, RecordFilter filter, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("points.overview");
        var connection = session.Connection;
        var records = await RecordsAsync(connection, tenant, filter, cancellationToken);
        if (points.AsOf is not null)
        {
            return points with { Records = records };
        }

        var arguments = new { Tenant = tenant.Value, Member = filter.Member!.Value.Value, Now = Instant.Now(clock).UnixMicroseconds };
        CommandDefinition With(string sql) => new(sql, arguments, cancellationToken: cancellationToken);
        var lots = await connection.QueryAsync<RecordRows.Lot>(With(ReadLots));
        var holds = await connection.QueryAsync<RecordRows.OpenHold>(With(ReadHolds));
        return points with { Records = records, Lots = [.. lots.Select(l => l.ToReply())], Holds = [.. holds.Select(h => h.ToReply())] };
    }

    /// <summary>What an earlier posting did.</summary>
    public async Task<PostingReply> ReadPostingAsync(TenantId tenant, NaturalKey earlier, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("points.posting");
        var arguments = ArgumentsOf(tenant, earlier);
        // Changes of level that no entry brought about have no posting, and are not those of a call that made no entry.
        var move = earlier.FirstId == 0 ? null : await session.Connection.QuerySingleOrDefaultAsync<RecordRows.LevelMove>(
            new CommandDefinition(ReadLevelMove, arguments, cancellationToken: cancellationToken));
        var (entries, detached) = await EntriesAsync(session.Connection, tenant, earlier, cancellationToken);
        return new PostingReply
        {
            MemberId = new MemberId(earlier.RootId).ToString(),
            Entries = entries,
            Detached = detached,
            Level = move is null ? null : new LevelMove { From = move.FromCode, To = move.ToCode },
        };
    }

    /// <summary>What opening a hold did.</summary>
    public async Task<HoldReply> ReadHoldAsync(TenantId tenant, NaturalKey earlier, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("points.hold");
        var row = await HoldAsync(session.Connection, tenant, earlier.RootId, earlier.FirstId, cancellationToken);

        // The first answer told of an open hold; what became of it since is another call's answer.
        return row.ToReply(earlier.RootId, []) with { Status = "open", Captured = 0, Released = 0 };
    }

    /// <summary>What a capture or release did; the hold is shown as it stands now.</summary>
    public async Task<HoldReply> ReadHoldEndAsync(TenantId tenant, NaturalKey earlier, long holdId, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("points.hold_end");
        var row = await HoldAsync(session.Connection, tenant, earlier.RootId, holdId, cancellationToken);

        // A release that made no entries leads to the hold itself.
        var (entries, detached) = earlier.FirstId == holdId ? ([], null) : await EntriesAsync(session.Connection, tenant, earlier, cancellationToken);
        return row.ToReply(earlier.RootId, entries) with { Detached = detached };
    }

    /// <summary>What a transfer did.</summary>
    /// <param name="receiver">As the repeated call names the receiver; it agrees with the first call.</param>
    /// <param name="points">As the repeated call says.</param>
    public async Task<TransferReply> ReadTransferAsync(
        TenantId tenant, NaturalKey earlier, MemberReference receiver, long points, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("points.transfer");
        var arguments = ArgumentsOf(tenant, earlier);
        var outgoing = (await session.Connection.QueryAsync<RecordRows.Record>(new CommandDefinition(ReadPosting, arguments, cancellationToken: cancellationToken)))
            .FirstOrDefault();
        var to = outgoing?.RelatedId ?? await MemberOfAsync(session.Connection, receiver, cancellationToken);
        var reply = new TransferReply { From = new MemberId(earlier.RootId).ToString(), To = new MemberId(to).ToString(), Points = points, Entries = [] };
        if (outgoing is null)
        {
            return reply with { Detached = DetachedOf(earlier) };
        }

        var query = new { Tenant = tenant.Value, Member = to, Reference = outgoing.ReferenceId };
        var incoming = await session.Connection.QueryAsync<RecordRows.Record>(new CommandDefinition(ReadIncoming, query, cancellationToken: cancellationToken));
        return reply with { Entries = [outgoing.ToEntry(), .. incoming.Select(row => row.ToEntry())] };
    }

    /// <summary>What an extension did.</summary>
    /// <param name="reference">As the repeated call says.</param>
    public async Task<ExtensionReply> ReadExtensionAsync(TenantId tenant, NaturalKey earlier, string reference, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("points.extension");
        var arguments = new { Tenant = tenant.Value, Member = earlier.RootId, Reference = reference };
        var lots = await session.Connection.QueryAsync<RecordRows.Extended>(new CommandDefinition(ReadExtension, arguments, cancellationToken: cancellationToken));
        return new ExtensionReply
        {
            MemberId = new MemberId(earlier.RootId).ToString(),
            Lots = [.. lots.Select(lot => ExtendedLot.Of(lot.LotId, lot.Points, new Instant(lot.ExpiresBefore), new Instant(lot.ExpiresAfter)))],
        };
    }

    private static async Task<long> MemberOfAsync(DbConnection connection, MemberReference member, CancellationToken cancellationToken) => member.Id.Value != 0
        ? member.Id.Value
        : await connection.ExecuteScalarAsync<long>(new CommandDefinition(FindMember, new { Key = member.Handle.ToBytes() }, cancellationToken: cancellationToken));

    private static object ArgumentsOf(TenantId tenant, NaturalKey earlier) =>
        new { Tenant = tenant.Value, Member = earlier.RootId, First = earlier.FirstId, Last = earlier.LastId };

    /// <summary>The entries that a key leads to. Once the first of them is detached none is told: half of a posting says nothing.</summary>
    private static async Task<(IReadOnlyList<EntryReply> Entries, DetachedEntries? Detached)> EntriesAsync(
        DbConnection connection, TenantId tenant, NaturalKey earlier, CancellationToken cancellationToken)
    {
        var rows = (await connection.QueryAsync<RecordRows.Record>(
            new CommandDefinition(ReadPosting, ArgumentsOf(tenant, earlier), cancellationToken: cancellationToken))).AsList();
        return earlier.FirstId == 0 || (rows.Count > 0 && rows[0].Id == earlier.FirstId)
            ? ([.. rows.Select(row => row.ToEntry())], null)
            : ([], DetachedOf(earlier));
    }

    private static DetachedEntries DetachedOf(NaturalKey earlier) => new()
    {
        FirstId = earlier.FirstId.ToString(CultureInfo.InvariantCulture),
        LastId = earlier.LastId.ToString(CultureInfo.InvariantCulture),
    };

    private static Task<RecordRows.Hold> HoldAsync(DbConnection connection, TenantId tenant, long member, long hold, CancellationToken cancellationToken) =>
        connection.QuerySingleAsync<RecordRows.Hold>(
            new CommandDefinition(ReadHold, new { Tenant = tenant.Value, Member = member, Hold = hold }, cancellationToken: cancellationToken));

    private static async Task<PointsRecordPage> RecordsAsync(DbConnection connection, TenantId tenant, RecordFilter filter, CancellationToken cancellationToken)
    {
        var arguments = filter.ArgumentsFor(tenant, filter.Limit + 1);
        var sql = filter.Member is null ? RecordsOfTenant : RecordsOfMember;
        var rows = (await connection.QueryAsync<RecordRows.Record>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken))).ToList();
        var more = rows.Count > filter.Limit;
        rows = [.. rows.Take(filter.Limit)];
        var takes = await TakesAsync(connection, tenant, rows, cancellationToken);
        return new PointsRecordPage
        {
            Items = [.. rows.Select(row => row.ToRecord(takes[row.Id]))],
            NextCursor = more ? Platform.Http.Cursor.Write(rows[^1].Id) : null,
        };
    }

    /// <summary>The lots that the entries of a page took, by member: each member's entries are one range of its ids.</summary>
    private static async Task<ILookup<long, LotTakeReply>> TakesAsync(
        DbConnection connection, TenantId tenant, List<RecordRows.Record> rows, CancellationToken cancellationToken)
    {
        var takes = new List<RecordRows.Take>();
        foreach (var member in rows.Where(row => row.Amount < 0).GroupBy(row => row.MemberId))
        {
            var arguments = new { Tenant = tenant.Value, Member = member.Key, First = member.Min(row => row.Id), Last = member.Max(row => row.Id) };
            takes.AddRange(await connection.QueryAsync<RecordRows.Take>(new CommandDefinition(ReadTakes, arguments, cancellationToken: cancellationToken)));
        }

        return takes.ToLookup(
            take => take.EntryId,
            take => new LotTakeReply { LotId = take.LotId.ToString(CultureInfo.InvariantCulture), Points = take.Points });
    }
}
