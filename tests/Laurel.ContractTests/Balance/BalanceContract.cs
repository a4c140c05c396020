using System.Globalization;
using System.Text;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Balance;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Balance;

/// <summary>Every arc of stored money, on one database. Each scenario ends with every invariant kept.</summary>
public abstract class BalanceContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
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
    public async Task NamesTheLimit_When_ARechargeOrWithdrawalIsOutside()
    {
        await using var money = await OpenAsync("limits", new BalanceRules
        {
            RechargeAmountMin = 10,
            RechargeAmountMax = 1_000,
            WithdrawalAmountMin = 20,
            WithdrawalAmountMax = 600,
            WithdrawalDayAmountMax = 1_000,
            WithdrawalDayCountMax = 3,
        });
        var member = await money.NewMemberAsync("limits", 100_000);

        (await LimitAsync(money, money.Recharge(member, 9, null))).ShouldBe("RechargeAmountMin");
        (await LimitAsync(money, money.Recharge(member, 1_001, null))).ShouldBe("RechargeAmountMax");
        (await LimitAsync(money, money.Apply(member, 19, null))).ShouldBe("WithdrawalAmountMin");
        (await LimitAsync(money, money.Apply(member, 601, null))).ShouldBe("WithdrawalAmountMax");
        await money.AppliedAsync(money.Apply(member, 600, "l-1"));
        (await LimitAsync(money, money.Apply(member, 401, null))).ShouldBe("WithdrawalDayAmountMax");
        await money.AppliedAsync(money.Apply(member, 100, "l-2"));
        await money.AppliedAsync(money.Apply(member, 100, "l-3"));
        (await LimitAsync(money, money.Apply(member, 100, null))).ShouldBe("WithdrawalDayCountMax");

        // A rejection does not give a day's allowance back, the next day does.
        await money.AppliedAsync(money.Reject("l-1"));
        (await LimitAsync(money, money.Apply(member, 100, null))).ShouldBe("WithdrawalDayCountMax");
        money.Advance(TimeSpan.FromDays(1));
        await money.AppliedAsync(money.Apply(member, 600, "l-4"));
        (await money.StandingAsync(member)).ShouldBe(new Standing(100_000, 800));
        await money.VerifyAsync();
    }

    [Fact]
    public async Task TakesAVerifiedName_When_TheProgrammeAsksForIt()
    {
        await using var money = await OpenAsync("real-name");
        var member = await money.NewMemberAsync("real-name", 1_000, verified: false);

        (await money.RefusedAsync(money.Apply(member, 500, "n-1"))).ShouldBe("REAL_NAME_REQUIRED");
        await money.AppliedAsync(new SetRealName(MoneyDatabase.Tenant, MemberReference.ById(member), verified: true, money.Books));
        await money.AppliedAsync(money.Apply(member, 500, "n-1"));
        await money.VerifyAsync();
    }

    [Fact]
    public async Task LeavesTheBalanceOnce_When_AWithdrawalIsPaid()
    {
        await using var money = await OpenAsync("paid");
        var member = await money.NewMemberAsync("paid", 1_000);
        await money.AppliedAsync(money.Apply(member, 700, "w-1"));
        (await money.SubmitAsync(money.Apply(member, 700, "w-1"))).ShouldBeOfType<Outcome.Duplicate>();
        (await money.RefusedAsync(money.Spend(member, 301))).ShouldBe("BALANCE_INSUFFICIENT");
        (await money.RefusedAsync(money.Begin("w-1"))).ShouldBe("WITHDRAWAL_STATE");
        (await money.RefusedAsync(money.End("w-1", paid: true))).ShouldBe("WITHDRAWAL_STATE");
        (await money.RefusedAsync(money.Approve("w-2", "ann"))).ShouldBe("WITHDRAWAL_NOT_FOUND");

        await money.AppliedAsync(money.Approve("w-1", "ann"));
        (await money.RefusedAsync(money.End("w-1", paid: true))).ShouldBe("WITHDRAWAL_STATE");
        var provider = new ScriptedProvider((_, _) => new PayoutAnswer.Accepted("out-1", null));
        (await money.Payouts(provider).RunAsync(Cancellation)).ShouldBe(1);
        (await money.Payouts(provider).RunAsync(Cancellation)).ShouldBe(0);
        (await money.StatusAsync("balance_withdrawals", "w-1")).ShouldBe("sending");
        (await money.StandingAsync(member)).ShouldBe(new Standing(1_000, 700));
        (await money.RefusedAsync(money.Reject("w-1"))).ShouldBe("WITHDRAWAL_STATE");

        await money.AppliedAsync(money.End("w-1", paid: true));
        (await money.SubmitAsync(money.End("w-1", paid: true))).ShouldBeOfType<Outcome.Duplicate>();
        (await money.RefusedAsync(money.End("w-1", paid: false))).ShouldBe("CONFLICT");
        (await money.RefusedAsync(money.Approve("w-1", "ann"))).ShouldBe("WITHDRAWAL_STATE");
        (await money.RefusedAsync(money.Reject("w-1"))).ShouldBe("WITHDRAWAL_STATE");
        (await money.RefusedAsync(money.Begin("w-1"))).ShouldBe("WITHDRAWAL_STATE");

        provider.Asked.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            order => order.WithdrawalId.ShouldBe("w-1"),
            order => order.Amount.ShouldBe(700),
            order => order.Currency.ShouldBe("CNY"),
            order => order.Destination.ShouldBe("acct-1"));
        (await money.StandingAsync(member)).ShouldBe(new Standing(300, 0));
        await money.VerifyAsync();
    }

    [Fact]
    public async Task IsFreeAgain_When_AWithdrawalIsRejectedOrFails()
    {
        await using var money = await OpenAsync("given-back");
        var member = await money.NewMemberAsync("given-back", 3_000);
        foreach (var id in (string[])["g-1", "g-2", "g-3"])
        {
            await money.AppliedAsync(money.Apply(member, 1_000, id));
        }

        await money.AppliedAsync(money.Reject("g-1"));
        await money.AppliedAsync(money.Approve("g-2", "ann"));
        await money.AppliedAsync(money.Reject("g-2"));
        await money.AppliedAsync(money.Approve("g-3", "ann"));
        (await money.StandingAsync(member)).ShouldBe(new Standing(3_000, 1_000));
        await money.Payouts(new ScriptedProvider((_, _) => new PayoutAnswer.Failed("no such account"))).RunAsync(Cancellation);

        (await money.StatusAsync("balance_withdrawals", "g-1")).ShouldBe("rejected");
        (await money.StatusAsync("balance_withdrawals", "g-2")).ShouldBe("rejected");
        (await money.StatusAsync("balance_withdrawals", "g-3")).ShouldBe("failed");
        (await money.RefusedAsync(money.Approve("g-1", "ann"))).ShouldBe("WITHDRAWAL_STATE");
        (await money.RefusedAsync(money.Begin("g-3"))).ShouldBe("WITHDRAWAL_STATE");
        (await money.StandingAsync(member)).ShouldBe(new Standing(3_000, 0));
        await money.VerifyAsync();
    }

    [Fact]
    public async Task TakesTwoOthers_When_TheAmountIsAboveTheThreshold()
    {
        await using var money = await OpenAsync("two", new BalanceRules { SecondApproverAbove = 500 });
        var member = await money.NewMemberAsync("two", 10_000);
        await money.AppliedAsync(money.Apply(member, 500, "small", by: "ann"));
        await money.AppliedAsync(money.Apply(member, 501, "large", by: "ann"));

        ((WithdrawalReply)await money.AppliedAsync(money.Approve("small", "ann"))).Status.ShouldBe("approved");
        (await money.RefusedAsync(money.Approve("large", "ann"))).ShouldBe("APPROVER_NOT_ANOTHER");
        ((WithdrawalReply)await money.AppliedAsync(money.Approve("large", "ben"))).Status.ShouldBe("applied");
        (await money.RefusedAsync(money.Approve("large", "ben"))).ShouldBe("APPROVER_NOT_ANOTHER");
        (await money.RefusedAsync(money.Approve("large", "ann"))).ShouldBe("APPROVER_NOT_ANOTHER");
        var approved = (WithdrawalReply)await money.AppliedAsync(money.Approve("large", "cat"));

        approved.Status.ShouldBe("approved");
        approved.ApprovedBy.ShouldBe(["ben", "cat"]);
        await money.VerifyAsync();
    }

    [Fact]
    public async Task AsksAgainUnderTheSameName_When_TheProviderWasNotUnderstood()
    {
        await using var money = await OpenAsync("again");
        var member = await money.NewMemberAsync("again", 1_000);
        await money.AppliedAsync(money.Apply(member, 400, "a-1"));
        await money.AppliedAsync(money.Approve("a-1", "ann"));
        var provider = new ScriptedProvider((_, asked) => asked < 3 ? new PayoutAnswer.Unknown("timeout") : new PayoutAnswer.Paid("out-9"));

        (await money.Payouts(provider).RunAsync(Cancellation)).ShouldBe(1);
        (await money.Payouts(provider).RunAsync(Cancellation)).ShouldBe(0);
        money.Advance(TimeSpan.FromSeconds(10));
        (await money.Payouts(provider).RunAsync(Cancellation)).ShouldBe(1);
        money.Advance(TimeSpan.FromSeconds(10));
        (await money.Payouts(provider).RunAsync(Cancellation)).ShouldBe(0);
        (await money.StandingAsync(member)).ShouldBe(new Standing(1_000, 400));
        money.Advance(TimeSpan.FromSeconds(10));
        (await money.Payouts(provider).RunAsync(Cancellation)).ShouldBe(1);

        provider.Asked.Select(order => order.WithdrawalId).ShouldBe(["a-1", "a-1", "a-1"]);
        (await money.StatusAsync("balance_withdrawals", "a-1")).ShouldBe("paid");
        (await money.StandingAsync(member)).ShouldBe(new Standing(600, 0));
        await money.VerifyAsync();
    }

    [Fact]
    public async Task PaysOnce_When_TwoNodesRunThePayouts()
    {
        await using var money = await OpenAsync("two-runs");
        var member = await money.NewMemberAsync("two-runs", 10_000);
        foreach (var i in Enumerable.Range(0, 3))
        {
            await money.AppliedAsync(money.Apply(member, 1_000, $"t-{i}"));
            await money.AppliedAsync(money.Approve($"t-{i}", "ann"));
        }

        var provider = new ScriptedProvider((order, _) => new PayoutAnswer.Paid("out-" + order.WithdrawalId));
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => money.Payouts(provider).RunAsync(Cancellation), Cancellation)));

        provider.Asked.Select(order => order.WithdrawalId).Order(StringComparer.Ordinal).ShouldBe(["t-0", "t-1", "t-2"]);
        (await money.StandingAsync(member)).ShouldBe(new Standing(7_000, 0));
        await money.VerifyAsync();
    }

    [Fact]
    public async Task HoldsWhatIsThereAndNoMore_When_ManyWithdrawalsRace()
    {
        await using var money = await OpenAsync("race", new BalanceRules { WithdrawalDayCountMax = 100 });
        var member = await money.NewMemberAsync("race", 1_050);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => money.SubmitAsync(money.Apply(member, 100, $"race-{i}"))));

        outcomes.Count(outcome => outcome is Outcome.Applied).ShouldBe(10);
        outcomes.Count(outcome => outcome is Outcome.Refused { Refusal.Code: "BALANCE_INSUFFICIENT" }).ShouldBe(30);
        (await money.StandingAsync(member)).ShouldBe(new Standing(1_050, 1_000));
        await money.VerifyAsync();
    }

    [Fact]
    public async Task KeepsTheDaysLimits_When_ManyWithdrawalsRace()
    {
        await using var money = await OpenAsync("day-race", new BalanceRules { WithdrawalDayCountMax = 4, WithdrawalDayAmountMax = 100_000 });
        var member = await money.NewMemberAsync("day-race", 1_000_000);
        var other = await money.NewMemberAsync("day-race-2", 1_000_000);

        var byCount = await Task.WhenAll(Enumerable.Range(0, 25).Select(i => money.SubmitAsync(money.Apply(member, 100, $"c-{i}"))));
        var byAmount = await Task.WhenAll(Enumerable.Range(0, 25).Select(i => money.SubmitAsync(money.Apply(other, 40_000, $"m-{i}"))));

        byCount.Count(outcome => outcome is Outcome.Applied).ShouldBe(4);
        byAmount.Count(outcome => outcome is Outcome.Applied).ShouldBe(2);
        byCount.Concat(byAmount).ShouldAllBe(outcome => outcome is Outcome.Applied || (outcome as Outcome.Refused)!.Refusal.Code == "BALANCE_LIMIT");
        await money.VerifyAsync();
    }

    [Fact]
    public async Task SpendsOrHoldsNeverBoth_When_SpendingsAndWithdrawalsRace()
    {
        await using var money = await OpenAsync("spend-race", new BalanceRules { WithdrawalDayCountMax = 100 });
        var member = await money.NewMemberAsync("spend-race", 2_000);

        var withdrawals = Enumerable.Range(0, 20).Select(i => money.SubmitAsync(money.Apply(member, 170, $"sr-{i}")));
        var spends = Enumerable.Range(0, 20).Select(_ => money.SubmitAsync(money.Spend(member, 130)));
        var (held, spent) = (await Task.WhenAll(withdrawals), await Task.WhenAll(spends));

        var (heldSum, spentSum) = (held.Count(o => o is Outcome.Applied) * 170, spent.Count(o => o is Outcome.Applied) * 130);
        (2_000 - heldSum - spentSum).ShouldBeInRange(0, 129);
        (await money.StandingAsync(member)).ShouldBe(new Standing(2_000 - spentSum, heldSum));
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

    private static async Task<object?> LimitAsync(MoneyDatabase money, Command command)
    {
        var refusal = (await money.SubmitAsync(command)).ShouldBeOfType<Outcome.Refused>().Refusal;
        refusal.Code.ShouldBe("BALANCE_LIMIT");
        return refusal.Values["limit"];
    }

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
