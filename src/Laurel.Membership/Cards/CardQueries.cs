using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Levels;

namespace Laurel.Membership.Cards;

/// <summary>Reads memberships and purchases of cards.</summary>
internal static class CardQueries
{
    private const string ReadMember = "SELECT COUNT(*) FROM members WHERE tenant_id = @Tenant AND id = @Member";

    private const string MembershipColumns = """
        SELECT s.card_code AS Card, s.run AS Run, s.start_time AS StartTime, s.end_time AS EndTime, s.cancelled_at AS CancelledAt
        FROM memberships s WHERE s.tenant_id = @Tenant AND s.member_id = @Member
        """;

    private const string ReadMemberships = MembershipColumns + " ORDER BY s.card_code";

    private const string OneMembership = MembershipColumns + " AND s.card_code = @Card";

    private const string ReadState = "SELECT level_state FROM members WHERE tenant_id = @Tenant AND id = @Member";

    private const string PurchaseColumns = """
        SELECT p.reference AS Reference, p.id AS Id, p.card_code AS Card, p.run AS Run, p.periods AS Periods, p.amount AS Amount, p.order_id AS OrderId,
            p.end_time AS EndTime, p.purchased_at AS PurchasedAt, p.recorded_at AS RecordedAt, p.refunded_at AS RefundedAt
        FROM membership_purchases p WHERE p.tenant_id = @Tenant AND p.member_id = @Member
        """;

    private const string ReadPurchases = PurchaseColumns + " ORDER BY p.id DESC LIMIT @Limit";

    private const string OnePurchase = PurchaseColumns + " AND p.reference = @Reference";

    private const string CountHolders = """
        SELECT card_code AS Card, COUNT(*) AS Active, SUM(CASE WHEN cancelled_at IS NULL THEN 0 ELSE 1 END) AS Cancelled,
            SUM(CASE WHEN end_time <= @Soon THEN 1 ELSE 0 END) AS Ending
        FROM memberships WHERE tenant_id = @Tenant AND start_time <= @Now AND end_time > @Now GROUP BY card_code
        """;

    private const string SumSales = """
        SELECT card_code AS Card, COUNT(*) AS Purchases, SUM(amount) AS Amount, SUM(CASE WHEN refunded_at IS NULL THEN 0 ELSE 1 END) AS Refunds,
            SUM(CASE WHEN refunded_at IS NULL THEN 0 ELSE amount END) AS AmountRefunded
        FROM membership_purchases WHERE tenant_id = @Tenant AND purchased_at >= @From AND purchased_at < @To GROUP BY card_code
        """;

    private sealed class MembershipRow
    {
        public required string Card { get; init; }

        public int Run { get; init; }

        public long StartTime { get; init; }

        public long EndTime { get; init; }

        public long? CancelledAt { get; init; }

        public CardMembership ToMembership() => new()
        {
            Card = Card,
            Run = Run,
            StartTime = new Instant(StartTime),
            EndTime = new Instant(EndTime),
            Bought = default,
            CancelledAt = CancelledAt is { } cancelled ? new Instant(cancelled) : null,
        };
    }

    private sealed class PurchaseRow
    {
        public required string Reference { get; init; }

        public long Id { get; init; }

        public required string Card { get; init; }

        public int Run { get; init; }

        public int Periods { get; init; }

        public long Amount { get; init; }

        public string? OrderId { get; init; }

        public long EndTime { get; init; }

        public long PurchasedAt { get; init; }

        public long RecordedAt { get; init; }

        public long? RefundedAt { get; init; }

        public CardPurchase ToPurchase() => new()
        {
            Reference = Reference,
            Id = Id,
            Card = Card,
            Run = Run,
            Periods = Periods,
            Bought = default,
            Amount = Amount,
            OrderId = OrderId,
            EndTime = new Instant(EndTime),
            PurchasedAt = new Instant(PurchasedAt),
            RecordedAt = new Instant(RecordedAt),
            Version = 0,
            Refund = RefundedAt is { } refunded ? new CardRefund(0, new Instant(refunded), null, false, default) : null,
        };
    }

    private sealed class HoldersRow
    {
        public required string Card { get; init; }

        public long Active { get; init; }

        public decimal Cancelled { get; init; }

        public decimal Ending { get; init; }
    }

    private sealed class SalesRow
    {
        public required string Card { get; init; }

        public long Purchases { get; init; }

        public decimal Amount { get; init; }

        public decimal Refunds { get; init; }

        public decimal AmountRefunded { get; init; }
    }

