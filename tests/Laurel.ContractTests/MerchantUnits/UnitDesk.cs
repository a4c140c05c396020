using System.Collections.Immutable;
using System.Globalization;
using Dapper;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Membership.Units;
using Laurel.Membership.Verification;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.MerchantUnits;

/// <summary>Units of a programme in few words: <c>stars</c> are paid for orders and spent, <c>energy</c> is not spent.</summary>
internal static class UnitDesk
{
    public static readonly TenantId Tenant = MoneyDesk.Tenant;

    private static int s_references;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static UnitDefinition Stars { get; } = new() { Code = "stars", NameEnglish = "Stars", NameChinese = "星星" };

    public static UnitDefinition Energy { get; } = new() { Code = "green_energy", NameEnglish = "Energy", NameChinese = "能量", Spendable = false };

    /// <summary>Pays a star for each yuan of an order.</summary>
    public static Rule StarsForOrders { get; } = Paying("order_stars", EventTypes.OrderCompleted, "stars") with { Amount = RuleAmount.Of(1, 100) };

    public static Programme Programme(params ImmutableArray<Rule> rules) => new()
    {
        Units = [Stars, Energy],
        Rules = [.. StandardRules.All.Where(rule => rule.Code == StandardRules.Registration), .. rules],
    };

    public static Rule Paying(string code, string trigger, string unit) =>
        new() { Code = code, NameEnglish = code, NameChinese = code, Trigger = trigger, Unit = unit, Amount = RuleAmount.Of(1) };

    public static Task<MoneyDatabase> OpenAsync(DatabaseUnderTest kind, NamedDatabases databases, string name, Programme? programme = null) =>
        MoneyDatabase.OpenAsync(kind, databases, "units_" + name, programme: programme ?? Programme(StarsForOrders));

    public static MoveUnit Move(this MoneyDesk desk, MemberId member, UnitMove move, string unit, long amount, string? reference = null) => new(
        Tenant,
        MemberReference.ById(member),
        move,
        new UnitRequest
        {
            Unit = unit,
            Amount = amount,
            Reason = "test",
            ReferenceType = "test",
            ReferenceId = reference ?? "unit-" + Interlocked.Increment(ref s_references).ToString(CultureInfo.InvariantCulture),
            Operator = move == UnitMove.Adjust ? "olga" : null,
        },
        desk.Books);

    public static CompleteOrder Buy(this MoneyDesk desk, MemberId member, string order, long amount, params (string Id, long Amount)[] lines) => new(
        Tenant,
        MemberReference.ById(member),
        new OrderRequest
        {
            OrderId = order,
            Currency = "CNY",
            Amount = amount,
            Lines = [.. lines.Select(line => new OrderLineRequest { LineId = line.Id, Sku = null, Quantity = 1, Amount = line.Amount, Eligible = line.Amount })],
        },
        new EventOrigin("/test", "order.completed", order),
        desk.Books);

    public static RefundOrder GiveBack(this MoneyDesk desk, string order, long amount, string refund) => new(
        Tenant,
        new RefundRequest { OrderId = order, RefundId = refund, Amount = amount, Lines = [] },
        new EventOrigin("/test", "order.refunded", refund),
        desk.Books);

    /// <summary>What is stored; 0 where nothing is.</summary>
    public static async Task<long> AmountAsync(this MoneyDesk desk, MemberId member, string unit)
    {
        await using var session = await desk.Database.OpenReaderAsync(Reach.Everything, Cancellation);
        return await session.Connection.ExecuteScalarAsync<long>(
            "SELECT COALESCE(SUM(amount), 0) FROM member_units WHERE tenant_id = @Tenant AND member_id = @Member AND unit = @Unit",
            new { Tenant = Tenant.Value, Member = member.Value, Unit = unit });
    }

    /// <summary>Every invariant holds, and units were looked at.</summary>
    public static async Task SoundAsync(this MoneyDesk desk)
    {
        var report = await new Verifier(desk.Database).RunAsync(null, Cancellation);
        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I25).Checked.ShouldBeGreaterThan(0);
    }

    /// <summary>A member with units in every way, on a node whose programme may be changed.</summary>
    public static async Task WriteHistoryAsync(MoneyDesk desk)
    {
        await desk.AppliedAsync(new ChangeProgramme(
            Tenant, programme => new ProgrammeEdit.To(programme with { Units = [Stars, Energy], Rules = [.. programme.Rules, StarsForOrders] }), desk.Books.Programmes)
        {
            ChangedBy = "test",
        });
        var member = await desk.NewMemberAsync("starred", 0);
        await desk.AppliedAsync(desk.Buy(member, "starred-order", 20_000));
        await desk.AppliedAsync(desk.Move(member, UnitMove.Spend, "stars", 150, "starred-spend"));
        await desk.AppliedAsync(desk.GiveBack("starred-order", 10_000, "starred-refund"));
        await desk.AppliedAsync(desk.Move(member, UnitMove.Earn, "green_energy", 7, "starred-earn"));
        await desk.AppliedAsync(desk.Move(member, UnitMove.Adjust, "green_energy", -2, "starred-adjust"));
    }
}
