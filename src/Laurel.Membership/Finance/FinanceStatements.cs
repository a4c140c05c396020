using Laurel.Engine.Sql;

namespace Laurel.Membership.Finance;

/// <summary>The SQL that writes closed days. Nothing of it ever changes a row that is there.</summary>
internal static class FinanceStatements
{
    internal readonly record struct Owned<TRow>(int Tenant, int Day, TRow Row, long ClosingId);

    // Two may close the same day, and may have read a different moment of it. The first one's row stands, and only its own rows follow.
    public static readonly SetStatement<FinanceDay> InsertDays = Statements.InsertMissing("finance_days",
        Column<FinanceDay>.Int32("tenant_id", d => d.Tenant),
        Column<FinanceDay>.Int32("day", d => d.Day),
        Column<FinanceDay>.Int64("begin_id", d => d.BeginId),
        Column<FinanceDay>.Int64("end_id", d => d.EndId),
        Column<FinanceDay>.Int64("closed_at", d => d.ClosedAt),
        Column<FinanceDay>.Int64("closing_id", d => d.ClosingId),
        Column<FinanceDay>.Int32("programme_version", d => d.ProgrammeVersion),
        Column<FinanceDay>.Int64("value_points", d => d.ValuePoints),
        Column<FinanceDay>.Int64("value_minor_units", d => d.ValueMinorUnits),
        Column<FinanceDay>.Int32("redemption_basis_points", d => d.RedemptionBasisPoints),
        Column<FinanceDay>.Text("redemption_source", d => d.RedemptionSource));

    public static readonly SetStatement<Owned<FinanceClosing>> InsertClosings = OfDay<FinanceClosing>("finance_closings",
        Column<Owned<FinanceClosing>>.Text("unit", r => r.Row.Unit),
        Column<Owned<FinanceClosing>>.Int64("opening", r => r.Row.Opening),
        Column<Owned<FinanceClosing>>.Int64("closing", r => r.Row.Closing),
        Column<Owned<FinanceClosing>>.Int64("debt", r => r.Row.Debt),
        Column<Owned<FinanceClosing>>.Int64("receivable", r => r.Row.Receivable));

    public static readonly SetStatement<Owned<FinanceMovement>> InsertMovements = OfDay<FinanceMovement>("finance_movements",
        Column<Owned<FinanceMovement>>.Int32("of_day", r => r.Row.OfDay),
        Column<Owned<FinanceMovement>>.Text("unit", r => r.Row.Unit),
        Column<Owned<FinanceMovement>>.Text("kind", r => r.Row.Kind),
        Column<Owned<FinanceMovement>>.Text("account", r => r.Row.Account),
        Column<Owned<FinanceMovement>>.Int32("business_day", r => r.Row.BusinessDay),
        Column<Owned<FinanceMovement>>.Int64("entries", r => r.Row.Entries),
        Column<Owned<FinanceMovement>>.Int64("amount", r => r.Row.Amount),
        Column<Owned<FinanceMovement>>.Int64("debt", r => r.Row.Debt),
        Column<Owned<FinanceMovement>>.Int64("receivable", r => r.Row.Receivable));

    public static readonly SetStatement<Owned<FinanceCohortCell>> InsertCohorts = OfDay<FinanceCohortCell>("finance_cohorts",
        Column<Owned<FinanceCohortCell>>.Int32("of_day", r => r.Row.OfDay),
        Column<Owned<FinanceCohortCell>>.Int32("issue_month", r => r.Row.IssueMonth),
        Column<Owned<FinanceCohortCell>>.Int32("age", r => r.Row.Age),
        Column<Owned<FinanceCohortCell>>.Text("kind", r => r.Row.Kind),
        Column<Owned<FinanceCohortCell>>.Int64("granted", r => r.Row.Granted),
        Column<Owned<FinanceCohortCell>>.Int64("taken", r => r.Row.Taken));

    /// <summary>Inserts rows of a day where the day is the closer's own.</summary>
    private static SetStatement<Owned<TRow>> OfDay<TRow>(string table, params Column<Owned<TRow>>[] columns)
    {
        Column<Owned<TRow>>[] stored = [Column<Owned<TRow>>.Int32("tenant_id", r => r.Tenant), Column<Owned<TRow>>.Int32("day", r => r.Day), .. columns];
        Column<Owned<TRow>>[] given = [.. stored, Column<Owned<TRow>>.Int64("closing_id", r => r.ClosingId)];
        var names = string.Join(", ", stored.Select(column => column.Name));
        var parameters = Enumerable.Range(1, given.Length).Select(i => $"${i}").ToList();
        const string Own = "EXISTS (SELECT 1 FROM finance_days d WHERE d.tenant_id = k.tenant_id AND d.day = k.day AND d.closing_id = k.closing_id)";
        var fromRows = $"SELECT {string.Join(", ", stored.Select(column => "k." + column.Name))} FROM";
        return new SetStatement<Owned<TRow>>(
            $"""
            INSERT INTO {table} ({names}) SELECT {string.Join(", ", parameters[..^1])}
            WHERE EXISTS (SELECT 1 FROM finance_days WHERE tenant_id = $1 AND day = $2 AND closing_id = {parameters[^1]})
            """,
            $"INSERT INTO {table} ({names}) {fromRows} unnest({string.Join(", ", parameters)}) k ({names}, closing_id) WHERE {Own}",
            $"INSERT INTO {table} ({names}) {fromRows} {SetStatement.Rows} k WHERE {Own}",
            given);
    }
}