    /// <summary>The memberships of a member; null when there is no such member.</summary>
    public static async Task<MemberCards?> OfMemberAsync(Database from, TenantId tenant, MemberId member, Instant now, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("cards.member");
        var arguments = new { Tenant = tenant.Value, Member = member.Value, Limit = CardLimits.PurchasesShownMax };
        CommandDefinition Command(string text) => new(text, arguments, cancellationToken: cancellationToken);
        if (await session.Connection.ExecuteScalarAsync<long>(Command(ReadMember)) == 0)
        {
            return null;
        }

        var memberships = (await session.Connection.QueryAsync<MembershipRow>(Command(ReadMemberships))).Select(row => MembershipReply.Of(member.Value, row.ToMembership(), now)).ToList();
        var state = LevelState.Parse(await session.Connection.ExecuteScalarAsync<string?>(Command(ReadState)));
        foreach (var passed in (state.Cards ?? []).Where(card => !card.IsOwn))
        {
            var bought = new { Tenant = tenant.Value, Member = passed.Of, Card = passed.Code };
            var row = await session.Connection.QuerySingleAsync<MembershipRow>(new CommandDefinition(OneMembership, bought, cancellationToken: cancellationToken));
            memberships.Add(MembershipReply.Of(member.Value, row.ToMembership(), now) with { BoughtBy = new MemberId(passed.Of).ToString() });
        }

        var purchases = await session.Connection.QueryAsync<PurchaseRow>(Command(ReadPurchases));
        return new MemberCards
        {
            Memberships = memberships,
            Purchases =
            [
                .. purchases.Select(row => new CardPurchaseItem
                {
                    Reference = row.Reference,
                    Card = row.Card,
                    Periods = row.Periods,
                    Amount = row.Amount,
                    OrderId = row.OrderId,
                    PurchasedAt = new Instant(row.PurchasedAt).ToDateTimeOffset(),
                    RefundedAt = row.RefundedAt is { } refunded ? new Instant(refunded).ToDateTimeOffset() : null,
                    EndTime = new Instant(row.EndTime).ToDateTimeOffset(),
                }),
            ],
        };
    }

    /// <summary>What an earlier call of the same name did, and how the membership stands now.</summary>
    public static async Task<CardPurchaseReply> PurchaseAsync(
        Database from, TenantId tenant, MemberId member, string reference, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("cards.purchase");
        var arguments = new { Tenant = tenant.Value, Member = member.Value, Reference = reference };
        var row = await session.Connection.QuerySingleAsync<PurchaseRow>(new CommandDefinition(OnePurchase, arguments, cancellationToken: cancellationToken));
        var ofCard = new { Tenant = tenant.Value, Member = member.Value, row.Card };
        var membership = await session.Connection.QuerySingleAsync<MembershipRow>(
            new CommandDefinition(OneMembership, ofCard, cancellationToken: cancellationToken));
        return CardPurchaseReply.Of(member.Value, row.ToPurchase(), membership.ToMembership(), null);
    }

    /// <summary>How many hold each card, and what was sold of it between two instants.</summary>
    /// <param name="known">Cards that are listed whether anybody holds them or not, in this order.</param>
    public static async Task<IReadOnlyList<CardStatistic>> StatisticsAsync(
        Database from, TenantId tenant, IEnumerable<string> known, Instant now, Instant since, Instant until, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("cards.statistics");
        var arguments = new
        {
            Tenant = tenant.Value,
            Now = now.UnixMicroseconds,
            Soon = now.Plus(TimeSpan.FromDays(30)).UnixMicroseconds,
            From = since.UnixMicroseconds,
            To = until.UnixMicroseconds,
        };
        CommandDefinition Command(string text) => new(text, arguments, cancellationToken: cancellationToken);
        var holders = (await session.Connection.QueryAsync<HoldersRow>(Command(CountHolders))).ToDictionary(row => row.Card);
        var sales = (await session.Connection.QueryAsync<SalesRow>(Command(SumSales))).ToDictionary(row => row.Card);
        var others = holders.Keys.Union(sales.Keys).Order(StringComparer.Ordinal);
        return [.. known.Union(others).Select(card => StatisticOf(card, holders.GetValueOrDefault(card), sales.GetValueOrDefault(card)))];
    }

    private static CardStatistic StatisticOf(string card, HoldersRow? holders, SalesRow? sales) => new()
    {
        Card = card,
        Active = holders?.Active ?? 0,
        Cancelled = (long)(holders?.Cancelled ?? 0),
        EndingIn30Days = (long)(holders?.Ending ?? 0),
        Purchases = sales?.Purchases ?? 0,
        Amount = (long)(sales?.Amount ?? 0),
        Refunds = (long)(sales?.Refunds ?? 0),
        AmountRefunded = (long)(sales?.AmountRefunded ?? 0),
    };
}
