using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Membership.Watch;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Watch;

/// <summary>Members who belong together: by device, by address, by whom they invite.</summary>
public abstract class WatchMarksContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private const string RefereeId = "refereeId";
    private const string RefereeExternalId = "refereeExternalId";

    [Fact]
    public async Task FlagsWhoeverComesLast_When_ManyMembersShareADevice()
    {
        await using var desk = await OpenAsync("device", WatchDesk.Rule(WatchTrigger.Earn, WatchMeasure.MembersOfDevice, 7, WatchAction.Flag, WatchUnit.Day, 7));
        var members = new List<MemberId>();
        for (var i = 0; i < 9; i++)
        {
            members.Add(await desk.NewMemberAsync($"shares {i}", 0));
        }

        // The same member again is the same member, and another device another matter.
        await desk.AppliedAsync(desk.Order(members[0], "first", 1_000, "phone-77"));
        await desk.AppliedAsync(desk.Order(members[8], "elsewhere", 1_000, "phone-78"));
        await Task.WhenAll(members.Skip(1).Take(7).Select((member, i) => desk.AppliedAsync(desk.Order(member, $"at once {i}", 1_000, "phone-77"))));

        var only = (await desk.CasesAsync()).ShouldHaveSingleItem();
        (only.Hits, only.Value).ShouldBe((1, 8));

        // A week later they are forgotten.
        desk.Advance(TimeSpan.FromDays(7));
        await desk.AppliedAsync(desk.Order(members[8], "later", 1_000, "phone-77"));
        (await desk.CasesAsync()).Count.ShouldBe(1);
        (await desk.QueryAsync<string>("SELECT seen FROM watch_marks")).ShouldAllBe(seen => !seen.Contains("phone"));

        // And a day after that nobody can tell who they were; who is still looked back to stays.
        desk.Advance(TimeSpan.FromDays(1));
        var programme = desk.Books.Programmes.Latest(MoneyDesk.Tenant)!.Programme;
        (await desk.MarkClearing().RunAsync(MoneyDesk.Tenant, programme, TestContext.Current.CancellationToken)).ShouldBe(2);
        (await desk.QueryAsync<string>("SELECT seen FROM watch_marks ORDER BY seen")).Select(seen => seen.Split(':')[0]).ShouldBe(["", $"{members[8].Value}"]);
        (await desk.MarkClearing().RunAsync(MoneyDesk.Tenant, programme, TestContext.Current.CancellationToken)).ShouldBe(0);
        await desk.VerifyWatchAsync();
    }

    [Fact]
    public async Task HoldsWhatIsEarned_When_ManyMembersShareAnAddress()
    {
        await using var desk = await OpenAsync("address", WatchDesk.Rule(WatchTrigger.Earn, WatchMeasure.MembersOfAddress, 1, WatchAction.Hold, WatchUnit.Month));
        var (first, second) = (await desk.NewMemberAsync("first", 0), await desk.NewMemberAsync("second", 0));

        await desk.AppliedAsync(desk.Order(first, "a1", 1_000, address: " 7 Long Lane "));
        await desk.AppliedAsync(desk.Order(second, "a2", 1_000, address: "7 Long Lane"));

        (await desk.MemberAsync(first)).Waiting.ShouldBe(0);
        (await desk.MemberAsync(second)).Waiting.ShouldBe((await desk.MemberAsync(second)).Balance - 100);
        await desk.VerifyWatchAsync();
    }

    [Theory]
    [InlineData(RefereeId)]
    [InlineData(RefereeExternalId)]
    public async Task HoldsTheReward_When_TwoMembersInviteEachOther(string field)
    {
        var ring = WatchDesk.Rule(WatchTrigger.Earn, WatchMeasure.ReferralRing, 0, WatchAction.Hold, WatchUnit.Month, 12);
        await using var desk = await OpenAsync("ring" + field.Length, ring);
        var (anna, bert) = (await desk.NewMemberAsync("anna" + field, 0), await desk.NewMemberAsync("bert" + field, 0));
        var carl = await desk.NewMemberAsync("carl" + field, 0);
        string Name(MemberId member, string name) => field == RefereeId ? member.ToString() : name + field;

        await desk.AppliedAsync(desk.Invite(anna, "i1" + field, new() { [field] = Name(bert, "bert") }));
        await desk.AppliedAsync(desk.Invite(bert, "i2" + field, new() { [field] = Name(carl, "carl") }));
        (await desk.CasesAsync()).ShouldBeEmpty();
        await desk.AppliedAsync(desk.Invite(bert, "i3" + field, new() { [field] = Name(anna, "anna") }));
        await desk.AppliedAsync(desk.Invite(carl, "i4" + field, new() { [field] = "nobody" }));

        (await desk.MemberAsync(anna)).ShouldBe((600, 0, "active"));
        (await desk.MemberAsync(bert)).ShouldBe((1_100, 500, "active"));
        (await desk.CasesAsync()).ShouldHaveSingleItem().Value.ShouldBe(1);
        await desk.VerifyWatchAsync();
    }

    [Fact]
    public async Task HoldsTheReward_When_ThoseWhoAreInvitedShareADevice()
    {
        var shared = WatchDesk.Rule(WatchTrigger.Earn, WatchMeasure.ReferralsOfDevice, 2, WatchAction.Hold, WatchUnit.Day, 30);
        await using var desk = await OpenAsync("referrals", shared);
        var inviter = await desk.NewMemberAsync("inviter", 0);
        for (var i = 0; i < 4; i++)
        {
            var friend = await desk.NewMemberAsync($"friend {i}", 0);
            await desk.AppliedAsync(desk.Invite(inviter, $"d{i}", new() { ["refereeId"] = friend.ToString(), ["deviceId"] = i == 3 ? "own" : "farm" }));
        }

        (await desk.MemberAsync(inviter)).ShouldBe((2_100, 500, "active"));
        (await desk.CasesAsync()).ShouldHaveSingleItem().Value.ShouldBe(3);
        await desk.VerifyWatchAsync();
    }

    [Fact]
    public async Task IsLookedAtFromTheNextCommandOn_When_AnotherNodeSwitchedTheRuleOn()
    {
        await using var desk = await MoneyDatabase.OpenAsync(kind, databases, "marks_switched", isFree: true);
        var (first, second) = (await desk.NewMemberAsync("before", 0), await desk.NewMemberAsync("after", 0));
        var rule = WatchDesk.Rule(WatchTrigger.Earn, WatchMeasure.MembersOfDevice, 1, WatchAction.Flag);
        await desk.AppliedAsync(desk.Order(first, "unwatched", 1_000, "tablet"));

        // In one batch with the change, so that what was locked is not what is needed.
        var outcomes = await Task.WhenAll(
            desk.SubmitAsync(new ChangeProgramme(
                MoneyDesk.Tenant, programme => new ProgrammeEdit.To(programme with { Watch = [rule] }), desk.Books.Programmes)
            { ChangedBy = "test" }),
            desk.SubmitAsync(desk.Order(first, "watched 1", 1_000, "tablet")),
            desk.SubmitAsync(desk.Order(second, "watched 2", 1_000, "tablet")));

        outcomes.ShouldAllBe(outcome => outcome is Outcome.Applied);
        await desk.AppliedAsync(desk.Order(first, "watched 3", 1_000, "tablet"));
        await desk.AppliedAsync(desk.Order(second, "watched 4", 1_000, "tablet"));
        (await desk.CasesAsync()).ShouldNotBeEmpty();
        await desk.VerifyWatchAsync();
    }

    [Fact]
    public async Task LeavesNoTrace_When_NothingIsWatched()
    {
        await using var desk = await OpenAsync("off", [.. StandardWatch.All]);
        var (one, other) = (await desk.NewMemberAsync("one", 0), await desk.NewMemberAsync("other", 0));
        for (var i = 0; i < 30; i++)
        {
            await desk.AppliedAsync(desk.Earn(one, 1_000, $"e{i}"));
            await desk.AppliedAsync(desk.Order(one, $"o{i}", 100_000, "phone", "lane"));
        }

        await desk.AppliedAsync(desk.Give(one, other, 25_000, "gift"));

        (await desk.QueryAsync<long>("SELECT COUNT(*) FROM limit_counters WHERE limit_code LIKE 'watch:%'")).ShouldBe([0]);
        (await desk.QueryAsync<long>("SELECT (SELECT COUNT(*) FROM watch_cases) + (SELECT COUNT(*) FROM watch_marks)")).ShouldBe([0]);
    }

    private Task<MoneyDatabase> OpenAsync(string name, params WatchRule[] rules) => WatchDesk.OpenAsync(kind, databases, "marks_" + name, rules);
}

public sealed class WatchMarksOnSqliteTests(NamedDatabases databases) : WatchMarksContract(DatabaseUnderTest.Sqlite, databases);

public sealed class WatchMarksOnPostgresTests(NamedDatabases databases) : WatchMarksContract(DatabaseUnderTest.Postgres, databases);

public sealed class WatchMarksOnMySqlTests(NamedDatabases databases) : WatchMarksContract(DatabaseUnderTest.MySql, databases);
