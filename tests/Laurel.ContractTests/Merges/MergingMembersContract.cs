using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Merges;

/// <summary>Members that are one person, on one database. Each scenario ends with every invariant kept.</summary>
public abstract partial class MergingMembersContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    [Fact]
    public async Task HasItAll_When_AMemberWentIntoAnother()
    {
        await using var desk = await OpenAsync("all");
        var (from, into) = (await desk.NewMemberAsync("old", 700), await desk.NewMemberAsync("new", 300));
        await desk.OrderAsync(from, "o-1", 60_000);
        await desk.OrderAsync(into, "o-2", 20_000);
        await desk.AppliedAsync(Pending(desk, from, 40, "waits"));
        var sum = (await desk.OfAsync(from)).Plus(await desk.OfAsync(into));

        var preview = (MergeReply)await desk.AppliedAsync(desk.Merge(from, into, "preview", isPreview: true));
        (await desk.OfAsync(into)).Balance.ShouldBe(300);
        var merge = await desk.MergedAsync(from, into);

        (preview.Status, preview.MergeId, preview.Moved).ShouldBe(("preview", null, merge.Moved));
        (merge.Status, merge.Moved.Pending, merge.Moved.Balance, merge.Moved.TotalOrders).ShouldBe(("merged", 40, 700, 1));
        (await desk.OfAsync(into)).ShouldBe(sum);
        (await desk.OfAsync(from)).ShouldBe(new MergeStanding());
        await desk.SoundAsync();

        // Whoever names the one that went finds the other.
        await desk.AppliedAsync(desk.Spend(MergeDesk.Named("old"), 500, "by the old name"));
        await desk.OrderAsync(from, "o-3", 10_000);
        (await desk.OfAsync(from)).ShouldBe(new MergeStanding());
        (await desk.OfAsync(into)).Orders.ShouldBe(3);
        await desk.AppliedAsync(new ActivateForEvent(MergeDesk.Tenant, MemberReference.ById(from), "delivered", "waits", "came", desk.Books));
        (await desk.RefusedAsync(desk.Merge(from, into, "again"))).ShouldBe("MEMBER_MERGED");
        (await desk.RefusedAsync(desk.Merge(into, into, "self"))).ShouldBe("MERGE_WITH_SELF");
        (await desk.RefusedAsync(desk.Merge(new MemberId(7), into, "nobody"))).ShouldBe("MEMBER_NOT_FOUND");
        await desk.SoundAsync();
    }

    [Theory]
    [InlineData(ShortfallPolicy.Negative)]
    [InlineData(ShortfallPolicy.Receivable)]
    [InlineData(ShortfallPolicy.Forgive)]
    public async Task TakesWhatTheOrderEarnedFromWhereItIs_When_AnOrderOfTheMergedMemberIsRefunded(ShortfallPolicy policy)
    {
        await using var desk = await OpenAsync("refund" + policy, new Programme { Shortfall = policy });
        var (from, into) = (await desk.NewMemberAsync("old", 0), await desk.NewMemberAsync("new", 0));
        await desk.OrderAsync(into, "own", 50_000);
        var alone = await desk.OfAsync(from);
        await desk.OrderAsync(from, "o-1", 80_000);
        await desk.MergedAsync(from, into);
        var together = await desk.OfAsync(into);

        await desk.AppliedAsync(desk.RefundOf("o-1", 30_000, "r-1"));
        (await desk.SubmitAsync(desk.RefundOf("o-1", 30_000, "r-1"))).ShouldBeOfType<Outcome.Duplicate>();
        (await desk.RefusedAsync(desk.RefundOf("o-1", 60_000, "r-2"))).ShouldBe("REFUND_EXCEEDS_ORDER");
        var part = await desk.OfAsync(into);
        (part.Amount, part.Orders, part.Points < together.Points).ShouldBe((together.Amount - 30_000, together.Orders, true));
        await desk.SoundAsync();

        // All is spent: the rest of the refund falls short, and the survivor owes it as the programme says.
        await desk.AppliedAsync(desk.Spend(MergeDesk.Named("new"), part.Points, "all"));
        await desk.AppliedAsync(desk.RefundOf("o-1", 50_000, "r-3"));
        var rest = await desk.OfAsync(into);
        (rest.Debt > 0, rest.Receivable > 0).ShouldBe((policy == ShortfallPolicy.Negative, policy == ShortfallPolicy.Receivable));
        (rest.Amount, rest.Orders).ShouldBe((50_000, 1));
        rest.Lifetime.ShouldBe(together.Lifetime - (await desk.EarnedAsync("o-1")));
        (await desk.OfAsync(from)).ShouldBe(new MergeStanding());
        alone.Points.ShouldBeGreaterThan(0);
        await desk.SoundAsync();
    }

    [Fact]
    public async Task GivesBackWhatIsThere_When_AMergeIsUndone()
    {
        await using var desk = await OpenAsync("undo");
        var (from, into) = (await desk.NewMemberAsync("old", 500), await desk.NewMemberAsync("new", 100));
        await desk.OrderAsync(from, "o-1", 90_000);
        await desk.OrderAsync(into, "o-2", 40_000);
        await desk.AppliedAsync(Pending(desk, from, 40, "waits"));
        var (before, other) = (await desk.OfAsync(from), await desk.OfAsync(into));
        var merge = await desk.MergedAsync(from, into);
        await desk.OrderAsync(from, "since", 10_000);
        var since = await desk.EarnedAsync("since");
        var full = await desk.OfAsync(into);
        await desk.AppliedAsync(desk.RefundOf("o-1", 90_000 / 2, "r-1"));
        var clawed = full.Points - (await desk.OfAsync(into)).Points;
        clawed.ShouldBeGreaterThan(0);

        var preview = (MergeReply)await desk.AppliedAsync(desk.Undo(merge, isPreview: true));
        var undone = (MergeReply)await desk.AppliedAsync(desk.Undo(merge));
        (await desk.RefusedAsync(desk.Undo(merge))).ShouldBe("MERGE_UNDONE");

        (preview.Moved, preview.Missing).ShouldBe((undone.Moved, undone.Missing));
        undone.Missing!.Points.ShouldBe(0);
        var (back, kept) = (await desk.OfAsync(from), await desk.OfAsync(into));
        (back.Balance, back.Orders, back.Amount).ShouldBe((500, 1, 45_000));
        back.Points.ShouldBe(before.Points - clawed);
        (kept.Balance, kept.Orders, kept.Points).ShouldBe((100, 2, other.Points + since));
        await desk.SoundAsync();

        // Each is a member of its own: the order is refunded where its points are.
        await desk.AppliedAsync(desk.RefundOf("o-1", 45_000, "r-2"));
        (await desk.OfAsync(into)).ShouldBe(kept);
        (await desk.OfAsync(from)).Amount.ShouldBe(0);
        await desk.AppliedAsync(new ActivateForEvent(MergeDesk.Tenant, MemberReference.ById(from), "delivered", "waits", "came", desk.Books));
        await desk.SoundAsync();

        // And it may be merged again.
        var again = await desk.MergedAsync(from, into);
        await desk.AppliedAsync(desk.Undo(again));
        await desk.SoundAsync();
    }

    [Fact]
    public async Task SaysWhatIsMissing_When_SomeOfItWasSpentBeforeTheUndoing()
    {
        await using var desk = await OpenAsync("missing");
        var (from, into) = (await desk.NewMemberAsync("old", 500), await desk.NewMemberAsync("new", 100));
        await desk.OrderAsync(from, "o-1", 90_000);
        var merge = await desk.MergedAsync(from, into);
        var together = await desk.OfAsync(into);
        await desk.AppliedAsync(desk.Spend(MemberReference.ById(into), together.Points - 50, "most"));
        await desk.AppliedAsync(desk.Spend(into, 450));

        var undone = (MergeReply)await desk.AppliedAsync(desk.Undo(merge));

        (undone.Moved.Balance, undone.Missing!.Balance).ShouldBe((150, 350));
        (undone.Moved.Points + undone.Missing.Points).ShouldBe(merge.Moved.Points);
        (await desk.OfAsync(from)).Balance.ShouldBe(150);
        ((await desk.OfAsync(from)).Points + (await desk.OfAsync(into)).Points).ShouldBe(50);
        await desk.SoundAsync();
        await desk.AppliedAsync(desk.RefundOf("o-1", 90_000, "r-1"));
        await desk.SoundAsync();
    }

    [Fact]
    public async Task FindsWhatItMeans_When_OneWentIntoAnotherWhoWentIntoAThird()
    {
        await using var desk = await OpenAsync("chain");
        var (a, b, c) = (await desk.NewMemberAsync("a", 100), await desk.NewMemberAsync("b", 10), await desk.NewMemberAsync("c", 1));
        await desk.OrderAsync(a, "o-a", 70_000);
        await desk.OrderAsync(b, "o-b", 30_000);
        var first = await desk.MergedAsync(a, b);
        var second = await desk.MergedAsync(b, c);
        (await desk.OfAsync(c)).Balance.ShouldBe(111);

        await desk.AppliedAsync(desk.RefundOf("o-a", 35_000, "r-a"));
        await desk.AppliedAsync(desk.RefundOf("o-b", 15_000, "r-b"));
        await desk.AppliedAsync(desk.Spend(MergeDesk.Named("a"), 10, "by the oldest name"));
        (await desk.OfAsync(c)).Amount.ShouldBe(50_000);
        (await desk.OfAsync(b)).ShouldBe(new MergeStanding());
        await desk.SoundAsync();

        (await desk.RefusedAsync(desk.Undo(first))).ShouldBe("MERGE_UNDO_ORDER");
        await desk.AppliedAsync(desk.Undo(second));
        await desk.SoundAsync();
        await desk.AppliedAsync(desk.RefundOf("o-a", 5_000, "r-a2"));
        await desk.AppliedAsync(desk.Undo(first));
        (await desk.OfAsync(a)).Amount.ShouldBe(30_000);
        (await desk.OfAsync(b)).Amount.ShouldBe(15_000);
        (await desk.OfAsync(c)).Amount.ShouldBe(0);
        await desk.AppliedAsync(desk.RefundOf("o-a", 30_000, "r-a3"));
        await desk.AppliedAsync(desk.RefundOf("o-b", 15_000, "r-b3"));
        await desk.SoundAsync();
    }

    [Fact]
    public async Task FollowsWhenItIsFree_When_SomethingWasSetAside()
    {
        await using var desk = await OpenAsync("aside");
        var (from, into) = (await desk.NewMemberAsync("old", 2_000), await desk.NewMemberAsync("new", 0));
        await desk.OrderAsync(from, "o-1", 90_000);
        var captured = (HoldReply)await desk.AppliedAsync(desk.Hold(from, 30, "captured"));
        var released = (HoldReply)await desk.AppliedAsync(desk.Hold(from, 20, "released"));
        await desk.AppliedAsync(desk.Hold(from, 10, "times out"));
        await desk.AppliedAsync(desk.Return("o-1", 10_000, "rejected"));
        await desk.AppliedAsync(desk.Apply(from, 1_000, "paid"));
        await desk.AppliedAsync(desk.Apply(from, 1_000, "not paid"));
        var whole = await desk.OfAsync(from);
        var merge = await desk.MergedAsync(from, into);

        (merge.Left!.Points, merge.Left.Balance).ShouldBe((whole.Held, 2_000));
        (await desk.OfAsync(from)).Points.ShouldBe(whole.Held);
        await desk.SoundAsync();

        await desk.AppliedAsync(new CaptureHold(MergeDesk.Tenant, new HoldEndRequest { HoldId = Id(captured), Points = 25, Reference = "c" }, desk.Books));
        await desk.AppliedAsync(new ReleaseHold(MergeDesk.Tenant, new HoldEndRequest { HoldId = Id(released), Points = null, Reference = "r" }, desk.Books));
        await desk.AppliedAsync(new Membership.Orders.RejectReturn(
            MergeDesk.Tenant, "o-1", "rejected", new Membership.Orders.EventOrigin("/test", "order.return_rejected", "no return"), desk.Books));
        await desk.AppliedAsync(desk.Reject("not paid"));
        await desk.AppliedAsync(desk.Approve("paid", "ann"));
        await desk.AppliedAsync(desk.Begin("paid"));
        await desk.AppliedAsync(desk.End("paid", paid: true));
        await desk.SoundAsync();
        desk.Advance(TimeSpan.FromDays(8));
        await desk.SweepAsync();

        (await desk.OfAsync(from)).ShouldBe(new MergeStanding());
        var standing = await desk.OfAsync(into);
        (standing.Points, standing.Balance).ShouldBe((whole.Points + 100 - 25, 1_000));
        await desk.SoundAsync();
    }

    [Fact]
    public async Task HoldsTheOrdersOwnPoints_When_AReturnIsAskedForAfterTheMerge()
    {
        await using var desk = await OpenAsync("return");
        var (from, into) = (await desk.NewMemberAsync("old", 0), await desk.NewMemberAsync("new", 0));
        await desk.OrderAsync(from, "o-1", 90_000);
        await desk.MergedAsync(from, into);
        var together = await desk.OfAsync(into);

        await desk.AppliedAsync(desk.Return("o-1", 45_000, "t-1"));
        await desk.AppliedAsync(desk.Return("o-1", 45_000, "t-2"));
        var frozen = await desk.OfAsync(from);
        frozen.Held.ShouldBeGreaterThan(0);
        (await desk.OfAsync(into)).Points.ShouldBe(together.Points - frozen.Held);
        await desk.SoundAsync();
        await desk.AppliedAsync(desk.RefundOf("o-1", 45_000, "r-1"));
        await desk.SoundAsync();
        desk.Advance(TimeSpan.FromDays(8));
        await desk.SweepAsync();

        (await desk.OfAsync(from)).ShouldBe(new MergeStanding());
        var left = (await desk.OfAsync(into)).Points;
        (left < together.Points, left >= together.Points - frozen.Held).ShouldBe((true, true));
        await desk.SoundAsync();
    }

    [Fact]
    public async Task MovesMoneyWhereItIsOwed_When_RechargesAndSpendsOfTheMergedMemberAreGivenBack()
    {
        await using var desk = await OpenAsync("money");
        var (from, into) = (await desk.NewMemberAsync("old", 500), await desk.NewMemberAsync("new", 50));
        await desk.AppliedAsync(desk.Recharge(from, 300, "paid"));
        await desk.AppliedAsync(desk.Pay("paid", 300));
        await desk.AppliedAsync(desk.Recharge(from, 200, "late"));
        await desk.AppliedAsync(desk.Spend(from, 400, "spent"));
        await desk.MergedAsync(from, into);
        (await desk.OfAsync(into)).Balance.ShouldBe(450);

        await desk.AppliedAsync(desk.Pay("late", 200));
        (await desk.OfAsync(into)).Balance.ShouldBe(650);
        await desk.AppliedAsync(desk.RefundRecharge("paid", 100, "back"));
        (await desk.OfAsync(into)).Balance.ShouldBe(550);
        await desk.AppliedAsync(desk.Refund("spent", 50, "given"));
        (await desk.OfAsync(into)).Balance.ShouldBe(600);
        await desk.AppliedAsync(desk.Spend(into, 600));
        (await desk.RefusedAsync(desk.RefundRecharge("paid", 100, "too late"))).ShouldBe("BALANCE_INSUFFICIENT");
        (await desk.OfAsync(from)).ShouldBe(new MergeStanding());
        await desk.SoundAsync();
    }

    [Fact]
    public async Task MergesOnce_When_ManyAskAtOnce()
    {
        await using var desk = await OpenAsync("race");
        var (a, b) = (await desk.NewMemberAsync("a", 100), await desk.NewMemberAsync("b", 100));

        var same = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => desk.SubmitAsync(desk.Merge(a, b, "same"))));
        same.OfType<Outcome.Applied>().Count().ShouldBe(1);
        same.OfType<Outcome.Duplicate>().Count().ShouldBe(11);
        (await desk.RefusedAsync(desk.Merge(b, a, "same"))).ShouldBe("CONFLICT");

        var (c, d) = (await desk.NewMemberAsync("c", 100), await desk.NewMemberAsync("d", 100));
        var crossed = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => desk.SubmitAsync(i % 3 == 2
            ? desk.Spend(i % 2 == 0 ? c : d, 5)
            : i % 2 == 0 ? desk.Merge(c, d, $"x-{i}") : desk.Merge(d, c, $"x-{i}"))));
        crossed.OfType<Outcome.Applied>().Count(outcome => outcome.Reply is MergeReply).ShouldBe(1);
        crossed.OfType<Outcome.Refused>().Select(refused => refused.Refusal.Code).Distinct().ShouldBe(["MEMBER_MERGED"]);
        (await desk.OfAsync(c)).Plus(await desk.OfAsync(d)).Balance.ShouldBe(180);
        await desk.SoundAsync();

        var merge = (MergeReply)same.OfType<Outcome.Applied>().Single().Reply;
        var undone = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => desk.SubmitAsync(desk.Undo(merge))));
        undone.OfType<Outcome.Applied>().Count().ShouldBe(1);
        (await desk.OfAsync(a)).Balance.ShouldBe(100);
        await desk.SoundAsync();
    }

    private Task<MoneyDatabase> OpenAsync(string name, Programme? programme = null) => MergeDesk.OpenAsync(kind, databases, name, programme);

    private static long Id(HoldReply hold) => long.Parse(hold.HoldId, System.Globalization.CultureInfo.InvariantCulture);

    private static EarnPoints Pending(MoneyDesk desk, MemberId member, long points, string reference) => new(
        MergeDesk.Tenant, MemberReference.ById(member), MergeDesk.Points(points, reference), desk.Books)
    {
        PendingEvent = "delivered",
        CancelAt = Instant.From(desk.Clock.GetUtcNow().AddDays(20)),
    };
}

public sealed class MergingMembersOnSqliteTests(NamedDatabases databases) : MergingMembersContract(DatabaseUnderTest.Sqlite, databases);

public sealed class MergingMembersOnPostgresTests(NamedDatabases databases) : MergingMembersContract(DatabaseUnderTest.Postgres, databases);

public sealed class MergingMembersOnMySqlTests(NamedDatabases databases) : MergingMembersContract(DatabaseUnderTest.MySql, databases);
