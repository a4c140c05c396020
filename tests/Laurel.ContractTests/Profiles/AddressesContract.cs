using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Verification;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Addresses;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Programmes;
using Laurel.Membership.Statuses;
using Laurel.Membership.Verification;
using Laurel.Platform.Access;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Profiles;

/// <summary>Where members want things sent, on one database. Each scenario ends with every invariant kept.</summary>
public abstract class AddressesContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    [Fact]
    public async Task HaveOneDefault_When_TheyAreAddedChangedAndRemoved()
    {
        await using var desk = await OpenAsync("default");
        var member = await desk.NewMemberAsync("default", 0);

        var first = await desk.AddAsync(member, "one");
        var second = await desk.AddAsync(member, "two");
        var third = await desk.AddAsync(member, "three", isDefault: true);
        (await desk.NamesAsync(member)).ShouldBe(["*three", "two", "one"]);

        await desk.AppliedAsync(desk.Change(member, first, null, isDefault: true));
        await desk.AppliedAsync(desk.Change(member, first, "ONE", isDefault: false));
        (await desk.NamesAsync(member)).ShouldBe(["*ONE", "three", "two"]);
        desk.Advance(TimeSpan.FromMinutes(1));
        await desk.AppliedAsync(desk.Change(member, second, "TWO", isDefault: false));
        await desk.AppliedAsync(desk.Remove(member, first));
        (await desk.NamesAsync(member)).ShouldBe(["*TWO", "three"]);
        (await desk.RefusedAsync(desk.Remove(member, first))).ShouldBe("ADDRESS_NOT_FOUND");
        await desk.AppliedAsync(desk.Remove(member, second));
        await desk.AppliedAsync(desk.Remove(member, third));
        (await desk.NamesAsync(member)).ShouldBeEmpty();
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task AreAtMostTwentyWithOneDefault_When_ManyAreAddedAtOnce()
    {
        await using var desk = await OpenAsync("race");
        var member = await desk.NewMemberAsync("race", 0);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => desk.SubmitAsync(desk.Add(member, "at once " + i, isDefault: i % 3 == 0))));

        outcomes.OfType<Outcome.Applied>().Count().ShouldBe(AddressBook.Max);
        outcomes.OfType<Outcome.Refused>().Select(refused => refused.Refusal.Code).Distinct().ShouldBe(["ADDRESS_LIMIT"]);
        (await desk.NamesAsync(member)).Count(name => name.StartsWith('*')).ShouldBe(1);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task AreNobodyElses_When_AnotherMemberNamesThem()
    {
        await using var desk = await OpenAsync("others");
        var (mine, other) = (await desk.NewMemberAsync("mine", 0), await desk.NewMemberAsync("other", 0));
        var address = await desk.AddAsync(mine, "mine");

        (await desk.RefusedAsync(desk.Change(other, address, "theirs", isDefault: true))).ShouldBe("ADDRESS_NOT_FOUND");
        (await desk.RefusedAsync(desk.Remove(other, address))).ShouldBe("ADDRESS_NOT_FOUND");

        (await desk.NamesAsync(mine)).ShouldBe(["*mine"]);
        (await desk.NamesAsync(other)).ShouldBeEmpty();
        (await desk.ListAsync(mine, inFull: false)).Select(one => (one.Name, one.Phone, one.Address, one.City)).ShouldBe([("m**", "139****1111", "****", "上海市")]);
    }

    [Fact]
    public async Task GoAlongAndComeBack_When_MembersAreMergedAndParted()
    {
        await using var desk = await OpenAsync("merged");
        var (from, into) = (await desk.NewMemberAsync("from", 0), await desk.NewMemberAsync("into", 0));
        await desk.AddAsync(from, "theirs");
        await desk.AddAsync(into, "mine");

        var reply = (MergeReply)await desk.AppliedAsync(new MergeMembers(
            ProfileDesk.Tenant, MemberReference.ById(from), MemberReference.ById(into), new MergeRequest("m-1", "one person", "olga"), desk.Books));
        (await desk.NamesAsync(into)).ShouldBe(["*mine", "theirs"]);
        await desk.AddAsync(from, "late");
        (await desk.NamesAsync(into)).ShouldBe(["*mine", "late", "theirs"]);
        await desk.VerifyPersonsAsync();
        await desk.AppliedAsync(new UndoMerge(
            ProfileDesk.Tenant, long.Parse(reply.MergeId!, System.Globalization.CultureInfo.InvariantCulture), new UndoRequest("two persons", "olga"), desk.Books));

        (await desk.NamesAsync(into)).ShouldBe(["*mine", "late"]);
        (await desk.NamesAsync(from)).ShouldBe(["*theirs"]);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task AreGone_When_TheMemberHasLeft()
    {
        await using var desk = await OpenAsync("left");
        var member = await desk.NewMemberAsync("left", 0);
        await desk.AddAsync(member, "home");
        await desk.AppliedAsync(new RequestCancellation(ProfileDesk.Tenant, MemberReference.ById(member), new StatusCause("test", "olga"), desk.Books));
        desk.Advance(TimeSpan.FromDays(8));

        await new CancellationJob(desk.Database, desk.Node.Lanes, desk.Books, desk.Clock).RunAsync(ProfileDesk.Tenant, null, TestContext.Current.CancellationToken);

        (await desk.CountAsync("member_addresses", member)).ShouldBe(0);
        (await desk.RefusedAsync(desk.Add(member, "again"))).ShouldBe("MEMBER_INACTIVE");
        await desk.VerifyPersonsAsync();
    }

    private Task<MoneyDatabase> OpenAsync(string name) => ProfileDesk.OpenAsync(kind, databases, "address_" + name);
}

