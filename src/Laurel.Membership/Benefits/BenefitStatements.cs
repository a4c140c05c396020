using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Balance;
using Laurel.Membership.Members;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Benefits;

/// <summary>The SQL of grants and uses.</summary>
internal static class BenefitStatements
{
    internal readonly record struct UseKey(int Tenant, long Member, string BizNo);

    internal readonly record struct GrantsKey(int Tenant, long Member, string Benefit);

    private sealed record UseRow(int Tenant, long Member, BenefitUse Use);

    private sealed record GrantRow(int Tenant, long Member, BenefitGrant Grant);

    internal readonly record struct MemberKey(int Tenant, long Member);

    private const string UseColumns = """
        u.tenant_id, u.member_id, u.biz_no, u.id, u.benefit_code, u.quantity, u.source, u.day, u.consumed_at, u.discount_amount, u.free_shipping,
            u.gift, u.order_id, u.returned_at, u.checkout_id, u.held_until
        """;

    public static readonly SetStatement<UseKey> ReadUses = Statements.Find(
        UseColumns,
        "benefit_uses u", "",
        Column<UseKey>.Int32("tenant_id", k => k.Tenant),
        Column<UseKey>.Int64("member_id", k => k.Member),
        Column<UseKey>.Text("biz_no", k => k.BizNo));

    public static readonly SetStatement<MemberKey> ReadHeldUses = new(
        $"SELECT {UseColumns} FROM benefit_uses u WHERE u.tenant_id = $1 AND u.member_id = $2 AND u.held_until IS NOT NULL",
        $"""
        SELECT {UseColumns} FROM unnest($1::integer[], $2::bigint[]) k (tenant_id, member_id)
        JOIN benefit_uses u ON u.tenant_id = k.tenant_id AND u.member_id = k.member_id AND u.held_until IS NOT NULL
        """,
        $"""
        SELECT {UseColumns} FROM {SetStatement.Rows} k
        STRAIGHT_JOIN benefit_uses u ON u.tenant_id = k.tenant_id AND u.member_id = k.member_id AND u.held_until IS NOT NULL
        """,
        Column<MemberKey>.Int32("tenant_id", k => k.Tenant),
        Column<MemberKey>.Int64("member_id", k => k.Member));

    internal const string GrantColumns = """
        g.tenant_id, g.member_id, g.reference, g.id, g.benefit_code, g.source, g.start_time, g.end_time, g.reason, g.operator, g.granted_at, g.revoked_at
        """;

    public static readonly SetStatement<GrantsKey> ReadGrants = Statements.Find(
        GrantColumns,
        "member_benefits g", "",
        Column<GrantsKey>.Int32("tenant_id", k => k.Tenant),
        Column<GrantsKey>.Int64("member_id", k => k.Member),
        Column<GrantsKey>.Text("benefit_code", k => k.Benefit));

    private static readonly SetStatement<UseRow> s_insertUse = Statements.Insert("benefit_uses",
    [
        .. KeyOfUse(),
        Column<UseRow>.Int64("id", r => r.Use.Id),
        Column<UseRow>.Text("benefit_code", r => r.Use.Benefit),
        Column<UseRow>.Int64("quantity", r => r.Use.Quantity),
        Column<UseRow>.Text("source", r => r.Use.Source),
        Column<UseRow>.Int32("day", r => CapPeriods.NumberOf(CapPeriod.Day, r.Use.Day)),
        Column<UseRow>.Instant("consumed_at", r => r.Use.ConsumedAt),
        Column<UseRow>.Int64("discount_amount", r => r.Use.DiscountAmount),
        Column<UseRow>.Flag("free_shipping", r => r.Use.FreeShipping),
        Column<UseRow>.Text("gift", r => r.Use.Gift),
        Column<UseRow>.Text("order_id", r => r.Use.OrderId),
        Column<UseRow>.NullableInt64("returned_at", r => r.Use.ReturnedAt?.UnixMicroseconds),
        Column<UseRow>.Text("checkout_id", r => r.Use.CheckoutId),
        Column<UseRow>.NullableInt64("held_until", r => r.Use.HeldUntil?.UnixMicroseconds),
    ]);

    private static readonly SetStatement<UseRow> s_updateUse = Statements.Update("benefit_uses", keys: 3,
    [
        .. KeyOfUse(),
        Column<UseRow>.NullableInt64("returned_at", r => r.Use.ReturnedAt?.UnixMicroseconds),
        Column<UseRow>.NullableInt64("held_until", r => r.Use.HeldUntil?.UnixMicroseconds),
    ]);

