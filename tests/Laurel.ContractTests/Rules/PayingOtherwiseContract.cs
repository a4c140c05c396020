using System.Collections.Immutable;
using Dapper;
using Laurel.ContractTests.Adjustments;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Rules;

/// <summary>Rules that pay points which wait, and rules that pay stored money, on one database. Each scenario ends with every invariant kept.</summary>
public abstract class PayingOtherwiseContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static readonly Rule s_later = Paying("later", EventTypes.OrderCompleted) with
    {
        Amount = RuleAmount.Of(1, 100),
        Pending = new RulePending { Days = 7 },
        Validity = new LotValidity { Days = 30 },
    };

    private static readonly Rule s_shipped = Paying("shipped_bonus", EventTypes.OrderCompleted) with
    {
        Amount = RuleAmount.Of(50),
        Pending = new RulePending { Event = "order.shipped", CancelDays = 30 },
    };

    private static readonly Rule s_money = Paying("cash_back", EventTypes.OrderCompleted) with { Unit = RuleUnits.Balance, Amount = RuleAmount.Of(2, 100) };

    [Fact]
    [Trait("Pain", "4")]
    public async Task CanBeSpentAfterTheDays_When_ARuleLetsPointsWait()
    {
        await using var desk = await OpenAsync("later", s_later);
        var member = await desk.NewMemberAsync("later", 0);
        await desk.AppliedAsync(Order(desk, member, "o-1", 50_000));

        (await FiguresAsync(desk, member)).ShouldBe((600, 500, "bronze"));
        (await desk.RefusedAsync(Spend(desk, member, 101, "too-soon"))).ShouldBe("POINTS_INSUFFICIENT");
        desk.Advance(TimeSpan.FromDays(7));
        await desk.AppliedAsync(new SettleMember(MoneyDesk.Tenant, member, desk.Books));
        (await FiguresAsync(desk, member)).ShouldBe((600, 0, "bronze"));
        await desk.AppliedAsync(Spend(desk, member, 101, "in-time"));

        // They live 30 days from the day on which they became active.
        desk.Advance(TimeSpan.FromDays(31));
        await desk.AppliedAsync(new SettleMember(MoneyDesk.Tenant, member, desk.Books));
        (await FiguresAsync(desk, member)).Points.ShouldBe(100);
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task IsTakenBackWhilePending_When_TheOrderIsRefunded()
    {
        await using var desk = await OpenAsync("refunded", s_later);
        var member = await desk.NewMemberAsync("refunded", 0);
        await desk.AppliedAsync(Order(desk, member, "o-1", 200_000));

        await desk.AppliedAsync(Refund(desk, "o-1", 50_000, "r-1"));
        (await FiguresAsync(desk, member)).ShouldBe((1_600, 1_500, "bronze"));
        desk.Advance(TimeSpan.FromDays(8));
        await desk.AppliedAsync(new SettleMember(MoneyDesk.Tenant, member, desk.Books));
        (await FiguresAsync(desk, member)).ShouldBe((1_600, 0, "silver"));
        await desk.AppliedAsync(Refund(desk, "o-1", 150_000, "r-2"));
        (await FiguresAsync(desk, member)).ShouldBe((100, 0, "bronze"));
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task BecomesActiveOrIsCancelled_When_ItWaitsForAnEvent()
    {
        await using var desk = await OpenAsync("event", s_shipped);
        var member = await desk.NewMemberAsync("event", 0);
        await desk.AppliedAsync(Order(desk, member, "o-1", 1_000));
        await desk.AppliedAsync(Order(desk, member, "o-2", 1_000));
        (await FiguresAsync(desk, member)).ShouldBe((200, 100, "bronze"));

        await desk.AppliedAsync(Event(desk, member, "order.shipped", "e-1", ("orderId", "o-1")));
        (await desk.SubmitAsync(Event(desk, member, "order.shipped", "e-1", ("orderId", "o-1")))).ShouldBeOfType<Engine.Lanes.Outcome.Duplicate>();
        (await FiguresAsync(desk, member)).ShouldBe((200, 50, "bronze"));

        // One that nothing waits for any more is taken and does nothing; one that nobody knows is refused.
        await desk.AppliedAsync(Event(desk, member, "order.shipped", "e-2", ("orderId", "o-1")));
        (await desk.RefusedAsync(Event(desk, member, "order.packed", "e-3", ("orderId", "o-2")))).ShouldBe("EVENT_TYPE_UNKNOWN");
        desk.Advance(TimeSpan.FromDays(31));
        await desk.AppliedAsync(new SettleMember(MoneyDesk.Tenant, member, desk.Books));
        (await FiguresAsync(desk, member)).ShouldBe((150, 0, "bronze"));
        await desk.AppliedAsync(Event(desk, member, "order.shipped", "e-4", ("orderId", "o-2")));
        (await FiguresAsync(desk, member)).Points.ShouldBe(150);
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task IsActivatedByAnEventOfItsName_When_ACallEarnedIt()
    {
        await using var desk = await OpenAsync("called");
        var member = await desk.NewMemberAsync("called", 0);
        await desk.AppliedAsync(new EarnPoints(MoneyDesk.Tenant, MemberReference.ById(member), Request(70, "parcel-7"), desk.Books)
        {
            PendingEvent = "parcel.arrived",
            CancelAt = Instant.Now(desk.Clock).Plus(TimeSpan.FromDays(5)),
        });

        (await desk.RefusedAsync(Event(desk, member, "parcel.arrived", "e-0", ("reference", "parcel-8")))).ShouldBe("EVENT_TYPE_UNKNOWN");
        await desk.AppliedAsync(Event(desk, member, "parcel.arrived", "e-1", ("reference", "parcel-7")));

        (await FiguresAsync(desk, member)).ShouldBe((170, 0, "bronze"));
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task GivesBackWhatIsFree_When_TheOrderPaidMoney()
    {
        await using var desk = await OpenAsync("money", s_money);
        var member = await desk.NewMemberAsync("money", 0);
        await desk.AppliedAsync(Order(desk, member, "o-1", 100_000));
        (await desk.StandingAsync(member)).ShouldBe(new Standing(2_000, 0));

        await desk.AppliedAsync(Refund(desk, "o-1", 25_000, "r-1"));
        (await desk.StandingAsync(member)).ShouldBe(new Standing(1_500, 0));
        await desk.AppliedAsync(desk.Spend(member, 300));
        await desk.AppliedAsync(desk.Apply(member, 1_000, "w-1"));
        await desk.AppliedAsync(Refund(desk, "o-1", 75_000, "r-2"));

        // 200 were free; what was spent and what is held the member keeps.
        (await desk.StandingAsync(member)).ShouldBe(new Standing(1_000, 1_000));
        await desk.VerifyAsync();
    }

    private Task<MoneyDatabase> OpenAsync(string name, params ImmutableArray<Rule> rules) => MoneyDatabase.OpenAsync(
        kind, databases, "otherwise_" + name, programme: new Programme { Rules = [.. StandardRules.All.Where(rule => rule.Code == StandardRules.Registration), .. rules] });

    private static Rule Paying(string code, string trigger) =>
        new() { Code = code, NameEnglish = code, NameChinese = code, Trigger = trigger, Amount = RuleAmount.Of(1) };

    private static CompleteOrder Order(MoneyDatabase desk, MemberId member, string order, long amount) => new(
        MoneyDesk.Tenant,
        MemberReference.ById(member),
        new OrderRequest { OrderId = order, Currency = "CNY", Amount = amount, Lines = [] },
        new EventOrigin("test", "order.completed", "completed-" + order),
        desk.Books);

    private static RefundOrder Refund(MoneyDatabase desk, string order, long amount, string refund) => new(
        MoneyDesk.Tenant,
        new RefundRequest { OrderId = order, RefundId = refund, Amount = amount, Lines = [] },
        new EventOrigin("test", "order.refunded", "refunded-" + refund),
        desk.Books);

    private static ReceiveEvent Event(MoneyDatabase desk, MemberId member, string type, string id, params (string Name, object? Value)[] data) =>
        new(MoneyDesk.Tenant, MemberReference.ById(member), new EventFacts(type, "test", id, data.ToDictionary(one => one.Name, one => one.Value)), desk.Books);

    private static SpendPoints Spend(MoneyDatabase desk, MemberId member, long points, string reference) =>
        new(MoneyDesk.Tenant, MemberReference.ById(member), Request(points, reference), desk.Books);

    private static PointsRequest Request(long points, string reference) =>
        new() { Points = points, Reason = "test", ReferenceType = "test", ReferenceId = reference };

    /// <summary>All points, those that wait, and the level.</summary>
    private static async Task<(long Points, long Pending, string Level)> FiguresAsync(MoneyDatabase desk, MemberId member)
    {
        await using var session = await desk.Database.OpenReaderAsync(Reach.Everything, TestContext.Current.CancellationToken);
        var arguments = new { Tenant = MoneyDesk.Tenant.Value, Member = member.Value };
        var (points, level) = await session.Connection.QuerySingleAsync<(long, string)>(
            "SELECT points, level_code FROM members WHERE tenant_id = @Tenant AND id = @Member", arguments);
        var pending = await session.Connection.ExecuteScalarAsync<long>(
            """
            SELECT COALESCE(SUM(l.remaining), 0) FROM pending_lots p
            JOIN lots l ON l.tenant_id = p.tenant_id AND l.member_id = p.member_id AND l.id = p.lot_id
            WHERE p.tenant_id = @Tenant AND p.member_id = @Member
            """,
            arguments);
        return (points, pending, level);
    }
}

public sealed class PayingOtherwiseOnSqliteTests(NamedDatabases databases) : PayingOtherwiseContract(DatabaseUnderTest.Sqlite, databases);

public sealed class PayingOtherwiseOnPostgresTests(NamedDatabases databases) : PayingOtherwiseContract(DatabaseUnderTest.Postgres, databases);

public sealed class PayingOtherwiseOnMySqlTests(NamedDatabases databases) : PayingOtherwiseContract(DatabaseUnderTest.MySql, databases);