/// <summary>A sound database with persons in every state passes; one thing changed by hand is found.</summary>
public sealed class VerifyingPersonsTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    [Theory]
    [InlineData("two defaults", "UPDATE member_addresses SET is_default = 1", "member_addresses")]
    [InlineData("no default", "UPDATE member_addresses SET is_default = 0", "member_addresses")]
    [InlineData("no data key", "DELETE FROM personal_data WHERE member_id > 0", "member_addresses")]
    [InlineData("an address of nobody", "UPDATE member_addresses SET member_id = 7", "member_addresses")]
    [InlineData("a consent of nobody", "UPDATE member_consents SET member_id = 7", "member_consents")]
    [InlineData("personal data of nobody", "INSERT INTO personal_data (tenant_id, member_id, wrapped_key) VALUES (1, 7, x'00')", "personal_data")]
    [InlineData("another status", "UPDATE members SET status = 'banned' WHERE status = 'frozen'", "members")]
    [InlineData("a step gone", "DELETE FROM member_status_changes WHERE to_status = 'inactive'", "member_status_changes")]
    [InlineData("a step that goes nowhere", "UPDATE member_status_changes SET to_status = from_status WHERE to_status = 'frozen'", "member_status_changes")]
    [InlineData("a wish that nobody had", "UPDATE members SET cancel_due_at = 5 WHERE status = 'frozen'", "members")]
    [InlineData("a wish forgotten", "UPDATE members SET cancel_due_at = NULL", "members")]
    [InlineData("left and not erased", "UPDATE members SET erased_at = NULL", "members")]
    [InlineData("erased and not left", "UPDATE members SET erased_at = 5 WHERE status = 'frozen'", "members")]
    [InlineData("a nickname of who has left", "UPDATE members SET nickname = 'ming' WHERE status = 'cancelled'", "members")]
    [InlineData("an external id of who has left", "UPDATE members SET external_id = 'ming' WHERE status = 'cancelled'", "members")]
    [InlineData("a second person forgotten", "UPDATE members SET cancel_asked_by = NULL", "members")]
    [InlineData("a second person made up", "UPDATE members SET cancel_asked_by = zeroblob(16) WHERE cancel_asked_by IS NULL AND cancel_due_at IS NOT NULL", "members")]
    [InlineData("a second person for who was never asked to leave", "UPDATE members SET cancel_asked_by = zeroblob(16) WHERE status = 'frozen'", "members")]
    [InlineData("confirmed by nobody", "UPDATE member_status_changes SET hands = NULL WHERE kind = 'cancellation_confirmed'", "member_status_changes")]
    [InlineData(
        "confirmed by who asked",
        "UPDATE member_status_changes SET hands = (SELECT MAX(hands) FROM member_status_changes WHERE kind = 'cancellation_requested') WHERE kind = 'cancellation_confirmed'",
        "member_status_changes")]
    [InlineData("a confirmation gone", "DELETE FROM member_status_changes WHERE kind = 'cancellation_confirmed'", "members")]
    [InlineData("who asked forgotten", "UPDATE member_status_changes SET hands = NULL WHERE kind = 'cancellation_requested'", "member_status_changes")]
    [InlineData(
        "left without a second person",
        "UPDATE member_status_changes SET hands = zeroblob(16) WHERE due_at IS NOT NULL AND member_id = (SELECT id FROM members WHERE status = 'cancelled')",
        "member_status_changes")]
    [InlineData(
        "personal data of who has left",
        "INSERT INTO personal_data (tenant_id, member_id, wrapped_key) SELECT tenant_id, id, x'00' FROM members WHERE status = 'cancelled'",
        "members")]
    [InlineData(
        "an address of who has left",
        "UPDATE member_addresses SET member_id = (SELECT id FROM members WHERE status = 'cancelled') WHERE is_default = 1",
        "members")]
    public async Task IsFound_When_APersonIsChangedByHand(string what, string sql, string table)
    {
        await using var desk = await ProfileDesk.OpenAsync(
            DatabaseUnderTest.Sqlite, databases, "spoilt", new Programme { Profile = ProfileDesk.Rules, Cancellation = new CancellationRules { TwoPersons = true } });
        await desk.WritePersonsAsync();
        await desk.VerifyPersonsAsync();
        (await SmallDatabase.SpoilAsync(desk.Settings, sql)).ShouldBeGreaterThan(0, what);
        var report = await new Verifier(desk.Node.Database).RunAsync(null, TestContext.Current.CancellationToken);

        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I27).Offences.ShouldContain(offence => offence.Table == table, what);
    }
}

