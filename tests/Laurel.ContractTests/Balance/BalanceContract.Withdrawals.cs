using Laurel.Engine.Lanes;
using Laurel.Membership.Balance;
using Laurel.Membership.Members;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Balance;

/// <content>Limits, withdrawals and payouts.</content>
public abstract partial class BalanceContract
{
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

    private static async Task<object?> LimitAsync(MoneyDatabase money, Command command)
    {
        var refusal = (await money.SubmitAsync(command)).ShouldBeOfType<Outcome.Refused>().Refusal;
        refusal.Code.ShouldBe("BALANCE_LIMIT");
        return refusal.Values["limit"];
    }
}
