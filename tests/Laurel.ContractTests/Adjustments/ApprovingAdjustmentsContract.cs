using System.Globalization;
using Dapper;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Product;
using Laurel.ContractTests.Verification;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Adjustments;
using Laurel.Membership.Balance;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Verification;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Adjustments;

/// <summary>Adjustments above what one person may do, on one database. Each scenario ends with every invariant kept.</summary>
public abstract class ApprovingAdjustmentsContract(DatabaseUnderTest kind, NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    private const long Alone = AdjustmentDesk.Alone;

    [Fact]
    public async Task ChangesNothingAndNamesTheRequest_When_MoreIsAskedThanOnePersonMay()
    {
        await using var desk = await OpenAsync("asked");
        var member = await desk.NewMemberAsync("asked", 0);

        await desk.AppliedAsync(desk.Correct(member, Alone, "small"));
        var asked = await desk.AskedAsync(desk.Correct(member, Alone + 1, "big"));
        var again = await desk.SubmitAsync(desk.Correct(member, Alone + 1, "big"));
        var other = await desk.RefusedAsync(desk.Correct(member, Alone + 2, "big"));
        var keyed = new IdempotencyKey(Hash128.Of(1, "idempotency", "key-1"), Hash128.Of(1, "request", "body-1"));
        var first = (await desk.SubmitAsync(desk.Correct(member, -Alone - 1, "down", idempotency: keyed))).ShouldBeOfType<Outcome.Refused>();
        var second = (await desk.SubmitAsync(desk.Correct(member, -Alone - 1, "down", idempotency: keyed))).ShouldBeOfType<Outcome.Replayed>();

        again.ShouldBeOfType<Outcome.Duplicate>().Earlier.FirstId.ShouldBe(0);
        other.ShouldBe("CONFLICT");
        second.Reply.Applied.ShouldBeFalse();
        RefusalForm.Read(second.Reply.Body).Values["requestId"].ShouldBe(first.Refusal.Values["requestId"]);
        (await desk.PointsAsync(member)).ShouldBe(100 + Alone);
        (await desk.RequestsAsync()).ShouldBe([("pending", 0L), ("pending", 0L)]);
        asked.ShouldBeGreaterThan(0);
        await desk.VerifyAdjustmentsAsync();
    }

    [Fact]
    public async Task PostsItOnce_When_TwoPersonsApproveAtOnce()
    {
        await using var desk = await OpenAsync("race");
        var member = await desk.NewMemberAsync("race", 0);
        var request = await desk.AskedAsync(desk.Correct(member, 10_000, "goodwill"));

        (await desk.RefusedAsync(desk.Judge(request, "olga"))).ShouldBe("APPROVER_NOT_ANOTHER");
        (await desk.RefusedAsync(desk.Judge(request + 1, "ann"))).ShouldBe("ADJUSTMENT_NOT_FOUND");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => desk.SubmitAsync(desk.Judge(request, $"boss-{i}"))));

        var reply = (AdjustmentReply)outcomes.OfType<Outcome.Applied>().ShouldHaveSingleItem().Reply;
        (reply.Status, reply.Points, reply.AskedBy, reply.DecisionReason).ShouldBe(("approved", 10_000, "olga", "looked at"));
        outcomes.OfType<Outcome.Refused>().Select(refused => refused.Refusal.Code).Distinct().ShouldBe(["ADJUSTMENT_STATE"]);
        (await desk.PointsAsync(member)).ShouldBe(10_100);
        (await desk.SubmitAsync(desk.Correct(member, 10_000, "goodwill"))).ShouldBeOfType<Outcome.Duplicate>();
        (await desk.PointsAsync(member)).ShouldBe(10_100);
        (await desk.RequestsAsync()).ShouldBe([("approved", long.Parse(reply.EntryId!, CultureInfo.InvariantCulture))]);
        await desk.VerifyAdjustmentsAsync();
    }

    [Fact]
    public async Task NeverPostsIt_When_ItIsRejectedOrThePointsAreGone()
    {
        await using var desk = await OpenAsync("rejected");
        var member = await desk.NewMemberAsync("rejected", 0);
        var rejected = await desk.AskedAsync(desk.Correct(member, 900, "no"));
        var uncovered = await desk.AskedAsync(desk.Correct(member, -900, "too much"));

        (await desk.RefusedAsync(desk.Judge(uncovered, "ann"))).ShouldBe("POINTS_INSUFFICIENT");
        var reply = (AdjustmentReply)await desk.AppliedAsync(desk.Judge(rejected, "olga", approves: false));
        reply.EntryId.ShouldBeNull();
        (await desk.RefusedAsync(desk.Judge(rejected, "ann"))).ShouldBe("ADJUSTMENT_STATE");
        (await desk.RequestsAsync()).Select(request => request.Status).ShouldBe(["rejected", "pending"]);
        (await desk.PointsAsync(member)).ShouldBe(100);

        // Once they are there the same request can be approved.
        await desk.AppliedAsync(desk.Correct(member, 500, "a"));
        await desk.AppliedAsync(desk.Correct(member, 400, "b"));
        await desk.AppliedAsync(desk.Judge(uncovered, "ann"));
        (await desk.PointsAsync(member)).ShouldBe(100);
        await desk.VerifyAdjustmentsAsync();
    }

    private Task<MoneyDatabase> OpenAsync(string name) => AdjustmentDesk.OpenAsync(kind, databases, name);
}

