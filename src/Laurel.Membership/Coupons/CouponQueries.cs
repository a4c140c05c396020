using System.Globalization;
using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Platform.Http;

namespace Laurel.Membership.Coupons;

/// <summary>Coupons of a member, newest first.</summary>
public sealed record CouponPage
{
    public required IReadOnlyList<CouponReply> Items { get; init; }

    /// <summary>Where to go on; null at the end.</summary>
    public string? NextCursor { get; init; }
}

/// <summary>How many coupons of a template there are.</summary>
public sealed record CouponCounts
{
    /// <summary>Made in all, codes that wait for a member included; gifts are the same coupon still.</summary>
    public required long Issued { get; init; }

    /// <summary>By their state as it is stored; gifts included, since both sides have a row.</summary>
    public required IReadOnlyDictionary<string, long> States { get; init; }
}

/// <summary>Which coupons of a member a caller asks for.</summary>
/// <param name="State">As it is now, whoever has written it; null is any.</param>
/// <param name="Amount">Only those that can be used now by an order of that amount, in minor units; null is any.</param>
internal sealed record CouponFilter(string? State, long? Amount, int Limit, long? Before)
{
    public static CouponFilter Read(QueryFields query)
    {
        var state = query.ChoiceOrNull("state", "claimed", "locked", "used", "expired", "given", "revoked");
        var amount = query.IntegerOrNull("amount", 0, long.MaxValue);
        return new CouponFilter(state, amount, query.Limit(), query.CursorOrNull(1)?[0]);
    }
}

/// <summary>Reads coupons: for lists, from whom they are asked of, and to tell again what an earlier command did, from the primary.</summary>
public sealed class CouponQueries(Database database)
{
    private const string Columns = """
        c.member_id AS MemberId, c.id AS Id, c.template AS Template, c.terms AS TermsText, c.state AS State, c.origin AS Origin, c.valid_from AS ValidFrom,
        c.expires_at AS ExpiresAt, c.locked_until AS LockedUntil, c.order_id AS OrderId, c.discount AS Discount, c.other_member AS OtherMember,
        c.other_coupon AS OtherCoupon, c.claimed_at AS ClaimedAt
        """;

    // What time has done to a coupon counts, written or not.
    private const string StateNow = """
        CASE WHEN c.due_at > @Now THEN c.state WHEN c.expires_at <= @Now THEN 'expired' ELSE 'claimed' END
        """;

    private const string ReadOfMember = "SELECT " + Columns + """
         FROM coupons c
        WHERE c.tenant_id = @Tenant AND c.member_id = @Member AND c.id < @Before
        """ + " AND (" + StateNow + ") = COALESCE(@State, " + StateNow + ")" + """
         AND (@Amount < 0 OR (c.threshold <= @Amount AND c.valid_from <= @Now))
        ORDER BY c.id DESC LIMIT @Limit
        """;

    private const string ReadIds = "SELECT " + Columns + " FROM coupons c WHERE c.tenant_id = @Tenant AND c.member_id = @Member AND c.id IN @Ids";

    private const string ReadIdsPostgres = "SELECT " + Columns + " FROM coupons c WHERE c.tenant_id = @Tenant AND c.member_id = @Member AND c.id = ANY(@Ids)";

    private const string FindMember = "SELECT COUNT(*) FROM members WHERE tenant_id = @Tenant AND id = @Member";

    private const string ReadStock = "SELECT issued FROM coupon_stocks WHERE tenant_id = @Tenant AND id = @Id";

    private const string CountStates = "SELECT state AS State, COUNT(*) AS Count FROM coupons WHERE tenant_id = @Tenant AND template = @Template GROUP BY state";

    private sealed class Row
    {
        public long MemberId { get; init; }

        public long Id { get; init; }

        public string Template { get; init; } = "";

        public string TermsText { get; init; } = "";

        public string State { get; init; } = "";

        public string Origin { get; init; } = "";

        public long ValidFrom { get; init; }

        public long ExpiresAt { get; init; }

        public long LockedUntil { get; init; }

        public string? OrderId { get; init; }

        public long? Discount { get; init; }

        public long? OtherMember { get; init; }

        public long? OtherCoupon { get; init; }

        public long ClaimedAt { get; init; }

