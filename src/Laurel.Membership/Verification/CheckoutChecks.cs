using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Benefits;
using Laurel.Membership.Checkouts;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Verification;

/// <summary>Looks at every checkout: I19.</summary>
/// <param name="cut">Below it opening balances stand for entries and holds; 0 where none do.</param>
internal sealed class CheckoutChecks(ReadSnapshot snapshot, Findings findings, long cut)
{
    private const string ReadAll = """
        SELECT c.tenant_id, c.member_id, c.checkout_id, c.state, c.price, c.payable, c.points, c.refunded, c.paid_back, c.points_back, c.spent,
            COALESCE((SELECT SUM(r.money) FROM checkout_refunds r
                WHERE r.tenant_id = c.tenant_id AND r.member_id = c.member_id AND r.checkout_id = c.checkout_id), 0),
            COALESCE((SELECT SUM(r.points) FROM checkout_refunds r
                WHERE r.tenant_id = c.tenant_id AND r.member_id = c.member_id AND r.checkout_id = c.checkout_id), 0),
            (SELECT COUNT(*) FROM benefit_uses u
                WHERE u.tenant_id = c.tenant_id AND u.member_id = c.member_id AND u.checkout_id = c.checkout_id),
            (SELECT COUNT(*) FROM benefit_uses u
                WHERE u.tenant_id = c.tenant_id AND u.member_id = c.member_id AND u.checkout_id = c.checkout_id AND u.returned_at IS NOT NULL)
        FROM checkouts c
        """;

    // What is reserved is held until it is confirmed, given up or over; what is confirmed was spent by an entry of its own.
    private const string Broken = """
        SELECT c.tenant_id, c.member_id, c.checkout_id, c.state
        FROM checkouts c
        LEFT JOIN members m ON m.tenant_id = c.tenant_id AND m.id = c.member_id
        LEFT JOIN holds h ON h.tenant_id = c.tenant_id AND h.member_id = c.member_id AND h.id = c.hold_id
        LEFT JOIN entries e ON e.tenant_id = c.tenant_id AND e.member_id = c.member_id AND e.id = c.spend_id
        WHERE m.id IS NULL
        OR (c.points > 0) <> (c.hold_id IS NOT NULL)
        OR (c.hold_id IS NOT NULL AND (h.points <> c.points OR (h.id IS NULL AND c.hold_id >= @Cut)
            OR (c.state = 'confirmed' AND (h.status <> 'captured' OR h.captured <> c.points))
            OR (c.state = 'cancelled' AND h.status <> 'released')
            OR (c.state = 'reserved' AND h.status NOT IN ('open', 'expired'))))
        OR (c.spend_id IS NOT NULL) <> (c.state = 'confirmed' AND c.points > 0)
        OR (c.spend_id IS NOT NULL AND ((e.id IS NULL AND c.spend_id >= @Cut) OR e.amount <> -c.points OR e.kind <> 'spend'))
        OR (c.ended_at IS NULL) <> (c.state = 'reserved')
        """;

    private const string Uses = """
        SELECT u.tenant_id, u.member_id, u.checkout_id, c.price, u.biz_no, u.benefit_code, u.quantity
        FROM benefit_uses u JOIN checkouts c ON c.tenant_id = u.tenant_id AND c.member_id = u.member_id AND c.checkout_id = u.checkout_id
        """;

    private const string StrayRefunds = """
        SELECT r.tenant_id, r.member_id, r.checkout_id FROM checkout_refunds r
        LEFT JOIN checkouts c ON c.tenant_id = r.tenant_id AND c.member_id = r.member_id AND c.checkout_id = r.checkout_id AND c.state = 'confirmed'
        WHERE c.checkout_id IS NULL
        """;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        findings.Look(InvariantCode.I19);
        await using (var reader = await snapshot.ReadAsync(ReadAll, null, cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                findings.Look(InvariantCode.I19);
                CheckFigures(reader);
            }
        }

        await using (var reader = await snapshot.ReadAsync(Uses, null, cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                CheckUse(reader);
            }
        }

        await FindAsync(Broken, "checkouts", "a hold and an entry as its state wants them", cancellationToken);
        await FindAsync(StrayRefunds, "checkout_refunds", "a confirmed checkout", cancellationToken);
    }

    private void CheckFigures(DbDataReader row)
    {
        var price = JsonSerializer.Deserialize<Price>(row.GetString(4), ProgrammeDocument.Options)!;
        var refunded = CheckoutNames.ReadRefunded(row.GetString(7));
        void Equal(string what, long expected, object found)
        {
            var figure = Convert.ToInt64(found, CultureInfo.InvariantCulture);
            if (figure != expected)
            {
                Report(row, "checkouts", string.Create(CultureInfo.InvariantCulture, $"{what} = {expected}"), figure.ToString(CultureInfo.InvariantCulture));
            }
        }

        Equal("payable = Σ payable of its lines", price.Lines.Sum(line => line.Payable), row.GetInt64(5));
        Equal("points of its price", price.Points, row.GetInt64(6));
        Equal("lines refunded = lines", price.Lines.Length, refunded.Length);
        if (refunded.Length != price.Lines.Length)
        {
            return;
        }

        Equal("what lines cost = what is taken off and paid", price.Lines.Sum(line => line.Amount), price.Payable + price.Applied.Sum(one => one.Amount));
        Equal("paid_back = Σ money of its lines", price.Lines.Select((line, i) => CheckoutRefund.MoneyOf(line, refunded[i])).Sum(), row.GetInt64(8));
        Equal("paid_back = Σ refunds", row.GetInt64(8), row.GetValue(11));
        Equal("points_back = Σ refunds", row.GetInt64(9), row.GetValue(12));
        Equal("uses of benefits that it takes", price.BenefitsUsed().Count(), row.GetValue(13));
        if (row.GetString(3) == "confirmed")
        {
            var isGone = price.Lines.Any(line => line.Value > 0) && price.Lines.Zip(refunded).All(pair => pair.Second.Value == pair.First.Value);
            Equal("uses given back once all of it went back", isGone ? price.BenefitsUsed().Count() : 0, row.GetValue(14));
            Equal("points spent by end = points", row.GetInt64(6), CheckoutNames.ReadSpent(row.GetString(10)).Sum(one => one.Points));
        }
    }

    private void CheckUse(DbDataReader row)
    {
        var price = JsonSerializer.Deserialize<Price>(row.GetString(3), ProgrammeDocument.Options)!;
        var benefit = row.GetString(5);
        if (!price.BenefitsUsed().Contains(benefit) || row.GetString(4) != BenefitUse.NameOf(row.GetString(2), benefit) || row.GetInt64(6) != 1)
        {
            Report(row, "benefit_uses", "a use of a benefit that its price takes", row.GetString(4));
        }
    }

    private async Task FindAsync(string sql, string table, string expected, CancellationToken cancellationToken)
    {
        await using var reader = await snapshot.ReadAsync(sql, new { Cut = cut }, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            Report(reader, table, expected, "something else");
        }
    }

    private void Report(DbDataReader row, string table, string expected, string found) => findings.Report(InvariantCode.I19, new Offence
    {
        Tenant = row.GetInt32(0),
        Member = row.GetInt64(1),
        Table = table,
        Id = row.GetString(2),
        Expected = expected,
        Found = found,
    });
}
