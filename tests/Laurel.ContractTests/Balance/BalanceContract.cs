using System.Globalization;
using System.Text;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Balance;
using Laurel.Membership.Points;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Balance;

/// <summary>Every arc of stored money, on one database. Each scenario ends with every invariant kept.</summary>
public abstract partial class BalanceContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MovesWhatIsThereAndNoMore_When_AdjustedAndSpent()
    {
        await using var money = await OpenAsync("moves");
        var member = await money.NewMemberAsync("moves", 10_000);

        (await money.RefusedAsync(money.Adjust(member, -10_001))).ShouldBe("BALANCE_INSUFFICIENT");
        (await money.RefusedAsync(money.Spend(member, 10_001))).ShouldBe("BALANCE_INSUFFICIENT");
        var posting = (PostingReply)await money.AppliedAsync(money.Spend(member, 2_500, "s-1"));
        (await money.SubmitAsync(money.Spend(member, 2_500, "s-1"))).ShouldBeOfType<Outcome.Duplicate>();
        (await money.RefusedAsync(money.Spend(member, 2_501, "s-1"))).ShouldBe("CONFLICT");
        await money.AppliedAsync(money.Adjust(member, -500));

        posting.Entries.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            entry => entry.Unit.ShouldBe("balance"),
            entry => entry.Amount.ShouldBe(-2_500),
            entry => entry.BalanceAfter.ShouldBe(7_500));
        (await money.StandingAsync(member)).ShouldBe(new Standing(7_000, 0));
        await money.VerifyAsync();
    }

    [Fact]
    public async Task GivesBackWhatWasSpentAtTheMost_When_RefundedInParts()
    {
        await using var money = await OpenAsync("refunds");
        var member = await money.NewMemberAsync("refunds", 10_000);
        await money.AppliedAsync(money.Spend(member, 6_000, "order-1"));

        await money.AppliedAsync(money.Refund("order-1", 1_000, "r-1"));
        (await money.SubmitAsync(money.Refund("order-1", 1_000, "r-1"))).ShouldBeOfType<Outcome.Duplicate>();
        await money.AppliedAsync(money.Refund("order-1", 4_999, "r-2"));
        (await money.RefusedAsync(money.Refund("order-1", 2, "r-3"))).ShouldBe("REFUND_EXCEEDS_SPEND");
        await money.AppliedAsync(money.Refund("order-1", 1, "r-3"));
        (await money.RefusedAsync(money.Refund("order-1", 1, "r-4"))).ShouldBe("REFUND_EXCEEDS_SPEND");
        (await money.RefusedAsync(money.Refund("order-2", 1))).ShouldBe("BALANCE_SPEND_NOT_FOUND");

        (await money.StandingAsync(member)).ShouldBe(new Standing(10_000, 0));
        await money.VerifyAsync();
    }

    [Fact]
    public async Task CreditsOnce_When_APaymentComesAgainAndAnother()
    {
        await using var money = await OpenAsync("pay");
        var member = await money.NewMemberAsync("pay", 0);
        var created = (RechargeReply)await money.AppliedAsync(money.Recharge(member, 5_000, "pay-1"));
        (await money.SubmitAsync(money.Recharge(member, 5_000, "pay-1"))).ShouldBeOfType<Outcome.Duplicate>();
        (await money.RefusedAsync(money.Recharge(member, 5_001, "pay-1"))).ShouldBe("CONFLICT");

        (await money.RefusedAsync(money.Pay("pay-1", 4_999))).ShouldBe("RECHARGE_AMOUNT_MISMATCH");
        (await money.RefusedAsync(money.Pay("pay-2", 5_000))).ShouldBe("RECHARGE_NOT_FOUND");
        var paid = (RechargeReply)await money.AppliedAsync(money.Pay("pay-1", 5_000));
        var again = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => money.SubmitAsync(money.Pay("pay-1", 5_000))));
        (await money.RefusedAsync(money.Pay("pay-1", 5_000, "p-2"))).ShouldBe("CONFLICT");

        created.Status.ShouldBe("created");
        (paid.Status, paid.ProviderReference).ShouldBe(("paid", "p-1"));
        again.ShouldAllBe(outcome => outcome is Outcome.Duplicate);
        (await money.StandingAsync(member)).ShouldBe(new Standing(5_000, 0));
        await money.VerifyAsync();
    }

    [Fact]
    public async Task CreditsOnce_When_ManyPaymentsRace()
    {
        await using var money = await OpenAsync("pay-race");
        var member = await money.NewMemberAsync("pay-race", 0);
        await money.AppliedAsync(money.Recharge(member, 700, "race-1"));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => money.SubmitAsync(money.Pay("race-1", 700, "p-" + (i % 3).ToString(CultureInfo.InvariantCulture)))));

        outcomes.Count(outcome => outcome is Outcome.Applied).ShouldBe(1);
        outcomes.Count(outcome => outcome is Outcome.Duplicate).ShouldBe(9);
        outcomes.Count(outcome => outcome is Outcome.Refused { Refusal.Code: "CONFLICT" }).ShouldBe(20);
        (await money.StandingAsync(member)).Balance.ShouldBe(700);
        await money.VerifyAsync();
    }

    [Fact]
    public async Task GoesBackWhileTheBalanceCoversIt_When_ARechargeIsRefunded()
    {
        await using var money = await OpenAsync("recharge-refund");
        var member = await money.NewMemberAsync("recharge-refund", 0);
        var drawn = (RechargeReply)await money.AppliedAsync(money.Recharge(member, 5_000, null));
        var id = drawn.RechargeId;
        (await money.RefusedAsync(money.RefundRecharge(id, 1, "r-0"))).ShouldBe("RECHARGE_STATE");
        await money.AppliedAsync(money.Pay(id, 5_000));
        await money.AppliedAsync(money.Spend(member, 3_000, "spent"));

        (await money.RefusedAsync(money.RefundRecharge(id, 2_001, "r-1"))).ShouldBe("BALANCE_INSUFFICIENT");
        (await money.RefusedAsync(money.RefundRecharge(id, 5_001, "r-1"))).ShouldBe("REFUND_EXCEEDS_RECHARGE");
        var part = (RechargeReply)await money.AppliedAsync(money.RefundRecharge(id, 2_000, "r-1"));
        (await money.SubmitAsync(money.RefundRecharge(id, 2_000, "r-1"))).ShouldBeOfType<Outcome.Duplicate>();
        await money.AppliedAsync(money.Refund("spent", 3_000));
        var whole = (RechargeReply)await money.AppliedAsync(money.RefundRecharge(id, 3_000, "r-2"));
        (await money.RefusedAsync(money.RefundRecharge(id, 1, "r-3"))).ShouldBe("RECHARGE_STATE");

        (part.Status, part.Refunded, whole.Status, whole.Refunded).ShouldBe(("paid", 2_000, "refunded", 5_000));
        (await money.StandingAsync(member)).ShouldBe(new Standing(0, 0));
        await money.VerifyAsync();
    }

    [Fact]
    public async Task IsClosedForGood_When_NotPaidInTime()
    {
        await using var money = await OpenAsync("closing");
        var member = await money.NewMemberAsync("closing", 0);
        await money.AppliedAsync(money.Recharge(member, 500, "late"));
        await money.AppliedAsync(money.Recharge(member, 500, "in-time"));
        await money.AppliedAsync(money.Pay("in-time", 500));

        (await money.Closing().RunAsync(Cancellation)).ShouldBe(0);
        money.Advance(TimeSpan.FromMinutes(30));
        (await money.Closing().RunAsync(Cancellation)).ShouldBe(1);
        (await money.Closing().RunAsync(Cancellation)).ShouldBe(0);

        (await money.StatusAsync("balance_recharges", "late")).ShouldBe("closed");
        (await money.StatusAsync("balance_recharges", "in-time")).ShouldBe("paid");
        (await money.RefusedAsync(money.Pay("late", 500))).ShouldBe("RECHARGE_STATE");
        (await money.StandingAsync(member)).Balance.ShouldBe(500);
        await money.VerifyAsync();
    }

    [Fact]
    public async Task AgreesWithTheEntries_When_ADayIsReconciled()
    {
        await using var money = await OpenAsync("reconcile");
        var member = await money.NewMemberAsync("reconcile", 0);
        await money.AppliedAsync(money.Recharge(member, 5_000, "day-1"));
        await money.AppliedAsync(money.Recharge(member, 700, "day-2"));
        await money.AppliedAsync(money.Pay("day-1", 5_000, "=pay"));
        await money.AppliedAsync(money.RefundRecharge("day-1", 1_500, "back-1"));
        await money.AppliedAsync(money.Apply(member, 2_000, "out-1"));
        await money.AppliedAsync(money.Approve("out-1", "ann"));
        await money.Payouts(new ScriptedProvider((_, _) => new PayoutAnswer.Paid("bank-1"))).RunAsync(Cancellation);
        money.Advance(TimeSpan.FromDays(1));
        await money.AppliedAsync(money.Recharge(member, 900, "next-1"));
        await money.AppliedAsync(money.Pay("next-1", 900));

        var lines = await ReconcileAsync(money, new DateOnly(2026, 3, 1));
        var next = await ReconcileAsync(money, new DateOnly(2026, 3, 2));

        lines[0].ShouldBe("kind,time,member_id,id,amount,provider,provider_reference,count");
        lines.ShouldContain($"recharge,2026-03-01T04:00:00Z,{member},day-1,5000,,'=pay,1");
        lines.ShouldContain($"recharge_refund,2026-03-01T04:00:00Z,{member},back-1,-1500,,pr-back-1,1");
        lines.ShouldContain($"withdraw,2026-03-01T04:00:00Z,{member},out-1,-2000,test,bank-1,1");
        foreach (var file in new[] { lines, next })
        {
            Sums(file, "total").ShouldBe(Sums(file, "ledger"));
        }

        Sums(lines, "total").ShouldBe(["recharge,5000,1", "recharge_refund,-1500,1", "withdraw,-2000,1"]);
        Sums(next, "total").ShouldBe(["recharge,900,1", "recharge_refund,0,0", "withdraw,0,0"]);
    }

    [Fact]
    public async Task TellsTheBalanceOfThen_When_AskedAsOfAnInstant()
    {
        await using var money = await OpenAsync("as-of");
        var member = await money.NewMemberAsync("as-of", 1_000);
        var then = Instant.Now(money.Clock);
        money.Advance(TimeSpan.FromHours(1));
        await money.AppliedAsync(money.Spend(member, 300, "later"));

        var balances = new BalancesAsOf(money.Node.Database, money.Node.Programmes);
        (await balances.ReadAsync(money.Node.Database, MoneyDatabase.Tenant, member, then, Cancellation)).Balance.ShouldBe(1_000);
        (await balances.ReadAsync(money.Node.Database, MoneyDatabase.Tenant, member, Instant.Now(money.Clock), Cancellation)).Balance.ShouldBe(700);
        (await balances.ReadAsync(money.Node.Database, MoneyDatabase.Tenant, member, then.Plus(-TimeSpan.FromHours(1)), Cancellation)).Balance.ShouldBe(0);
    }

    /// <summary>Thousands of random calls beside books kept by hand: each outcome and each standing agrees.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(20_260_301)]
    public async Task AgreesWithBooksKeptByHand_When_CallsAreRandom(int seed)
    {
        await using var money = await OpenAsync($"random_{seed}", new BalanceRules { WithdrawalDayCountMax = 1_000_000, WithdrawalDayAmountMax = long.MaxValue / 2 });
        await new RandomMoney(money, seed).RunAsync(1_500);
        await money.VerifyAsync();
    }

    private Task<MoneyDatabase> OpenAsync(string name, BalanceRules? rules = null) => MoneyDatabase.OpenAsync(kind, databases, "money_" + name, rules);

    private static async Task<string[]> ReconcileAsync(MoneyDatabase money, DateOnly day)
    {
        using var file = new MemoryStream();
        (await new Reconciliation(money.Node.Database, money.Node.Programmes).WriteAsync(MoneyDatabase.Tenant, day, file, Cancellation)).ShouldBeNull();
        return Encoding.UTF8.GetString(file.ToArray()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Kind, amount and count of each line of totals.</summary>
    private static string[] Sums(string[] lines, string line) =>
        [.. lines.Select(one => one.Split(',')).Where(fields => fields[0] == line).Select(fields => $"{fields[3]},{fields[4]},{fields[7]}")];
}

public sealed class BalanceOnSqliteTests(NamedDatabases databases) : BalanceContract(DatabaseUnderTest.Sqlite, databases);

public sealed class BalanceOnPostgresTests(NamedDatabases databases) : BalanceContract(DatabaseUnderTest.Postgres, databases);

public sealed class BalanceOnMySqlTests(NamedDatabases databases) : BalanceContract(DatabaseUnderTest.MySql, databases);
