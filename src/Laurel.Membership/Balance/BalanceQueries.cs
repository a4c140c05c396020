using System.Globalization;
using System.Text.Json;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Openings;
using Laurel.Platform.Http;

namespace Laurel.Membership.Balance;

/// <summary>Which movements a statement shows.</summary>
/// <param name="From">Business time, inclusive; null is from the first on.</param>
/// <param name="To">Business time, exclusive; null has no end.</param>
internal sealed record StatementFilter(MemberId Member, Instant? From, Instant? To, long Before, int Limit);

/// <summary>Which recharges or withdrawals a list shows. What is null lets everything pass.</summary>
/// <param name="From">When they were created or applied for, inclusive.</param>
/// <param name="To">The same, exclusive.</param>
internal sealed record MoneyFilter(MemberId? Member, string? Status, Instant? From, Instant? To, long Before, int Limit);

/// <summary>Reads stored money, its movements, recharges and withdrawals.</summary>
internal static class BalanceQueries
{
    private const string ReadMember =
        "SELECT balance AS Balance, balance_held AS Held, real_name_verified AS Verified FROM members WHERE tenant_id = @Tenant AND id = @Member";

    private const string ReadHeldAsOf = """
        SELECT COALESCE(SUM(amount), 0) FROM balance_withdrawals
        WHERE tenant_id = @Tenant AND member_id = @Member AND applied_at <= @At AND (ended_at IS NULL OR ended_at > @At)
        """;

    private const string ReadEntries = """
        SELECT e.id AS Id, e.kind AS Kind, e.account AS Account, e.amount AS Amount, e.balance_after AS BalanceAfter, e.reason AS Reason,
            e.reference_type AS ReferenceType, e.reference_id AS ReferenceId, e.related_id AS RelatedId, e.detail AS Detail,
            e.occurred_at AS OccurredAt, e.recorded_at AS RecordedAt
        FROM entries e
        WHERE e.tenant_id = @Tenant AND e.member_id = @Member AND e.unit = 'balance' AND e.id < @Before AND e.id >=
        """ + " " + OpeningCut.InForce + """
         AND e.occurred_at >= COALESCE(@From, e.occurred_at) AND e.occurred_at < COALESCE(@To, e.occurred_at + 1)
        ORDER BY e.id DESC LIMIT @Limit
        """;

    private const string RechargeColumns = """
        SELECT r.member_id AS MemberId, r.id AS Id, r.recharge_id AS Name, r.amount AS Amount, r.status AS Status, r.refunded AS Refunded,
            r.created_at AS CreatedAt, r.expires_at AS ExpiresAt, r.paid_at AS PaidAt, r.provider_reference AS ProviderReference
        FROM balance_recharges r WHERE r.tenant_id = @Tenant
        """;

    private const string WithdrawalColumns = """
        SELECT w.member_id AS MemberId, w.id AS Id, w.withdrawal_id AS Name, w.amount AS Amount, w.status AS Status, w.destination AS Destination,
            w.applied_at AS CreatedAt, w.applied_by AS AppliedBy, w.first_by AS FirstBy, w.second_by AS SecondBy, w.ended_at AS EndedAt,
            w.attempts AS Attempts, w.provider AS Provider, w.provider_reference AS ProviderReference, w.reason AS Reason
        FROM balance_withdrawals w WHERE w.tenant_id = @Tenant
        """;

    private const string OneRecharge = RechargeColumns + " AND r.member_id = (SELECT root_id FROM natural_keys WHERE key_hash = @Key) AND r.recharge_id = @Id";

    private const string OneWithdrawal = WithdrawalColumns + " AND w.member_id = (SELECT root_id FROM natural_keys WHERE key_hash = @Key) AND w.withdrawal_id = @Id";

    // A filter that is null lets everything pass; the column beside it tells PostgreSQL its type.
    private const string RechargeFilters = """
         AND r.id < @Before AND r.status = COALESCE(@Status, r.status)
        AND r.created_at >= COALESCE(@From, r.created_at) AND r.created_at < COALESCE(@To, r.created_at + 1)
        ORDER BY r.id DESC LIMIT @Limit
        """;

    private const string WithdrawalFilters = """
         AND w.id < @Before AND w.status = COALESCE(@Status, w.status)
        AND w.applied_at >= COALESCE(@From, w.applied_at) AND w.applied_at < COALESCE(@To, w.applied_at + 1)
        ORDER BY w.id DESC LIMIT @Limit
        """;

    private const string Recharges = RechargeColumns + RechargeFilters;

    private const string RechargesOfMember = RechargeColumns + " AND r.member_id = @Member" + RechargeFilters;

