using System.Globalization;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Coupons;

namespace Laurel.Membership.Verification;

/// <summary>Looks at every coupon and every stock: I15.</summary>
internal sealed class CouponChecks(ReadSnapshot snapshot, Findings findings)
{
    // A coupon of a code was counted when its batch was made.
    private const string CountIssued = """
        SELECT c.tenant_id, c.template, COUNT(*), SUM(CASE WHEN c.origin IN ('claim', 'issue') THEN 1 ELSE 0 END)
        FROM coupons c GROUP BY c.tenant_id, c.template
        """;

    private const string CountBatches = "SELECT tenant_id, template, SUM(total) FROM coupon_batches GROUP BY tenant_id, template";

    private const string BatchCounts = """
        SELECT b.tenant_id, b.id, b.made, (SELECT COUNT(*) FROM coupon_codes k WHERE k.tenant_id = b.tenant_id AND k.batch_id = b.id)
        FROM coupon_batches b
        """;

    private const string BrokenCodes = """
        SELECT k.tenant_id, k.id FROM coupon_codes k
        LEFT JOIN coupon_batches b ON b.tenant_id = k.tenant_id AND b.id = k.batch_id AND b.template = k.template
        LEFT JOIN coupons c ON c.tenant_id = k.tenant_id AND c.member_id = k.member_id AND c.id = k.coupon_id AND c.origin = 'code' AND c.template = k.template
        WHERE b.id IS NULL OR (k.coupon_id IS NOT NULL AND c.id IS NULL) OR (k.coupon_id IS NULL) <> (k.member_id IS NULL)
        """;

    private const string ReadStocks = "SELECT tenant_id, id, issued FROM coupon_stocks ORDER BY tenant_id, id";

    private const string BrokenCoupons = """
        SELECT c.tenant_id, c.member_id, c.id, c.state, l.kind
        FROM coupons c
        LEFT JOIN members m ON m.tenant_id = c.tenant_id AND m.id = c.member_id
        LEFT JOIN coupon_changes f ON f.tenant_id = c.tenant_id AND f.member_id = c.member_id AND f.coupon_id = c.id AND f.id = (
            SELECT MIN(x.id) FROM coupon_changes x WHERE x.tenant_id = c.tenant_id AND x.member_id = c.member_id AND x.coupon_id = c.id)
        LEFT JOIN coupon_changes l ON l.tenant_id = c.tenant_id AND l.member_id = c.member_id AND l.id = (
            SELECT MAX(x.id) FROM coupon_changes x WHERE x.tenant_id = c.tenant_id AND x.member_id = c.member_id AND x.coupon_id = c.id)
        LEFT JOIN coupons o ON o.tenant_id = c.tenant_id AND o.member_id = c.other_member AND o.id = c.other_coupon AND o.template = c.template AND (o.origin = 'gift' OR o.id = c.id)
        WHERE m.id IS NULL OR f.id IS NULL OR l.id IS NULL
        OR c.state <> CASE l.kind
            WHEN 'lock' THEN 'locked' WHEN 'use' THEN 'used' WHEN 'expire' THEN 'expired' WHEN 'give' THEN 'given' WHEN 'revoke' THEN 'revoked'
            ELSE 'claimed' END
        OR f.kind <> CASE c.origin WHEN 'claim' THEN 'claim' WHEN 'issue' THEN 'issue' WHEN 'code' THEN 'redeem' ELSE 'receive' END
        OR c.due_at <> CASE c.state WHEN 'claimed' THEN c.expires_at WHEN 'locked' THEN c.locked_until ELSE @Never END
        OR (c.state = 'locked') <> (c.locked_until < @Never)
        OR (c.state IN ('locked', 'used')) <> (c.order_id IS NOT NULL)
        OR (c.state = 'used') <> (c.discount IS NOT NULL)
        OR (c.state = 'used' AND (c.discount <> l.discount OR c.order_id <> l.order_id))
        OR (c.state = 'given' AND o.id IS NULL)
        OR (f.id <> c.id AND NOT (c.origin = 'gift' AND EXISTS (
            SELECT 1 FROM member_merge_moves v WHERE v.tenant_id = c.tenant_id AND v.kind = 'coupon' AND v.to_member = c.member_id AND v.to_ref = c.id)))
        """;

    private const string StrayChanges = """
        SELECT x.tenant_id, x.member_id, x.id FROM coupon_changes x
        LEFT JOIN coupons c ON c.tenant_id = x.tenant_id AND c.member_id = x.member_id AND c.id = x.coupon_id
        WHERE c.id IS NULL
        """;

