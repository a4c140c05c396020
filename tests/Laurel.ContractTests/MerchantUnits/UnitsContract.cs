using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Checkouts;
using Laurel.Membership.Levels;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Membership.Units;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.MerchantUnits;

/// <summary>Units that a programme defines, on one database. Each scenario ends with every invariant kept.</summary>
public abstract class UnitsContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    [Fact]
    public async Task MovesWhatIsThereAndNoMore_When_EarnedSpentAndAdjusted()
    {
        await using var desk = await OpenAsync("moves");
        var member = await desk.NewMemberAsync("moves", 0);

        (await desk.RefusedAsync(desk.Move(member, UnitMove.Spend, "stars", 1))).ShouldBe("UNIT_INSUFFICIENT");
        var earned = (PostingReply)await desk.AppliedAsync(desk.Move(member, UnitMove.Earn, "stars", 40, "e-1"));
        (await desk.SubmitAsync(desk.Move(member, UnitMove.Earn, "stars", 40, "e-1"))).ShouldBeOfType<Outcome.Duplicate>();
        (await desk.RefusedAsync(desk.Move(member, UnitMove.Earn, "stars", 41, "e-1"))).ShouldBe("CONFLICT");
        await desk.AppliedAsync(desk.Move(member, UnitMove.Earn, "green_energy", 5, "e-1"));
        await desk.AppliedAsync(desk.Move(member, UnitMove.Spend, "stars", 15, "e-1"));
        (await desk.RefusedAsync(desk.Move(member, UnitMove.Spend, "stars", 26))).ShouldBe("UNIT_INSUFFICIENT");
        (await desk.RefusedAsync(desk.Move(member, UnitMove.Adjust, "stars", -26))).ShouldBe("UNIT_INSUFFICIENT");
        await desk.AppliedAsync(desk.Move(member, UnitMove.Adjust, "stars", -25));

        earned.Entries.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            entry => entry.Unit.ShouldBe("stars"), entry => entry.Amount.ShouldBe(40), entry => entry.BalanceAfter.ShouldBe(40), entry => entry.ExpiresAt.ShouldBeNull());
        (await desk.AmountAsync(member, "stars")).ShouldBe(0);
        (await desk.AmountAsync(member, "green_energy")).ShouldBe(5);
        await desk.SoundAsync();
    }

    [Fact]
    public async Task ChangesNothing_When_TheUnitIsUnknownOrMayNotMoveThatWay()
    {
        await using var desk = await OpenAsync("refused", UnitDesk.Programme() with { Units = [UnitDesk.Stars with { Active = false }, UnitDesk.Energy] });
        var member = await desk.NewMemberAsync("refused", 0);
        await desk.AppliedAsync(desk.Move(member, UnitMove.Adjust, "stars", 9));
        await desk.AppliedAsync(desk.Move(member, UnitMove.Earn, "green_energy", 9));

        var unknown = (await desk.SubmitAsync(desk.Move(member, UnitMove.Earn, "moons", 1))).ShouldBeOfType<Outcome.Refused>().Refusal;
        (await desk.RefusedAsync(desk.Move(member, UnitMove.Earn, "points", 1))).ShouldBe("UNIT_NOT_FOUND");
        (await desk.RefusedAsync(desk.Move(member, UnitMove.Earn, "stars", 1))).ShouldBe("UNIT_CLOSED");
        (await desk.RefusedAsync(desk.Move(member, UnitMove.Spend, "green_energy", 1))).ShouldBe("UNIT_NOT_SPENDABLE");
        await desk.AppliedAsync(desk.Move(member, UnitMove.Spend, "stars", 4));

        (unknown.Code, unknown.Pointer).ShouldBe(("UNIT_NOT_FOUND", "/unit"));
        (await desk.AmountAsync(member, "stars")).ShouldBe(5);
        (await desk.AmountAsync(member, "green_energy")).ShouldBe(9);
        await desk.SoundAsync();
    }

    [Fact]
    public async Task AreNeverBelowZero_When_ManySpendAtOnce()
    {
        await using var desk = await OpenAsync("race");
        var member = await desk.NewMemberAsync("race", 0);
        await desk.AppliedAsync(desk.Move(member, UnitMove.Earn, "stars", 70));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => desk.SubmitAsync(desk.Move(member, UnitMove.Spend, "stars", 10))));

        outcomes.Count(outcome => outcome is Outcome.Applied).ShouldBe(7);
        outcomes.Count(outcome => outcome is Outcome.Refused { Refusal.Code: "UNIT_INSUFFICIENT" }).ShouldBe(33);
        (await desk.AmountAsync(member, "stars")).ShouldBe(0);
        await desk.SoundAsync();
    }

    [Fact]
    public async Task AreTakenBackInProportionAsFarAsTheyAreThere_When_TheOrderIsRefunded()
    {
        await using var desk = await OpenAsync("refunds");
        var member = await desk.NewMemberAsync("refunds", 0);
        await desk.AppliedAsync(desk.Buy(member, "o-1", 10_000, ("a", 2_500), ("b", 7_500)));
        (await desk.AmountAsync(member, "stars")).ShouldBe(100);

        // 10 of the first line and 30 of the second.
        await desk.AppliedAsync(desk.GiveBack("o-1", 4_000, "r-1"));
        (await desk.AmountAsync(member, "stars")).ShouldBe(60);
        await desk.AppliedAsync(desk.Move(member, UnitMove.Spend, "stars", 50));
        var last = (PostingReply)await desk.AppliedAsync(desk.GiveBack("o-1", 6_000, "r-2"));

        last.Entries.Single(entry => entry.Unit == "stars").Amount.ShouldBe(-10);
        (await desk.AmountAsync(member, "stars")).ShouldBe(0);
        await desk.SoundAsync();
    }

    [Fact]
    public async Task AreTakenBack_When_ACheckoutEarnedThemAndIsRefunded()
    {
        await using var desk = await OpenAsync("checkout");
        var member = await desk.NewMemberAsync("checkout", 0);
        var basket = new Basket { Lines = [new BasketLine { LineId = "a", Quantity = 4, Amount = 10_000 }] };
        var wanted = new CheckoutRequest { CheckoutId = "c-1", OrderId = "c-1", Basket = basket, Payable = 10_000 };
        await desk.AppliedAsync(new ReserveCheckout(UnitDesk.Tenant, MemberReference.ById(member), wanted, desk.Books));
        await desk.AppliedAsync(new ConfirmCheckout(UnitDesk.Tenant, "c-1", desk.Books));
        await desk.AppliedAsync(new CompleteCheckout(UnitDesk.Tenant, "c-1", "c-1", desk.Books));
        (await desk.AmountAsync(member, "stars")).ShouldBe(100);

        await desk.AppliedAsync(new RefundCheckout(
            UnitDesk.Tenant, "c-1", "c-1", new CheckoutRefundRequest { RefundId = "r-1", Lines = [new CheckoutRefundLine("a", 1, null)] }, desk.Books));

        (await desk.AmountAsync(member, "stars")).ShouldBe(75);
        await desk.SoundAsync();
    }

    [Fact]
    public async Task ArePaidAndCappedAndCounted_When_RulesNameThem()
    {
        var capped = UnitDesk.Paying("daily_energy", "shared", "green_energy") with
        {
            Amount = RuleAmount.Of(30),
            Caps = [new RuleCap { Period = CapPeriod.Day, PointsMax = 50 }],
        };
        var rich = UnitDesk.Paying("for_the_rich", "shared", RuleUnits.Points) with
        {
            Amount = new RuleAmount { Expression = "member.units.green_energy * 2" },
            Condition = "member.units.green_energy >= 30",
        };
        await using var desk = await OpenAsync("rules", UnitDesk.Programme(capped, rich));
        var member = await desk.NewMemberAsync("rules", 0);

        var paid = new List<(long Energy, long Points)>();
        for (var i = 0; i < 3; i++)
        {
            var reply = (PostingReply)await desk.AppliedAsync(Shared(desk, member, $"e-{i}"));
            paid.Add((Sum(reply, "green_energy"), Sum(reply, "points")));
        }

        // The member is seen as it was before the event.
        paid.ShouldBe([(30, 0), (20, 60), (0, 100)]);
        (await desk.AmountAsync(member, "green_energy")).ShouldBe(50);
        await desk.SoundAsync();
    }

    [Fact]
    public async Task ArePaidAtOnce_When_AMemberRegistersOrRises()
    {
        var welcome = UnitDesk.Paying("welcome", EventTypes.MemberRegistered, "stars") with { Amount = RuleAmount.Of(3) };
        var risen = UnitDesk.Paying("risen", EventTypes.LevelUpgraded, "stars") with { Amount = RuleAmount.Of(10) };
        await using var desk = await OpenAsync("begin", UnitDesk.Programme(welcome, risen) with { LevelRules = new LevelRules { CooldownHours = 0 } });
        var member = await desk.NewMemberAsync("begin", 0);
        (await desk.AmountAsync(member, "stars")).ShouldBe(3);

        var points = new PointsRequest { Points = 6_000, Reason = "test", ReferenceType = "test", ReferenceId = "rise" };
        await desk.AppliedAsync(new EarnPoints(UnitDesk.Tenant, MemberReference.ById(member), points, desk.Books));

        (await desk.AmountAsync(member, "stars")).ShouldBe(23);
        await desk.SoundAsync();
    }

    [Fact]
    public async Task GoAndComeBack_When_MembersAreMergedAndParted()
    {
        await using var desk = await OpenAsync("merge");
        var (from, into) = (await desk.NewMemberAsync("merge-a", 0), await desk.NewMemberAsync("merge-b", 0));
        await desk.AppliedAsync(desk.Buy(from, "o-1", 10_000));
        await desk.AppliedAsync(desk.Move(into, UnitMove.Earn, "stars", 5));
        await desk.AppliedAsync(desk.Move(from, UnitMove.Earn, "green_energy", 8));

        var merge = (MergeReply)await desk.AppliedAsync(Merge(desk, from, into));
        merge.Moved.Units.ShouldNotBeNull().OrderBy(pair => pair.Key).ShouldBe([new("green_energy", 8), new("stars", 100)]);
        (await AmountsAsync(desk, from, into)).ShouldBe((0, 105));
        await desk.SoundAsync();

        // What names the merged member goes to the survivor, and what its order earned is taken back there.
        await desk.AppliedAsync(desk.Move(from, UnitMove.Spend, "stars", 10));
        await desk.AppliedAsync(desk.GiveBack("o-1", 2_000, "r-1"));
        await desk.AppliedAsync(desk.Buy(from, "o-2", 700));
        (await AmountsAsync(desk, from, into)).ShouldBe((0, 82));
        await desk.SoundAsync();
        await desk.AppliedAsync(desk.Move(into, UnitMove.Spend, "stars", 52));

        // 80 moved and were not taken back, and 30 are there.
        var undone = (MergeReply)await desk.AppliedAsync(new UndoMerge(
            UnitDesk.Tenant, long.Parse(merge.MergeId!, System.Globalization.CultureInfo.InvariantCulture), new UndoRequest("two persons", "olga"), desk.Books));
        (undone.Moved.Units!["stars"], undone.Missing!.Units!["stars"], undone.Missing.Units["green_energy"]).ShouldBe((30, 50, 0));
        (await AmountsAsync(desk, from, into)).ShouldBe((30, 0));
        (await desk.AmountAsync(from, "green_energy")).ShouldBe(8);
        await desk.SoundAsync();
    }

    [Fact]
    public async Task StaysForGood_When_TheProgrammeIsChanged()
    {
        await using var desk = await MoneyDatabase.OpenAsync(kind, databases, "units_change", isFree: true);
        await UnitDesk.WriteHistoryAsync(desk);

        var refused = (await desk.SubmitAsync(Change(desk, programme => programme with
        {
            Units = [UnitDesk.Energy],
            Rules = [.. programme.Rules.Where(rule => rule.Unit != "stars")],
        }))).ShouldBeOfType<Outcome.Refused>().Refusal;
        (refused.Code, refused.Pointer).ShouldBe(("UNIT_REMOVED", "/units"));
        UnitDefinition[] closed = [UnitDesk.Stars with { Active = false }, UnitDesk.Energy];
        (await desk.RefusedAsync(Change(desk, programme => programme with { Units = [.. closed] }))).ShouldBe("PROGRAMME_INVALID");
        await desk.AppliedAsync(Change(desk, programme => programme with
        {
            Units = [.. closed],
            Rules = [.. programme.Rules.Select(rule => rule.Unit == "stars" ? rule with { Active = false } : rule)],
        }));
        await desk.SoundAsync();
    }

    [Fact]
    public async Task AgreeWithPaper_When_CallsAreRandomAndMany()
    {
        foreach (var seed in (int[])[1, 2])
        {
            await using var desk = await OpenAsync($"random_{seed}");
            await new RandomUnits(desk, seed).RunAsync(600);
            await desk.SoundAsync();
        }
    }

    private Task<MoneyDatabase> OpenAsync(string name, Programme? programme = null) => UnitDesk.OpenAsync(kind, databases, name, programme);

    private static long Sum(PostingReply reply, string unit) => reply.Entries.Where(entry => entry.Unit == unit).Sum(entry => entry.Amount);

    private static async Task<(long From, long Into)> AmountsAsync(MoneyDesk desk, MemberId from, MemberId into) =>
        (await desk.AmountAsync(from, "stars"), await desk.AmountAsync(into, "stars"));

    private static MergeMembers Merge(MoneyDesk desk, MemberId from, MemberId into) => new(
        UnitDesk.Tenant, MemberReference.ById(from), MemberReference.ById(into), new MergeRequest("m-1", "the same person", "olga"), desk.Books);

    private static ReceiveEvent Shared(MoneyDesk desk, MemberId member, string id) =>
        new(UnitDesk.Tenant, MemberReference.ById(member), new EventFacts("shared", "test", id, EventFacts.NoData), desk.Books);

    private static ChangeProgramme Change(MoneyDesk desk, Func<Programme, Programme> change) =>
        new(UnitDesk.Tenant, programme => new ProgrammeEdit.To(change(programme)), desk.Books.Programmes) { ChangedBy = "test" };
}

public sealed class UnitsOnSqliteTests(NamedDatabases databases) : UnitsContract(DatabaseUnderTest.Sqlite, databases);

public sealed class UnitsOnPostgresTests(NamedDatabases databases) : UnitsContract(DatabaseUnderTest.Postgres, databases);

public sealed class UnitsOnMySqlTests(NamedDatabases databases) : UnitsContract(DatabaseUnderTest.MySql, databases);
