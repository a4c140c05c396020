using System.Data.Common;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Membership.Finance;

/// <summary>What moved of a unit on a day, of one kind.</summary>
public sealed record MovementSum
{
    /// <summary>The day it is told for: recorded or business, as asked.</summary>
    public int Day { get; init; }

    public string Kind { get; init; } = "";

    public long Entries { get; init; }

    public long Amount { get; init; }

    public long Debt { get; init; }

    public long Receivable { get; init; }

    /// <summary>The part of the amount that happened on an earlier business day.</summary>
    public long Earlier { get; init; }

    /// <summary>The part that was committed after its own recorded day was closed.</summary>
    public long Late { get; init; }

    public long Lots => Amount + Debt;
}

/// <summary>Amounts and points of the orders that a closed day recorded, by business day.</summary>
public sealed record SaleSum
{
    public int Day { get; init; }

    public int BusinessDay { get; init; }

    public long Amount { get; init; }

    public long Points { get; init; }
}

/// <summary>Reads closed days.</summary>
/// <remarks>Cost: a range of days reads the rows of those days, some tens each. What is told by business day, cohorts and deferrals read the rows of
/// all closed days: some tens a day, so some 100,000 in ten years.</remarks>
public static class FinanceQueries
{
    internal const string Days = "SELECT " + DayColumns + " FROM finance_days WHERE tenant_id = @Tenant AND day BETWEEN @From AND @To ORDER BY day";

    internal const string Closings = """
        SELECT day AS Day, unit AS Unit, opening AS Opening, closing AS Closing, debt AS Debt, receivable AS Receivable
        FROM finance_closings WHERE tenant_id = @Tenant AND day BETWEEN @From AND @To ORDER BY day, unit
        """;

    internal const string ByRecordedDay = """
        SELECT day AS Day, kind AS Kind, SUM(entries) AS Entries, SUM(amount) AS Amount, SUM(debt) AS Debt, SUM(receivable) AS Receivable,
            SUM(CASE WHEN business_day > 0 AND business_day < day THEN amount ELSE 0 END) AS Earlier,
            SUM(CASE WHEN of_day < day THEN amount ELSE 0 END) AS Late
        FROM finance_movements WHERE tenant_id = @Tenant AND day BETWEEN @From AND @To AND unit = @Unit GROUP BY day, kind ORDER BY day, kind
        """;

    internal const string ByBusinessDay = """
        SELECT CASE WHEN business_day < @From THEN 0 ELSE business_day END AS Day, kind AS Kind,
            SUM(entries) AS Entries, SUM(amount) AS Amount, SUM(debt) AS Debt, SUM(receivable) AS Receivable, 0 AS Earlier,
            SUM(CASE WHEN business_day > 0 AND business_day < day THEN amount ELSE 0 END) AS Late
        FROM finance_movements WHERE tenant_id = @Tenant AND day <= @KnownOn AND unit = @Unit AND business_day <= @To
        GROUP BY CASE WHEN business_day < @From THEN 0 ELSE business_day END, kind ORDER BY 1, 2
        """;

    internal const string Cohorts = """
        SELECT 0 AS OfDay, issue_month AS IssueMonth, age AS Age, kind AS Kind, SUM(granted) AS Granted, SUM(taken) AS Taken
        FROM finance_cohorts WHERE tenant_id = @Tenant AND day <= @Day GROUP BY issue_month, age, kind ORDER BY issue_month, age, kind
        """;

    internal const string Sales = """
        SELECT day AS Day, business_day AS BusinessDay,
            SUM(CASE WHEN kind = 'orders' THEN amount ELSE 0 END) AS Amount, SUM(CASE WHEN kind = 'order_points' THEN amount ELSE 0 END) AS Points
        FROM finance_movements WHERE tenant_id = @Tenant AND day <= @Day AND unit = 'sales' GROUP BY day, business_day ORDER BY day, business_day
        """;

    private const string DayColumns = """
        tenant_id AS Tenant, day AS Day, begin_id AS BeginId, end_id AS EndId, closed_at AS ClosedAt, closing_id AS ClosingId,
        programme_version AS ProgrammeVersion, value_points AS ValuePoints, value_minor_units AS ValueMinorUnits,
        redemption_basis_points AS RedemptionBasisPoints, redemption_source AS RedemptionSource
        """;

