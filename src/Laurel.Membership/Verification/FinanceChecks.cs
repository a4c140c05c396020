using System.Data.Common;
using System.Globalization;
using Laurel.Engine.Sql;

namespace Laurel.Membership.Verification;

/// <summary>Proves the closed days against the entries they were closed from (I16), by sums that the database makes: no code is shared with
/// what closed them.</summary>
/// <remarks>Below the cut of opening balances there are no entries; what days have booked in all must agree with the openings there.</remarks>
internal sealed class FinanceChecks(ReadSnapshot snapshot, Findings findings, long cut)
{
    // Each day begins where the one before ended, and each unit opens as it closed.
    private const string BrokenChain = """
        SELECT d.tenant_id, d.day, 'begin_id', COALESCE(p.end_id, 0), d.begin_id
        FROM finance_days d
        LEFT JOIN finance_days p ON p.tenant_id = d.tenant_id
            AND p.day = (SELECT MAX(q.day) FROM finance_days q WHERE q.tenant_id = d.tenant_id AND q.day < d.day)
        WHERE d.begin_id <> COALESCE(p.end_id, 0) OR d.end_id < d.begin_id
        UNION ALL
        SELECT c.tenant_id, c.day, c.unit, COALESCE(p.closing, 0), c.opening
        FROM finance_closings c
        LEFT JOIN finance_closings p ON p.tenant_id = c.tenant_id AND p.unit = c.unit
            AND p.day = (SELECT MAX(q.day) FROM finance_days q WHERE q.tenant_id = c.tenant_id AND q.day < c.day)
        WHERE c.opening <> COALESCE(p.closing, 0)
        """;

    // The figures of a day are what its own rows come to, from the first day on.
    private const string BrokenClosings = """
        SELECT c.tenant_id, c.day, c.unit, c.opening + COALESCE(m.amount, 0), c.closing, COALESCE(p.debt, 0) + COALESCE(m.debt, 0), c.debt,
            COALESCE(p.receivable, 0) + COALESCE(m.receivable, 0), c.receivable
        FROM finance_closings c
        LEFT JOIN (
            SELECT tenant_id, day, unit, SUM(amount) AS amount, SUM(debt) AS debt, SUM(receivable) AS receivable
            FROM finance_movements GROUP BY tenant_id, day, unit) m ON m.tenant_id = c.tenant_id AND m.day = c.day AND m.unit = c.unit
        LEFT JOIN finance_closings p ON p.tenant_id = c.tenant_id AND p.unit = c.unit
            AND p.day = (SELECT MAX(q.day) FROM finance_days q WHERE q.tenant_id = c.tenant_id AND q.day < c.day)
        """;

    // What was booked for a day, whichever day booked it, is what its range of ids has.
    private const string Booked = """
        SELECT tenant_id, of_day, unit, kind, account, SUM(entries), SUM(amount), SUM(debt) FROM finance_movements
        WHERE unit NOT IN ('held', 'sales') AND kind <> 'opening' GROUP BY tenant_id, of_day, unit, kind, account
        """;

    private const string Found = """
        SELECT d.tenant_id, d.day, e.unit, e.kind, e.account, COUNT(*), SUM(e.amount), SUM(e.debt_delta)
        FROM finance_days d CROSS JOIN entries e
        WHERE d.begin_id >= @Cut AND e.tenant_id = d.tenant_id AND e.id >= d.begin_id AND e.id < d.end_id
        GROUP BY d.tenant_id, d.day, e.unit, e.kind, e.account
        """;

    private const string Granted = """
        SELECT d.tenant_id, d.day, e.kind, SUM(e.amount)
        FROM finance_days d CROSS JOIN entries e
        WHERE d.begin_id >= @Cut AND e.tenant_id = d.tenant_id AND e.id >= d.begin_id AND e.id < d.end_id AND e.unit = 'points' AND e.amount > 0
        GROUP BY d.tenant_id, d.day, e.kind
        """;

    private const string CohortGranted = """
        SELECT tenant_id, of_day, kind, SUM(granted) FROM finance_cohorts WHERE kind <> 'opening' AND granted <> 0 GROUP BY tenant_id, of_day, kind
        """;

    // What lots gained on a day is what its cohorts gained.
    private const string BrokenCohorts = """
        SELECT m.tenant_id, m.day, m.lots, COALESCE(c.points, 0)
        FROM (SELECT tenant_id, day, SUM(amount + debt) AS lots FROM finance_movements WHERE unit = 'points' GROUP BY tenant_id, day) m
        LEFT JOIN (SELECT tenant_id, day, SUM(granted) - SUM(taken) AS points FROM finance_cohorts GROUP BY tenant_id, day) c
            ON c.tenant_id = m.tenant_id AND c.day = m.day
        WHERE m.lots <> COALESCE(c.points, 0)
        """;

    // The last closing and the entries since are the wallets.
    private const string Wallets = """
        SELECT c.tenant_id, c.unit,
            c.closing + COALESCE((SELECT SUM(e.amount) FROM entries e WHERE e.tenant_id = c.tenant_id AND e.id >= d.end_id AND e.unit = c.unit), 0),
            (SELECT COALESCE(SUM(CASE c.unit WHEN 'points' THEN w.points WHEN 'growth' THEN w.growth ELSE w.balance END), 0)
                FROM members w WHERE w.tenant_id = c.tenant_id), c.day
        FROM finance_closings c JOIN finance_days d ON d.tenant_id = c.tenant_id AND d.day = c.day
        WHERE d.end_id >= @Cut AND c.unit IN ('points', 'growth', 'balance')
        AND d.day = (SELECT MAX(q.day) FROM finance_days q WHERE q.tenant_id = d.tenant_id)
        """;

