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

    private const string Days = "SELECT tenant_id, day, begin_id, end_id FROM finance_days ORDER BY tenant_id, day";

    // What was booked for a day, whichever day booked it, is what its range of ids has.
    private const string Booked = """
        SELECT tenant_id, of_day, unit, kind, account, SUM(entries), SUM(amount), SUM(debt) FROM finance_movements
        WHERE unit NOT IN ('held', 'sales', 'extended') AND kind <> 'opening'
        GROUP BY tenant_id, of_day, unit, kind, account
        """;

    private const string Found = """
        SELECT e.unit, e.kind, e.account, COUNT(*), SUM(e.amount), SUM(e.debt_delta),
            SUM(CASE WHEN e.unit = 'points' AND e.amount > 0 THEN e.amount ELSE 0 END)
        FROM entries e WHERE e.tenant_id = @Tenant AND e.id >= @Begin AND e.id < @End GROUP BY e.unit, e.kind, e.account
        """;

    private const string Granted = """
        SELECT tenant_id, of_day, 'granted', kind, '', SUM(granted) FROM finance_cohorts
        WHERE kind <> 'opening' AND granted <> 0 GROUP BY tenant_id, of_day, kind
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
        SELECT c.tenant_id, c.day, c.unit,
            c.closing + COALESCE((SELECT SUM(e.amount) FROM entries e WHERE e.tenant_id = @Tenant AND e.id >= @End AND e.unit = c.unit), 0),
            (SELECT COALESCE(SUM(CASE c.unit WHEN 'points' THEN w.points WHEN 'growth' THEN w.growth ELSE w.balance END), 0)
                FROM members w WHERE w.tenant_id = @Tenant)
        FROM finance_closings c WHERE c.tenant_id = @Tenant AND c.day = @Day AND c.unit IN ('points', 'growth', 'balance')
        UNION ALL
        SELECT c.tenant_id, c.day, c.unit,
            c.closing + COALESCE((SELECT SUM(e.amount) FROM entries e WHERE e.tenant_id = @Tenant AND e.id >= @End AND e.unit = c.unit), 0),
            (SELECT COALESCE(SUM(u.amount), 0) FROM member_units u WHERE u.tenant_id = @Tenant AND u.unit = c.unit)
        FROM finance_closings c
        WHERE c.tenant_id = @Tenant AND c.day = @Day AND c.unit NOT IN ('points', 'growth', 'balance', 'held', 'sales', 'extended')
        UNION ALL
        SELECT c.tenant_id, c.day, c.unit,
            c.closing + COALESCE((SELECT SUM(CASE WHEN h.kind = 'hold' THEN h.points ELSE -h.points END) FROM hold_changes h
                WHERE h.tenant_id = @Tenant AND h.id >= @End), 0),
            (SELECT COALESCE(SUM(w.held), 0) FROM members w WHERE w.tenant_id = @Tenant)
        FROM finance_closings c WHERE c.tenant_id = @Tenant AND c.day = @Day AND c.unit = 'held'
        """;

    private sealed record Day(int Tenant, int Number, long Begin, long End);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await EachAsync(
            BrokenChain, null, row => Broken(row, "finance_days", row.GetString(2), "goes on where the day before ended", 3, 4), cancellationToken);
        await EachAsync(BrokenClosings, null, CheckClosing, cancellationToken);
        await EachAsync(BrokenCohorts, null, row => Broken(row, "finance_cohorts", "points", "what lots gained", 2, 3), cancellationToken);
        var days = new List<Day>();
        await EachAsync(
            Days, null, row => days.Add(new Day(Tenant(row), (int)Number(row, 1), row.GetInt64(2), row.GetInt64(3))), cancellationToken);
        await CompareAsync(days, cancellationToken);
        foreach (var last in days.GroupBy(day => day.Tenant).Select(tenant => tenant.Last()).Where(day => day.End >= cut))
        {
            await EachAsync(Wallets, new { last.Tenant, Day = last.Number, last.End }, CheckWallet, cancellationToken);
        }
    }

    /// <summary>Compares what was booked for each day above the cut with the entries of its range: each entry is read once.</summary>
    private async Task CompareAsync(IReadOnlyList<Day> days, CancellationToken cancellationToken)
    {
        var booked = new Dictionary<(int Tenant, int Day), Dictionary<string, string>>();
        void Book(DbDataReader row)
        {
            var key = (Tenant(row), (int)Number(row, 1));
            if (!booked.TryGetValue(key, out var sums))
            {
                booked.Add(key, sums = []);
            }

            sums.Add(KeyOf(row, 2), ValuesOf(row, 5, row.FieldCount));
        }

        await EachAsync(Booked, null, Book, cancellationToken);
        await EachAsync(Granted, null, Book, cancellationToken);
        foreach (var day in days.Where(day => day.Begin >= cut))
        {
            var expected = new Dictionary<string, string>();
            var granted = new Dictionary<string, decimal>();
            await EachAsync(Found, new { day.Tenant, day.Begin, day.End }, row =>
            {
                expected.Add(KeyOf(row, 0), ValuesOf(row, 3, 6));
                var kind = $"granted {row.GetString(1)} ";
                granted[kind] = granted.GetValueOrDefault(kind) + Number(row, 6);
            }, cancellationToken);
            foreach (var (kind, points) in granted.Where(pair => pair.Value != 0))
            {
                expected.Add(kind, points.ToString(CultureInfo.InvariantCulture));
            }

            Compare(day, expected, booked.GetValueOrDefault((day.Tenant, day.Number)) ?? []);
        }
    }

    private void Compare(Day day, Dictionary<string, string> expected, Dictionary<string, string> booked)
    {
        foreach (var key in expected.Keys.Union(booked.Keys))
        {
            findings.Look(InvariantCode.I16);
            var (wanted, found) = (expected.GetValueOrDefault(key), booked.GetValueOrDefault(key));
            var nothing = string.Join(' ', (wanted ?? found)!.Split(' ').Select(_ => "0"));
            if ((wanted ?? nothing) != (found ?? nothing))
            {
                var table = key.StartsWith("granted ", StringComparison.Ordinal) ? "finance_cohorts" : "finance_movements";
                Report(day.Tenant, table, $"{day.Number} {key}", wanted ?? "no such entries", found ?? "nothing booked");
            }
        }
    }

    private void CheckClosing(DbDataReader row)
    {
        for (var column = 3; column < 9; column += 2)
        {
            findings.Look(InvariantCode.I16);
            if (Number(row, column) != Number(row, column + 1))
            {
                var what = column switch { 3 => "closing", 5 => "debt", _ => "receivable" };
                Broken(row, "finance_closings", row.GetString(2), what, column, column + 1);
            }
        }
    }

    private void CheckWallet(DbDataReader row)
    {
        findings.Look(InvariantCode.I16);
        if (Number(row, 3) != Number(row, 4))
        {
            Broken(row, "finance_closings", row.GetString(2), "closing and all since are the wallets", 4, 3);
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

    private async Task EachAsync(string query, object? arguments, Action<DbDataReader> look, CancellationToken cancellationToken)
    {
        await using var reader = await snapshot.ReadAsync(query, arguments, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            look(reader);
        }
    }

    private static int Tenant(DbDataReader row) => (int)Number(row, 0);

    /// <summary>The three columns that name a sum.</summary>
    private static string KeyOf(DbDataReader row, int first) => $"{row.GetString(first)} {row.GetString(first + 1)} {row.GetString(first + 2)}";

    private static string ValuesOf(DbDataReader row, int first, int end) =>
        string.Join(' ', Enumerable.Range(first, end - first).Select(column => Number(row, column).ToString(CultureInfo.InvariantCulture)));

    // A sum is a decimal on the servers.
    private static decimal Number(DbDataReader row, int column) => Convert.ToDecimal(row.GetValue(column), CultureInfo.InvariantCulture);
}