    private const string LastDay = "SELECT " + DayColumns + " FROM finance_days WHERE tenant_id = @Tenant AND day <= @Day ORDER BY day DESC LIMIT 1";

    private const string ClosingId = "SELECT closing_id FROM finance_days WHERE tenant_id = @Tenant AND day = @Day";

    private const string MovementsOf = """
        SELECT of_day AS OfDay, unit AS Unit, kind AS Kind, account AS Account, business_day AS BusinessDay, SUM(entries) AS Entries,
            SUM(amount) AS Amount, SUM(debt) AS Debt, SUM(receivable) AS Receivable
        FROM finance_movements WHERE tenant_id = @Tenant AND day >= @Day AND of_day = @Day GROUP BY of_day, unit, kind, account, business_day
        """;

    private const string CohortsOf = """
        SELECT of_day AS OfDay, issue_month AS IssueMonth, age AS Age, kind AS Kind, SUM(granted) AS Granted, SUM(taken) AS Taken
        FROM finance_cohorts WHERE tenant_id = @Tenant AND day >= @Day AND of_day = @Day GROUP BY of_day, issue_month, age, kind
        """;

    private const string Accounts = """
        SELECT unit AS Unit, account AS Account, SUM(amount) AS Amount FROM finance_movements
        WHERE tenant_id = @Tenant AND unit NOT IN ('held', 'sales', 'extended') GROUP BY unit, account
        """;

    private const string OpenByMonth = """
        SELECT issue_month AS IssueMonth, SUM(granted) - SUM(taken) AS Points FROM finance_cohorts WHERE tenant_id = @Tenant GROUP BY issue_month
        """;

    private sealed class AccountSum
    {
        public string Unit { get; init; } = "";

        public string Account { get; init; } = "";

        public long Amount { get; init; }
    }

    private sealed class MonthSum
    {
        public int IssueMonth { get; init; }

        public long Points { get; init; }
    }

    /// <summary>Closed days of a range, both ends included.</summary>
    public static Task<IReadOnlyList<FinanceDay>> DaysAsync(
        Database from, TenantId tenant, int first, int last, CancellationToken cancellationToken) =>
        OnReaderAsync(
            from,
            tenant,
            "finance.days",
            connection => ListAsync<FinanceDay>(connection, Days, new { Tenant = tenant.Value, From = first, To = last }, cancellationToken),
            cancellationToken);

    /// <summary>The last closed day up to one; null where there is none.</summary>
    public static Task<FinanceDay?> LastDayAsync(
        Database from, TenantId tenant, int day, CancellationToken cancellationToken) => OnReaderAsync(
        from,
        tenant,
        "finance.days",
        connection => connection.QuerySingleOrDefaultAsync<FinanceDay>(Of(LastDay, new { Tenant = tenant.Value, Day = day }, cancellationToken)),
        cancellationToken);

    /// <summary>How units stood on the days of a range.</summary>
    public static Task<IReadOnlyList<FinanceClosing>> ClosingsAsync(
        Database from, TenantId tenant, int first, int last, CancellationToken cancellationToken) =>
        OnReaderAsync(from, tenant, "finance.days", connection => ClosingsAsync(connection, tenant, first, last, cancellationToken), cancellationToken);

    /// <summary>What moved of a unit, by recorded day.</summary>
    public static Task<IReadOnlyList<MovementSum>> ByRecordedDayAsync(
        Database from, TenantId tenant, string unit, int first, int last, CancellationToken cancellationToken) => OnReaderAsync(
        from,
        tenant,
        "finance.movements",
        connection => ListAsync<MovementSum>(connection, ByRecordedDay, new { Tenant = tenant.Value, From = first, To = last, Unit = unit }, cancellationToken),
        cancellationToken);

    /// <summary>What moved of a unit, by the day it happened, as known when a recorded day was closed. Everything before the range is told as day 0.</summary>
    public static Task<IReadOnlyList<MovementSum>> ByBusinessDayAsync(
        Database from, TenantId tenant, string unit, int first, int last, int knownOn, CancellationToken cancellationToken) => OnReaderAsync(
        from,
        tenant,
        "finance.movements",
        connection => ListAsync<MovementSum>(
            connection, ByBusinessDay, new { Tenant = tenant.Value, From = first, To = last, KnownOn = knownOn, Unit = unit }, cancellationToken),
        cancellationToken);

