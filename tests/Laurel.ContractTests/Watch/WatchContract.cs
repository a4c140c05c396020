using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Merges;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Watch;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Watch;

/// <summary>What is unusual on one database: each action, each decision, races and repeats. Each scenario ends with every invariant kept.</summary>
public abstract class WatchContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    [Fact]
    public async Task KeepsOneCaseAndCountsIntoIt_When_ARuleFlags()
    {
        await using var desk = await OpenAsync("flag", WatchDesk.Rule(WatchTrigger.Earn, WatchMeasure.Count, 3, WatchAction.Flag) with { EntryRule = "earn" });
        var member = await desk.NewMemberAsync("flagged", 0);
        var other = await desk.NewMemberAsync("usual", 0);

        for (var i = 0; i < 5; i++)
        {
            await desk.AppliedAsync(desk.Earn(member, 10, $"f{i}"));
        }

        await desk.AppliedAsync(desk.Earn(other, 10_000, "other"));
        (await desk.SubmitAsync(desk.Earn(member, 10, "f0"))).ShouldBeOfType<Outcome.Duplicate>();

        var only = (await desk.CasesAsync()).ShouldHaveSingleItem();
        (only.Status, only.Hits, only.Value).ShouldBe(("open", 2, 5));
        (await desk.MemberAsync(member)).ShouldBe((150, 0, "active"));
        (await desk.QueryAsync<string>("SELECT kind FROM watch_case_changes ORDER BY id")).ShouldBe(["hit", "hit"]);

        // The next business day begins anew.
        desk.Advance(TimeSpan.FromDays(1));
        await desk.AppliedAsync(desk.Earn(member, 10, "tomorrow"));
        (await desk.CasesAsync())[0].Hits.ShouldBe(2);
        await desk.VerifyWatchAsync();
    }

    [Fact]
    public async Task StaysWithItsCaseAndFollowsWhenReleased_When_TheMemberIsMerged()
    {
        await using var desk = await OpenAsync("merged", WatchDesk.Rule(WatchTrigger.Earn, WatchMeasure.Sum, 1_000, WatchAction.Hold));
        var (from, into) = (await desk.NewMemberAsync("goes", 0), await desk.NewMemberAsync("stays", 0));
        await desk.AppliedAsync(desk.Earn(from, 900, "m1"));
        await desk.AppliedAsync(desk.Earn(from, 200, "m2"));
        var held = (await desk.CasesAsync()).ShouldHaveSingleItem();

        await desk.AppliedAsync(desk.Merge(from, into, "one person"));
        (await desk.MemberAsync(from)).ShouldBe((200, 200, "merged"));
        (await desk.MemberAsync(into)).ShouldBe((1_100, 0, "active"));
        await desk.VerifyWatchAsync();

        // Each counts for itself: what the other had earned is not the survivor's doing.
        await desk.AppliedAsync(desk.Earn(from, 800, "m3"));
        (await desk.CasesAsync()).Count.ShouldBe(1);
        await desk.AppliedAsync(desk.Decide(held.Id, WatchCaseStatus.Released));
        (await desk.MemberAsync(from)).ShouldBe((0, 0, "merged"));
        (await desk.MemberAsync(into)).ShouldBe((2_100, 0, "active"));
        await desk.VerifyWatchAsync();
    }

    [Fact]
    public async Task LetsEarningsWaitForTheCase_When_ARuleHolds()
    {
        await using var desk = await OpenAsync("hold", WatchDesk.Rule(WatchTrigger.Earn, WatchMeasure.Sum, 1_000, WatchAction.Hold));
        var member = await desk.NewMemberAsync("held", 0);
        await desk.AppliedAsync(desk.Earn(member, 900, "h1"));
        (await desk.CasesAsync()).ShouldBeEmpty("100 for the registration and 900 are 1,000, and that is not more");

        await desk.AppliedAsync(desk.Earn(member, 200, "h2"));
        await desk.AppliedAsync(desk.Order(member, "held-order", 30_000));
        var held = (await desk.CasesAsync()).ShouldHaveSingleItem();
        held.Hits.ShouldBe(2);
        var (balance, waiting, _) = await desk.MemberAsync(member);
        waiting.ShouldBeGreaterThan(200);
        (balance - waiting).ShouldBe(1_000);
        (await desk.RefusedAsync(desk.Use(member, 1_001, "too much"))).ShouldBe("POINTS_INSUFFICIENT");
        (await desk.QueryAsync<long>($"SELECT lifetime FROM members WHERE id = {member.Value}")).ShouldBe([1_000], "what waits does not count yet");

        // Nobody else lets them out, and a refund takes what waits.
        var lots = await desk.QueryAsync<long>("SELECT lot_id FROM pending_lots ORDER BY lot_id");
        foreach (var lot in lots)
        {
            (await desk.RefusedAsync(new ActivateLot(MoneyDesk.Tenant, MemberReference.ById(member), lot, "please", desk.Books))).ShouldBe("LOT_WATCHED");
            (await desk.RefusedAsync(new CancelLot(MoneyDesk.Tenant, MemberReference.ById(member), lot, "please", desk.Books))).ShouldBe("LOT_WATCHED");
        }

        await desk.AppliedAsync(desk.RefundOf("held-order", 15_000));
        var (left, stillWaiting, _) = await desk.MemberAsync(member);
        (left - stillWaiting).ShouldBe(1_000);
        stillWaiting.ShouldBeInRange(201, waiting - 1);

        await desk.AppliedAsync(desk.Decide(held.Id, WatchCaseStatus.Assigned));
        await desk.AppliedAsync(desk.Decide(held.Id, WatchCaseStatus.Released));
        (await desk.MemberAsync(member)).ShouldBe((left, 0, "active"));
        (await desk.QueryAsync<long>($"SELECT lifetime FROM members WHERE id = {member.Value}")).ShouldBe([left]);
        await desk.AppliedAsync(desk.Use(member, left, "all of it"));

        // Somebody looked at this day; the next one is looked at again.
        await desk.AppliedAsync(desk.Earn(member, 500, "h3"));
        (await desk.CasesAsync()).Count.ShouldBe(1);
        desk.Advance(TimeSpan.FromDays(1));
        await desk.AppliedAsync(desk.Earn(member, 1_001, "h4"));
        (await desk.CasesAsync()).Select(one => one.Status).ShouldBe(["released", "open"]);
        await desk.VerifyWatchAsync();
    }

    [Fact]
    public async Task TakesThemAway_When_TheCaseIsConfirmed()
    {
        await using var desk = await OpenAsync("confirm", WatchDesk.Rule(WatchTrigger.Earn, WatchMeasure.Sum, 500, WatchAction.Hold));
        var member = await desk.NewMemberAsync("confirmed", 0);
        await desk.AppliedAsync(desk.Earn(member, 2_000, "c1"));
        await desk.AppliedAsync(desk.Earn(member, 3_000, "c2"));
        var one = (await desk.CasesAsync()).ShouldHaveSingleItem();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => desk.SubmitAsync(
            desk.Decide(one.Id, i % 2 == 0 ? WatchCaseStatus.Confirmed : WatchCaseStatus.Released, $"boss-{i}"))));

        var won = (WatchCaseReply)outcomes.OfType<Outcome.Applied>().ShouldHaveSingleItem().Reply;
        outcomes.OfType<Outcome.Refused>().Select(refused => refused.Refusal.Code).Distinct().ShouldBe(["WATCH_CASE_STATE"]);
        (await desk.MemberAsync(member)).ShouldBe((won.Status == "confirmed" ? 100 : 5_100, 0, "active"));
        (await desk.RefusedAsync(desk.Decide(one.Id, WatchCaseStatus.Assigned))).ShouldBe("WATCH_CASE_STATE");
        (await desk.RefusedAsync(desk.Decide(one.Id + 1, WatchCaseStatus.Released))).ShouldBe("WATCH_CASE_NOT_FOUND");

        // After a confirmation the next hit of the same day opens another case.
        desk.Advance(TimeSpan.FromDays(1));
        await desk.AppliedAsync(desk.Earn(member, 501, "c3"));
        var second = (await desk.CasesAsync())[1];
        await desk.AppliedAsync(desk.Decide(second.Id, WatchCaseStatus.Confirmed));
        (await desk.MemberAsync(member)).Balance.ShouldBe(won.Status == "confirmed" ? 100 : 5_100);
        await desk.AppliedAsync(desk.Earn(member, 1, "c4"));
        (await desk.CasesAsync()).Select(found => found.Status).ShouldBe([won.Status, "confirmed", "open"]);
        await desk.VerifyWatchAsync();
    }

    [Theory]
    [InlineData(WatchAction.Hold, "WATCH_HELD")]
    [InlineData(WatchAction.Refuse, "WATCH_REFUSED")]
    public async Task ChangesNothingButTheCase_When_ASpendIsStopped(WatchAction action, string code)
    {
        await using var desk = await OpenAsync("spend_" + action, WatchDesk.Rule(WatchTrigger.Spend, WatchMeasure.Count, 2, action, WatchUnit.Hour, 24));
        var member = await desk.NewMemberAsync("stopped " + action, 0);
        var key = new IdempotencyKey(Hash128.Of(1, "idempotency", "stop" + action), Hash128.Of(1, "request", "stop"));
        await desk.AppliedAsync(desk.Use(member, 10, action + "s1"));
        await desk.AppliedAsync(desk.Use(member, 10, action + "s2"));

        var (stopped, caseId) = await desk.StoppedAsync(desk.Use(member, 10, action + "s3", key));
        var again = await desk.StoppedAsync(desk.Use(member, 10, action + "s3", key));

        stopped.ShouldBe(code);
        again.ShouldBe((code, caseId));
        (await desk.MemberAsync(member)).ShouldBe((80, 0, "active"));
        (await desk.CasesAsync()).ShouldBe([(caseId, "open", 2L, 3L)]);

        // What could never be done is told first, and is no hit.
        (await desk.RefusedAsync(desk.Use(member, 1_000, action + "s4"))).ShouldBe("POINTS_INSUFFICIENT");
        (await desk.CasesAsync())[0].Hits.ShouldBe(2);

        await desk.AppliedAsync(desk.Decide(caseId, WatchCaseStatus.Released));
        await desk.AppliedAsync(desk.Use(member, 10, action + "s3", key));
        (await desk.SubmitAsync(desk.Use(member, 10, action + "s3", key))).ShouldBeOfType<Outcome.Replayed>();
        (await desk.SubmitAsync(desk.Use(member, 10, action + "s3"))).ShouldBeOfType<Outcome.Duplicate>();
        (await desk.MemberAsync(member)).Balance.ShouldBe(70);
        await desk.VerifyWatchAsync();
    }

    [Fact]
    public async Task StopsNoCapture_When_ThePointsWerePromised()
    {
        await using var desk = await OpenAsync("capture", WatchDesk.Rule(WatchTrigger.Spend, WatchMeasure.Sum, 5, WatchAction.Refuse));
        var member = await desk.NewMemberAsync("promised", 0);
        var request = new PointsRequest { Points = 60, Reason = "test", ReferenceType = "order", ReferenceId = "promised" };
        var hold = (HoldReply)await desk.AppliedAsync(new HoldPoints(MoneyDesk.Tenant, MemberReference.ById(member), request, desk.Books));

        var end = new HoldEndRequest { HoldId = long.Parse(hold.HoldId, System.Globalization.CultureInfo.InvariantCulture), Points = 60, Reference = "c" };
        await desk.AppliedAsync(new CaptureHold(MoneyDesk.Tenant, end, desk.Books));

        (await desk.MemberAsync(member)).Balance.ShouldBe(40);
        (await desk.CasesAsync()).ShouldHaveSingleItem().Value.ShouldBe(60);
        await desk.VerifyWatchAsync();
    }

    [Fact]
    public async Task LetsThroughExactlyTheThreshold_When_ManySpendAtOnce()
    {
        await using var desk = await OpenAsync("race", WatchDesk.Rule(WatchTrigger.Spend, WatchMeasure.Count, 5, WatchAction.Refuse));
        var member = await desk.NewMemberAsync("raced", 0);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => desk.SubmitAsync(desk.Use(member, 1, $"r{i}"))));

        outcomes.OfType<Outcome.Applied>().Count().ShouldBe(5);
        outcomes.OfType<Outcome.Refused>().Select(refused => refused.Refusal.Code).ShouldAllBe(code => code == "WATCH_REFUSED");
        (await desk.CasesAsync()).ShouldHaveSingleItem().Hits.ShouldBe(35);
        (await desk.MemberAsync(member)).Balance.ShouldBe(95);
        await desk.VerifyWatchAsync();
    }

    [Fact]
    public async Task MakesTheReceiverInactiveUntilReleased_When_ARuleFreezes()
    {
        var burst = WatchDesk.Rule(WatchTrigger.TransferIn, WatchMeasure.Count, 1, WatchAction.Freeze, WatchUnit.Week);
        var sum = WatchDesk.Rule(WatchTrigger.TransferOut, WatchMeasure.Sum, 60, WatchAction.Hold, WatchUnit.Month) with { Code = "given_away" };
        await using var desk = await OpenAsync("freeze", burst, sum);
        var receiver = await desk.NewMemberAsync("receiver", 0);
        var givers = new[] { await desk.NewMemberAsync("giver 1", 0), await desk.NewMemberAsync("giver 2", 0) };
        await desk.AppliedAsync(desk.Give(givers[0], receiver, 50, "g1"));
        (await desk.StoppedAsync(desk.Give(givers[0], receiver, 50, "g2"))).Code.ShouldBe("WATCH_HELD");
        (await desk.MemberAsync(givers[0])).Balance.ShouldBe(50);
        (await desk.MemberAsync(receiver)).ShouldBe((150, 0, "active"));

        await desk.AppliedAsync(desk.Give(givers[1], receiver, 50, "g3"));

        (await desk.MemberAsync(receiver)).ShouldBe((200, 0, "inactive"));
        (await desk.RefusedAsync(desk.Use(receiver, 10, "now"))).ShouldBe("MEMBER_INACTIVE");
        var frozen = (await desk.QueryAsync<long>($"SELECT id FROM watch_cases WHERE member_id = {receiver.Value} AND froze = 1")).ShouldHaveSingleItem();
        await desk.AppliedAsync(desk.Decide(frozen, WatchCaseStatus.Released));
        (await desk.MemberAsync(receiver)).Status.ShouldBe("active");
        await desk.AppliedAsync(desk.Use(receiver, 200, "now"));
        await desk.VerifyWatchAsync();
    }

    [Fact]
    public async Task LooksAtCorrectionsOfEitherSign_When_TheyAreWatched()
    {
        await using var desk = await OpenAsync("adjust", WatchDesk.Rule(WatchTrigger.Adjust, WatchMeasure.Sum, 1_000, WatchAction.Hold, WatchUnit.Month));
        var member = await desk.NewMemberAsync("corrected", 0);
        await desk.AppliedAsync(desk.Correct(member, 600, "up"));
        await desk.AppliedAsync(desk.Correct(member, -400, "down"));

        var (code, caseId) = await desk.StoppedAsync(desk.Correct(member, -1, "more"));

        code.ShouldBe("WATCH_HELD");
        (await desk.MemberAsync(member)).Balance.ShouldBe(300);
        await desk.AppliedAsync(desk.Decide(caseId, WatchCaseStatus.Confirmed));
        (await desk.StoppedAsync(desk.Correct(member, -1, "more"))).CaseId.ShouldNotBe(caseId);
        await desk.VerifyWatchAsync();
    }

    [Fact]
    public async Task ComparesWithTheMembersOwnMean_When_ItIsARatio()
    {
        var rule = WatchDesk.Rule(WatchTrigger.Earn, WatchMeasure.Ratio, 50_000, WatchAction.Flag, WatchUnit.Week) with
        {
            EarlierWindows = 4,
            EarlierWindowsMin = 2,
            SumMin = 300,
        };
        await using var desk = await OpenAsync("ratio", rule);
        var member = await desk.NewMemberAsync("steady", 0);
        desk.Advance(TimeSpan.FromDays(7));
        await desk.AppliedAsync(desk.Earn(member, 60, "w1"));
        await desk.AppliedAsync(desk.Earn(member, 9_000, "one week is no mean"));
        (await desk.CasesAsync()).ShouldBeEmpty();

        // Weeks without anything are left out; those of the registration and of w1 are four weeks back and more by then.
        for (var week = 0; week < 4; week++)
        {
            desk.Advance(TimeSpan.FromDays(7));
            await desk.AppliedAsync(desk.Earn(member, 100, $"week {week}"));
        }

        desk.Advance(TimeSpan.FromDays(7));
        await desk.AppliedAsync(desk.Earn(member, 500, "five times is not more"));
        (await desk.CasesAsync()).ShouldBeEmpty();
        await desk.AppliedAsync(desk.Earn(member, 1, "now it is"));

        (await desk.CasesAsync()).ShouldHaveSingleItem().Value.ShouldBe(50_100);
        (await desk.QueryAsync<string>("SELECT evidence FROM watch_case_changes")).Single().ShouldContain("\"mean\":100,\"earlierWindows\":4");
        await desk.VerifyWatchAsync();
    }

    private Task<MoneyDatabase> OpenAsync(string name, params WatchRule[] rules) => WatchDesk.OpenAsync(kind, databases, name, rules);
}

public sealed class WatchOnSqliteTests(NamedDatabases databases) : WatchContract(DatabaseUnderTest.Sqlite, databases);

public sealed class WatchOnPostgresTests(NamedDatabases databases) : WatchContract(DatabaseUnderTest.Postgres, databases);

public sealed class WatchOnMySqlTests(NamedDatabases databases) : WatchContract(DatabaseUnderTest.MySql, databases);
