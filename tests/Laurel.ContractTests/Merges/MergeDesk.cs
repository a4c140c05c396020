using System.Globalization;
using Dapper;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Coupons;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Verification;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Merges;

/// <summary>What a member's row says.</summary>
internal sealed record MergeStanding
{
    public long Points { get; init; }

    public long Held { get; init; }

    public long Debt { get; init; }

    public long Receivable { get; init; }

    public long Growth { get; init; }

    public long Balance { get; init; }

    public long Lifetime { get; init; }

    public long Orders { get; init; }

    public long Amount { get; init; }
}

/// <summary>Merges in few words.</summary>
internal static class MergeDesk
{
    public static readonly TenantId Tenant = MoneyDesk.Tenant;

    private static int s_merges;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static Task<MoneyDatabase> OpenAsync(DatabaseUnderTest kind, NamedDatabases databases, string name, Programme? programme = null) =>
        MoneyDatabase.OpenAsync(kind, databases, "merge_" + name, programme: programme ?? new Programme());

    public static MergeMembers Merge(this MoneyDesk desk, MemberId from, MemberId into, string reference, bool isPreview = false) => new(
        Tenant, MemberReference.ById(from), MemberReference.ById(into), new MergeRequest(reference, "the same person", "olga") { IsPreview = isPreview }, desk.Books);

    public static async Task<MergeReply> MergedAsync(this MoneyDesk desk, MemberId from, MemberId into) =>
        (MergeReply)await desk.AppliedAsync(desk.Merge(from, into, $"{from}>{into} {Interlocked.Increment(ref s_merges)}"));

    public static UndoMerge Undo(this MoneyDesk desk, MergeReply merge, bool isPreview = false) =>
        new(Tenant, long.Parse(merge.MergeId!, CultureInfo.InvariantCulture), new UndoRequest("two persons after all", "olga") { IsPreview = isPreview }, desk.Books);

    /// <summary>Two members who were one for a while.</summary>
    public static async Task WriteHistoryAsync(MoneyDesk desk)
    {
        var (from, into) = (await desk.NewMemberAsync("merged", 90), await desk.NewMemberAsync("survivor", 10));
        await desk.OrderAsync(from, "merged-order", 50_000);
        var merge = await desk.MergedAsync(from, into);
        await desk.AppliedAsync(desk.RefundOf("merged-order", 10_000, "merged-refund"));
        await desk.AppliedAsync(desk.Undo(merge));
    }

    public static CompleteOrder Order(this MoneyDesk desk, MemberReference member, string id, long amount) => new(
        Tenant,
        member,
        new OrderRequest { OrderId = id, Currency = "CNY", Amount = amount, Lines = [] },
        new EventOrigin("/test", "order.completed", id),
        desk.Books);

    public static Task<object> OrderAsync(this MoneyDesk desk, MemberId member, string id, long amount) =>
        desk.AppliedAsync(desk.Order(MemberReference.ById(member), id, amount));

    public static RefundOrder RefundOf(this MoneyDesk desk, string order, long amount, string refund) => new(
        Tenant,
        new RefundRequest { OrderId = order, RefundId = refund, Amount = amount, Lines = [] },
        new EventOrigin("/test", "order.refunded", refund),
        desk.Books);

    public static RequestReturn Return(this MoneyDesk desk, string order, long amount, string id) => new(
        Tenant,
        new RefundRequest { OrderId = order, RefundId = id, Amount = amount, Lines = [] },
        new EventOrigin("/test", "order.return_requested", id),
        desk.Books);

    public static SpendPoints Spend(this MoneyDesk desk, MemberReference member, long points, string reference) => new(Tenant, member, Points(points, reference), desk.Books);

    public static EarnPoints Earn(this MoneyDesk desk, MemberId member, long points, string reference) =>
        new(Tenant, MemberReference.ById(member), Points(points, reference), desk.Books);

    public static HoldPoints Hold(this MoneyDesk desk, MemberId member, long points, string reference) =>
        new(Tenant, MemberReference.ById(member), Points(points, reference), desk.Books);

    public static PointsRequest Points(long points, string reference) =>
        new() { Points = points, Reason = "test", ReferenceType = "test", ReferenceId = reference };

    public static MemberReference Named(string externalId) => MemberReference.ByExternalId(Tenant, externalId);

    public static async Task<MergeStanding> OfAsync(this MoneyDesk desk, MemberId member)
    {
        await using var session = await desk.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        return await session.Connection.QuerySingleAsync<MergeStanding>(
            """
            SELECT points AS Points, held AS Held, debt AS Debt, receivable AS Receivable, growth AS Growth, balance AS Balance, lifetime AS Lifetime,
                total_orders AS Orders, total_amount AS Amount
            FROM members WHERE tenant_id = @Tenant AND id = @Member
            """,
            new { Tenant = Tenant.Value, Member = member.Value });
    }

    public static MergeStanding Plus(this MergeStanding left, MergeStanding right) => new()
    {
        Points = left.Points + right.Points,
        Held = left.Held + right.Held,
        Debt = left.Debt + right.Debt,
        Receivable = left.Receivable + right.Receivable,
        Growth = left.Growth + right.Growth,
        Balance = left.Balance + right.Balance,
        Lifetime = left.Lifetime + right.Lifetime,
        Orders = left.Orders + right.Orders,
        Amount = left.Amount + right.Amount,
    };

    public static async Task<T> OneAsync<T>(this MoneyDesk desk, string sql, object arguments)
    {
        await using var session = await desk.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        return await session.Connection.QuerySingleAsync<T>(sql, arguments);
    }

    /// <summary>What an order earned in points.</summary>
    public static async Task<long> EarnedAsync(this MoneyDesk desk, string order)
    {
        await using var session = await desk.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        return (await session.Connection.QueryAsync<long>(
            "SELECT amount FROM entries WHERE order_id = @Order AND kind = 'earn' AND unit = 'points'", new { Order = order })).Sum();
    }

    /// <summary>Lets lapse and end what is due, as the jobs do.</summary>
    public static async Task SweepAsync(this MoneyDatabase desk)
    {
        await new Sweep(desk.Database, desk.Node.Lanes, desk.Books, desk.Clock).RunAsync(null, Cancellation);
        await new CouponSweep(desk.Database, desk.Node.Lanes, desk.Books, desk.Clock).RunAsync(Cancellation);
    }

    /// <summary>Every invariant holds.</summary>
    public static async Task SoundAsync(this MoneyDesk desk)
    {
        var report = await new Verifier(desk.Database).RunAsync(null, Cancellation);
        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I20).Checked.ShouldBeGreaterThan(0);
    }
}
