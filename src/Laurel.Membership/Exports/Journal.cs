using System.Data.Common;
using System.Globalization;
using System.Text;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Openings;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Exports;

/// <summary>Writes the ledger as a plain-text journal that <c>hledger</c> (1.25 or later) reads and checks by itself.</summary>
/// <remarks>One transaction a posting, dated by the business day; commodities <c>points</c>, <c>growth</c>, <c>balance</c> (stored money in minor units) and the units
/// that the programme defines; each member ends with assertions of the balances that are stored, so <c>hledger check</c> proves I1 a second time, by other
/// hands. Where opening balances stand for earlier entries they come first, one transaction a member and unit, on the day of the latest of those entries.</remarks>
public sealed class Journal(Database database, ProgrammeKind programmes)
{
    // By member, because a member's entries of one posting follow each other and those of the tenant need not. The order
    // of the joins is forced: members by key, then each one's entries by theirs, and nothing is sorted.
    private const string Entries = """
        SELECT m.id, m.member_code, m.points, m.growth, e.posting_id, e.occurred_at, e.unit, e.account, e.amount, e.kind, e.rule, e.reason,
            e.reference_type, e.reference_id,
            (SELECT p.latest_at FROM opening_members p WHERE p.tenant_id = m.tenant_id AND p.member_id = m.id AND p.cut_id = @Cut) AS opened_at, m.balance,
            CASE WHEN e.unit IN ('points', 'growth', 'balance') THEN NULL ELSE (
                SELECT u.amount FROM member_units u WHERE u.tenant_id = m.tenant_id AND u.member_id = m.id AND u.unit = e.unit) END AS stored
        FROM members m CROSS JOIN entries e
        WHERE m.tenant_id = @Tenant AND e.tenant_id = m.tenant_id AND e.member_id = m.id AND e.id >= @Cut
        ORDER BY m.id, e.id
        """;

    // Whether entries of the member follow; and what is stored of a unit of the programme, where no entry of it follows.
    private const string Openings = """
        SELECT m.id, m.member_code, m.points, m.growth, p.latest_at, b.unit, b.issuance, b.redemption, b.expiry, b.adjustment, b.transfer, b.receivable,
            b.cancellation, CASE WHEN EXISTS (SELECT 1 FROM entries e WHERE e.tenant_id = m.tenant_id AND e.member_id = m.id AND e.id >= @Cut) THEN 1 ELSE 0 END AS goes_on,
            b.cash, b.payout, m.balance, b.exchange,
            CASE WHEN b.unit IN ('points', 'growth', 'balance') OR EXISTS (
                SELECT 1 FROM entries f WHERE f.tenant_id = m.tenant_id AND f.member_id = m.id AND f.id >= @Cut AND f.unit = b.unit) THEN NULL ELSE (
                SELECT u.amount FROM member_units u WHERE u.tenant_id = m.tenant_id AND u.member_id = m.id AND u.unit = b.unit) END AS stored
        FROM members m
        JOIN opening_members p ON p.tenant_id = m.tenant_id AND p.member_id = m.id AND p.cut_id = @Cut
        JOIN opening_balances b ON b.tenant_id = m.tenant_id AND b.member_id = m.id AND b.cut_id = @Cut
        WHERE m.tenant_id = @Tenant
        ORDER BY m.id, b.unit
        """;

    private const string Preamble = """
        ; The points ledger, for hledger. A credit of a member is positive; the other accounts stand against the members'.
        commodity 1000. points
        commodity 1000. growth
        commodity 1000. balance
        account members
        account issuance
        account redemption
        account expiry
        account adjustment
        account transfer
        account receivable
        account cancellation
        account cash
        account payout
        account exchange

        """;

    private sealed record Line(
        long Member, string Code, long Points, long Growth, long Posting, Instant At, string Unit, string Account, long Amount, string Kind, string Rule, string Reason, string Reference,
        Instant? OpenedAt, long Balance, long? Stored);

