using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Openings;

namespace Laurel.Membership.Units;

/// <summary>Reads what members have of the units that the programme defines.</summary>
public static class UnitQueries
{
    private const string Now = """
        SELECT u.unit AS Unit, u.amount AS Amount
        FROM members m LEFT JOIN member_units u ON u.tenant_id = m.tenant_id AND u.member_id = m.id
        WHERE m.tenant_id = @Tenant AND m.id = @Member
        """;

    // It goes back from what is stored, less what has happened since: earlier entries are not read, be they there or not.
    private const string Then = """
        SELECT u.unit AS Unit, u.amount - COALESCE((
                SELECT SUM(e.amount) FROM entries e
                WHERE e.tenant_id = u.tenant_id AND e.member_id = u.member_id AND e.unit = u.unit AND e.occurred_at > @At), 0) AS Amount,
            (SELECT p.latest_at FROM opening_members p WHERE p.tenant_id = m.tenant_id AND p.member_id = m.id AND p.cut_id =
        """ + " " + OpeningCut.InForce + """
        ) AS EarliestAt
        FROM members m LEFT JOIN member_units u ON u.tenant_id = m.tenant_id AND u.member_id = m.id
        WHERE m.tenant_id = @Tenant AND m.id = @Member
        """;

    private sealed class Row
    {
        /// <summary>Null for a member who never had any.</summary>
        public string? Unit { get; init; }

        public decimal? Amount { get; init; }

        public long? EarliestAt { get; init; }
    }

    /// <summary>What a member has, by unit.</summary>
    /// <param name="Earliest">The earliest instant of which it can be told; null where all can.</param>
    public sealed record Amounts(IReadOnlyDictionary<string, long> ByUnit, Instant? Earliest);

    /// <summary>Null when there is no such member.</summary>
    /// <param name="at">Business time; null is now.</param>
    public static async Task<Amounts?> FindAsync(Database from, TenantId tenant, MemberId member, Instant? at, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("units.of_member");
        var arguments = new { Tenant = tenant.Value, Member = member.Value, At = at?.UnixMicroseconds };
        var command = new CommandDefinition(at is null ? Now : Then, arguments, cancellationToken: cancellationToken);
        var rows = (await session.Connection.QueryAsync<Row>(command)).AsList();
        return rows.Count == 0
            ? null
            : new Amounts(
                rows.Where(row => row.Unit is not null).ToDictionary(row => row.Unit!, row => (long)row.Amount!.Value),
                rows[0].EarliestAt is { } earliest ? new Instant(earliest) : null);
    }
}
