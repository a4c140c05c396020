using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Microsoft.Data.Sqlite;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Refusals;

/// <summary>Calls that are understood and refused, and calls that lead nowhere.</summary>
public sealed class RefusedCallsTests(Servers servers, DatabaseServers cluster) : IClassFixture<Servers>
{
    private static readonly TimeProvider s_clock = TimeProvider.System;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task SaysWhatIsThere_When_MoreIsAskedThanTheBalance(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var (poor, other) = (await server.NewMemberAsync("poor", 100), await server.NewMemberAsync("other", 100));
        var book = await server.BookAsync(poor);

        var answers = new[]
        {
            await server.SpendAsync(poor, 101, "poor"),
            await server.HoldAsync(poor, 101, "poor"),
            await server.TransferAsync(poor, other, 101, "poor"),
        };

        answers.ShouldAllBe(a => a.Outcome == "422 POINTS_INSUFFICIENT");
        answers.ShouldAllBe(a => a.NumberOf("required") == 101 && a.NumberOf("available") == 100);
        (await server.BookAsync(poor)).ShouldBe(book);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsNotFound_When_NobodyHasTheName(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("somebody", 100);
        var byExternalId =
            new { externalId = "nobody", points = 1, reason = "r", referenceType = "t", referenceId = "n" };

        var answers = new[]
        {
            await server.EarnAsync("999", 1, "nobody"),
            await server.PostAsync("/api/points/spend", byExternalId),
            await server.TransferAsync(member, "999", 1, "nobody"),
            await server.TransferAsync("999", member, 1, "nobody-2"),
            await server.GetAsync("/api/members/999"),
            await server.GetAsync("/api/members/not-a-number"),
            await server.GetAsync("/api/members/999/points"),
            await server.GetAsync("/api/members/999/level"),
        };

        answers.ShouldAllBe(a => a.Outcome == "404 MEMBER_NOT_FOUND");
        (await server.CaptureAsync("999", null, "x")).Outcome.ShouldBe("404 HOLD_NOT_FOUND");
        (await server.PointsAsync(member)).Available.ShouldBe(100);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsRefused_When_TheTimeIsMoreThanFiveMinutesAhead(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("ahead", 100);
        object At(int minutes, string reference) => new
        {
            memberId = member,
            points = 10,
            reason = "r",
            referenceType = "t",
            referenceId = reference,
            time = s_clock.GetUtcNow().AddMinutes(minutes),
        };

        var sixAhead = await server.PostAsync("/api/points/earn", At(6, "six"));
        var fourAhead = await server.PostAsync("/api/points/earn", At(4, "four"));

        sixAhead.Outcome.ShouldBe("422 TIME_IN_FUTURE");
        sixAhead.Faults.ShouldBe(["TIME_IN_FUTURE /time"]);
        fourAhead.Outcome.ShouldBe("200");
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task IsRefused_When_AHoldWouldEndBeforeItBegins(DatabaseUnderTest database)
    {
        var server = await servers.OnAsync(database);
        var member = await server.NewMemberAsync("backwards", 100);
        var body = new
        {
            memberId = member,
            points = 10,
            reason = "r",
            referenceType = "t",
            referenceId = "backwards",
            expiresAt = s_clock.GetUtcNow().AddDays(-1),
        };

        var answer = await server.PostUnderAsync("backwards", "/api/points/hold", body);
        var again = await server.PostUnderAsync("backwards", "/api/points/hold", body);

        answer.Status.ShouldBe(422);
        answer.Faults.ShouldBe(["HOLD_ENDS_BEFORE_IT_BEGINS /expiresAt"]);
        again.Text.ShouldBe(answer.Text);
        (await server.PointsAsync(member)).ShouldBe(new PointsStanding(100, 0, 0));
    }

    [Fact]
    public async Task IsRefused_When_MoreThanTheLimitOfOneCallIsEarned()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var member = await server.NewMemberAsync("limit", 100);

        var answer = await server.EarnAsync(member, 10_001, "limit");

        answer.Outcome.ShouldBe("422 POINTS_OVER_LIMIT");
        answer.NumberOf("limit").ShouldBe(10_000);
        (await server.TransferAsync(member, member, 10, "self")).Outcome.ShouldBe("422 TRANSFER_TO_SELF");
        (await server.PointsAsync(member)).Available.ShouldBe(100);
    }

    [Fact]
    public async Task NamesTheExisting_When_TheExternalIdIsTaken()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        var first = await server.RegisterAsync("taken");

        var second = await server.RegisterAsync("taken");

        second.Outcome.ShouldBe("409 MEMBER_EXISTS");
        second.TextOf("memberId").ShouldBe(first.TextOf("id"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer lk_wrong_0123456789abcdef0123456789abcdef")]
    [InlineData("Bearer ")]
    [InlineData("Basic YWRtaW46YWRtaW4=")]
    public async Task IsUnauthorized_When_TheKeyIsNotKnown(string? authorization)
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        using var client = new HttpClient { BaseAddress = server.Process.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/levels");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        ((int)answer.StatusCode).ShouldBe(401);
        answer.Headers.WwwAuthenticate.ShouldContain(challenge => challenge.Scheme == "Bearer");
        var problem = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        problem.ShouldContain("\"UNAUTHORIZED\"");
    }

    [Fact]
    public async Task IsForbidden_When_TheKeyLacksThePermission()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, cancellation);
        (await site.RunVerbAsync(cancellation, "migrate")).ExitCode.ShouldBe(0);
        await AddKeyAsync(site, "lk_reader_0123456789", "members:read");
        await using var server = await LaurelServer.StartAsync(site, cancellation);
        var member = await server.NewMemberAsync("guarded", 100);
        var request = LaurelServer.Request(HttpMethod.Post, "/api/points/earn", "{}"u8.ToArray(), LaurelServer.Json);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "lk_reader_0123456789");

        var answer = await server.SendAsync(request);

        answer.Outcome.ShouldBe("403 FORBIDDEN");
        answer.TextOf("permission").ShouldBe("points:write");
        (await server.PointsAsync(member)).Available.ShouldBe(100);
    }

    [Theory]
    [InlineData("GET", "/api/nothing", "404 NOT_FOUND")]
    [InlineData("PUT", "/api/levels/", "405 METHOD_NOT_ALLOWED")]
    [InlineData("DELETE", "/api/members", "405 METHOD_NOT_ALLOWED")]
    [InlineData("GET", "/api/points/earn", "405 METHOD_NOT_ALLOWED")]
    public async Task IsAProblem_When_ThePathOrTheMethodIsWrong(string method, string path, string outcome)
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);