    private const string Held = """
        SELECT d.tenant_id, COALESCE((SELECT c.closing FROM finance_closings c WHERE c.tenant_id = d.tenant_id AND c.day = d.day AND c.unit = 'held'), 0)
                + COALESCE((SELECT SUM(CASE WHEN h.kind = 'hold' THEN h.points ELSE -h.points END) FROM hold_changes h
                    WHERE h.tenant_id = d.tenant_id AND h.id >= d.end_id), 0),
            (SELECT COALESCE(SUM(w.held), 0) FROM members w WHERE w.tenant_id = d.tenant_id), d.day
        FROM finance_days d WHERE d.day = (SELECT MAX(q.day) FROM finance_days q WHERE q.tenant_id = d.tenant_id)
        """;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await EachAsync(BrokenChain, row => Broken(row, "finance_days", row.GetString(2), "goes on where the day before ended", 3, 4), cancellationToken);
        await EachAsync(BrokenClosings, CheckClosing, cancellationToken);
        await EachAsync(BrokenCohorts, row => Broken(row, "finance_cohorts", "points", "what lots gained", 2, 3), cancellationToken);
        await CompareAsync(Found, Booked, 5, "finance_movements", cancellationToken);
        await CompareAsync(Granted, CohortGranted, 3, "finance_cohorts", cancellationToken);
        await EachAsync(Wallets, row => CheckWallet(row, row.GetString(1), 2), cancellationToken);
        await EachAsync(Held, row => CheckWallet(row, "held", 1), cancellationToken);
    }

    /// <summary>Compares the sums that entries give with those that days have, from the first day on that lies above the cut.</summary>
    /// <param name="keys">How many columns name the sum.</param>
    private async Task CompareAsync(string found, string booked, int keys, string table, CancellationToken cancellationToken)
    {
        var above = new HashSet<string>();
        await EachAsync("SELECT tenant_id, day FROM finance_days WHERE begin_id >= @Cut", row => above.Add(KeyOf(row, 2)), cancellationToken);
        var sums = new Dictionary<string, string>();
        await EachAsync(found, row => sums.Add(KeyOf(row, keys), ValuesOf(row, keys)), cancellationToken);
        await EachAsync(booked, row =>
        {
            if (!above.Contains(KeyOf(row, 2)))
            {
                return;
            }

            findings.Look(InvariantCode.I16);
            var key = KeyOf(row, keys);
            var values = ValuesOf(row, keys);
            sums.Remove(key, out var expected);
            if ((expected ?? Zeros(values)) != values)
            {
                Report(Tenant(row), table, key, expected ?? "no such entries", values);
            }
        }, cancellationToken);
        foreach (var (key, values) in sums)
        {
            Report(int.Parse(key.Split(' ')[0], CultureInfo.InvariantCulture), table, key, values, "nothing booked");
        }
    }

    private void CheckClosing(DbDataReader row)
    {
        for (var column = 3; column < 9; column += 2)
        {
            findings.Look(InvariantCode.I16);
            if (Number(row, column) != Number(row, column + 1))
            {
                Broken(row, "finance_closings", row.GetString(2), column switch { 3 => "closing", 5 => "debt", _ => "receivable" }, column, column + 1);
            }
        }
    }

    private void CheckWallet(DbDataReader row, string unit, int column)
    {
        findings.Look(InvariantCode.I16);
        if (Number(row, column) != Number(row, column + 1))
        {
            Report(
                Tenant(row),
                "finance_closings",
                $"{Number(row, column + 2)} {unit}",
                $"closing and all since are the wallets: {Number(row, column + 1)}",
                Number(row, column).ToString(CultureInfo.InvariantCulture));
        }
    }

    private void Broken(DbDataReader row, string table, string what, string expected, int expectedColumn, int foundColumn) => Report(
        Tenant(row),
        table,
        $"{Number(row, 1)} {what}",
        $"{expected}: {Number(row, expectedColumn)}",
        Number(row, foundColumn).ToString(CultureInfo.InvariantCulture));

    private void Report(int tenant, string table, string id, string expected, string found) => findings.Report(
        InvariantCode.I16, new Offence { Tenant = tenant, Member = 0, Table = table, Id = id, Expected = expected, Found = found });

    private async Task EachAsync(string query, Action<DbDataReader> look, CancellationToken cancellationToken)
    {
        await using var reader = await snapshot.ReadAsync(query, new { Cut = cut }, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            look(reader);
        }
    }

    private static int Tenant(DbDataReader row) => (int)Number(row, 0);

    private static string KeyOf(DbDataReader row, int keys) => string.Join(' ', Enumerable.Range(0, keys).Select(column => TextOf(row, column)));

    private static string ValuesOf(DbDataReader row, int keys) =>
        string.Join(' ', Enumerable.Range(keys, row.FieldCount - keys).Select(column => Number(row, column).ToString(CultureInfo.InvariantCulture)));

    private static string Zeros(string values) => string.Join(' ', values.Split(' ').Select(_ => "0"));

    private static string TextOf(DbDataReader row, int column) => Convert.ToString(row.GetValue(column), CultureInfo.InvariantCulture)!;

    // A sum is a decimal on the servers.
    private static decimal Number(DbDataReader row, int column) => Convert.ToDecimal(row.GetValue(column), CultureInfo.InvariantCulture);
}
