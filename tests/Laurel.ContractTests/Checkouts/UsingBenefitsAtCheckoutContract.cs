using System.Collections.Immutable;
using System.Text.Json;
using Dapper;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Verification;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Benefits;
using Laurel.Membership.Checkouts;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Membership.Verification;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Checkouts;

/// <summary>Deliveries that are free twice a month and one tenth off once a day, in baskets of one line.</summary>
internal sealed class DeliveryDesk(MoneyDesk desk)
{
    public static Programme Programme { get; } = new()
    {
        Levels = [new Level { Code = "bronze", NameEnglish = "Bronze", NameChinese = "青铜", Threshold = 0, MultiplierBasisPoints = 10_000, DiscountBasisPoints = 10_000, FreeShippingFrom = 0, Package = "all" }],
        Rules = [],
        Benefits =
        [
            Of("ship", "free_shipping", new { amountMin = 0 }, CapPeriod.Month, 2),
            Of("tenth", "discount", new { rateBasisPoints = 9_000 }, CapPeriod.Day, 1),
        ],
        Packages = [new BenefitPackage { Code = "all", NameEnglish = "All", NameChinese = "全部", Benefits = ["ship", "tenth"] }],
    };

    public static BenefitDefinition Of(string code, string kind, object settings, CapPeriod period, long usesMax) => new()
    {
        Code = code,
        NameEnglish = code,
        NameChinese = code,
        Kind = kind,
        Settings = JsonSerializer.SerializeToElement(settings),
        UsedBy = BenefitUser.Checkout,
        Limits = [new BenefitLimit { Period = period, UsesMax = usesMax }],
    };

    public static Basket Basket { get; } = new() { Lines = [new BasketLine { LineId = "1", Quantity = 2, Amount = 10_000 }], Delivery = 800 };

    public async Task<Price> PriceAsync(MemberId member)
    {
        var programme = desk.Books.Programmes.Latest(MoneyDesk.Tenant)!;
        return ((QuoteReply)await desk.AppliedAsync(new QuoteBasket(MoneyDesk.Tenant, MemberReference.ById(member), Basket, programme, desk.Books))).Price;
    }

    public ReserveCheckout Reserve(MemberId member, string id, long payable) => new(
        MoneyDesk.Tenant, MemberReference.ById(member), new CheckoutRequest { CheckoutId = id, OrderId = id, Payable = payable, Basket = Basket }, desk.Books);

    public Task<object> ReserveAsync(MemberId member, string id, long payable) => desk.AppliedAsync(Reserve(member, id, payable));

    public Task<object> ConfirmAsync(string id) => desk.AppliedAsync(new ConfirmCheckout(MoneyDesk.Tenant, id, desk.Books));

    public Task<object> CancelAsync(string id) => desk.AppliedAsync(new CancelCheckout(MoneyDesk.Tenant, id, desk.Books));

    public Task<object> RefundAsync(string id, string refund, long? quantity) => desk.AppliedAsync(new RefundCheckout(
        MoneyDesk.Tenant,
        id,
        id,
        new CheckoutRefundRequest { RefundId = refund, Lines = quantity is null ? [] : [new CheckoutRefundLine("1", quantity, null)] },
        desk.Books));

    /// <summary>Of each state how many uses there are: held, used, given back.</summary>
    public async Task<(long Held, long Used, long Returned)> UsesAsync()
    {
        await using var session = await desk.Database.OpenReaderAsync(Reach.Everything, TestContext.Current.CancellationToken);
        Task<long> CountAsync(string where) => session.Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM benefit_uses WHERE " + where);
        return (await CountAsync("held_until IS NOT NULL"), await CountAsync("held_until IS NULL AND returned_at IS NULL"), await CountAsync("returned_at IS NOT NULL"));
    }

    public async Task VerifyAsync()
    {
        var report = await new Verifier(desk.Database).RunAsync(null, TestContext.Current.CancellationToken);
        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
    }
}

