using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Profiles;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Profiles;
using Laurel.Membership.Programmes;
using Laurel.Membership.Search;
using Laurel.Membership.Statuses;
using Laurel.Testing;
using Shouldly;
using System.Globalization;
using Xunit;

namespace Laurel.ContractTests.Searching;

/// <summary>Finding members, on one database. Each scenario ends with every invariant kept.</summary>
public abstract class SearchContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static readonly string[] s_surnames = ["王", "李", "张", "欧阳", "Wang ", "ＬＩ"];

    private static readonly string[] s_givenNames = ["伟", "小明", "芳", "Wei", "秀英", "𠮷"];

    private static readonly SetStatement<int> s_withoutTerms = new(
        sqlite: "DELETE FROM member_terms WHERE tenant_id = $1",
        postgres: "DELETE FROM member_terms t USING unnest($1) k (tenant_id) WHERE t.tenant_id = k.tenant_id",
        Column<int>.Int32("tenant_id", tenant => tenant));

    private static readonly SetStatement<int> s_withoutSealedTerms = new(
        sqlite: "UPDATE personal_data SET search_terms = NULL WHERE tenant_id = $1",
        postgres: "UPDATE personal_data p SET search_terms = NULL FROM unnest($1) k (tenant_id) WHERE p.tenant_id = k.tenant_id",
        Column<int>.Int32("tenant_id", tenant => tenant));

    [Fact]
    public async Task FollowsEveryChange_When_AMemberIsToldRenamedMergedPartedAndErased()
    {
        await using var desk = await OpenAsync("follows");
        var member = await desk.NewMemberAsync("follows", 0);
        (await desk.NamedAsync("小明")).ShouldBeEmpty();

        await desk.AppliedAsync(desk.Change(member, ProfileDesk.Everything));
        (await desk.NamedAsync("小明")).ShouldBe([member.Value]);
        (await desk.NamedAsync("王小明")).ShouldBe([member.Value], "by the real name alone");
        (await desk.NamedAsync("王小")).ShouldBe([member.Value]);
        (await desk.NamedAsync("小")).ShouldBe([member.Value], "the nickname begins with it");
        (await desk.NamedAsync("明")).ShouldBeEmpty();
        (await desk.FindAsync(new MemberFilter { Phone = "1111" })).ShouldBe([member.Value]);
        (await desk.FindAsync(new MemberFilter { Phone = "139 0000 1111" })).ShouldBe([member.Value]);
        foreach (var query in (string[])["1111", ProfileDesk.Phone, "Ming@example.org", "小明", "王小明"])
        {
            (await desk.FindAsync(new MemberFilter { Query = query })).ShouldBe([member.Value], query);
        }

        var code = (await desk.ReadAsync(member)).MemberCode;
        (await desk.FindAsync(new MemberFilter { Query = code.ToLowerInvariant() })).ShouldBe([member.Value]);
        var everything = new MemberFilter { Code = code, Phone = "1111", Name = "小明", Email = "ming@example.org", ExternalId = "follows" };
        (await desk.FindAsync(everything)).ShouldBe([member.Value]);
        (await desk.FindAsync(new MemberFilter { Code = code, Phone = "2222" })).ShouldBeEmpty();

        await desk.AppliedAsync(desk.Change(member, new ProfileChange { Nickname = "大明", RealName = "李大明", Phone = "13800002222", ByStaff = true }));
        (await desk.NamedAsync("小明")).ShouldBeEmpty();
        (await desk.NamedAsync("李大")).ShouldBe([member.Value]);
        (await desk.FindAsync(new MemberFilter { Phone = "1111" })).ShouldBeEmpty();
        (await desk.FindAsync(new MemberFilter { Phone = "2222" })).ShouldBe([member.Value]);
        await desk.AppliedAsync(desk.Change(member, new ProfileChange { Clear = ["phone", "realName"], ByStaff = true }));
        (await desk.FindAsync(new MemberFilter { Phone = "2222" })).ShouldBeEmpty();
        (await desk.NamedAsync("李大")).ShouldBeEmpty();
        (await desk.NamedAsync("大明")).ShouldBe([member.Value]);
        (await desk.PageAsync(new MemberFilter { Name = "大明" }, tenant: new TenantId(2))).Ids.ShouldBeEmpty();
        await desk.VerifyPersonsAsync();

        await desk.AppliedAsync(new RequestCancellation(ProfileDesk.Tenant, MemberReference.ById(member), new StatusCause("test", "olga"), desk.Books));
        desk.Advance(TimeSpan.FromDays(8));
        await new CancellationJob(desk.Database, desk.Node.Lanes, desk.Books, desk.Clock).RunAsync(ProfileDesk.Tenant, null, TestContext.Current.CancellationToken);
        (await desk.CountAsync("member_terms", member)).ShouldBe(0);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task ComesFirst_When_AQuestionNamesAMemberExactly()
    {
        await using var desk = await OpenAsync("exact");
        var (alike, named, other) = (await desk.NewMemberAsync("alike", 0), await desk.NewMemberAsync("named", 0), await desk.NewMemberAsync("other", 0));
        await desk.AppliedAsync(desk.Change(alike, new ProfileChange { Nickname = "13800138000", ByStaff = true }));
        foreach (var one in (MemberId[])[other, named])
        {
            await desk.AppliedAsync(desk.Change(one, new ProfileChange { Phone = "13800138000", ByStaff = true }));
        }

        foreach (var limit in (int[])[1, 2, 3, 200])
        {
            (await desk.FindAsync(new MemberFilter { Query = "13800138000" }, limit)).ShouldBe([named.Value, other.Value, alike.Value], $"{limit}");
            (await desk.FindAsync(new MemberFilter { Query = "13800138000", Sort = "-registered" }, limit))[^1].ShouldBe(alike.Value, $"{limit}");
        }

        var code = (await desk.ReadAsync(other)).MemberCode;
        await desk.AppliedAsync(desk.Change(alike, new ProfileChange { Nickname = code, ByStaff = true }));
        await desk.AppliedAsync(desk.Change(named, new ProfileChange { Nickname = code, ByStaff = true }));
        (await desk.FindAsync(new MemberFilter { Query = code }, limit: 1)).ShouldBe([other.Value, alike.Value, named.Value]);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task AreFoundByWhatTheyDid_When_TheirLastActivityIsAskedFor()
    {
        await using var desk = await OpenAsync("activity");
        var (idle, early, late) = (await desk.NewMemberAsync("idle", 0), await desk.NewMemberAsync("early", 0), await desk.NewMemberAsync("late", 0));
        await desk.OrderAsync(early, "early", 100_000);
        desk.Advance(TimeSpan.FromDays(30));
        var since = desk.Clock.GetUtcNow();
        await desk.OrderAsync(late, "late", 100_000);
        desk.Advance(TimeSpan.FromDays(1));

        (await desk.FindAsync(new MemberFilter { ActiveSince = since })).ShouldBe([late.Value]);
        (await desk.FindAsync(new MemberFilter { InactiveSince = since })).ShouldBe([idle.Value, early.Value]);
        (await desk.FindAsync(new MemberFilter { ActiveSince = since.AddDays(-40), InactiveSince = since })).ShouldContain(early.Value);
        (await desk.FindAsync(new MemberFilter { ActiveSince = desk.Clock.GetUtcNow() })).ShouldBeEmpty();
    }

    [Fact]
    public async Task KeepTheirTags_When_MembersAreMergedPartedAndLeave()
    {
        await using var desk = await OpenAsync("tags");
        var (from, into) = (await desk.NewMemberAsync("from", 0), await desk.NewMemberAsync("into", 0));
        (await desk.RefusedAsync(desk.Tagged(from, "gold"))).ShouldBe("TAG_NOT_FOUND");
        foreach (var code in (string[])["gold", "wine", "tour"])
        {
            await desk.AppliedAsync(SearchDesk.Define(code));
        }

        await desk.AppliedAsync(SearchDesk.Define("model", isSystem: true));
        (await desk.RefusedAsync(desk.Tagged(from, "model", bySystem: false))).ShouldBe("TAG_SYSTEM");
        await desk.AppliedAsync(desk.Tagged(from, "gold"));
        await desk.AppliedAsync(desk.Tagged(from, "gold"));
        await desk.AppliedAsync(desk.Tagged(from, "wine", bySystem: false));
        await desk.AppliedAsync(desk.Tagged(into, "wine"));
        await desk.AppliedAsync(desk.Tagged(into, "tour"));
        (await desk.FindAsync(new MemberFilter { Tags = ["wine"] })).ShouldBe([from.Value, into.Value], ignoreOrder: true);
        (await desk.FindAsync(new MemberFilter { Tags = ["wine", "gold"] })).ShouldBe([from.Value]);
        (await desk.RefusedAsync(new Laurel.Membership.Tags.WriteTag(MoneyDesk.Tenant, "gold", null))).ShouldBe("TAG_IN_USE");

        var reply = (MergeReply)await desk.AppliedAsync(new MergeMembers(
            ProfileDesk.Tenant, MemberReference.ById(from), MemberReference.ById(into), new MergeRequest("t-1", "one person", "olga"), desk.Books));
        (await desk.ReadAsync(into)).Tags.ShouldBe(["gold", "tour", "wine"]);
        (await desk.FindAsync(new MemberFilter { Tags = ["gold"] })).ShouldBe([into.Value], "the survivor alone");
        await desk.AppliedAsync(desk.Tagged(into, "gold", given: false));
        (await desk.RefusedAsync(new Laurel.Membership.Tags.WriteTag(MoneyDesk.Tenant, "gold", null))).ShouldBe("TAG_IN_USE", "who went may come back");
        await desk.VerifyPersonsAsync();
        await desk.AppliedAsync(new UndoMerge(
            ProfileDesk.Tenant, long.Parse(reply.MergeId!, CultureInfo.InvariantCulture), new UndoRequest("two persons", "olga"), desk.Books));
        (await desk.ReadAsync(into)).Tags.ShouldBe(["tour", "wine"]);
        (await desk.ReadAsync(from)).Tags.ShouldBe(["gold", "wine"]);
        (await desk.ReadAsync(from, forOwner: true)).Tags.ShouldBeNull();

        await desk.AppliedAsync(desk.Tagged(from, "gold", given: false));
        await desk.AppliedAsync(desk.Tagged(from, "wine", given: false));
        await desk.AppliedAsync(new Laurel.Membership.Tags.WriteTag(MoneyDesk.Tenant, "gold", null));
        (await desk.RefusedAsync(desk.Tagged(from, "gold"))).ShouldBe("TAG_NOT_FOUND");
        (await desk.ReadAsync(from)).Tags.ShouldBeNull();
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task AreGivenOrRemovedAndNeverBoth_When_ATagIsGivenWhileItIsRemoved()
    {
        await using var desk = await OpenAsync("race");
        var members = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => desk.NewMemberAsync("race " + i, 0)));
        for (var round = 0; round < 5; round++)
        {
            await desk.AppliedAsync(SearchDesk.Define("fleeting"));
            await Task.WhenAll(members.Select(member => desk.SubmitAsync(desk.Tagged(member, "fleeting")))
                .Append(desk.SubmitAsync(new Laurel.Membership.Tags.WriteTag(MoneyDesk.Tenant, "fleeting", null))));
            await desk.VerifyPersonsAsync();
            await Task.WhenAll(members.Select(member => desk.SubmitAsync(desk.Tagged(member, "fleeting", given: false))));
        }
    }

    [Fact]
    public async Task FindsWhatAModelFinds_When_MembersAndQuestionsAreRandom()
    {
        await using var desk = await OpenAsync("random");
        var seed = new Random(7).Next();
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        await RandomMembers.WriteAsync(desk, new Random(seed), s_surnames, s_givenNames);
        await desk.FillAsync();
        await RandomMembers.CompareAsync(desk, new Random(seed + 1), s_surnames, s_givenNames, seed);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task AreBroughtIn_When_TheyWereThereBeforeTheIndex()
    {
        await using var desk = await OpenAsync("before");
        var member = await desk.NewMemberAsync("before", 0);
        await desk.AppliedAsync(desk.Change(member, ProfileDesk.Everything));
        await desk.AppliedAsync(new LaneWrite("test", Reach.Everything).Add(s_withoutTerms, MoneyDesk.Tenant.Value).Add(s_withoutSealedTerms, MoneyDesk.Tenant.Value));

        (await desk.NamedAsync("小明")).ShouldBeEmpty();
        (await desk.PageAsync(new MemberFilter { Name = "小明" })).IsFilling.ShouldBeTrue();
        await desk.FillAsync();
        (await desk.NamedAsync("小明")).ShouldBe([member.Value]);
        (await desk.NamedAsync("王小明")).ShouldBe([member.Value]);
        (await desk.FindAsync(new MemberFilter { Phone = "1111" })).ShouldBe([member.Value]);
        (await desk.PageAsync(new MemberFilter { Name = "小明" })).IsFilling.ShouldBeFalse();
        (await desk.Fill().RunAsync(MoneyDesk.Tenant, null, TestContext.Current.CancellationToken)).ShouldBe(0);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task AreSortedAndFollow_When_TheProgrammeKeepsFigures()
    {
        await using var desk = await SearchDesk.OpenAsync(kind, databases, "figures", isFree: true);
        var members = new List<MemberId>();
        for (var i = 0; i < 9; i++)
        {
            members.Add(await desk.NewMemberAsync("figures " + i, 0));
            await desk.OrderAsync(members[^1], "before " + i, 1_000 * (1 + (i % 4)));
        }

        await SetFiguresAsync(desk, kept: true);
        await desk.OrderAsync(members[3], "at once", 50_000);
        (await desk.CountAsync("member_figures", members[3])).ShouldBe(1);
        await desk.FillAsync();
        await desk.OrderAsync(members[5], "later", 20_000);
        await desk.NewMemberAsync("new", 0);
        await desk.VerifyPersonsAsync();

        (await desk.FindAsync(new MemberFilter { Sort = "-spend" }, limit: 2)).Take(2).ShouldBe([members[3].Value, members[5].Value]);
        (await desk.FindAsync(new MemberFilter { Sort = "growth", SpendMin = 1 }, limit: 3)).Distinct().Count().ShouldBe(9);

        await SetFiguresAsync(desk, kept: false);
        await desk.OrderAsync(members[4], "unseen", 90_000);
        (await desk.FindAsync(new MemberFilter { Sort = "-spend" }))[0].ShouldBe(members[4].Value, "a small shop is sorted without them");
        await SetFiguresAsync(desk, kept: true);
        await desk.VerifyPersonsAsync();
        await desk.FillAsync();
        await desk.VerifyPersonsAsync();
        (await desk.FindAsync(new MemberFilter { Sort = "-spend" }))[0].ShouldBe(members[4].Value);
        await SetFiguresAsync(desk, kept: false);
        await desk.FillAsync();
        (await desk.CountAsync("member_figures", members[4])).ShouldBe(0);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task TellEverybodyOnce_When_MembersAreRenamedAndComeWhilePagesAreRead()
    {
        await using var desk = await OpenAsync("pages");
        var members = new List<MemberId>();
        for (var i = 0; i < 40; i++)
        {
            members.Add(await NewNamedAsync(desk, i));
        }

        await desk.FillAsync();
        var found = new List<long>();
        SearchPlace? after = null;
        for (var page = 0; page < 100; page++)
        {
            var next = await desk.PageAsync(new MemberFilter { Name = "页面", Sort = "registered" }, after, limit: 3);
            found.AddRange(next.Ids);
            await desk.AppliedAsync(desk.Change(members[page % 40], new ProfileChange { Nickname = "页面又" + page, ByStaff = true }));
            await NewNamedAsync(desk, 100 + page);
            if (next.Next is null || page > 30)
            {
                break;
            }

            after = next.Next;
        }

        found.Distinct().Count().ShouldBe(found.Count);
        found.Take(40).ShouldBe(members.Select(member => member.Value));
        await desk.VerifyPersonsAsync();
    }

    private static async Task<MemberId> NewNamedAsync(MoneyDatabase desk, int number)
    {
        desk.Advance(TimeSpan.FromSeconds(1));
        var member = await desk.NewMemberAsync("page " + number.ToString(CultureInfo.InvariantCulture), 0);
        await desk.AppliedAsync(desk.Change(member, new ProfileChange { Nickname = "页面" + number.ToString(CultureInfo.InvariantCulture), ByStaff = true }));
        return member;
    }

    private static Task<object> SetFiguresAsync(MoneyDatabase desk, bool kept) => desk.AppliedAsync(new ChangeProgramme(
        MoneyDesk.Tenant, programme => new ProgrammeEdit.To(programme with { Search = new SearchRules { Figures = kept } }), desk.Books.Programmes)
    {
        ChangedBy = "test",
    });

    private Task<MoneyDatabase> OpenAsync(string name) => SearchDesk.OpenAsync(kind, databases, name);
}

public sealed class SearchOnSqliteTests(NamedDatabases databases) : SearchContract(DatabaseUnderTest.Sqlite, databases);

public sealed class SearchOnPostgresTests(NamedDatabases databases) : SearchContract(DatabaseUnderTest.Postgres, databases);

public sealed class SearchOnMySqlTests(NamedDatabases databases) : SearchContract(DatabaseUnderTest.MySql, databases);
