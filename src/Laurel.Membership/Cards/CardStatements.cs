using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Balance;
using Laurel.Membership.Members;

namespace Laurel.Membership.Cards;

/// <summary>The SQL of memberships and purchases of cards.</summary>
internal static class CardStatements
{
    internal readonly record struct MembershipKey(int Tenant, long Member, string Card);

    internal readonly record struct PurchaseKey(int Tenant, long Member, string Reference);

    private sealed record MembershipRow(int Tenant, long Member, CardMembership Membership);

    private sealed record PurchaseRow(int Tenant, long Member, CardPurchase Purchase);

    public static readonly SetStatement<MembershipKey> ReadMemberships = Statements.Find(
        """
        s.tenant_id, s.member_id, s.card_code, s.run, s.start_time, s.end_time, s.months, s.days, s.ended_early, s.cancelled_at, s.cancel_reason,
            s.cancelled_by
        """,
        "memberships s", "",
        Column<MembershipKey>.Int32("tenant_id", k => k.Tenant),
        Column<MembershipKey>.Int64("member_id", k => k.Member),
        Column<MembershipKey>.Text("card_code", k => k.Card));

    public static readonly SetStatement<PurchaseKey> ReadPurchases = Statements.Find(
        """
        p.tenant_id, p.member_id, p.reference, p.id, p.card_code, p.run, p.periods, p.months, p.days, p.amount, p.order_id, p.end_time,
            p.purchased_at, p.recorded_at, p.version, p.refund_id, p.refunded_at, p.refund_reason, p.took_back, p.refund_end_time
        """,
        "membership_purchases p", "",
        Column<PurchaseKey>.Int32("tenant_id", k => k.Tenant),
        Column<PurchaseKey>.Int64("member_id", k => k.Member),
        Column<PurchaseKey>.Text("reference", k => k.Reference));

    private static readonly SetStatement<MembershipRow> s_insertMembership = Statements.Insert("memberships", [.. KeyOfMembership(), .. StateOfMembership()]);

    private static readonly SetStatement<MembershipRow> s_updateMembership =
        Statements.Update("memberships", keys: 3, [.. KeyOfMembership(), .. StateOfMembership()]);

    private static readonly SetStatement<PurchaseRow> s_insertPurchase = Statements.Insert("membership_purchases",
    [
        .. KeyOfPurchase(),
        Column<PurchaseRow>.Int64("id", r => r.Purchase.Id),
        Column<PurchaseRow>.Text("card_code", r => r.Purchase.Card),
        Column<PurchaseRow>.Int32("run", r => r.Purchase.Run),
        Column<PurchaseRow>.Int32("periods", r => r.Purchase.Periods),
        Column<PurchaseRow>.Int32("months", r => r.Purchase.Bought.Months),
        Column<PurchaseRow>.Int32("days", r => r.Purchase.Bought.Days),
        Column<PurchaseRow>.Int64("amount", r => r.Purchase.Amount),
        Column<PurchaseRow>.Text("order_id", r => r.Purchase.OrderId),
        Column<PurchaseRow>.Instant("end_time", r => r.Purchase.EndTime),
        Column<PurchaseRow>.Instant("purchased_at", r => r.Purchase.PurchasedAt),
        Column<PurchaseRow>.Instant("recorded_at", r => r.Purchase.RecordedAt),
        Column<PurchaseRow>.Int32("version", r => r.Purchase.Version),
        .. RefundOfPurchase(),
    ]);

    private static readonly SetStatement<PurchaseRow> s_updatePurchase =
        Statements.Update("membership_purchases", keys: 3, [.. KeyOfPurchase(), .. RefundOfPurchase()]);

    public static void Write(SqlScriptBuilder builder, IReadOnlyList<MemberBook> books)
    {
        var holding = books.Where(book => book.HasCards).ToList();
        if (holding.Count == 0)
        {
            return;
        }

        builder.Add(s_insertMembership, RowsOf(holding, cards => cards.Memberships.New(), (tenant, member, one) => new MembershipRow(tenant, member, one)));
        builder.Add(s_updateMembership, RowsOf(holding, cards => cards.Memberships.Changed(), (tenant, member, one) => new MembershipRow(tenant, member, one)));
        builder.Add(s_insertPurchase, RowsOf(holding, cards => cards.Purchases.New(), (tenant, member, one) => new PurchaseRow(tenant, member, one)));
        builder.Add(s_updatePurchase, RowsOf(holding, cards => cards.Purchases.Changed(), (tenant, member, one) => new PurchaseRow(tenant, member, one)));
    }

    public static CardMembership ReadMembership(SqlRow row) => new()
    {
        Card = row.Text(2),
        Run = row.Int32(3),
        StartTime = row.Instant(4),
        EndTime = row.Instant(5),
        Bought = new CardPeriod(row.Int32(6), row.Int32(7)),
        EndedEarly = row.Flag(8),
        CancelledAt = row.Int64OrNull(9) is { } cancelled ? new Instant(cancelled) : null,
        CancelReason = row.TextOrNull(10),
        CancelledBy = row.TextOrNull(11),
    };