    private static readonly SetStatement<GrantRow> s_insertGrant = Statements.Insert("member_benefits",
    [
        .. KeyOfGrant(),
        Column<GrantRow>.Int64("id", r => r.Grant.Id),
        Column<GrantRow>.Text("benefit_code", r => r.Grant.Benefit),
        Column<GrantRow>.Text("source", r => r.Grant.Source),
        Column<GrantRow>.Instant("start_time", r => r.Grant.StartTime),
        Column<GrantRow>.Instant("end_time", r => r.Grant.EndTime),
        Column<GrantRow>.Text("reason", r => r.Grant.Reason),
        Column<GrantRow>.Text("operator", r => r.Grant.Operator),
        Column<GrantRow>.Instant("granted_at", r => r.Grant.GrantedAt),
        Column<GrantRow>.NullableInt64("revoked_at", r => r.Grant.RevokedAt?.UnixMicroseconds),
    ]);

    private static readonly SetStatement<GrantRow> s_updateGrant = Statements.Update("member_benefits", keys: 3,
        [.. KeyOfGrant(), Column<GrantRow>.NullableInt64("revoked_at", r => r.Grant.RevokedAt?.UnixMicroseconds)]);

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var having = books.Where(book => book.HasBenefits).ToList();
        if (having.Count == 0)
        {
            return;
        }

        builder.Add(s_insertUse, RowsOf(having, book => book.Uses.New(), (tenant, member, use) => new UseRow(tenant, member, use)));
        builder.Add(s_updateUse, RowsOf(having, book => book.Uses.Changed(), (tenant, member, use) => new UseRow(tenant, member, use)));
        builder.Add(s_insertGrant, RowsOf(having, book => book.Grants.New(), (tenant, member, grant) => new GrantRow(tenant, member, grant)));
        builder.Add(s_updateGrant, RowsOf(having, book => book.Grants.Changed(), (tenant, member, grant) => new GrantRow(tenant, member, grant)));
    }

    public static BenefitUse ReadUse(SqlRow row) => new()
    {
        BizNo = row.Text(2),
        Id = row.Int64(3),
        Benefit = row.Text(4),
        Quantity = row.Int64(5),
        Source = row.Text(6),
        Day = DayOf(row.Int32(7)),
        ConsumedAt = row.Instant(8),
        DiscountAmount = row.Int64(9),
        FreeShipping = row.Flag(10),
        Gift = row.TextOrNull(11),
        OrderId = row.TextOrNull(12),
        ReturnedAt = row.Int64OrNull(13) is { } returned ? new Instant(returned) : null,
        CheckoutId = row.TextOrNull(14),
        HeldUntil = row.Int64OrNull(15) is { } until ? new Instant(until) : null,
    };

    public static BenefitGrant ReadGrant(SqlRow row) => new()
    {
        Reference = row.Text(2),
        Id = row.Int64(3),
        Benefit = row.Text(4),
        Source = row.Text(5),
        StartTime = row.Instant(6),
        EndTime = row.Instant(7),
        Reason = row.Text(8),
        Operator = row.TextOrNull(9),
        GrantedAt = row.Instant(10),
        RevokedAt = row.Int64OrNull(11) is { } revoked ? new Instant(revoked) : null,
    };

    /// <summary>20260131 as a day.</summary>
    public static DateOnly DayOf(int number) => new(number / 10_000, number / 100 % 100, number % 100);

    private static List<TRow> RowsOf<TValue, TRow>(
        List<MemberBook> books, Func<BenefitBook, IEnumerable<TValue>> values, Func<int, long, TValue, TRow> row) =>
    [
        .. from book in books
           from value in values(book.Benefits)
           select row(book.Identity.Tenant.Value, book.Identity.Id.Value, value),
    ];

    private static Column<UseRow>[] KeyOfUse() =>
    [
        Column<UseRow>.Int32("tenant_id", r => r.Tenant),
        Column<UseRow>.Int64("member_id", r => r.Member),
        Column<UseRow>.Text("biz_no", r => r.Use.BizNo),
    ];

    private static Column<GrantRow>[] KeyOfGrant() =>
    [
        Column<GrantRow>.Int32("tenant_id", r => r.Tenant),
        Column<GrantRow>.Int64("member_id", r => r.Member),
        Column<GrantRow>.Text("reference", r => r.Grant.Reference),
    ];
}

/// <summary>Reads uses by their names.</summary>
internal sealed class UseLoader(MemberKind members) : ChildLoader<BenefitStatements.UseKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<BenefitStatements.UseKey> needs) => MoneyLoading.Load(
        builder,
        BenefitStatements.ReadUses,
        needs,
        BenefitStatements.ReadUse,
        found => found.BizNo,
        need => (members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member)), need.BizNo),
        book => book.Benefits.Uses);
}