/// <summary>Addresses in few words.</summary>
internal static class AddressDesk
{
    public static AddressText Text(string name) => new()
    {
        Name = name,
        Phone = ProfileDesk.Phone,
        Province = "上海市",
        City = "上海市",
        District = "徐汇区",
        Address = "漕溪北路 1 号",
        Tag = "家",
    };

    public static AddAddress Add(this MoneyDesk desk, MemberId member, string name, bool isDefault = false) =>
        new(ProfileDesk.Tenant, MemberReference.ById(member), Text(name), isDefault, desk.Books);

    public static ChangeAddress Change(this MoneyDesk desk, MemberId member, long id, string? name, bool isDefault) =>
        new(ProfileDesk.Tenant, MemberReference.ById(member), id, name is null ? null : Text(name), isDefault, desk.Books);

    public static RemoveAddress Remove(this MoneyDesk desk, MemberId member, long id) => new(ProfileDesk.Tenant, MemberReference.ById(member), id, desk.Books);

    public static async Task<long> AddAsync(this MoneyDesk desk, MemberId member, string name, bool isDefault = false) =>
        long.Parse(((AddressReceipt)await desk.AppliedAsync(desk.Add(member, name, isDefault))).Id, System.Globalization.CultureInfo.InvariantCulture);

    public static async Task<IReadOnlyList<AddressReply>> ListAsync(this MoneyDatabase desk, MemberId member, bool inFull = true) =>
        (await new AddressQueries(desk.Node.Vault).ListAsync(desk.Database, ProfileDesk.Tenant, member, inFull, TestContext.Current.CancellationToken)).Items;

    /// <summary>The names on the addresses, that of the default with a star.</summary>
    public static async Task<string[]> NamesAsync(this MoneyDatabase desk, MemberId member) =>
        [.. (await desk.ListAsync(member)).Select(address => (address.IsDefault ? "*" : "") + address.Name)];

    /// <summary>Persons in every state.</summary>
    public static async Task WritePersonsAsync(this MoneyDatabase desk)
    {
        var why = new StatusCause("test", "olga");
        var (told, frozen, left, leaving) = (
            await desk.NewMemberAsync("told", 0), await desk.NewMemberAsync("frozen", 0), await desk.NewMemberAsync("left", 0), await desk.NewMemberAsync("leaving", 0));
        await desk.AppliedAsync(desk.Change(told, ProfileDesk.Everything));
        await desk.AppliedAsync(desk.Consent(told, "privacy_policy", given: true, origin: "203.0.113.7"));
        await desk.AddAsync(told, "home");
        await desk.AddAsync(told, "office");
        await desk.AppliedAsync(new SetStatus(ProfileDesk.Tenant, MemberReference.ById(frozen), MemberStatus.Banned, why, desk.Books));
        await desk.AppliedAsync(new SetStatus(ProfileDesk.Tenant, MemberReference.ById(frozen), MemberStatus.Inactive, why, desk.Books));
        await desk.AppliedAsync(new SetStatus(ProfileDesk.Tenant, MemberReference.ById(frozen), MemberStatus.Frozen, why, desk.Books));
        await desk.AppliedAsync(desk.Change(left, ProfileDesk.Everything));
        await desk.AppliedAsync(new RequestCancellation(ProfileDesk.Tenant, MemberReference.ById(left), why, desk.Books));
        desk.Advance(TimeSpan.FromDays(8));
        await new CancellationJob(desk.Database, desk.Node.Lanes, desk.Books, desk.Clock).RunAsync(ProfileDesk.Tenant, null, TestContext.Current.CancellationToken);
        await desk.AppliedAsync(new RequestCancellation(ProfileDesk.Tenant, MemberReference.ById(leaving), why, desk.Books));

        // Two whom staff asks to leave, of whom one is confirmed.
        var (olga, bert) = (HandsOf("olga"), HandsOf("bert"));
        var (asked, confirmed) = (await desk.NewMemberAsync("asked", 0), await desk.NewMemberAsync("confirmed", 0));
        foreach (var member in (MemberId[])[asked, confirmed])
        {
            await desk.AppliedAsync(new RequestCancellation(ProfileDesk.Tenant, MemberReference.ById(member), why, desk.Books) { AskedBy = olga });
        }

        await desk.AppliedAsync(new ConfirmCancellation(ProfileDesk.Tenant, MemberReference.ById(confirmed), why, bert, desk.Books));
    }

    /// <summary>The hands of somebody whom nobody has made.</summary>
    public static Hands HandsOf(string name) => Hands.Of(Hash128.Of(ProfileDesk.Tenant.Value, "hand", name));
}

public sealed class AddressesOnSqliteTests(NamedDatabases databases) : AddressesContract(DatabaseUnderTest.Sqlite, databases);

public sealed class AddressesOnPostgresTests(NamedDatabases databases) : AddressesContract(DatabaseUnderTest.Postgres, databases);

public sealed class AddressesOnMySqlTests(NamedDatabases databases) : AddressesContract(DatabaseUnderTest.MySql, databases);
