using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Repeats;

/// <summary><c>Idempotency-Key</c>: the first outcome again for the same request, nothing for another.</summary>
public sealed class RepeatingUnderAKeyTests(Servers servers) : IClassFixture<Servers>
{
    private const string Earn = "/api/points/earn";
    private const string Spend = "/api/points/spend";

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task AnswersTheSameBytes_When_TheRequestIsRepeated(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("same-bytes", 100);
        var body = LaurelServer.Movement(member, 30, "same-bytes");
        var first = await server.PostUnderAsync("same-bytes", Earn, body);
        var book = await server.BookAsync(member);

        var second = await server.PostUnderAsync("same-bytes", Earn, body);

        (first.Status, first.Replayed).ShouldBe((200, false));
        (second.Status, second.Replayed).ShouldBe((200, true));
        second.Text.ShouldBe(first.Text);
        (await server.BookAsync(member)).ShouldBe(book);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task AnswersTheSameMember_When_ARegistrationIsRepeated(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var body = new { externalId = "twice", nickname = "小明", phone = "13800138000", email = "ming@example.com" };
        var first = await server.PostUnderAsync("twice", "/api/members", body);
        await server.EarnAsync(first.TextOf("id")!, 500, "in-between");

        var second = await server.PostUnderAsync("twice", "/api/members", body);

        (first.Status, second.Status, second.Replayed).ShouldBe((201, 201, true));
        second.Text.ShouldBe(first.Text);
    }

    /// <summary>B5: what was refused for good stays refused under its key; only a new key asks anew.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task StaysRefused_When_TheBalanceWasToppedUpSince(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("topped-up", 100);
        var body = LaurelServer.Movement(member, 500, "topped-up");
        var first = await server.PostUnderAsync("topped-up", Spend, body);
        await server.EarnAsync(member, 900, "top-up");

        var second = await server.PostUnderAsync("topped-up", Spend, body);
        var underANewKey = await server.PostUnderAsync("topped-up-2", Spend, body);

        first.Outcome.ShouldBe("422 POINTS_INSUFFICIENT");
        second.Replayed.ShouldBeTrue();
        second.Text.ShouldBe(first.Text);
        underANewKey.Outcome.ShouldBe("200");
        (await server.PointsAsync(member)).Available.ShouldBe(500);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsAskedAnew_When_TheMemberCameLater(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var body = new { externalId = "later", points = 10, reason = "r", referenceType = "t", referenceId = "later" };
        var before = await server.PostUnderAsync("later", Earn, body);
        await server.RegisterAsync("later");

        var after = await server.PostUnderAsync("later", Earn, body);

        before.Outcome.ShouldBe("404 MEMBER_NOT_FOUND");
        (after.Status, after.Replayed).ShouldBe((200, false));
    }

    /// <summary>B4.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task ChangesNothing_When_TheKeyIsUsedForAnotherRequest(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("reused", 100);
        var first = await server.PostUnderAsync("reused", Earn, LaurelServer.Movement(member, 30, "reused"));
        var book = await server.BookAsync(member);

        var otherBody = await server.PostUnderAsync("reused", Earn, LaurelServer.Movement(member, 31, "reused-b"));
        var otherPath = await server.PostUnderAsync("reused", Spend, LaurelServer.Movement(member, 30, "reused"));

        first.Status.ShouldBe(200);
        (otherBody.Outcome, otherPath.Outcome)
            .ShouldBe(("422 IDEMPOTENCY_KEY_REUSED", "422 IDEMPOTENCY_KEY_REUSED"));
        (await server.BookAsync(member)).ShouldBe(book);
    }

    [Fact]
    public async Task IsRefused_When_TheKeyIsNotVisibleAscii()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = await server.NewMemberAsync("bad-key", 100);
        var body = LaurelServer.Movement(member, 30, "bad-key");

        var withABlank = await server.PostUnderAsync("a b", Earn, body);
        var tooLong = await server.PostUnderAsync(new string('k', 256), Earn, body);

        withABlank.Faults.ShouldBe(["INVALID_FORMAT Idempotency-Key"]);
        tooLong.Faults.ShouldBe(["INVALID_FORMAT Idempotency-Key"]);
        (await server.PointsAsync(member)).Available.ShouldBe(100);
    }

    /// <summary>B3 on one server.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task HasOneEffect_When_FiftyIdenticalRequestsCome(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("fifty", 100);

        var answers = await AtOnce.RunAsync(50, _ =>
            server.PostUnderAsync("fifty", Earn, LaurelServer.Movement(member, 30, "fifty")));

        answers.Select(a => a.Text).Distinct().Count().ShouldBe(1);
        answers.Count(a => a is { Status: 200, Replayed: false }).ShouldBe(1);
        answers.Count(a => a is { Status: 200, Replayed: true }).ShouldBe(49);
        (await server.PointsAsync(member)).Available.ShouldBe(130);
    }

    /// <summary>B4 at the same moment: whichever comes first is carried out, the other has no effect.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task CarriesOutOne_When_TwoBodiesRaceForOneKey(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("two-bodies", 100);

        var answers = await AtOnce.RunAsync(40, i =>
            server.PostUnderAsync("two-bodies", Earn, LaurelServer.Movement(member, 30 + (i % 2), $"body-{i % 2}")));

        answers.Count(a => a is { Status: 200, Replayed: false }).ShouldBe(1);
        answers.Count(a => a is { Status: 200, Replayed: true }).ShouldBe(19);
        answers.Count(a => a.Outcome == "422 IDEMPOTENCY_KEY_REUSED").ShouldBe(20);
        (await server.PointsAsync(member)).Available.ShouldBeOneOf(130, 131);
    }
}