    private sealed record Opening(
        long Member, string Code, long Points, long Growth, Instant At, string Unit, IReadOnlyList<(string Account, long Amount)> Accounts, bool GoesOn, long Balance, long? Stored);

    /// <summary>Transactions in the order of members, written as they are read.</summary>
    /// <param name="progress">Told the number of transactions written so far; null tells nobody.</param>
    /// <returns>Transactions written.</returns>
    public async Task<long> WriteAsync(TenantId tenant, TextWriter writer, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var (calendar, units) = (programmes.Latest(tenant)!.Calendar, programmes.Latest(tenant)!.Programme.Units);
        await writer.WriteAsync(Preamble.ReplaceLineEndings("\n"));
        foreach (var unit in units)
        {
            await writer.WriteAsync($"commodity 1000. {CommodityOf(unit.Code)}\n");
        }

        await using var snapshot = await ReadSnapshot.OpenAsync(database, Reach.Of(tenant), cancellationToken);
        var arguments = new { Tenant = tenant.Value, Cut = (await OpeningCut.FindAsync(snapshot.Connection, cancellationToken))?.Id ?? 0 };
        var pen = new Pen(writer, calendar, [.. units.Select(unit => unit.Code)]);
        if (arguments.Cut > 0)
        {
            await using var openings = await snapshot.ReadAsync(Openings, arguments, cancellationToken);
            while (await openings.ReadAsync(cancellationToken))
            {
                await pen.WriteAsync(OpeningOf(openings));
            }

            await pen.EndOpeningsAsync();
        }

        await using var reader = await snapshot.ReadAsync(Entries, arguments, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            await pen.WriteAsync(LineOf(reader));
            if (pen.Transactions % 1_000 == 0)
            {
                progress?.Report(pen.Transactions);
            }
        }

        await pen.EndMemberAsync();
        return pen.Transactions;
    }

    private static Line LineOf(DbDataReader row) => new(
        row.GetInt64(0),
        row.GetString(1),
        row.GetInt64(2),
        row.GetInt64(3),
        row.GetInt64(4),
        new Instant(row.GetInt64(5)),
        row.GetString(6),
        row.GetString(7),
        row.GetInt64(8),
        row.GetString(9),
        row.GetString(10),
        row.GetString(11),
        $"{row.GetString(12)} {row.GetString(13)}",
        row.IsDBNull(14) ? null : new Instant(row.GetInt64(14)),
        row.GetInt64(15),
        row.IsDBNull(16) ? null : row.GetInt64(16));

    private static Opening OpeningOf(DbDataReader row) => new(
        row.GetInt64(0),
        row.GetString(1),
        row.GetInt64(2),
        row.GetInt64(3),
        new Instant(row.GetInt64(4)),
        row.GetString(5),
        [
            ("issuance", row.GetInt64(6)), ("redemption", row.GetInt64(7)), ("expiry", row.GetInt64(8)), ("adjustment", row.GetInt64(9)),
            ("transfer", row.GetInt64(10)), ("receivable", row.GetInt64(11)), ("cancellation", row.GetInt64(12)), ("cash", row.GetInt64(14)), ("payout", row.GetInt64(15)),
            ("exchange", row.GetInt64(17)),
        ],
        Convert.ToInt64(row.GetValue(13), CultureInfo.InvariantCulture) != 0,
        row.GetInt64(16),
        row.IsDBNull(18) ? null : row.GetInt64(18));

    // A symbol with anything but letters in it has to be quoted.
    private static string CommodityOf(string unit) => EntryNames.IsOfHouse(unit) ? unit : $"\"{unit}\"";

