using System.Globalization;
using System.Text;
using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Exports;
using Laurel.Membership.Openings;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Balance;

/// <summary>Writes what moved between the outside and stored money on one business day, to be laid beside the providers' own lists: CSV (RFC
/// 4180), UTF-8, CRLF, one header line.</summary>
/// <remarks>The rows come from recharges, their refunds and withdrawals. The lines <c>total</c> sum them up, and the lines <c>ledger</c> tell the
/// sums of the day's entries beside: the two agree, or something is broken that <c>laurel verify</c> names.</remarks>
public sealed class Reconciliation(Database database, ProgrammeKind programmes)
{
    private const string Header = "kind,time,member_id,id,amount,provider,provider_reference,count";

    private const string Rows = """
        SELECT 'recharge' AS kind, r.paid_at AS happened_at, r.member_id, r.recharge_id AS name, r.amount, '' AS provider, r.provider_reference, r.id AS position
        FROM balance_recharges r WHERE r.tenant_id = @Tenant AND r.paid_at >= @From AND r.paid_at < @To
        UNION ALL
        SELECT 'recharge_refund', f.occurred_at, f.member_id, f.refund_id, -f.amount, '', f.provider_reference, f.entry_id
        FROM balance_recharge_refunds f WHERE f.tenant_id = @Tenant AND f.occurred_at >= @From AND f.occurred_at < @To
        UNION ALL
        SELECT 'withdraw', w.ended_at, w.member_id, w.withdrawal_id, -w.amount, COALESCE(w.provider, ''), w.provider_reference, w.entry_id
        FROM balance_withdrawals w WHERE w.tenant_id = @Tenant AND w.status = 'paid' AND w.ended_at >= @From AND w.ended_at < @To
        ORDER BY 1, 2, 8
        """;

    // Nothing is dated more than two days from its id, see PointsQueries; what is imported late is not of these kinds.
    private const string Ledger = """
        SELECT e.kind AS Kind, COUNT(*) AS Count, SUM(e.amount) AS Amount FROM entries e
        WHERE e.tenant_id = @Tenant AND e.unit = 'balance' AND e.kind IN ('recharge', 'recharge_refund', 'withdraw')
        AND e.occurred_at >= @From AND e.occurred_at < @To AND e.id >= @Since
        GROUP BY e.kind
        """;

    private static readonly string[] s_kinds = ["recharge", "recharge_refund", "withdraw"];

    // A time may lie a little ahead of the clock that draws ids.
    private static readonly TimeSpan s_timeAheadMax = TimeSpan.FromDays(2);

    private sealed class Total
    {
        public required string Kind { get; init; }

        public long Count { get; init; }

        public decimal Amount { get; init; }
    }

    /// <summary>The rows of a business day in the order of kind and time, written as they are read, and the totals.</summary>
    /// <returns>Null, or the earliest instant of which this can be told: opening balances stand for what was before, and nothing was written.</returns>
    public async Task<Instant?> WriteAsync(TenantId tenant, DateOnly day, Stream target, CancellationToken cancellationToken)
    {
        var calendar = programmes.Latest(tenant)!.Calendar;
        var (from, to) = (calendar.StartOf(day), calendar.StartOf(day.AddDays(1)));
        await using var snapshot = await ReadSnapshot.OpenAsync(database, Reach.Of(tenant), cancellationToken);
        if (await OpeningCut.FindAsync(snapshot.Connection, cancellationToken) is { LatestAt: { } latest } && latest >= from.UnixMicroseconds)
        {
            return new Instant(latest + 1);
        }

        var arguments = new
        {
            Tenant = tenant.Value,
            From = from.UnixMicroseconds,
            To = to.UnixMicroseconds,
            Since = IdGenerator.FirstOf(from.Plus(-s_timeAheadMax)),
        };
        var writer = new StreamWriter(target, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        await using (writer.ConfigureAwait(false))
        {
            await WriteAsync(snapshot, arguments, writer, cancellationToken);
        }

        return null;
    }

    private static async Task WriteAsync(ReadSnapshot snapshot, object arguments, TextWriter writer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(Header + "\r\n");
        var totals = await WriteRowsAsync(snapshot, arguments, writer, cancellationToken);
        var ledger = (await snapshot.Connection.QueryAsync<Total>(new CommandDefinition(Ledger, arguments, commandTimeout: 0, cancellationToken: cancellationToken)))
            .ToDictionary(total => total.Kind, total => (total.Count, total.Amount));
        foreach (var kind in s_kinds)
        {
            await WriteTotalAsync(writer, "total", kind, totals.GetValueOrDefault(kind));
            await WriteTotalAsync(writer, "ledger", kind, ledger.GetValueOrDefault(kind));
        }
    }

    private static async Task<Dictionary<string, (long Count, decimal Amount)>> WriteRowsAsync(
        ReadSnapshot snapshot, object arguments, TextWriter writer, CancellationToken cancellationToken)
    {
        var totals = new Dictionary<string, (long Count, decimal Amount)>();
        await using var reader = await snapshot.ReadAsync(Rows, arguments, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (kind, amount) = (reader.GetString(0), reader.GetInt64(4));
            var (count, sum) = totals.GetValueOrDefault(kind);
            totals[kind] = (count + 1, sum + amount);
            await writer.WriteAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{kind},{new Instant(reader.GetInt64(1))},{reader.GetInt64(2)},{CsvField.OfText(reader.GetString(3))},{amount},"
                + $"{CsvField.OfText(reader.GetString(5))},{(reader.IsDBNull(6) ? "" : CsvField.OfText(reader.GetString(6)))},1\r\n"));
        }

        return totals;
    }

    private static Task WriteTotalAsync(TextWriter writer, string line, string kind, (long Count, decimal Amount) total) =>
        writer.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{line},,,{kind},{total.Amount:0},,,{total.Count}\r\n"));
}