    /// <summary>Points by the month that issued them and their age, as known when a day was closed.</summary>
    public static Task<IReadOnlyList<FinanceCohortCell>> CohortsAsync(
        Database from, TenantId tenant, int day, CancellationToken cancellationToken) => OnReaderAsync(
        from,
        tenant,
        "finance.cohorts",
        connection => ListAsync<FinanceCohortCell>(connection, Cohorts, new { Tenant = tenant.Value, Day = day }, cancellationToken),
        cancellationToken);

    /// <summary>Orders that earned points, as known when a day was closed.</summary>
    public static Task<IReadOnlyList<SaleSum>> SalesAsync(
        Database from, TenantId tenant, int day, CancellationToken cancellationToken) => OnReaderAsync(
        from,
        tenant,
        "finance.sales",
        connection => ListAsync<SaleSum>(connection, Sales, new { Tenant = tenant.Value, Day = day }, cancellationToken),
        cancellationToken);

    /// <summary>Whose close of a day stands; 0 where it is not closed.</summary>
    internal static Task<long> ClosingIdAsync(
        Database from, TenantId tenant, int day, CancellationToken cancellationToken) => OnReaderAsync(
        from,
        tenant,
        "finance.days",
        connection => connection.ExecuteScalarAsync<long>(Of(ClosingId, new { Tenant = tenant.Value, Day = day }, cancellationToken)),
        cancellationToken);

    internal static Task<FinanceDay?> LastDayAsync(DbConnection connection, TenantId tenant, CancellationToken cancellationToken) =>
        connection.QuerySingleOrDefaultAsync<FinanceDay>(Of(LastDay, new { Tenant = tenant.Value, Day = int.MaxValue }, cancellationToken));

    internal static Task<IReadOnlyList<FinanceClosing>> ClosingsAsync(
        DbConnection connection, TenantId tenant, int first, int last, CancellationToken cancellationToken) =>
        ListAsync<FinanceClosing>(connection, Closings, new { Tenant = tenant.Value, From = first, To = last }, cancellationToken);

    internal static Task<IReadOnlyList<FinanceMovement>> MovementsOfAsync(
        DbConnection connection, TenantId tenant, int day, CancellationToken cancellationToken) =>
        ListAsync<FinanceMovement>(connection, MovementsOf, new { Tenant = tenant.Value, Day = day }, cancellationToken);

    internal static Task<IReadOnlyList<FinanceCohortCell>> CohortsOfAsync(
        DbConnection connection, TenantId tenant, int day, CancellationToken cancellationToken) =>
        ListAsync<FinanceCohortCell>(connection, CohortsOf, new { Tenant = tenant.Value, Day = day }, cancellationToken);

    internal static async Task<Dictionary<(string Unit, string Account), long>> AccountsAsync(
        DbConnection connection, TenantId tenant, CancellationToken cancellationToken) =>
        (await ListAsync<AccountSum>(connection, Accounts, new { Tenant = tenant.Value }, cancellationToken))
            .ToDictionary(sum => (sum.Unit, sum.Account), sum => sum.Amount);

    internal static async Task<Dictionary<int, long>> OpenByMonthAsync(
        DbConnection connection, TenantId tenant, CancellationToken cancellationToken) =>
        (await ListAsync<MonthSum>(connection, OpenByMonth, new { Tenant = tenant.Value }, cancellationToken))
            .ToDictionary(sum => sum.IssueMonth, sum => sum.Points);

    private static async Task<T> OnReaderAsync<T>(
        Database from, TenantId tenant, string name, Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin(name);
        return await read(session.Connection);
    }

    private static async Task<IReadOnlyList<T>> ListAsync<T>(
        DbConnection connection, string sql, object arguments, CancellationToken cancellationToken) =>
        (await connection.QueryAsync<T>(Of(sql, arguments, cancellationToken))).AsList();

    private static CommandDefinition Of(
        string sql, object arguments, CancellationToken cancellationToken) => new(sql, arguments, cancellationToken: cancellationToken);
}
