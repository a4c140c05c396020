using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Merges;
using Laurel.Membership.Orders;
using Laurel.Membership.Points;
using Laurel.Membership.Profiles;
using Laurel.Membership.Programmes;
using Laurel.Membership.Statuses;
using Laurel.Platform.Access;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Profiles;

/// <summary>What each status lets a member do, and how members leave, on one database. Each scenario ends with every invariant kept.</summary>
public abstract class LeavingContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private static readonly StatusCause s_why = new("test", "olga");

    // A real name as a check leaves it; what is sealed in it is nobody's.
    private static readonly SetStatement<MemberId> s_realName = Statements.Insert(
        "real_names",
        Column<MemberId>.Int32("tenant_id", _ => ProfileDesk.Tenant.Value),
        Column<MemberId>.Int64("id", member => member.Value),
        Column<MemberId>.Text("state", _ => "verified"),
        Column<MemberId>.Bytes("card", _ => [1]),
        Column<MemberId>.Bytes("card_index", _ => new byte[16]),
        Column<MemberId>.Bytes("real_name", _ => [1]),
        Column<MemberId>.Int64("card_use", member => member.Value),
        Column<MemberId>.Int64("attempt", _ => 1),
        Column<MemberId>.Int32("attempts_on", _ => 1),
        Column<MemberId>.Int32("attempts", _ => 1),
        Column<MemberId>.Text("provider", _ => "staff"),
        Column<MemberId>.Int64("changed_at", _ => 0));

    private static readonly SetStatement<MemberId> s_cardUse = Statements.Insert(
        "identity_card_uses",
        Column<MemberId>.Int32("tenant_id", _ => ProfileDesk.Tenant.Value),
        Column<MemberId>.Int64("id", member => member.Value),
        Column<MemberId>.Bytes("card_index", _ => new byte[16]),
        Column<MemberId>.Int64("member_id", member => member.Value));

    [Theory]
    [InlineData(MemberStatus.Active, "", "", "")]
    [InlineData(MemberStatus.Frozen, "", "MEMBER_INACTIVE", "")]
    [InlineData(MemberStatus.Inactive, "MEMBER_INACTIVE", "MEMBER_INACTIVE", "")]
    [InlineData(MemberStatus.Banned, "MEMBER_INACTIVE", "MEMBER_INACTIVE", "MEMBER_INACTIVE")]
    public async Task LetsDoWhatTheTableSays_When_TheStatusIsSet(MemberStatus status, string earns, string spends, string tells)
    {
        await using var desk = await OpenAsync("table");
        var member = await desk.NewMemberAsync("table " + status, 0);
        await desk.AppliedAsync(Order(desk, member, "before " + status));

        await desk.AppliedAsync(Set(desk, member, status));

        (await CodeOfAsync(desk, Order(desk, member, "o-" + status))).ShouldBe(earns);
        (await CodeOfAsync(desk, Spend(desk, member, 10, "s-" + status))).ShouldBe(spends);
        (await CodeOfAsync(desk, desk.Change(member, new ProfileChange { Nickname = "n" }))).ShouldBe(tells);
        (await CodeOfAsync(desk, Refund(desk, "before " + status))).ShouldBe("");
        await desk.AppliedAsync(Set(desk, member, MemberStatus.Active));
        (await CodeOfAsync(desk, Spend(desk, member, 10, "t-" + status))).ShouldBe("");
        (await desk.CountAsync("member_status_changes", member)).ShouldBe(status == MemberStatus.Active ? 0 : 2);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task LeavesForGoodAndMayComeAnew_When_TheCoolingOffHasEnded()
    {
        await using var desk = await OpenAsync("leave");
        var member = await desk.NewMemberAsync("canary-ext", 0);
        await desk.AppliedAsync(desk.Change(member, ProfileDesk.Everything));
        await desk.AppliedAsync(desk.Consent(member, "privacy_policy", given: true, origin: "203.0.113.7"));
        await desk.AppliedAsync(Order(desk, member, "o-1"));

        (await desk.SubmitAsync(new LaneWrite("test.real_name", Reach.Everything).Add(s_realName, [member]).Add(s_cardUse, [member]))).ShouldBeOfType<Outcome.Applied>();
        (await desk.CountAsync("identity_card_uses", member)).ShouldBe(1);
        await desk.VerifyPersonsAsync();
        var asked = (StatusReply)await desk.AppliedAsync(Leave(desk, member));
        (await RunJobAsync(desk)).ShouldBe(0);
        desk.Advance(TimeSpan.FromDays(6));
        ((StatusReply)await desk.AppliedAsync(Leave(desk, member))).CancelDueAt.ShouldBe(asked.CancelDueAt);
        (await RunJobAsync(desk)).ShouldBe(0);
        desk.Advance(TimeSpan.FromDays(1));
        (await RunJobAsync(desk)).ShouldBe(1);
        (await RunJobAsync(desk)).ShouldBe(0);

        var left = await desk.ReadAsync(member);
        (left.Status, left.ExternalId, left.Points.Available).ShouldBe(("cancelled", $"erased:{member}", 0));
        (left.Nickname, left.Phone, left.Email, left.Profile).ShouldBe((null, null, null, null));
        (await desk.ByPhoneAsync(ProfileDesk.Phone)).ShouldBeEmpty();
        (await desk.CountAsync("personal_data", member)).ShouldBe(0);
        (await desk.CountAsync("identity_card_uses", member)).ShouldBe(0);
        (await desk.CountAsync("(SELECT tenant_id, id AS member_id FROM real_names) r", member)).ShouldBe(0);
        (await desk.RefusedAsync(Order(desk, member, "o-2"))).ShouldBe("MEMBER_INACTIVE");
        (await desk.RefusedAsync(desk.Adjust(member, 5))).ShouldBe("MEMBER_INACTIVE");
        (await desk.RefusedAsync(Set(desk, member, MemberStatus.Active))).ShouldBe("MEMBER_INACTIVE");
        await desk.AppliedAsync(Refund(desk, "o-1"));
        var anew = await desk.NewMemberAsync("canary-ext", 0);
        anew.ShouldNotBe(member);
        await desk.AppliedAsync(desk.Change(anew, ProfileDesk.Everything));
        (await desk.ByPhoneAsync(ProfileDesk.Phone)).ShouldBe([anew]);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task Stays_When_TheRequestIsWithdrawnInTime()
    {
        await using var desk = await OpenAsync("stay");
        var member = await desk.NewMemberAsync("stay", 0);

        (await desk.RefusedAsync(Stay(desk, member))).ShouldBe("CANCELLATION_NOT_FOUND");
        await desk.AppliedAsync(Leave(desk, member));
        await desk.AppliedAsync(Stay(desk, member));
        desk.Advance(TimeSpan.FromDays(30));
        (await RunJobAsync(desk)).ShouldBe(0);

        (await desk.ReadAsync(member)).Status.ShouldBe("active");
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task IsToldWhatIsOpen_When_SomethingIs()
    {
        await using var desk = await OpenAsync("open");
        var moneyed = await desk.NewMemberAsync("moneyed", 1_000);
        await desk.AppliedAsync(desk.Recharge(moneyed, 600, "open"));
        await desk.AppliedAsync(desk.Apply(moneyed, 400, "w-1"));
        var holding = await desk.NewMemberAsync("holding", 0);
        await desk.AppliedAsync(Leave(desk, holding));
        await desk.AppliedAsync(Hold(desk, holding, 40));

        var refusal = (await desk.SubmitAsync(Leave(desk, moneyed))).ShouldBeOfType<Outcome.Refused>().Refusal;
        desk.Advance(TimeSpan.FromDays(8));
        (await RunJobAsync(desk)).ShouldBe(0);

        (refusal.Code, refusal.Values["obstacles"]).ShouldBe(("CANCELLATION_BLOCKED", "stored_money, withdrawals, recharges"));
        (await desk.ReadAsync(holding)).Status.ShouldBe("active");
        desk.Advance(TimeSpan.FromDays(30));
        (await RunJobAsync(desk)).ShouldBe(1);
        (await desk.ReadAsync(holding)).Status.ShouldBe("cancelled");
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task SpendsFirst_When_TheProgrammeTakesNoPoints()
    {
        var programme = new Programme { Cancellation = new CancellationRules { CoolingOffDays = 0, Points = CancelledPoints.Refuse } };
        await using var desk = await ProfileDesk.OpenAsync(kind, databases, "refuse", programme);
        var member = await desk.NewMemberAsync("refuse", 0);

        (await desk.SubmitAsync(Leave(desk, member))).ShouldBeOfType<Outcome.Refused>().Refusal.Values["obstacles"].ShouldBe("points");
        await desk.AppliedAsync(Spend(desk, member, 100, "all"));
        await desk.AppliedAsync(Leave(desk, member));
        (await RunJobAsync(desk)).ShouldBe(1);

        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task TakesThoseAlongWhoWentIntoIt_When_ASurvivorLeaves()
    {
        await using var desk = await OpenAsync("merged");
        var (first, second, survivor) = (await desk.NewMemberAsync("first", 0), await desk.NewMemberAsync("second", 0), await desk.NewMemberAsync("survivor", 0));
        await desk.AppliedAsync(desk.Change(first, ProfileDesk.Everything));
        await desk.AppliedAsync(Merge(desk, first, second));
        await desk.AppliedAsync(Merge(desk, second, survivor));
        await desk.AppliedAsync(Leave(desk, first));
        desk.Advance(TimeSpan.FromDays(8));

        (await RunJobAsync(desk)).ShouldBe(1);

        (await desk.ReadAsync(survivor)).Status.ShouldBe("cancelled");
        (await desk.ReadAsync(first)).ExternalId.ShouldBe($"erased:{first}");
        (await desk.ReadAsync(second)).ExternalId.ShouldBe($"erased:{second}");
        (await desk.CountAsync("personal_data", first)).ShouldBe(0);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task LeavesOnlyWithASecondPerson_When_TheProgrammeAsksForTwo()
    {
        await using var desk = await OpenForTwoAsync("two");
        var member = await desk.NewMemberAsync("two", 0);
        var (olga, bert) = (AddressDesk.HandsOf("olga"), AddressDesk.HandsOf("bert"));
        var ann = Hands.Of(Hash128.Of(1, "hand", "ann"), olga);

        (await desk.RefusedAsync(Confirm(desk, member, bert))).ShouldBe("CANCELLATION_NOT_FOUND");
        ((StatusReply)await desk.AppliedAsync(Leave(desk, member, olga))).CancelUnconfirmed.ShouldBeTrue();
        desk.Advance(TimeSpan.FromDays(30));
        (await RunJobAsync(desk)).ShouldBe(0);
        ((StatusReply)await desk.AppliedAsync(Leave(desk, member, bert))).CancelUnconfirmed.ShouldBeTrue("to ask again is not to confirm");
        (await desk.RefusedAsync(Confirm(desk, member, olga))).ShouldBe("CONFIRMER_NOT_ANOTHER");
        (await desk.RefusedAsync(Confirm(desk, member, ann))).ShouldBe("CONFIRMER_NOT_ANOTHER");
        (await RunJobAsync(desk)).ShouldBe(0);
        (await desk.ReadAsync(member)).Status.ShouldBe("active");
        await desk.VerifyPersonsAsync();

        ((StatusReply)await desk.AppliedAsync(Confirm(desk, member, bert))).CancelUnconfirmed.ShouldBeFalse();
        await desk.AppliedAsync(Confirm(desk, member, olga));
        (await desk.CountAsync("member_status_changes", member)).ShouldBe(2);
        await desk.VerifyPersonsAsync();
        (await RunJobAsync(desk)).ShouldBe(1);
        (await desk.ReadAsync(member)).Status.ShouldBe("cancelled");
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task NeedsNobodyElse_When_TheMemberAsksForItself()
    {
        await using var desk = await OpenForTwoAsync("self");
        var (own, both) = (await desk.NewMemberAsync("own", 0), await desk.NewMemberAsync("both", 0));

        ((StatusReply)await desk.AppliedAsync(Leave(desk, own))).CancelUnconfirmed.ShouldBeFalse();
        var asked = (StatusReply)await desk.AppliedAsync(Leave(desk, both, AddressDesk.HandsOf("olga")));
        desk.Advance(TimeSpan.FromDays(3));
        var again = (StatusReply)await desk.AppliedAsync(Leave(desk, both));
        desk.Advance(TimeSpan.FromDays(4));

        (again.CancelUnconfirmed, again.CancelDueAt).ShouldBe((false, asked.CancelDueAt));
        await desk.VerifyPersonsAsync();
        (await RunJobAsync(desk)).ShouldBe(2);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task WaitsForNobody_When_WhatWaitedIsWithdrawnOrMerged()
    {
        await using var desk = await OpenForTwoAsync("withdrawn");
        var (stays, source, survivor) = (await desk.NewMemberAsync("stays", 0), await desk.NewMemberAsync("source", 0), await desk.NewMemberAsync("survivor", 0));
        var (olga, bert) = (AddressDesk.HandsOf("olga"), AddressDesk.HandsOf("bert"));

        await desk.AppliedAsync(Leave(desk, stays, olga));
        await desk.AppliedAsync(Stay(desk, stays));
        (await desk.RefusedAsync(Confirm(desk, stays, bert))).ShouldBe("CANCELLATION_NOT_FOUND");
        await desk.AppliedAsync(Leave(desk, source, olga));
        await desk.AppliedAsync(Merge(desk, source, survivor));
        desk.Advance(TimeSpan.FromDays(30));
        (await RunJobAsync(desk)).ShouldBe(0);
        await desk.AppliedAsync(Leave(desk, stays, bert));
        (await desk.RefusedAsync(Confirm(desk, stays, bert))).ShouldBe("CONFIRMER_NOT_ANOTHER");
        await desk.AppliedAsync(Confirm(desk, stays, olga));

        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task IsConfirmedOnce_When_ManyConfirmAndAskAtOnce()
    {
        await using var desk = await OpenForTwoAsync("confirmed");
        var member = await desk.NewMemberAsync("confirmed", 0);
        await desk.AppliedAsync(Leave(desk, member, AddressDesk.HandsOf("olga")));

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => i % 2 == 0
            ? desk.AppliedAsync(Confirm(desk, member, AddressDesk.HandsOf("bert" + i)))
            : desk.AppliedAsync(Leave(desk, member, AddressDesk.HandsOf("carl" + i)))));

        (await desk.CountAsync("(SELECT * FROM member_status_changes WHERE kind = 'cancellation_confirmed') c", member)).ShouldBe(1);
        await desk.VerifyPersonsAsync();
    }

    [Fact]
    public async Task ChangesTheStatusOnce_When_ManySetItAtOnce()
    {
        await using var desk = await OpenAsync("race");
        var member = await desk.NewMemberAsync("race", 0);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => desk.AppliedAsync(Set(desk, member, i % 2 == 0 ? MemberStatus.Frozen : MemberStatus.Banned))));

        await desk.VerifyPersonsAsync();
    }

    private Task<MoneyDatabase> OpenAsync(string name) => ProfileDesk.OpenAsync(kind, databases, "left_" + name);

    private static async Task<string> CodeOfAsync(MoneyDesk desk, Command command) =>
        await desk.SubmitAsync(command) is Outcome.Refused refused ? refused.Refusal.Code : "";

    private static SetStatus Set(MoneyDesk desk, MemberId member, MemberStatus status) => new(ProfileDesk.Tenant, MemberReference.ById(member), status, s_why, desk.Books);

    private Task<MoneyDatabase> OpenForTwoAsync(string name) => ProfileDesk.OpenAsync(
        kind, databases, "left_" + name, new Programme { Cancellation = new CancellationRules { TwoPersons = true } });

    private static RequestCancellation Leave(MoneyDesk desk, MemberId member, Hands? by = null) =>
        new(ProfileDesk.Tenant, MemberReference.ById(member), s_why, desk.Books) { AskedBy = by };

    private static ConfirmCancellation Confirm(MoneyDesk desk, MemberId member, Hands by) =>
        new(ProfileDesk.Tenant, MemberReference.ById(member), s_why, by, desk.Books);

    private static WithdrawCancellation Stay(MoneyDesk desk, MemberId member) => new(ProfileDesk.Tenant, MemberReference.ById(member), s_why, desk.Books);

    private static MergeMembers Merge(MoneyDesk desk, MemberId from, MemberId into) =>
        new(ProfileDesk.Tenant, MemberReference.ById(from), MemberReference.ById(into), new MergeRequest($"m-{from}", "one person", "olga"), desk.Books);

    private static SpendPoints Spend(MoneyDesk desk, MemberId member, long points, string reference) =>
        new(ProfileDesk.Tenant, MemberReference.ById(member), Request(points, reference), desk.Books);

    private static HoldPoints Hold(MoneyDesk desk, MemberId member, long points) =>
        new(ProfileDesk.Tenant, MemberReference.ById(member), Request(points, "hold"), desk.Books) { ExpiresAt = Instant.Now(desk.Clock).Plus(TimeSpan.FromDays(20)) };

    private static PointsRequest Request(long points, string reference) => new()
    {
        Points = points,
        Reason = "test",
        ReferenceType = "test",
        ReferenceId = reference,
    };

    private static CompleteOrder Order(MoneyDesk desk, MemberId member, string id) => new(
        ProfileDesk.Tenant,
        MemberReference.ById(member),
        new OrderRequest { OrderId = id, Currency = "CNY", Amount = 5_000, Lines = [] },
        new EventOrigin("test", "order.completed", "e-" + id),
        desk.Books);

    private static RefundOrder Refund(MoneyDesk desk, string order) => new(
        ProfileDesk.Tenant,
        new RefundRequest { OrderId = order, RefundId = "r-" + order, Amount = 5_000, Lines = [] },
        new EventOrigin("test", "order.refunded", "f-" + order),
        desk.Books);

    private static Task<int> RunJobAsync(MoneyDatabase desk) => new CancellationJob(desk.Database, desk.Node.Lanes, desk.Books, desk.Clock)
        .RunAsync(ProfileDesk.Tenant, null, TestContext.Current.CancellationToken);
}

public sealed class LeavingOnSqliteTests(NamedDatabases databases) : LeavingContract(DatabaseUnderTest.Sqlite, databases);

public sealed class LeavingOnPostgresTests(NamedDatabases databases) : LeavingContract(DatabaseUnderTest.Postgres, databases);

public sealed class LeavingOnMySqlTests(NamedDatabases databases) : LeavingContract(DatabaseUnderTest.MySql, databases);
