using System.Collections.Frozen;
using System.Globalization;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Openings;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Points;

/// <summary>A member's figures as they stood at an instant of business time, as known now.</summary>
public sealed record BalanceAsOf
{
    public long MemberId { get; init; }

    public required string ExternalId { get; init; }

    public required string MemberCode { get; init; }

    public long Available { get; init; }

    public long Pending { get; init; }

    public long Held { get; init; }

    public long Debt { get; init; }

    public long Lifetime { get; init; }

    public long Growth { get; init; }

    /// <summary>Stored money in minor units, what withdrawals hold included.</summary>
    public long Balance { get; init; }

    /// <summary>Completed orders less those refunded whole.</summary>
    public long TotalOrders { get; init; }

    /// <summary>Paid for orders less refunds, in minor units.</summary>
    public long TotalAmount { get; init; }

    /// <summary>The level held, by the changes that are dated at or before the instant.</summary>
    public string LevelCode { get; init; } = "";

    /// <summary>What the member had of units that the programme defines, by code; told of all members together, else empty.</summary>
    public IReadOnlyDictionary<string, long> Units { get; init; } = FrozenDictionary<string, long>.Empty;

    /// <summary>The earliest instant of which these figures can be told, in microseconds since 1970; null where all of them can. As of an
    /// earlier one they are wrong: what happened between is among the entries that were detached.</summary>
    public long? EarliestAt { get; init; }
}

/// <summary>Balances of all members were asked for as of an instant before the latest that opening balances stand for.</summary>
public sealed class AsOfTooEarlyException(Instant earliest)
    : IOException($"Opening balances stand for the entries of then; the earliest instant that can be told of all members is {earliest}.")
{
    public Instant Earliest { get; } = earliest;
}

/// <summary>Reckons balances as of an instant from lots, takes, holds and entries: an expiry due by then counts, written or not.</summary>
/// <remarks>It goes back from what is stored now, less what has happened since the instant. So only entries after it are read, and it matters
/// not whether opening balances stand for earlier ones, as long as nothing below their cut happened after the instant.</remarks>
public sealed class BalancesAsOf(Database database, ProgrammeKind programmes)
{
    private const string Select = """
        SELECT m.id AS MemberId, m.external_id AS ExternalId, m.member_code AS MemberCode,
            COALESCE(l.live, 0) - m.debt + COALESCE(e.debt, 0) AS Available,
            COALESCE(l.pending, 0) AS Pending,
            COALESCE(l.held, 0) AS Held,
            m.debt - COALESCE(e.debt, 0) AS Debt,
            m.lifetime - COALESCE(e.lifetime, 0) AS Lifetime,
            m.growth - COALESCE(e.growth, 0) AS Growth,
            m.balance - COALESCE(e.balance, 0) AS Balance,
            (SELECT p.latest_at FROM opening_members p WHERE p.tenant_id = m.tenant_id AND p.member_id = m.id AND p.cut_id =
        """ + " " + OpeningCut.InForce + """
        ) AS EarliestAt,
            (SELECT s.to_code FROM level_changes s
             WHERE s.tenant_id = m.tenant_id AND s.member_id = m.id AND s.track IS NULL AND s.occurred_at <= @At ORDER BY s.id DESC LIMIT 1) AS LevelCode,
            COALESCE(b.orders, 0) - COALESCE(r.orders, 0) AS TotalOrders,
            COALESCE(b.amount, 0) - COALESCE(r.amount, 0) AS TotalAmount
        """;

    private const string From = """

        FROM members m
        LEFT JOIN (
            SELECT x.member_id, SUM(x.debt_delta) AS debt, SUM(x.lifetime_delta) AS lifetime,
                SUM(CASE WHEN x.unit = 'growth' THEN x.amount ELSE 0 END) AS growth,
                SUM(CASE WHEN x.unit = 'balance' THEN x.amount ELSE 0 END) AS balance
            FROM entries x WHERE x.tenant_id = @Tenant AND x.occurred_at > @At
        """;

    private const string Lots = """
             GROUP BY x.member_id) e ON e.member_id = m.id
        LEFT JOIN (
            SELECT o.member_id,
                SUM(CASE WHEN COALESCE(v.active_before, o.active_at) <= @At AND COALESCE(v.expires_before, i.inactive_at, o.expires_at) > @At THEN o.remaining + COALESCE(t.points, 0) - COALESCE(h.points, 0) ELSE 0 END) AS live,
                SUM(CASE WHEN COALESCE(v.active_before, o.active_at) > @At AND COALESCE(g.occurred_at, @At) <= @At
                    THEN o.remaining + COALESCE(t.points, 0) - COALESCE(h.points, 0) ELSE 0 END) AS pending,
                SUM(COALESCE(h.points, 0)) AS held
            FROM lots o
            LEFT JOIN lot_changes v ON v.tenant_id = o.tenant_id AND v.member_id = o.member_id AND v.lot_id = o.id AND v.id = (
                SELECT MIN(w.id) FROM lot_changes w
                WHERE w.tenant_id = o.tenant_id AND w.member_id = o.member_id AND w.lot_id = o.id AND w.occurred_at > @At)
            LEFT JOIN members i ON o.expires_at = 9223372036854775806 AND i.tenant_id = o.tenant_id AND i.id = o.member_id
            LEFT JOIN entries g ON g.tenant_id = o.tenant_id AND g.member_id = o.member_id AND g.id = o.id
            LEFT JOIN (
                SELECT k.member_id, k.lot_id, SUM(k.points) AS points
                FROM lot_takes k WHERE k.tenant_id = @Tenant AND k.occurred_at > @At
        """;