/// <summary>Reads all grants of a benefit to a member.</summary>
internal sealed class GrantLoader(MemberKind members) : ChildLoader<BenefitStatements.GrantsKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<BenefitStatements.GrantsKey> needs)
    {
        var found = new List<(long Member, BenefitGrant Grant)>();
        builder.Add(BenefitStatements.ReadGrants, needs, row => found.Add((row.Int64(1), BenefitStatements.ReadGrant(row))));
        return set =>
        {
            foreach (var need in needs)
            {
                var grants = found.Where(one => one.Member == need.Member && one.Grant.Benefit == need.Benefit).Select(one => one.Grant);
                var root = members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member));
                set.Loaded<MemberBook>(root).Benefits.LoadGrants(need.Benefit, grants);
            }
        };
    }
}

/// <summary>Reads the uses that checkouts of a member hold.</summary>
internal sealed class HeldUseLoader(MemberKind members) : ChildLoader<BenefitStatements.MemberKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<BenefitStatements.MemberKey> needs)
    {
        var found = new List<(long Member, BenefitUse Use)>();
        builder.Add(BenefitStatements.ReadHeldUses, needs, row => found.Add((row.Int64(1), BenefitStatements.ReadUse(row))));
        return set =>
        {
            foreach (var need in needs)
            {
                var root = members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member));
                set.Loaded<MemberBook>(root).Benefits.LoadHeldUses(found.Where(one => one.Member == need.Member).Select(one => one.Use));
            }
        };
    }
}

/// <summary>What commands on benefits need to be read.</summary>
internal sealed class BenefitLoads(MemberBooks books)
{
    private readonly UseLoader _uses = new(books.Members);
    private readonly HeldUseLoader _held = new(books.Members);
    private readonly GrantLoader _grants = new(books.Members);

    /// <summary>Asks for a use.</summary>
    /// <returns>Whether it is here, or known to be none of the member's.</returns>
    public bool HasUse(MemberBook book, string bizNo, LoadPlan plan)
    {
        if (book.HasBenefits && book.Benefits.Uses.IsKnown(bizNo))
        {
            return true;
        }

        plan.Need(_uses, new BenefitStatements.UseKey(book.Identity.Tenant.Value, book.Identity.Id.Value, bizNo));
        return false;
    }

    /// <summary>Asks for the grants of a benefit.</summary>
    public bool HasGrants(MemberBook book, string benefit, LoadPlan plan)
    {
        if (book.HasBenefits && book.Benefits.KnowsGrantsOf(benefit))
        {
            return true;
        }

        plan.Need(_grants, new BenefitStatements.GrantsKey(book.Identity.Tenant.Value, book.Identity.Id.Value, benefit));
        return false;
    }

    /// <summary>Asks for the uses that checkouts of the member hold, if there are any, and for the counters of those that are over.</summary>
    public bool HasHeldUses(MemberBook book, Instant time, LoadPlan plan)
    {
        if (!books.HasLimit(book, BenefitCounters.Held, plan))
        {
            return false;
        }

        if (book.Limits.Find(BenefitCounters.Held)!.Used == 0)
        {
            return true;
        }

        if (!book.Benefits.KnowsHeldUses)
        {
            plan.Need(_held, new BenefitStatements.MemberKey(book.Identity.Tenant.Value, book.Identity.Id.Value));
            return false;
        }

        var all = true;
        foreach (var use in BenefitDesk.OverAt(book, time))
        {
            all &= HasCounters(book, use.Benefit, use.Day, plan);
        }

        return all;
    }

    /// <summary>Asks for everything that says how many uses of a benefit are left.</summary>
    public bool HasStanding(MemberBook book, string benefit, DateOnly day, Instant time, LoadPlan plan) =>
        HasCounters(book, benefit, day, plan) & HasHeldUses(book, time, plan);

    /// <summary>Asks for the uses that a checkout takes, with their counters.</summary>
    /// <returns>Whether it is known of all of them what they are.</returns>
    public bool HasUsesOf(MemberBook book, string checkoutId, IEnumerable<string> benefits, LoadPlan plan)
    {
        var all = true;
        foreach (var benefit in benefits)
        {
            all &= HasUse(book, BenefitUse.NameOf(checkoutId, benefit), plan);
            if (book.HasBenefits && book.Benefits.Uses.Find(BenefitUse.NameOf(checkoutId, benefit)) is { } use)
            {
                all &= HasCounters(book, benefit, use.Day, plan) & books.HasLimit(book, BenefitCounters.Held, plan);
            }
        }

        return all;
    }

    /// <summary>Asks for the counters of a benefit on a day.</summary>
    public bool HasCounters(MemberBook book, string benefit, DateOnly day, LoadPlan plan)
    {
        var all = true;
        foreach (var key in BenefitCounters.Of(benefit, day))
        {
            all &= books.HasLimit(book, key, plan);
        }

        return all;
    }
}