    private const string Withdrawals = WithdrawalColumns + WithdrawalFilters;

    private const string WithdrawalsOfMember = WithdrawalColumns + " AND w.member_id = @Member" + WithdrawalFilters;

    /// <summary>A member's stored money as of now; null when there is no such member.</summary>
    public static async Task<BalanceReply?> FindAsync(Database from, TenantId tenant, MemberId member, string currency, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("balance.read");
        var arguments = new { Tenant = tenant.Value, Member = member.Value };
        var row = await session.Connection.QuerySingleOrDefaultAsync<BalanceRows.Member>(new CommandDefinition(ReadMember, arguments, cancellationToken: cancellationToken));
        return row is null ? null : new BalanceReply
        {
            MemberId = member.ToString(),
            AsOf = null,
            Balance = row.Balance,
            Held = row.Held,
            Available = row.Balance - row.Held,
            Currency = currency,
            RealNameVerified = row.Verified != 0,
        };
    }

    /// <summary>What withdrawals held at an instant of business time.</summary>
    public static async Task<long> HeldAsOfAsync(Database from, TenantId tenant, MemberId member, Instant at, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("balance.held_as_of");
        var arguments = new { Tenant = tenant.Value, Member = member.Value, At = at.UnixMicroseconds };
        return await session.Connection.ExecuteScalarAsync<long>(new CommandDefinition(ReadHeldAsOf, arguments, cancellationToken: cancellationToken));
    }

    /// <summary>Movements of one member, newest first.</summary>
    public static async Task<BalanceStatement> StatementAsync(Database from, TenantId tenant, StatementFilter filter, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("balance.statement");
        var arguments = new
        {
            Tenant = tenant.Value,
            Member = filter.Member.Value,
            filter.Before,
            From = filter.From?.UnixMicroseconds,
            To = filter.To?.UnixMicroseconds,
            Limit = filter.Limit + 1,
        };
        var rows = (await session.Connection.QueryAsync<BalanceRows.Entry>(new CommandDefinition(ReadEntries, arguments, cancellationToken: cancellationToken))).AsList();
        return new BalanceStatement
        {
            Items = [.. rows.Take(filter.Limit).Select(row => row.ToRecord())],
            NextCursor = rows.Count > filter.Limit ? Cursor.Write(rows[filter.Limit - 1].Id) : null,
        };
    }

    /// <summary>One recharge; null when there is none of this name.</summary>
    public static async Task<RechargeReply?> RechargeAsync(Database from, TenantId tenant, string rechargeId, CancellationToken cancellationToken) =>
        (await OneAsync<BalanceRows.Recharge>(from, "balance.recharge", OneRecharge, tenant, Recharge.HandleOf(tenant, rechargeId), rechargeId, cancellationToken))?.ToReply();

    /// <summary>One withdrawal; null when there is none of this name.</summary>
    public static async Task<WithdrawalReply?> WithdrawalAsync(Database from, TenantId tenant, string withdrawalId, CancellationToken cancellationToken) =>
        (await OneAsync<BalanceRows.Withdrawal>(
            from, "balance.withdrawal", OneWithdrawal, tenant, Withdrawal.HandleOf(tenant, withdrawalId), withdrawalId, cancellationToken))?.ToReply();

    public static async Task<RechargePage> RechargesAsync(Database from, TenantId tenant, MoneyFilter filter, CancellationToken cancellationToken)
    {
        var sql = filter.Member is null ? Recharges : RechargesOfMember;
        var rows = await ListAsync<BalanceRows.Recharge>(from, "balance.recharges", sql, tenant, filter, cancellationToken);
        return new RechargePage
        {
            Items = [.. rows.Take(filter.Limit).Select(row => row.ToReply())],
            NextCursor = rows.Count > filter.Limit ? Cursor.Write(rows[filter.Limit - 1].Id) : null,
        };
    }

    public static async Task<WithdrawalPage> WithdrawalsAsync(Database from, TenantId tenant, MoneyFilter filter, CancellationToken cancellationToken)
    {
        var sql = filter.Member is null ? Withdrawals : WithdrawalsOfMember;
        var rows = await ListAsync<BalanceRows.Withdrawal>(from, "balance.withdrawals", sql, tenant, filter, cancellationToken);
        return new WithdrawalPage
        {
            Items = [.. rows.Take(filter.Limit).Select(row => row.ToReply())],
            NextCursor = rows.Count > filter.Limit ? Cursor.Write(rows[filter.Limit - 1].Id) : null,
        };
    }

