using System.Collections.Immutable;
using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Balance;
using Laurel.Membership.Members;

namespace Laurel.Membership.Coupons;

/// <summary>Coupons that their owner gives away by a link: to whoever comes first, one to each.</summary>
public sealed record CouponShare
{
    /// <summary>Coupons of one link at the most.</summary>
    public const int CouponsMax = 20;

    /// <summary>Days that a link lasts when its owner names no end.</summary>
    public const int DaysByDefault = 7;

    /// <summary>Days that a link lasts at the most.</summary>
    public const int DaysMax = 366;

    /// <summary>Reckoned from the token.</summary>
    public required long Id { get; init; }

    /// <summary>The caller's name of it, unique in the tenant for ever.</summary>
    public required string Reference { get; init; }

    /// <summary>In the order in which they are given.</summary>
    public required ImmutableArray<long> Coupons { get; init; }

    /// <summary>Business time, exclusive.</summary>
    public required Instant EndTime { get; init; }

    public required Instant SharedAt { get; init; }

    /// <summary>Business time from which on nobody gets one; null where it was not revoked.</summary>
    public Instant? RevokedAt { get; init; }

    public bool IsOpen(Instant at) => at < EndTime && (RevokedAt is not { } revoked || at < revoked);

    /// <summary>The natural key of a link, by which its token leads to its owner.</summary>
    public static Hash128 HandleOf(TenantId tenant, string token) => Hash128.Of(tenant.Value, "coupon-share", CouponCode.Normalize(token));

    /// <summary>What is stored of a token.</summary>
    public static long IdOf(TenantId tenant, string token) => (long)(HandleOf(tenant, token).High & long.MaxValue);

    internal string CouponsText => string.Join(',', Coupons.Select(id => id.ToString(CultureInfo.InvariantCulture)));

    internal static ImmutableArray<long> CouponsOf(string text) => [.. text.Split(',').Select(id => long.Parse(id, CultureInfo.InvariantCulture))];
}

/// <summary>The SQL of links.</summary>
internal static class CouponShareStatements
{
    internal readonly record struct Key(int Tenant, long Member, long Id);

    private sealed record Row(int Tenant, long Member, CouponShare Share);

    public static readonly SetStatement<Key> ReadShares = Statements.Find(
        "s.tenant_id, s.member_id, s.id, s.reference, s.coupon_ids, s.end_time, s.shared_at, s.revoked_at",
        "coupon_shares s", "",
        Column<Key>.Int32("tenant_id", k => k.Tenant),
        Column<Key>.Int64("member_id", k => k.Member),
        Column<Key>.Int64("id", k => k.Id));

    private static readonly SetStatement<Row> s_insert = Statements.Insert("coupon_shares",
    [
        .. KeyOf(),
        Column<Row>.Text("reference", r => r.Share.Reference),
        Column<Row>.Text("coupon_ids", r => r.Share.CouponsText),
        Column<Row>.Instant("end_time", r => r.Share.EndTime),
        Column<Row>.Instant("shared_at", r => r.Share.SharedAt),
        .. State(),
    ]);

    private static readonly SetStatement<Row> s_update = Statements.Update("coupon_shares", keys: 3, [.. KeyOf(), .. State()]);

    public static void Write(SqlScriptBuilder builder, List<MemberBook> books)
    {
        builder.Add(s_insert, RowsOf(books, shares => shares.New()));
        builder.Add(s_update, RowsOf(books, shares => shares.Changed()));
    }

    public static CouponShare Read(SqlRow row) => new()
    {
        Id = row.Int64(2),
        Reference = row.Text(3),
        Coupons = CouponShare.CouponsOf(row.Text(4)),
        EndTime = row.Instant(5),
        SharedAt = row.Instant(6),
        RevokedAt = row.Int64OrNull(7) is { } revoked ? new Instant(revoked) : null,
    };

    private static List<Row> RowsOf(List<MemberBook> books, Func<Ledger.Tracked<long, CouponShare>, IEnumerable<CouponShare>> shares) =>
    [
        .. from book in books
           from share in shares(book.Coupons.Shares)
           select new Row(book.Identity.Tenant.Value, book.Identity.Id.Value, share),
    ];

    private static Column<Row>[] KeyOf() =>
    [
        Column<Row>.Int32("tenant_id", r => r.Tenant),
        Column<Row>.Int64("member_id", r => r.Member),
        Column<Row>.Int64("id", r => r.Share.Id),
    ];

    private static Column<Row>[] State() => [Column<Row>.NullableInt64("revoked_at", r => r.Share.RevokedAt?.UnixMicroseconds)];
}

/// <summary>Reads links by their ids.</summary>
internal sealed class CouponShareLoader(MemberKind members) : ChildLoader<CouponShareStatements.Key>
{
    /// <summary>Asks for a link.</summary>
    /// <returns>Whether it is here, or known to be none of the member's.</returns>
    public bool Has(MemberBook book, long id, LoadPlan plan)
    {
        if (book.HasCoupons && book.Coupons.Shares.IsKnown(id))
        {
            return true;
        }

        plan.Need(this, new CouponShareStatements.Key(book.Identity.Tenant.Value, book.Identity.Id.Value, id));
        return false;
    }

    protected override LoadResult Load(SqlScriptBuilder builder, IReadOnlyList<CouponShareStatements.Key> needs) => MoneyLoading.Load(
        builder,
        CouponShareStatements.ReadShares,
        needs,
        CouponShareStatements.Read,
        found => found.Id,
        need => (members.RootOf(new TenantId(need.Tenant), new MemberId(need.Member)), need.Id),
        book => book.Coupons.Shares);
}