    /// <summary>Text of others inside a line: no line break, and nothing that begins a comment.</summary>
    private static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            plain.Append(char.IsControl(character) || character is '\u2028' or '\u2029' ? ' ' : character is ';' or '|' ? ',' : character);
        }

        return plain.ToString();
    }

    private sealed class Pen(TextWriter writer, BusinessCalendar calendar, IReadOnlyList<string> units)
    {
        private readonly SortedDictionary<string, long> _stored = new(StringComparer.Ordinal);
        private Line? _last;
        private Opening? _opening;
        private DateOnly _latest;

        public long Transactions { get; private set; }

        /// <summary>The wallet of one unit as it stood where entries begin, against the accounts that it came from.</summary>
        public async Task WriteAsync(Opening opening)
        {
            if (_opening?.Member != opening.Member)
            {
                await EndOpeningsAsync();
                await WriteAccountsAsync(opening.Code);
            }

            Transactions++;
            _opening = opening;
            _latest = calendar.DayOf(opening.At);
            var sum = opening.Accounts.Sum(account => account.Amount);
            var commodity = CommodityOf(opening.Unit);
            var assertion = opening.Stored is { } stored ? Text($" = {stored} {commodity}") : "";
            await writer.WriteAsync(Text($"\n{DateOf(_latest)} * (opening) Opening balance\n    members:{opening.Code}:{opening.Unit}  {sum} {commodity}{assertion}\n"));
            foreach (var (account, amount) in opening.Accounts.Where(account => account.Amount != 0))
            {
                await writer.WriteAsync(Text($"    {account}  {-amount} {commodity}\n"));
            }
        }

        /// <summary>A member of whom no entry follows ends with its opening.</summary>
        public async Task EndOpeningsAsync()
        {
            if (_opening is { GoesOn: false } last)
            {
                await WriteAssertionsAsync(last.Code, last.Points, last.Growth, last.Balance);
            }

            _opening = null;
        }

        public async Task WriteAsync(Line line)
        {
            var day = calendar.DayOf(line.At);
            if (_last is null || _last.Member != line.Member)
            {
                await EndMemberAsync();
                _latest = day;
                if (line.OpenedAt is { } openedAt)
                {
                    var openedOn = calendar.DayOf(openedAt);
                    _latest = openedOn > day ? openedOn : day;
                }
                else
                {
                    await WriteAccountsAsync(line.Code);
                }
            }

            if (_last is null || _last.Posting != line.Posting || _last.Member != line.Member)
            {
                Transactions++;
                await writer.WriteAsync(Text($"\n{DateOf(day)} * ({line.Posting}) {Plain(line.Reason)}  ; {line.Rule}, {Plain(line.Reference)}\n"));
            }

            var commodity = CommodityOf(line.Unit);
            await writer.WriteAsync(Text($"    members:{line.Code}:{line.Unit}  {line.Amount} {commodity}\n    {line.Account}  {-line.Amount} {commodity}\n"));
            if (!EntryNames.IsOfHouse(line.Unit))
            {
                _stored[line.Unit] = line.Stored ?? 0;
            }

            _latest = day > _latest ? day : _latest;
            _last = line;
        }

        /// <summary>Asserts the stored balances, on the latest day: assertions are judged in the order of days.</summary>
        public async Task EndMemberAsync()
        {
            if (_last is { } last)
            {
                await WriteAssertionsAsync(last.Code, last.Points, last.Growth, last.Balance);
                _last = null;
            }
        }

        private async Task WriteAccountsAsync(string code)
        {
            await writer.WriteAsync(
                $"account members:{code}:{EntryNames.Points}\naccount members:{code}:{EntryNames.Growth}\naccount members:{code}:{EntryNames.Balance}\n");
            foreach (var unit in units)
            {
                await writer.WriteAsync($"account members:{code}:{unit}\n");
            }
        }

        private async Task WriteAssertionsAsync(string code, long points, long growth, long balance)
        {
            await writer.WriteAsync(Text($"""

                {DateOf(_latest)} * Balances as stored
                    members:{code}:points  0 points = {points} points
                    members:{code}:growth  0 growth = {growth} growth
                    members:{code}:balance  0 balance = {balance} balance

                """).ReplaceLineEndings("\n"));
            foreach (var (unit, stored) in _stored)
            {
                await writer.WriteAsync(Text($"    members:{code}:{unit}  0 {CommodityOf(unit)} = {stored} {CommodityOf(unit)}\n"));
            }

            _stored.Clear();
            await writer.WriteAsync("\n");
        }

        private static string DateOf(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

        private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }
}