    private static async Task<TRow?> OneAsync<TRow>(
        Database from, string statement, string sql, TenantId tenant, Hash128 key, string id, CancellationToken cancellationToken)
        where TRow : class
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin(statement);
        var arguments = new { Tenant = tenant.Value, Key = key.ToBytes(), Id = id };
        return await session.Connection.QuerySingleOrDefaultAsync<TRow>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken));
    }

    private static async Task<List<TRow>> ListAsync<TRow>(
        Database from, string statement, string sql, TenantId tenant, MoneyFilter filter, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin(statement);
        var arguments = new
        {
            Tenant = tenant.Value,
            Member = filter.Member?.Value,
            filter.Status,
            filter.Before,
            From = filter.From?.UnixMicroseconds,
            To = filter.To?.UnixMicroseconds,
            Limit = filter.Limit + 1,
        };
        return (await session.Connection.QueryAsync<TRow>(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken))).AsList();
    }
}

/// <summary>The rows that these queries read, and what they are answered as.</summary>
internal static class BalanceRows
{
    private static string IdOf(long id) => id.ToString(CultureInfo.InvariantCulture);

    private static DateTimeOffset TimeOf(long time) => new Instant(time).ToDateTimeOffset();

    internal sealed class Member
    {
        public long Balance { get; init; }

        public long Held { get; init; }

        public int Verified { get; init; }
    }

    internal sealed class Entry
    {
        public long Id { get; init; }

        public required string Kind { get; init; }

        public required string Account { get; init; }

        public long Amount { get; init; }

        public long BalanceAfter { get; init; }

        public required string Reason { get; init; }

        public required string ReferenceType { get; init; }

        public required string ReferenceId { get; init; }

        public long? RelatedId { get; init; }

        public string? Detail { get; init; }

        public long OccurredAt { get; init; }

        public long RecordedAt { get; init; }

        public BalanceRecord ToRecord() => new()
        {
            Id = IdOf(Id),
            Kind = Kind,
            Account = Account,
            Amount = Amount,
            BalanceAfter = BalanceAfter,
            Reason = Reason,
            ReferenceType = ReferenceType,
            ReferenceId = ReferenceId,
            RelatedId = RelatedId is { } related ? IdOf(related) : null,
            Operator = OperatorOf(Detail),
            Time = TimeOf(OccurredAt),
            RecordedAt = TimeOf(RecordedAt),
        };

        private static string? OperatorOf(string? detail)
        {
            if (detail is null)
            {
                return null;
            }

            using var json = JsonDocument.Parse(detail);
            return json.RootElement.TryGetProperty("operator", out var name) ? name.GetString() : null;
        }
    }

    internal sealed class Recharge
    {
        public long MemberId { get; init; }

        public long Id { get; init; }

        public required string Name { get; init; }

        public long Amount { get; init; }

        public required string Status { get; init; }

        public long Refunded { get; init; }

        public long CreatedAt { get; init; }

        public long ExpiresAt { get; init; }

        public long? PaidAt { get; init; }

        public string? ProviderReference { get; init; }

        public RechargeReply ToReply() => new()
        {
            RechargeId = Name,
            MemberId = IdOf(MemberId),
            Status = Status,
            Amount = Amount,
            Refunded = Refunded,
            CreatedAt = TimeOf(CreatedAt),
            ExpiresAt = TimeOf(ExpiresAt),
            PaidAt = PaidAt is { } paidAt ? TimeOf(paidAt) : null,
            ProviderReference = ProviderReference,
        };
    }

    internal sealed class Withdrawal
    {
        public long MemberId { get; init; }

        public long Id { get; init; }

        public required string Name { get; init; }

        public long Amount { get; init; }

        public required string Status { get; init; }

        public required string Destination { get; init; }

        public long CreatedAt { get; init; }

        public required string AppliedBy { get; init; }

        public string? FirstBy { get; init; }

        public string? SecondBy { get; init; }

        public long? EndedAt { get; init; }

        public int Attempts { get; init; }

        public string? Provider { get; init; }

        public string? ProviderReference { get; init; }

        public string? Reason { get; init; }

        public WithdrawalReply ToReply() => new()
        {
            WithdrawalId = Name,
            MemberId = IdOf(MemberId),
            Status = Status,
            Amount = Amount,
            Destination = Destination,
            AppliedAt = TimeOf(CreatedAt),
            AppliedBy = AppliedBy,
            ApprovedBy = [.. new[] { FirstBy, SecondBy }.OfType<string>()],
            EndedAt = EndedAt is { } endedAt ? TimeOf(endedAt) : null,
            Attempts = Attempts,
            Provider = Provider,
            ProviderReference = ProviderReference,
            Reason = Reason,
        };
    }
}