    public static CardPurchase ReadPurchase(SqlRow row) => new()
    {
        Reference = row.Text(2),
        Id = row.Int64(3),
        Card = row.Text(4),
        Run = row.Int32(5),
        Periods = row.Int32(6),
        Bought = new CardPeriod(row.Int32(7), row.Int32(8)),
        Amount = row.Int64(9),
        OrderId = row.TextOrNull(10),
        EndTime = row.Instant(11),
        PurchasedAt = row.Instant(12),
        RecordedAt = row.Instant(13),
        Version = row.Int32(14),
        Refund = row.Int64OrNull(15) is { } refund
            ? new CardRefund(refund, row.Instant(16), row.TextOrNull(17), row.Flag(18), row.Instant(19))
            : null,
    };

    private static List<TRow> RowsOf<TValue, TRow>(
        List<MemberBook> books, Func<CardBook, IEnumerable<TValue>> values, Func<int, long, TValue, TRow> row) =>
    [
        .. from book in books
           from value in values(book.Cards)
           select row(book.Identity.Tenant.Value, book.Identity.Id.Value, value),
    ];

    private static Column<MembershipRow>[] KeyOfMembership() =>
    [
        Column<MembershipRow>.Int32("tenant_id", r => r.Tenant),
        Column<MembershipRow>.Int64("member_id", r => r.Member),
        Column<MembershipRow>.Text("card_code", r => r.Membership.Card),
    ];

    private static Column<MembershipRow>[] StateOfMembership() =>
    [
        Column<MembershipRow>.Int32("run", r => r.Membership.Run),
        Column<MembershipRow>.Instant("start_time", r => r.Membership.StartTime),
        Column<MembershipRow>.Instant("end_time", r => r.Membership.EndTime),
        Column<MembershipRow>.Int32("months", r => r.Membership.Bought.Months),
        Column<MembershipRow>.Int32("days", r => r.Membership.Bought.Days),
        Column<MembershipRow>.Flag("ended_early", r => r.Membership.EndedEarly),
        Column<MembershipRow>.NullableInt64("cancelled_at", r => r.Membership.CancelledAt?.UnixMicroseconds),
        Column<MembershipRow>.Text("cancel_reason", r => r.Membership.CancelReason),
        Column<MembershipRow>.Text("cancelled_by", r => r.Membership.CancelledBy),
    ];

    private static Column<PurchaseRow>[] KeyOfPurchase() =>
    [
        Column<PurchaseRow>.Int32("tenant_id", r => r.Tenant),
        Column<PurchaseRow>.Int64("member_id", r => r.Member),
        Column<PurchaseRow>.Text("reference", r => r.Purchase.Reference),
    ];

    private static Column<PurchaseRow>[] RefundOfPurchase() =>
    [
        Column<PurchaseRow>.NullableInt64("refund_id", r => r.Purchase.Refund?.Id),
        Column<PurchaseRow>.NullableInt64("refunded_at", r => r.Purchase.Refund?.At.UnixMicroseconds),
        Column<PurchaseRow>.Text("refund_reason", r => r.Purchase.Refund?.Reason),
        Column<PurchaseRow>.Flag("took_back", r => r.Purchase.Refund?.TookBack ?? false),
        Column<PurchaseRow>.NullableInt64("refund_end_time", r => r.Purchase.Refund?.EndTime.UnixMicroseconds),
    ];
}

/// <summary>Reads memberships by their cards.</summary>
internal sealed class MembershipLoader(MemberKind members) : ChildLoader<CardStatements.MembershipKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<CardStatements.MembershipKey> needs) => MoneyLoading.Load(
        builder,
        CardStatements.ReadMemberships,
        needs,
        CardStatements.ReadMembership,
        found => found.Card,
        need => (members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member)), need.Card),
        book => book.Cards.Memberships);
}

/// <summary>Reads purchases by their references.</summary>
internal sealed class CardPurchaseLoader(MemberKind members) : ChildLoader<CardStatements.PurchaseKey>
{
    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<CardStatements.PurchaseKey> needs) => MoneyLoading.Load(
        builder,
        CardStatements.ReadPurchases,
        needs,
        CardStatements.ReadPurchase,
        found => found.Reference,
        need => (members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member)), need.Reference),
        book => book.Cards.Purchases);
}

/// <summary>What commands on memberships need to be read.</summary>
internal sealed class CardLoads(MemberBooks books)
{
    private readonly MembershipLoader _memberships = new(books.Members);
    private readonly CardPurchaseLoader _purchases = new(books.Members);

    /// <summary>Asks for the membership by a card.</summary>
    /// <returns>Whether it is here, or known to be none.</returns>
    public bool HasMembership(MemberBook book, string card, LoadPlan plan)
    {
        if (book.HasCards && book.Cards.Memberships.IsKnown(card))
        {
            return true;
        }

        plan.Need(_memberships, new CardStatements.MembershipKey(book.Identity.Tenant.Value, book.Identity.Id.Value, card));
        return false;
    }

    /// <summary>Asks for a purchase.</summary>
    /// <returns>Whether it is here, or known to be none of the member's.</returns>
    public bool HasPurchase(MemberBook book, string reference, LoadPlan plan)
    {
        if (book.HasCards && book.Cards.Purchases.IsKnown(reference))
        {
            return true;
        }

        plan.Need(_purchases, new CardStatements.PurchaseKey(book.Identity.Tenant.Value, book.Identity.Id.Value, reference));
        return false;
    }
}