    // A hold past its end holds nothing, whether its end was written or not.
    private const string Holds = """
                 GROUP BY k.member_id, k.lot_id) t ON t.member_id = o.member_id AND t.lot_id = o.id
            LEFT JOIN (
                SELECT c.member_id, c.lot_id, SUM(CASE WHEN c.kind = 'hold' THEN c.points ELSE -c.points END) AS points
                FROM hold_changes c
                JOIN holds d ON d.tenant_id = c.tenant_id AND d.member_id = c.member_id AND d.id = c.hold_id AND d.expires_at > @At
                WHERE c.tenant_id = @Tenant AND c.occurred_at <= @At
        """;

    private const string Close = """
                 GROUP BY c.member_id, c.lot_id) h ON h.member_id = o.member_id AND h.lot_id = o.id
            WHERE o.tenant_id = @Tenant
        """;

    private const string Bought = """
             GROUP BY o.member_id) l ON l.member_id = m.id
        LEFT JOIN (
            SELECT p.member_id, COUNT(*) AS orders, SUM(p.amount) AS amount
            FROM orders p WHERE p.tenant_id = @Tenant AND p.occurred_at <= @At
        """;

    private const string Returned = """
             GROUP BY p.member_id) b ON b.member_id = m.id
        LEFT JOIN (
            SELECT q.member_id, SUM(q.whole) AS orders, SUM(q.amount) AS amount
            FROM refunds q WHERE q.tenant_id = @Tenant AND q.occurred_at <= @At
        """;

    // A row for each unit that the member ever had, and one for a member who had none.
    private const string Units = """
         GROUP BY q.member_id) r ON r.member_id = m.id
        LEFT JOIN (
            SELECT u.member_id, u.unit, u.amount - COALESCE(y.amount, 0) AS amount
            FROM member_units u
            LEFT JOIN (
                SELECT z.member_id, z.unit, SUM(z.amount) AS amount FROM entries z
                WHERE z.tenant_id = @Tenant AND z.occurred_at > @At AND z.unit NOT IN ('points', 'growth', 'balance')
                GROUP BY z.member_id, z.unit) y ON y.member_id = u.member_id AND y.unit = u.unit
            WHERE u.tenant_id = @Tenant) w ON w.member_id = m.id
        WHERE m.tenant_id = @Tenant
        """;

    private const string End = " GROUP BY q.member_id) r ON r.member_id = m.id WHERE m.tenant_id = @Tenant";

    private const string One = Select + From + " AND x.member_id = @Member" + Lots + " AND k.member_id = @Member" + Holds + " AND c.member_id = @Member"
        + Close + " AND o.member_id = @Member" + Bought + " AND p.member_id = @Member" + Returned + " AND q.member_id = @Member" + End + " AND m.id = @Member";

    private const string All = Select + From + Lots + Holds + Close + Bought + Returned + End + " ORDER BY m.id";

    private const string AllWithUnits = Select + ", w.unit AS Unit, w.amount AS UnitAmount" + From + Lots + Holds + Close + Bought + Returned + Units + " ORDER BY m.id";

    /// <summary>The codes of the units that a tenant's programme defines.</summary>
    public IReadOnlyList<string> UnitsOf(TenantId tenant) => [.. programmes.Latest(tenant)!.Programme.Units.Select(unit => unit.Code)];

    /// <summary>One member's figures; the member exists. Whoever tells them asks <see cref="BalanceAsOf.EarliestAt"/> first.</summary>
    public async Task<BalanceAsOf> ReadAsync(Database from, TenantId tenant, Laurel.Kernel.MemberId member, Instant at, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("points.as_of");
        var arguments = new { Tenant = tenant.Value, Member = member.Value, At = at.UnixMicroseconds };
        var row = await session.Connection.QuerySingleAsync<BalanceAsOf>(new CommandDefinition(One, arguments, cancellationToken: cancellationToken));
        return WithLevel(row, tenant);
    }

    /// <summary>Every member's figures, in order of id, read as a stream.</summary>
    /// <exception cref="AsOfTooEarlyException">When those of some member cannot be told.</exception>
    public async IAsyncEnumerable<BalanceAsOf> ReadAllAsync(
        TenantId tenant,
        Instant at,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var snapshot = await ReadSnapshot.OpenAsync(database, Reach.Of(tenant), cancellationToken);
        if (await OpeningCut.FindAsync(snapshot.Connection, cancellationToken) is { LatestAt: { } latest } && latest > at.UnixMicroseconds)
        {
            throw new AsOfTooEarlyException(new Instant(latest));
        }

        var hasUnits = UnitsOf(tenant).Count > 0;
        await using var reader = await snapshot.ReadAsync(hasUnits ? AllWithUnits : All, new { Tenant = tenant.Value, At = at.UnixMicroseconds }, cancellationToken);
        var parse = reader.GetRowParser<BalanceAsOf>();
        BalanceAsOf? member = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = parse(reader);
            if (member is not null && member.MemberId != row.MemberId)
            {
                yield return WithLevel(member, tenant);
                member = null;
            }

            member ??= row;
            if (hasUnits && !reader.IsDBNull(reader.FieldCount - 2))
            {
                var amount = Convert.ToInt64(reader.GetValue(reader.FieldCount - 1), CultureInfo.InvariantCulture);
                member = member with { Units = new Dictionary<string, long>(member.Units) { [reader.GetString(reader.FieldCount - 2)] = amount } };
            }
        }

        if (member is not null)
        {
            yield return WithLevel(member, tenant);
        }
    }

    /// <summary>Before the registration there is no change, and the level is the lowest.</summary>
    private BalanceAsOf WithLevel(BalanceAsOf row, TenantId tenant) =>
        row.LevelCode.Length > 0 ? row : row with { LevelCode = programmes.Latest(tenant)!.Programme.Levels[0].Code };
}