/// <summary>A sound database with requests in every state passes; one thing changed by hand is found.</summary>
public sealed class VerifyingAdjustmentsTests(NamedDatabases databases) : IClassFixture<NamedDatabases>
{
    [Theory]
    [InlineData("another amount", "UPDATE adjustment_requests SET points = points + 1 WHERE status = 'approved'", "adjustment_requests")]
    [InlineData("its own asker", "UPDATE adjustment_requests SET decided_by = asked_by WHERE status = 'approved'", "adjustment_requests")]
    [InlineData("a hand of its asker", "UPDATE adjustment_requests SET decided_key = CAST(zeroblob(16) || asked_key AS BLOB)", "adjustment_requests")]
    [InlineData("a decision undone", "UPDATE adjustment_requests SET status = 'pending' WHERE status = 'approved'", "adjustment_requests")]
    [InlineData("a request gone", "DELETE FROM adjustment_requests WHERE status = 'approved'", "entries")]
    [InlineData("another member", "UPDATE adjustment_requests SET member_id = 7 WHERE status = 'pending'", "adjustment_requests")]
    public async Task IsFound_When_ARequestIsChangedByHand(string what, string sql, string table)
    {
        await using var desk = await AdjustmentDesk.OpenAsync(DatabaseUnderTest.Sqlite, databases, "spoilt");
        var member = await desk.NewMemberAsync("spoilt " + what, 0);
        var request = await desk.AskedAsync(desk.Correct(member, 800, what));
        await desk.AskedAsync(desk.Correct(member, 801, what + " too"));
        await desk.AppliedAsync(desk.Judge(request, "ann"));
        await desk.VerifyAdjustmentsAsync();
        (await SmallDatabase.SpoilAsync(desk.Settings, sql)).ShouldBeGreaterThan(0, what);
        var report = await new Verifier(desk.Node.Database).RunAsync(null, TestContext.Current.CancellationToken);

        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I18).Offences.ShouldContain(offence => offence.Table == table, what);
    }
}

/// <summary>Adjustments in few words.</summary>
internal static class AdjustmentDesk
{
    /// <summary>What one person may adjust.</summary>
    public const long Alone = 500;

    public static Task<MoneyDatabase> OpenAsync(DatabaseUnderTest kind, NamedDatabases databases, string name) =>
        MoneyDatabase.OpenAsync(kind, databases, "adjust_" + name, programme: new Programme { AdjustPointsAloneMax = Alone });

    public static AdjustPoints Correct(this MoneyDatabase desk, MemberId member, long points, string reference, IdempotencyKey? idempotency = null) => new(
        MoneyDesk.Tenant,
        MemberReference.ById(member),
        new PointsRequest { Points = points, Reason = "test", ReferenceType = "ticket", ReferenceId = reference },
        desk.Books)
    {
        AskedBy = MoneyDesk.Person("olga"),
        Idempotency = idempotency,
    };

    public static JudgeAdjustment Judge(this MoneyDatabase desk, long request, string by, bool approves = true) =>
        new(MoneyDesk.Tenant, request, new AdjustmentVerdict(approves, "looked at", MoneyDesk.Person(by)), desk.Books);

    /// <returns>The id of the request that it was kept as.</returns>
    public static async Task<long> AskedAsync(this MoneyDatabase desk, AdjustPoints adjust)
    {
        var refused = (await desk.SubmitAsync(adjust)).ShouldBeOfType<Outcome.Refused>();
        refused.Refusal.Code.ShouldBe("APPROVAL_REQUIRED");
        return long.Parse((string)refused.Refusal.Values["requestId"]!, CultureInfo.InvariantCulture);
    }

    public static async Task<long> PointsAsync(this MoneyDatabase desk, MemberId member)
    {
        await using var session = await desk.Database.OpenReaderAsync(Reach.Everything, TestContext.Current.CancellationToken);
        return await session.Connection.ExecuteScalarAsync<long>(
            "SELECT points FROM members WHERE tenant_id = @Tenant AND id = @Member", new { Tenant = MoneyDesk.Tenant.Value, Member = member.Value });
    }

    public static async Task<(string Status, long Entry)[]> RequestsAsync(this MoneyDatabase desk)
    {
        await using var session = await desk.Database.OpenReaderAsync(Reach.Everything, TestContext.Current.CancellationToken);
        return [.. await session.Connection.QueryAsync<(string, long)>("SELECT status, entry_id FROM adjustment_requests ORDER BY id")];
    }

    /// <summary>Every invariant holds, and requests were among what was looked at.</summary>
    public static async Task VerifyAdjustmentsAsync(this MoneyDatabase desk)
    {
        var report = await new Verifier(desk.Database).RunAsync(null, TestContext.Current.CancellationToken);
        report.Invariants.SelectMany(invariant => invariant.Offences.Select(offence => (invariant.Code, offence))).ShouldBeEmpty();
        report.Invariants.Single(invariant => invariant.Code == InvariantCode.I18).Checked.ShouldBeGreaterThan(1);
    }
}

public sealed class ApprovingAdjustmentsOnSqliteTests(NamedDatabases databases) : ApprovingAdjustmentsContract(DatabaseUnderTest.Sqlite, databases);

public sealed class ApprovingAdjustmentsOnPostgresTests(NamedDatabases databases) : ApprovingAdjustmentsContract(DatabaseUnderTest.Postgres, databases);

public sealed class ApprovingAdjustmentsOnMySqlTests(NamedDatabases databases) : ApprovingAdjustmentsContract(DatabaseUnderTest.MySql, databases);