        var answer = await server.SendAsync(new HttpRequestMessage(HttpMethod.Parse(method), path));

        answer.Outcome.ShouldBe(outcome);
        answer.MediaType.ShouldBe("application/problem+json");
        (answer.Allow.Count > 0).ShouldBe(answer.Status == 405);
    }

    [Theory]
    [InlineData("/api/members?limit=0", "OUT_OF_RANGE limit")]
    [InlineData("/api/members?limit=1e2", "NOT_AN_INTEGER limit")]
    [InlineData("/api/members?cursor=zzz", "INVALID_FORMAT cursor")]
    [InlineData("/api/members?nickname=x", "UNKNOWN_FIELD nickname")]
    [InlineData("/api/points/records?from=yesterday", "INVALID_FORMAT from")]
    [InlineData("/api/points/records?memberId=abc", "INVALID_FORMAT memberId")]
    public async Task NamesTheParameter_When_TheQueryIsAtFault(string path, string fault)
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);

        var answer = await server.GetAsync(path);

        answer.Outcome.ShouldBe("400 VALIDATION_FAILED");
        answer.Faults.ShouldBe([fault]);
    }

    private static async Task AddKeyAsync(LaurelSite site, string key, string permissions)
    {
        var file = Path.Combine(site.DataFolder, "laurel.db");
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO api_keys (key_hash, tenant_id, name, permissions, created_at)
            VALUES ($hash, 1, 'reader', $permissions, 0)
            """;
        command.Parameters.AddWithValue("$hash", SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        command.Parameters.AddWithValue("$permissions", permissions);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
