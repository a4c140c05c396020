using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Profiles;
using Laurel.ContractTests.Verification;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Notes;
using Laurel.Membership.Search;
using Laurel.Membership.Statuses;
using Laurel.Membership.Verification;
using Laurel.Testing;
using Shouldly;
using System.Globalization;
using Xunit;

namespace Laurel.ContractTests.Searching;

/// <summary>What the staff notes about members, and questions that it keeps, on one database.</summary>
public abstract class NotesContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AreTheirAuthorsAndGoWithTheMember_When_TheyAreWrittenAndRemoved()
    {
        await using var desk = await SearchDesk.OpenAsync(kind, databases, "notes");
        var (member, other) = (await desk.NewMemberAsync("noted", 0), await desk.NewMemberAsync("other", 0));
        var first = await AddAsync(desk, member, "haggles");
        var second = await AddAsync(desk, member, "喜欢红酒");
        (await ListAsync(desk, member)).ShouldBe(["喜欢红酒", "haggles"]);

        (await desk.RefusedAsync(Remove(desk, other, first))).ShouldBe("NOTE_NOT_FOUND");
        (await desk.RefusedAsync(Remove(desk, member, first, "paul"))).ShouldBe("NOTE_OF_ANOTHER");
        await desk.AppliedAsync(Remove(desk, member, first));
        await desk.AppliedAsync(Remove(desk, member, second, "paul", mayAll: true));
        await AddAsync(desk, member, "the last");
        await desk.VerifyPersonsAsync();

        await desk.AppliedAsync(new RequestCancellation(ProfileDesk.Tenant, MemberReference.ById(member), new StatusCause("test", "olga"), desk.Books));
        desk.Advance(TimeSpan.FromDays(8));
        await new CancellationJob(desk.Database, desk.Node.Lanes, desk.Books, desk.Clock).RunAsync(ProfileDesk.Tenant, null, Cancellation);
        (await desk.CountAsync("member_notes", member)).ShouldBe(0);
        (await desk.RefusedAsync(new AddNote(MoneyDesk.Tenant, MemberReference.ById(member), "again", "olga", desk.Books))).ShouldBe("MEMBER_INACTIVE");
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task AreRemovedWhereTheyAre_When_TheirMemberHasGoneIntoAnother()
    {
        await using var desk = await SearchDesk.OpenAsync(kind, databases, "notes_merged");
        var (from, into) = (await desk.NewMemberAsync("from", 0), await desk.NewMemberAsync("into", 0));
        var (note, kept) = (await AddAsync(desk, from, "haggles"), await AddAsync(desk, into, "pays cash"));
        await desk.AppliedAsync(new MergeMembers(
            ProfileDesk.Tenant, MemberReference.ById(from), MemberReference.ById(into), new MergeRequest("t-1", "one person", "olga"), desk.Books));

        (await ListAsync(desk, from)).ShouldBe(["haggles"]);
        (await desk.RefusedAsync(Remove(desk, from, kept))).ShouldBe("NOTE_NOT_FOUND");
        (await desk.RefusedAsync(Remove(desk, from, note, "paul"))).ShouldBe("NOTE_OF_ANOTHER");
        await desk.AppliedAsync(Remove(desk, from, note));
        (await ListAsync(desk, from)).ShouldBeEmpty();
        (await ListAsync(desk, into)).ShouldBe(["pays cash"]);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task AreTheirOwnersOrShared_When_QuestionsAreKept()
    {
        await using var desk = await SearchDesk.OpenAsync(kind, databases, "filters");
        var body = new SavedFilterBody { Name = "frozen", Filter = new MemberFilter { Status = "frozen", Tags = ["wine"], SpendMin = 5 } };
        var kept = (SavedFilterReply)await desk.AppliedAsync(new WriteFilter(MoneyDesk.Tenant, 0, body, "olga"));
        (kept.Filter.Status, kept.Filter.Tags.Single(), kept.Filter.SpendMin).ShouldBe(("frozen", "wine", 5));
        var id = long.Parse(kept.Id, CultureInfo.InvariantCulture);

        (await desk.RefusedAsync(new WriteFilter(MoneyDesk.Tenant, id, body, "paul"))).ShouldBe("FILTER_NOT_FOUND");
        await desk.AppliedAsync(new WriteFilter(MoneyDesk.Tenant, id, body with { Shared = true }, "olga"));
        (await desk.RefusedAsync(new WriteFilter(MoneyDesk.Tenant, id, body, "paul"))).ShouldBe("FILTER_OF_ANOTHER");
        (await desk.RefusedAsync(new WriteFilter(new TenantId(2), id, body, "olga"))).ShouldBe("FILTER_NOT_FOUND");
        await desk.AppliedAsync(new WriteFilter(MoneyDesk.Tenant, id, null, "olga"));
        (await desk.RefusedAsync(new WriteFilter(MoneyDesk.Tenant, id, null, "olga"))).ShouldBe("FILTER_NOT_FOUND");
    }

    private static async Task<long> AddAsync(MoneyDatabase desk, MemberId member, string text) => long.Parse(
        ((NoteReceipt)await desk.AppliedAsync(new AddNote(MoneyDesk.Tenant, MemberReference.ById(member), text, "olga", desk.Books))).Id, CultureInfo.InvariantCulture);

    private static RemoveNote Remove(MoneyDatabase desk, MemberId member, long id, string caller = "olga", bool mayAll = false) =>
        new(MoneyDesk.Tenant, MemberReference.ById(member), id, caller, mayAll, desk.Books);

    private static async Task<string[]> ListAsync(MoneyDatabase desk, MemberId member) =>
        [.. (await new NoteQueries(desk.Node.Vault).ListAsync(desk.Database, MoneyDesk.Tenant, member, Cancellation)).Items.Select(note => note.Text)];
}

/// <summary>A sound database whose members are found passes; one thing changed by hand is found.</summary>
public sealed class VerifyingSearchTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    [Theory]
    [InlineData("a term gone", "DELETE FROM member_terms WHERE term = (SELECT MIN(term) FROM member_terms)", "member_terms")]
    [InlineData("a term too many", "INSERT INTO member_terms SELECT tenant_id, 7, id FROM members", "member_terms")]
    [InlineData("a term of another", "UPDATE member_terms SET term = term + 1 WHERE term = (SELECT MIN(term) FROM member_terms)", "member_terms")]
    [InlineData("terms of nobody", "INSERT INTO member_terms VALUES (1, 7, 7)", "member_terms")]
    [InlineData("terms of another tenant", "UPDATE member_terms SET tenant_id = 2 WHERE term = (SELECT MIN(term) FROM member_terms)", "member_terms")]
    [InlineData("another nickname", "UPDATE members SET nickname = 'other' WHERE nickname IS NOT NULL", "member_terms")]
    [InlineData("sealed terms forgotten", "UPDATE personal_data SET search_terms = NULL", "member_terms")]
    [InlineData("a level of a track without its term",
        """UPDATE members SET level_state = '{"tracks":[{"track":"vip","level":"gold","since":0,"state":{}}]}'""", "member_terms")]
    [InlineData("a tag forgotten", "UPDATE members SET tags = NULL", "member_terms")]
    [InlineData("a tag that is not there", "UPDATE tags SET removed = 1", "members")]
    [InlineData("tags out of order", "UPDATE members SET tags = 'wine gold' WHERE tags IS NOT NULL", "members")]
    [InlineData("a figure of before", "UPDATE member_figures SET spend = spend + 1", "member_figures")]
    [InlineData("a figure gone", "DELETE FROM member_figures WHERE member_id = (SELECT MAX(member_id) FROM member_figures)", "member_figures")]
    [InlineData("a note of nobody", "UPDATE member_notes SET member_id = 7", "member_notes")]
    public async Task IsFound_When_SomethingIsChangedByHand(string what, string sql, string table)
    {
        await using var desk = await SearchDesk.OpenAsync(DatabaseUnderTest.Sqlite, databases, "spoilt", keepsFigures: true);
        var member = await desk.NewMemberAsync("told", 0);
        await desk.AppliedAsync(desk.Change(member, ProfileDesk.Everything));
        await desk.AppliedAsync(SearchDesk.Define("gold"));
        await desk.AppliedAsync(SearchDesk.Define("wine"));
        await desk.AppliedAsync(desk.Tagged(member, "gold"));
        await desk.AppliedAsync(desk.Tagged(member, "wine"));
        await desk.AppliedAsync(new AddNote(MoneyDesk.Tenant, MemberReference.ById(member), "haggles", "olga", desk.Books));
        await desk.FillAsync();
        await desk.VerifyPersonsAsync();
        (await SmallDatabase.SpoilAsync(desk.Settings, sql)).ShouldBeGreaterThan(0, what);
        var report = await new Verifier(desk.Node.Database).RunAsync(null, TestContext.Current.CancellationToken);

        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I32).Offences.ShouldContain(offence => offence.Table == table, what);
    }
}

public sealed class NotesOnSqliteTests(NamedDatabases databases) : NotesContract(DatabaseUnderTest.Sqlite, databases);

public sealed class NotesOnPostgresTests(NamedDatabases databases) : NotesContract(DatabaseUnderTest.Postgres, databases);

public sealed class NotesOnMySqlTests(NamedDatabases databases) : NotesContract(DatabaseUnderTest.MySql, databases);