/// <summary>A checkout takes a use of each benefit that its price rests on and that checkouts use.</summary>
public abstract class UsingBenefitsAtCheckoutContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    [Fact]
    public async Task AreHeldAndUsedOnce_When_ACheckoutIsPaidAndRefundedInParts()
    {
        await using var money = await OpenAsync("uses_go_their_way");
        var desk = new DeliveryDesk(money);
        var ann = await money.NewMemberAsync("ann", 0);

        var price = await desk.PriceAsync(ann);
        price.Payable.ShouldBe(9_000, "a tenth off, and delivered free");
        price.Applied.Select(one => (one.By, one.Benefit, one.Uses)).ShouldBe([("benefit", "tenth", 1L), ("delivery", "ship", 1L)]);
        (await desk.UsesAsync()).ShouldBe((0L, 0L, 0L));
        await desk.ReserveAsync(ann, "c", 9_000);
        (await desk.UsesAsync()).ShouldBe((2L, 0L, 0L));
        await desk.ConfirmAsync("c");
        (await desk.UsesAsync()).ShouldBe((0L, 2L, 0L));
        await desk.RefundAsync("c", "r1", 1);
        (await desk.UsesAsync()).ShouldBe((0L, 2L, 0L));
        await desk.RefundAsync("c", "r2", null);
        (await desk.UsesAsync()).ShouldBe((0L, 0L, 2L));
        (await desk.PriceAsync(ann)).Payable.ShouldBe(9_000);
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task TakeNothingOffAndSayWhy_When_TheyAreUsedUp()
    {
        await using var money = await OpenAsync("uses_up");
        var desk = new DeliveryDesk(money);
        var ann = await money.NewMemberAsync("ann", 0);

        await desk.ReserveAsync(ann, "first", 9_000);
        var second = await desk.PriceAsync(ann);
        second.Payable.ShouldBe(10_000);
        second.Missed.Select(miss => (miss.By, miss.Reason, miss.Benefit)).ShouldBe([("benefit", PriceMiss.UsesUp, "tenth")]);
        await desk.ReserveAsync(ann, "second", 10_000);
        var third = await desk.PriceAsync(ann);
        third.Payable.ShouldBe(10_800);
        third.Missed.Select(miss => (miss.By, miss.Reason, miss.Benefit)).ShouldBe([("benefit", PriceMiss.UsesUp, "tenth"), ("delivery", PriceMiss.UsesUp, "ship")]);
        (await money.RefusedAsync(desk.Reserve(ann, "third", 10_000))).ShouldBe("CHECKOUT_CHANGED");
        (await money.RefusedAsync(new ConsumeBenefit(MoneyDesk.Tenant, MemberReference.ById(ann), "ship", new UseRequest { BizNo = "till" }, money.Books)))
            .ShouldBe("BENEFIT_LIMIT_REACHED");
        await desk.CancelAsync("first");
        await money.AppliedAsync(new ConsumeBenefit(MoneyDesk.Tenant, MemberReference.ById(ann), "ship", new UseRequest { BizNo = "till" }, money.Books));
        var last = await desk.PriceAsync(ann);
        last.Missed.ShouldHaveSingleItem().Benefit.ShouldBe("ship");
        last.Payable.ShouldBe(9_800);
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task AreThereAgain_When_ACheckoutIsNotPaidInTime()
    {
        await using var money = await OpenAsync("uses_over");
        var desk = new DeliveryDesk(money);
        var (ann, bob) = (await money.NewMemberAsync("ann", 0), await money.NewMemberAsync("bob", 0));
        await desk.ReserveAsync(ann, "a", 9_000);
        await desk.ReserveAsync(bob, "b", 9_000);

        money.Advance(TimeSpan.FromMinutes(30));
        (await desk.PriceAsync(ann)).Payable.ShouldBe(9_000);
        (await desk.UsesAsync()).ShouldBe((4L, 0L, 0L), "a question ends nothing");
        await desk.VerifyAsync();
        (await money.RefusedAsync(new ConfirmCheckout(MoneyDesk.Tenant, "a", money.Books))).ShouldBe("CHECKOUT_STATE");
        await desk.ReserveAsync(ann, "again", 9_000);
        (await desk.UsesAsync()).ShouldBe((4L, 0L, 2L));
        (await new BenefitSweep(money.Database, money.Node.Lanes, money.Books, money.Clock).RunAsync(TestContext.Current.CancellationToken)).ShouldBe(2);
        (await desk.UsesAsync()).ShouldBe((2L, 0L, 4L));

        // What was found over stays over, though the confirmation says that it came in time.
        var early = new ConfirmCheckout(MoneyDesk.Tenant, "a", money.Books) { Time = Instant.From(money.Clock.GetUtcNow().AddMinutes(-1)) };
        (await money.RefusedAsync(early)).ShouldBe("CHECKOUT_STATE");
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task IsTakenByOne_When_TwoCheckoutsWantTheLastUse()
    {
        await using var money = await OpenAsync("uses_raced");
        var desk = new DeliveryDesk(money);
        var ann = await money.NewMemberAsync("ann", 0);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => money.SubmitAsync(desk.Reserve(ann, $"c{i}", 9_000))));
        outcomes.Count(outcome => outcome is Outcome.Applied).ShouldBe(1);
        outcomes.OfType<Outcome.Refused>().Select(refused => refused.Refusal.Code).ShouldAllBe(code => code == "CHECKOUT_CHANGED");
        outcomes = await Task.WhenAll(Enumerable.Range(20, 12).Select(i => money.SubmitAsync(desk.Reserve(ann, $"c{i}", 10_000))));
        outcomes.Count(outcome => outcome is Outcome.Applied).ShouldBe(1);
        (await desk.UsesAsync()).ShouldBe((3L, 0L, 0L));
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task CountForTheSurvivor_When_TheMemberWhoReservedIsMerged()
    {
        await using var money = await OpenAsync("uses_merged");
        var desk = new DeliveryDesk(money);
        var (ann, bob) = (await money.NewMemberAsync("ann", 0), await money.NewMemberAsync("bob", 0));
        await desk.ReserveAsync(ann, "paid", 9_000);
        await desk.ReserveAsync(ann, "left", 10_000);

        var request = new MergeRequest("m", "one person", "olga");
        await money.AppliedAsync(new MergeMembers(MoneyDesk.Tenant, MemberReference.ById(ann), MemberReference.ById(bob), request, money.Books));
        (await desk.PriceAsync(bob)).Payable.ShouldBe(10_800);
        await desk.ConfirmAsync("paid");
        (await desk.PriceAsync(bob)).Payable.ShouldBe(10_800);
        money.Advance(TimeSpan.FromMinutes(31));
        await new BenefitSweep(money.Database, money.Node.Lanes, money.Books, money.Clock).RunAsync(TestContext.Current.CancellationToken);
        (await desk.PriceAsync(bob)).Payable.ShouldBe(10_000, "the delivery that was not paid is free again");
        await desk.RefundAsync("paid", "r", null);
        (await desk.PriceAsync(bob)).Payable.ShouldBe(9_000);
        await desk.VerifyAsync();
    }

    [Fact]
    public async Task TakeNoUse_When_ABenefitIsUsedByCallsAlone()
    {
        var programme = DeliveryDesk.Programme;
        await using var money = await OpenAsync("uses_by_calls", programme with { Benefits = [.. programme.Benefits.Select(benefit => benefit with { UsedBy = BenefitUser.Call })] });
        var desk = new DeliveryDesk(money);
        var ann = await money.NewMemberAsync("ann", 0);

        for (var i = 0; i < 4; i++)
        {
            await desk.ReserveAsync(ann, $"c{i}", 9_000);
        }

        (await desk.UsesAsync()).ShouldBe((0L, 0L, 0L));
        (await desk.PriceAsync(ann)).Applied.ShouldAllBe(one => one.Uses == null);
        await desk.VerifyAsync();
    }

    private Task<MoneyDatabase> OpenAsync(string name, Programme? programme = null) =>
        MoneyDatabase.OpenAsync(kind, databases, name, programme: programme ?? DeliveryDesk.Programme);
}

public sealed class UsingBenefitsAtCheckoutOnSqliteTests(NamedDatabases databases) : UsingBenefitsAtCheckoutContract(DatabaseUnderTest.Sqlite, databases);

public sealed class UsingBenefitsAtCheckoutOnPostgresTests(NamedDatabases databases) : UsingBenefitsAtCheckoutContract(DatabaseUnderTest.Postgres, databases);

public sealed class UsingBenefitsAtCheckoutOnMySqlTests(NamedDatabases databases) : UsingBenefitsAtCheckoutContract(DatabaseUnderTest.MySql, databases);

/// <summary>What must hold of uses that checkouts take (I17, I19), and whether <c>verify</c> sees each way of breaking it.</summary>
public sealed class VerifyingUsesOfCheckoutsTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    public static TheoryData<string, string, string, string> Corruptions => new()
    {
        { "held uses are miscounted", "UPDATE limit_counters SET used = used + 1 WHERE limit_code = 'benefit-held'", "I17", "limit_counters" },
        { "held uses are not counted", "DELETE FROM limit_counters WHERE limit_code = 'benefit-held'", "I17", "limit_counters" },
        { "a held use counts as used", "UPDATE benefit_uses SET held_until = NULL WHERE checkout_id = 'open' AND benefit_code = 'ship'", "I17", "benefit_uses" },
        { "held for another time", "UPDATE benefit_uses SET held_until = held_until + 1 WHERE checkout_id = 'open'", "I17", "benefit_uses" },
        { "held after it was paid", "UPDATE benefit_uses SET held_until = consumed_at WHERE checkout_id = 'paid'", "I17", "benefit_uses" },
        { "held and given back", "UPDATE benefit_uses SET held_until = 1 WHERE checkout_id = 'gone'", "I17", "benefit_uses" },
        { "kept after it was given up", "UPDATE benefit_uses SET returned_at = NULL WHERE checkout_id = 'gone'", "I17", "benefit_uses" },
        { "of no checkout", "UPDATE benefit_uses SET checkout_id = 'none' WHERE checkout_id = 'paid'", "I17", "benefit_uses" },
        { "held for nothing", "UPDATE benefit_uses SET checkout_id = NULL WHERE checkout_id = 'open'", "I17", "benefit_uses" },
        { "a use is gone", "DELETE FROM benefit_uses WHERE checkout_id = 'paid'", "I19", "checkouts" },
        { "a use of another benefit", "UPDATE benefit_uses SET benefit_code = 'tenth' WHERE checkout_id = 'paid'", "I19", "benefit_uses" },
        { "a use of another name", "UPDATE benefit_uses SET biz_no = 'mine' WHERE checkout_id = 'paid'", "I19", "benefit_uses" },
        { "two uses", "UPDATE benefit_uses SET quantity = 2 WHERE checkout_id = 'paid'", "I19", "benefit_uses" },
        { "given back though a part is left", "UPDATE benefit_uses SET returned_at = 1 WHERE checkout_id = 'paid'", "I19", "checkouts" },
        { "not given back though nothing is left", "UPDATE benefit_uses SET returned_at = NULL WHERE checkout_id = 'back'", "I19", "checkouts" },
    };

    [Theory]
    [MemberData(nameof(Corruptions))]
    public async Task IsFoundUnderItsInvariant_When_OneThingIsChanged(string what, string sql, string invariant, string table)
    {
        await using var money = await MoneyDatabase.OpenAsync(DatabaseUnderTest.Sqlite, databases, "uses-" + what.Replace(' ', '-'), programme: DeliveryDesk.Programme);
        var desk = new DeliveryDesk(money);
        var ann = await money.NewMemberAsync("ann", 0);
        await desk.ReserveAsync(ann, "gone", 9_000);
        await desk.CancelAsync("gone");
        await desk.ReserveAsync(ann, "back", 9_000);
        await desk.ConfirmAsync("back");
        await desk.RefundAsync("back", "r", null);
        await desk.ReserveAsync(ann, "open", 9_000);
        await desk.ReserveAsync(ann, "paid", 10_000);
        await desk.ConfirmAsync("paid");
        await desk.RefundAsync("paid", "r2", 1);
        await desk.VerifyAsync();
        (await SmallDatabase.SpoilAsync(money.Settings, sql)).ShouldBeGreaterThan(0, what);

        var report = await new Verifier(money.Node.Database).RunAsync(null, TestContext.Current.CancellationToken);

        var finding = report.Invariants.Single(candidate => candidate.Code.ToString() == invariant);
        finding.Offences.ShouldContain(offence => offence.Table == table, string.Join("; ", report.Invariants.SelectMany(i => i.Offences.Select(o => $"{i.Code} {o}"))));
    }
}
