using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Profiles;
using Laurel.Engine.Audit;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Statuses;
using Laurel.Membership.Verification;
using Laurel.Platform.Audit;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Audits;

/// <summary>Who did what, on one database. Each scenario ends with every invariant kept, proved with the key.</summary>
public abstract class AuditContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static readonly Origin s_shop = new(OperatorKind.Key, "shop") { Name = "Till", Address = "10.0.0.1", Agent = "till/1", Request = "request-shop" };
    private static readonly Origin s_staff = new(OperatorKind.User, "42") { Address = "192.0.2.7", Agent = "Firefox", Request = "request-staff" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SayWhoDidWhatFromWhere_When_PeopleAndSystemsAct()
    {
        await using var desk = await OpenAsync("said");
        var member = await desk.NewMemberAsync("said", 0);
        await desk.AppliedAsync(Earn(desk, member, 100, "e-1", s_shop));
        await desk.AppliedAsync(Freeze(desk, member, s_staff));
        (await desk.RefusedAsync(new SpendPoints(ProfileDesk.Tenant, MemberReference.ById(member), Request(1_000, "s-1"), desk.Books) { CalledFrom = s_shop }))
            .ShouldBe("MEMBER_INACTIVE");

        var earned = (await AllAsync(desk, new AuditQuery(ProfileDesk.Tenant) { Operator = "key:shop" })).ShouldHaveSingleItem();
        (earned.Operation, earned.Address, earned.Request, earned.IsAct).ShouldBe(("EarnPoints", "10.0.0.1", "request-shop", false));
        earned.Members.ShouldBe([member.Value]);
        earned.Content.GetProperty("name").GetString().ShouldBe("Till");
        earned.Content.TryGetProperty("agent", out _).ShouldBeFalse();
        var change = earned.Content.GetProperty("changed")[0];
        (change.GetProperty("before").GetProperty("points").GetInt64(), change.GetProperty("after").GetProperty("points").GetInt64()).ShouldBe((100, 200));
        var frozen = (await ActsAsync(desk, new AuditQuery(ProfileDesk.Tenant) { Operator = "user:42" })).ShouldHaveSingleItem();
        (frozen.Operation, frozen.Address, frozen.Content.GetProperty("agent").GetString()).ShouldBe(("SetStatus", "192.0.2.7", "Firefox"));
        change = frozen.Content.GetProperty("changed")[0];
        (change.GetProperty("before").GetProperty("status").GetString(), change.GetProperty("after").GetProperty("status").GetString()).ShouldBe(("active", "frozen"));
        await VerifyAsync(desk);
    }

    [Fact]
    public async Task AreFoundByWhatIsAsked_When_ActsAreMany()
    {
        await using var desk = await OpenAsync("found");
        var (one, other) = (await desk.NewMemberAsync("one", 0), await desk.NewMemberAsync("other", 0));
        for (var i = 0; i < 5; i++)
        {
            var origin = s_staff with { Request = "r-" + i, Address = "192.0.2." + i };
            await desk.AppliedAsync(i % 2 == 0 ? Freeze(desk, one, origin) : Thaw(desk, one, origin));
            desk.Advance(TimeSpan.FromHours(1));
        }

        await desk.AppliedAsync(Freeze(desk, other, s_staff with { Request = "r-other" }));
        await desk.AppliedAsync(Earn(desk, one, 7, "e-one", s_shop));
        var query = new AuditQuery(ProfileDesk.Tenant);

        (await ActsAsync(desk, query with { Member = one.Value })).Select(record => record.Request).ShouldBe(["r-4", "r-3", "r-2", "r-1", "r-0"]);
        (await ActsAsync(desk, query with { Member = other.Value })).Select(record => record.Request).ShouldBe(["r-other"]);
        (await ActsAsync(desk, query with { Request = "r-2" })).Select(record => record.Address).ShouldBe(["192.0.2.2"]);
        (await ActsAsync(desk, query with { Address = ("192.0.2.3", "~") })).Select(record => record.Request).ShouldBe(["r-3"]);
        (await ActsAsync(desk, query with { Operation = "SetStatus", Operator = "user:42" })).Count.ShouldBe(6);
        (await ActsAsync(desk, query with { Operator = "key:shop" })).ShouldBeEmpty();
        (await ActsAsync(desk, new AuditQuery(new TenantId(2)))).ShouldBeEmpty();
        var second = (await ActsAsync(desk, query with { Request = "r-1" }))[0].RecordedAt;
        (await ActsAsync(desk, query with { From = second, To = second.Plus(TimeSpan.FromHours(2)) })).Select(record => record.Request)
            .ShouldBe(["r-2", "r-1"]);
        (await AllAsync(desk, query with { Member = one.Value, All = true })).Select(record => record.Operation)
            .ShouldBe(["EarnPoints", "SetStatus", "SetStatus", "SetStatus", "SetStatus", "SetStatus", "RegisterMember"]);
        (await PagesAsync(desk, query with { Member = one.Value }, 2)).ShouldBe([2, 2, 1]);
        await VerifyAsync(desk);
    }

    [Fact]
    public async Task KeepNothingOfAPerson_When_TheMemberHasLeft()
    {
        await using var desk = await OpenAsync("left");
        var member = await desk.NewMemberAsync("left", 0);
        var own = new Origin(OperatorKind.Member, member.ToString()) { Address = "203.0.113.9", Agent = "MyPhone of Ming", Request = "r-own" };
        await desk.AppliedAsync(new UpdateProfileOf(desk, member).By(own));
        var hidden = desk.Node.Audit.HideAddress(ProfileDesk.Tenant, "203.0.113.9");
        var byAddress = new AuditQuery(ProfileDesk.Tenant) { Address = ("203.0.113.9", hidden) };
        var record = (await ActsAsync(desk, byAddress)).ShouldHaveSingleItem();
        (record.Operator, record.Address).ShouldBe(("member:" + member, hidden));
        record.Content.TryGetProperty("agent", out _).ShouldBeFalse();
        await desk.AppliedAsync(new RequestCancellation(ProfileDesk.Tenant, MemberReference.ById(member), new StatusCause("test", "olga"), desk.Books) { CalledFrom = own });
        desk.Advance(TimeSpan.FromDays(8));

        await new CancellationJob(desk.Database, desk.Node.Lanes, desk.Books, desk.Clock).RunAsync(ProfileDesk.Tenant, null, Cancellation);

        (await ActsAsync(desk, byAddress)).ShouldBeEmpty();
        var all = await AllAsync(desk, new AuditQuery(ProfileDesk.Tenant) { All = true });
        all.Select(one => one.Operation).ShouldContain("CarryOutCancellation");
        var text = string.Join('\n', all.Select(one => one.Content.GetRawText()));
        foreach (var personal in (string[])["203.0.113.9", "MyPhone", "小明", ProfileDesk.Phone, "ming@example.org", "1990"])
        {
            text.ShouldNotContain(personal);
        }

        await VerifyAsync(desk);
    }

    [Fact]
    public async Task AreProvedFromWhereTheyWereCut_When_OldOnesAreCleared()
    {
        await using var desk = await OpenAsync("cleared");
        var member = await desk.NewMemberAsync("cleared", 0);
        for (var month = 0; month < 6; month++)
        {
            for (var i = 0; i < 3; i++)
            {
                await desk.AppliedAsync(i == 1 ? Freeze(desk, member, s_staff) : Thaw(desk, member, s_staff));
                desk.Advance(TimeSpan.FromDays(10));
            }
        }

        await new AuditSealing(desk.Database, desk.Node.Lanes, desk.Clock).RunAsync(Cancellation);
        var query = new AuditQuery(ProfileDesk.Tenant) { Operation = "SetStatus" };
        var before = await ActsAsync(desk, query);
        before.Count.ShouldBe(18);

        var removed = await new AuditRetention(desk.Database, desk.Node.Lanes, desk.Node.Audit, TimeSpan.FromDays(65), desk.Clock)
            .RunAsync(Cancellation);

        removed.ShouldBeGreaterThan(10);
        (await ActsAsync(desk, query)).Select(record => record.Id).ShouldBe(before.Take(6).Select(record => record.Id));
        (await AllAsync(desk, new AuditQuery(new TenantId(0)) { All = true })).Select(record => record.Operation).ShouldContain("ClearAudit");
        await VerifyAsync(desk);
        await SpoilAsync(desk, new SetStatement<long>(
            sqlite: "UPDATE audit_clearings SET before_batch_id = before_batch_id + $1",
            postgres: "UPDATE audit_clearings SET before_batch_id = before_batch_id + k.more FROM unnest($1) k (more)",
            Column<long>.Int64("more", more => more)));

        (await OffencesAsync(desk)).ShouldContain(offence => offence.Table == "audit_clearings");
    }

    [Fact]
    public async Task AreChainedToTheirEnd_When_TheNodeIsStartedAgainAndSealed()
    {
        await using var desk = await OpenAsync("chained");
        var member = await desk.NewMemberAsync("chained", 0);
        await desk.AppliedAsync(Earn(desk, member, 1, "first", s_shop));
        await desk.AppliedAsync(Earn(desk, member, 1, "second", s_shop));
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => desk.SubmitAsync(Earn(desk, member, 1, "e-" + i, s_shop))));
        var sealing = new AuditSealing(desk.Database, desk.Node.Lanes, desk.Clock);
        await sealing.RunAsync(Cancellation);
        await sealing.RunAsync(Cancellation);

        (await AllAsync(desk, new AuditQuery(ProfileDesk.Tenant) { Operation = "EarnPoints" })).Count.ShouldBe(202);
        await VerifyAsync(desk);

        // Whoever takes the ends of chains off is found by the heads.
        await SpoilAsync(desk, new SetStatement<long>(
            sqlite: "DELETE FROM audit_batches WHERE sequence > $1",
            postgres: "DELETE FROM audit_batches b USING unnest($1) k (after) WHERE b.sequence > k.after",
            Column<long>.Int64("after", after => after)));

        (await OffencesAsync(desk)).Select(offence => offence.Table).ShouldContain("audit_chains");
    }

    [Fact]
    public async Task AskForNothing_When_ALineOfReadsIsRecorded()
    {
        await using var desk = await OpenAsync("reads");
        var member = await desk.NewMemberAsync("reads", 0);

        await desk.AppliedAsync(new ReadInFull(ProfileDesk.Tenant, member, "member", "complaint 7") { CalledFrom = s_staff });

        var record = (await ActsAsync(desk, new AuditQuery(ProfileDesk.Tenant) { Member = member.Value })).ShouldHaveSingleItem();
        (record.Operation, record.Content.GetProperty("view").GetString(), record.Content.GetProperty("reason").GetString())
            .ShouldBe(("ReadInFull", "member", "complaint 7"));
        await VerifyAsync(desk);
    }

    /// <summary>Does by hand what nobody should.</summary>
    private static async Task SpoilAsync(MoneyDatabase desk, SetStatement<long> statement) =>
        (await desk.Node.Lanes.SubmitAsync(new LaneWrite("spoil", Reach.Everything).Add(statement, 1L), Cancellation)).ShouldBeOfType<Outcome.Applied>();

    private static EarnPoints Earn(MoneyDatabase desk, MemberId member, long points, string reference, Origin origin) =>
        new(ProfileDesk.Tenant, MemberReference.ById(member), Request(points, reference), desk.Books) { CalledFrom = origin };

    private static PointsRequest Request(long points, string reference) => new() { Points = points, Reason = "test", ReferenceType = "test", ReferenceId = reference };

    private static SetStatus Freeze(MoneyDatabase desk, MemberId member, Origin origin) =>
        new(ProfileDesk.Tenant, MemberReference.ById(member), MemberStatus.Frozen, new StatusCause("looked odd", "olga"), desk.Books) { CalledFrom = origin };

    private static SetStatus Thaw(MoneyDatabase desk, MemberId member, Origin origin) =>
        new(ProfileDesk.Tenant, MemberReference.ById(member), MemberStatus.Active, new StatusCause("was not", "olga"), desk.Books) { CalledFrom = origin };

    private sealed record UpdateProfileOf(MoneyDatabase Desk, MemberId Member)
    {
        public Membership.Profiles.UpdateProfile By(Origin origin) =>
            new(ProfileDesk.Tenant, MemberReference.ById(Member), ProfileDesk.Everything, Desk.Books) { CalledFrom = origin };
    }

    private static async Task<IReadOnlyList<AuditRecord>> ActsAsync(MoneyDatabase desk, AuditQuery query) =>
        (await new AuditStore(desk.Database).PageAsync(query, null, 200, Cancellation)).Records;

    /// <summary>Everything, newest first, acts or not.</summary>
    private static async Task<IReadOnlyList<AuditRecord>> AllAsync(MoneyDatabase desk, AuditQuery query)
    {
        var found = new List<AuditRecord>();
        (long, int)? after = null;
        for (var pages = 0; pages < 1_000; pages++)
        {
            var page = await new AuditStore(desk.Database).PageAsync(query with { All = true }, after, 3, Cancellation);
            found.AddRange(page.Records);
            if ((after = page.Next) is null)
            {
                break;
            }
        }

        var up = new List<AuditRecord>();
        await foreach (var record in new AuditStore(desk.Database).ReadAllAsync(query with { All = true }, Cancellation))
        {
            up.Add(record);
        }

        up.Select(record => record.Id).Reverse().ShouldBe(found.Select(record => record.Id));
        return found;
    }

    private static async Task<IReadOnlyList<int>> PagesAsync(MoneyDatabase desk, AuditQuery query, int limit)
    {
        var counts = new List<int>();
        (long, int)? after = null;
        for (var pages = 0; pages < 100; pages++)
        {
            var page = await new AuditStore(desk.Database).PageAsync(query, after, limit, Cancellation);
            counts.Add(page.Records.Count);
            if ((after = page.Next) is null)
            {
                break;
            }
        }

        return counts;
    }

    private static async Task<IReadOnlyList<Offence>> OffencesAsync(MoneyDatabase desk)
    {
        var report = await new Verifier(desk.Database) { Audit = desk.Node.Audit }.RunAsync(null, Cancellation);
        return [.. report.Invariants.SelectMany(invariant => invariant.Offences)];
    }

    private static async Task VerifyAsync(MoneyDatabase desk) => (await OffencesAsync(desk)).ShouldBeEmpty();

    private Task<MoneyDatabase> OpenAsync(string name) => ProfileDesk.OpenAsync(kind, databases, "audit_" + name);
}

public sealed class AuditOnSqliteTests(NamedDatabases databases) : AuditContract(DatabaseUnderTest.Sqlite, databases);

public sealed class AuditOnPostgresTests(NamedDatabases databases) : AuditContract(DatabaseUnderTest.Postgres, databases);

public sealed class AuditOnMySqlTests(NamedDatabases databases) : AuditContract(DatabaseUnderTest.MySql, databases);