    private const string Shares = """
        SELECT s.tenant_id, s.member_id, s.id, s.coupon_ids, c.id FROM coupon_shares s
        LEFT JOIN coupons c ON c.tenant_id = s.tenant_id AND c.member_id = s.member_id
        ORDER BY s.tenant_id, s.member_id, s.id
        """;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        findings.Look(InvariantCode.I15);
        await CompareStocksAsync(cancellationToken);
        await FindBrokenAsync(cancellationToken);
        await FindStrayAsync(cancellationToken);
        await FindBrokenBatchesAsync(cancellationToken);
        await FindBrokenCodesAsync(cancellationToken);
        await FindBrokenSharesAsync(cancellationToken);
    }

    private async Task CompareStocksAsync(CancellationToken cancellationToken)
    {
        var issued = new Dictionary<(int Tenant, long Id), long>();
        await using (var reader = await snapshot.ReadAsync(CountIssued, null, cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var tenant = reader.GetInt32(0);
                findings.Look(InvariantCode.I15, reader.GetInt64(2));
                issued[(tenant, CouponStockKind.IdOf(new TenantId(tenant), reader.GetString(1)))] = Convert.ToInt64(reader.GetValue(3), CultureInfo.InvariantCulture);
            }
        }

        await using (var batches = await snapshot.ReadAsync(CountBatches, null, cancellationToken))
        {
            while (await batches.ReadAsync(cancellationToken))
            {
                var tenant = batches.GetInt32(0);
                var stock = (tenant, CouponStockKind.IdOf(new TenantId(tenant), batches.GetString(1)));
                issued[stock] = issued.GetValueOrDefault(stock) + Convert.ToInt64(batches.GetValue(2), CultureInfo.InvariantCulture);
            }
        }

        await using var stocks = await snapshot.ReadAsync(ReadStocks, null, cancellationToken);
        while (await stocks.ReadAsync(cancellationToken))
        {
            findings.Look(InvariantCode.I15);
            var (tenant, id, counted) = (stocks.GetInt32(0), stocks.GetInt64(1), stocks.GetInt64(2));
            issued.Remove((tenant, id), out var made);
            if (made != counted)
            {
                Report("coupon_stocks", tenant, 0, id, $"issued = {made}, what there is of coupons and codes", $"{counted}");
            }
        }

        foreach (var ((tenant, id), made) in issued.Where(pair => pair.Value > 0))
        {
            Report("coupon_stocks", tenant, 0, id, $"issued = {made}, what there is of coupons and codes", "no such row");
        }
    }

    private async Task FindBrokenAsync(CancellationToken cancellationToken)
    {
        await using var reader = await snapshot.ReadAsync(BrokenCoupons, new { Never = Instant.Never.UnixMicroseconds }, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var last = await reader.IsDBNullAsync(4, cancellationToken) ? "none" : reader.GetString(4);
            Report(
                "coupons", reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2),
                $"a coupon of a member that stands where its changes led it (the last: {last})",
                $"{reader.GetString(3)}, or figures that do not belong to it");
        }
    }

    private async Task FindStrayAsync(CancellationToken cancellationToken)
    {
        await using var reader = await snapshot.ReadAsync(StrayChanges, null, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            Report("coupon_changes", reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2), "the coupon it changed", "none");
        }
    }

    private async Task FindBrokenBatchesAsync(CancellationToken cancellationToken)
    {
        await using var reader = await snapshot.ReadAsync(BatchCounts, null, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            findings.Look(InvariantCode.I15);
            var (made, codes) = (reader.GetInt64(2), reader.GetInt64(3));
            if (made != codes)
            {
                Report("coupon_batches", reader.GetInt32(0), 0, reader.GetInt64(1), $"made = {codes}, the codes there are", $"{made}");
            }
        }
    }

    private async Task FindBrokenCodesAsync(CancellationToken cancellationToken)
    {
        await using var reader = await snapshot.ReadAsync(BrokenCodes, null, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            Report("coupon_codes", reader.GetInt32(0), 0, reader.GetInt64(1), "a code of a batch, and the coupon it became", "none");
        }
    }

    private async Task FindBrokenSharesAsync(CancellationToken cancellationToken)
    {
        (int Tenant, long Member, long Id)? current = null;
        HashSet<long> missing = [];
        void Close()
        {
            if (current is { } share && missing.Count > 0)
            {
                Report("coupon_shares", share.Tenant, share.Member, share.Id, "coupons of its owner", $"{string.Join(", ", missing)} of nobody, or of another");
            }
        }

        await using var reader = await snapshot.ReadAsync(Shares, null, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var share = (reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2));
            if (share != current)
            {
                Close();
                findings.Look(InvariantCode.I15);
                (current, missing) = (share, [.. CouponShare.CouponsOf(reader.GetString(3))]);
            }

            if (!await reader.IsDBNullAsync(4, cancellationToken))
            {
                missing.Remove(reader.GetInt64(4));
            }
        }

        Close();
    }

    private void Report(string table, int tenant, long member, long id, string expected, string found) => findings.Report(InvariantCode.I15, new Offence
    {
        Tenant = tenant,
        Member = member,
        Table = table,
        Id = id.ToString(CultureInfo.InvariantCulture),
        Expected = expected,
        Found = found,
    });
}