        public Coupon ToCoupon() => new()
        {
            Id = Id,
            Template = Template,
            TermsText = TermsText,
            State = CouponNames.StateOf(State),
            Origin = CouponNames.OriginOf(Origin),
            ValidFrom = new Instant(ValidFrom),
            ExpiresAt = new Instant(ExpiresAt),
            LockedUntil = new Instant(LockedUntil),
            OrderId = OrderId,
            Discount = Discount,
            OtherMember = OtherMember,
            OtherCoupon = OtherCoupon,
            ClaimedAt = new Instant(ClaimedAt),
        };
    }

    private sealed class StateRow
    {
        public string State { get; init; } = "";

        public long Count { get; init; }
    }

    /// <summary>Coupons of a member as they stand at a time; null when there is no such member.</summary>
    internal static async Task<CouponPage?> OfMemberAsync(
        Database from, TenantId tenant, MemberId member, CouponFilter filter, Instant now, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("coupons.of_member");
        var arguments = new
        {
            Tenant = tenant.Value,
            Member = member.Value,
            Now = now.UnixMicroseconds,
            Before = filter.Before ?? long.MaxValue,
            State = filter.Amount is null ? filter.State : filter.State ?? "claimed",
            Amount = filter.Amount ?? -1,
            Limit = filter.Limit + 1,
        };
        var rows = (await session.Connection.QueryAsync<Row>(new CommandDefinition(ReadOfMember, arguments, cancellationToken: cancellationToken))).AsList();
        if (rows.Count == 0 && await session.Connection.ExecuteScalarAsync<long>(new CommandDefinition(FindMember, arguments, cancellationToken: cancellationToken)) == 0)
        {
            return null;
        }

        var items = rows.Take(filter.Limit).Select(row => CouponReply.At(row.ToCoupon(), now)).ToList();
        return new CouponPage { Items = items, NextCursor = rows.Count > filter.Limit ? Cursor.Write(rows[filter.Limit - 1].Id) : null };
    }

    /// <summary>How many coupons there are of a template.</summary>
    internal static async Task<CouponCounts> CountAsync(Database from, TenantId tenant, string template, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("coupons.count");
        var arguments = new { Tenant = tenant.Value, Template = template, Id = CouponStockKind.IdOf(tenant, template) };
        var issued = await session.Connection.ExecuteScalarAsync<long?>(new CommandDefinition(ReadStock, arguments, cancellationToken: cancellationToken));
        var states = await session.Connection.QueryAsync<StateRow>(new CommandDefinition(CountStates, arguments, cancellationToken: cancellationToken));
        return new CouponCounts { Issued = issued ?? 0, States = states.ToDictionary(row => row.State, row => row.Count) };
    }

    /// <summary>Coupons that an earlier command made or changed, as they stand now.</summary>
    internal async Task<CouponsReply> ReadAsync(TenantId tenant, NaturalKey earlier, IReadOnlyList<long> ids, CancellationToken cancellationToken)
    {
        var coupons = await ReadAsync(tenant, earlier.RootId, ids, cancellationToken);
        return new CouponsReply { MemberId = new MemberId(earlier.RootId).ToString(), Coupons = [.. coupons.Select(CouponReply.Of)] };
    }

    /// <summary>A gift that an earlier command made, as it stands now.</summary>
    internal async Task<CouponGiftReply> ReadGiftAsync(TenantId tenant, NaturalKey earlier, long coupon, CancellationToken cancellationToken)
    {
        var given = (await ReadAsync(tenant, earlier.RootId, [coupon], cancellationToken))[0];
        var (to, id) = (given.OtherMember ?? 0, given.OtherCoupon ?? 0);
        return GiveCoupon.ReplyOf(earlier.RootId, to, (await ReadAsync(tenant, to, [id], cancellationToken))[0]);
    }

    private async Task<IReadOnlyList<Coupon>> ReadAsync(TenantId tenant, long member, IReadOnlyList<long> ids, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = database.Times.Begin("coupons.earlier");
        var query = database.Choose(ReadIds, ReadIdsPostgres, ReadIds);
        var arguments = new { Tenant = tenant.Value, Member = member, Ids = ids.ToArray() };
        var rows = await session.Connection.QueryAsync<Row>(new CommandDefinition(query, arguments, cancellationToken: cancellationToken));
        var found = rows.ToDictionary(row => row.Id, row => row.ToCoupon());
        return [.. ids.Select(id => found.TryGetValue(id, out var coupon)
            ? coupon
            : throw new InvariantBrokenException(string.Create(CultureInfo.InvariantCulture, $"A key names coupon {id}, which is not stored.")))];
    }
}
