using System.Data.Common;
using System.Globalization;
using System.Text;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Exports;

/// <summary>Writes the ledger as a plain-text journal that <c>hledger</c> (1.25 or later) reads and checks by itself.</summary>
/// <remarks>One transaction a posting, dated by the business day; commodities <c>points</c> and <c>growth</c>; each member
/// ends with assertions of the balances that are stored, so <c>hledger check</c> proves I1 a second time, by other hands.</remarks>
public sealed class Journal(Database database, ProgrammeKind programmes)
{
    // By member, because a member's entries of one posting follow each other and those of the tenant need not. The order
    // of the joins is forced: members by key, then each one's entries by theirs, and nothing is sorted.
    private const string Entries = """
        SELECT m.id, m.member_code, m.points, m.growth, e.posting_id, e.occurred_at, e.unit, e.account, e.amount, e.kind, e.rule, e.reason,
            e.reference_type, e.reference_id
        FROM members m CROSS JOIN entries e
        WHERE m.tenant_id = @Tenant AND e.tenant_id = m.tenant_id AND e.member_id = m.id
        ORDER BY m.id, e.id
        """;

    private const string Preamble = """
        ; The points ledger, for hledger. A credit of a member is positive; the other accounts stand against the members'.
        commodity 1000. points
        commodity 1000. growth
        account members
        account issuance
        account redemption
        account expiry
        account adjustment
        account transfer
        account receivable

        """;

    private sealed record Line(
        long Member, string Code, long Points, long Growth, long Posting, Instant At, string Unit, string Account, long Amount, string Kind, string Rule, string Reason, string Reference);

    /// <summary>Transactions in the order of members, written as they are read.</summary>
    /// <param name="progress">Told the number of transactions written so far; null tells nobody.</param>
    /// <returns>Transactions written.</returns>
    public async Task<long> WriteAsync(TenantId tenant, TextWriter writer, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var calendar = programmes.Latest(tenant)!.Calendar;
        await writer.WriteAsync(Preamble.ReplaceLineEndings("\n"));
        await using var snapshot = await ReadSnapshot.OpenAsync(database, cancellationToken);
        await using var reader = await snapshot.ReadAsync(Entries, new { Tenant = tenant.Value }, cancellationToken);
        var pen = new Pen(writer, calendar);
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
        $"{row.GetString(12)} {row.GetString(13)}");

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

    private sealed class Pen(TextWriter writer, BusinessCalendar calendar)
    {
        private Line? _last;
        private DateOnly _latest;

        public long Transactions { get; private set; }

        public async Task WriteAsync(Line line)
        {
            var day = calendar.DayOf(line.At);
            if (_last is null || _last.Member != line.Member)
            {
                await EndMemberAsync();
                _latest = day;
                await writer.WriteAsync($"account members:{line.Code}:{EntryNames.Points}\naccount members:{line.Code}:{EntryNames.Growth}\n");
            }

            if (_last is null || _last.Posting != line.Posting || _last.Member != line.Member)
            {
                Transactions++;
                await writer.WriteAsync(Text($"\n{DateOf(day)} * ({line.Posting}) {Plain(line.Reason)}  ; {line.Rule}, {Plain(line.Reference)}\n"));
            }

            await writer.WriteAsync(Text($"    members:{line.Code}:{line.Unit}  {line.Amount} {line.Unit}\n    {line.Account}  {-line.Amount} {line.Unit}\n"));
            _latest = day > _latest ? day : _latest;
            _last = line;
        }

        /// <summary>Asserts the stored balances, on the latest day: assertions are judged in the order of days.</summary>
        public async Task EndMemberAsync()
        {
            if (_last is { } last)
            {
                await writer.WriteAsync(Text($"""

                    {DateOf(_latest)} * Balances as stored
                        members:{last.Code}:points  0 points = {last.Points} points
                        members:{last.Code}:growth  0 growth = {last.Growth} growth


                    """).ReplaceLineEndings("\n"));
                _last = null;
            }
        }

        private static string DateOf(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

        private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }
}
