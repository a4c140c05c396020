using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.SigningIn;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Audits;

/// <summary>Who did what from where, asked for over HTTP.</summary>
public sealed class AuditOverHttpTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task TellsWhoDidWhat_When_KeysStaffAndMembersCall(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            var member = await server.NewMemberAsync("audited", 100);
            (await server.EarnAsync(member, 5, "traffic")).Status.ShouldBe(200);
            var told = new { phone = "13800138000", realName = "王小明" };
            (await server.AsAsync(LaurelSite.AdministratorKey, HttpMethod.Put, $"/api/members/{member}", told)).Status.ShouldBe(200);
            var made = await server.PostAsync("/api/users", new { username = "olga", password = SignInCalls.Password, role = "SUPER_ADMIN" });
            var staff = SignedInPerson.Of(await server.LoginAsync("olga"));
            (await server.PostAsAsync(staff.Token, $"/api/members/{member}/status", new { status = "frozen", reason = "looked odd" })).Status.ShouldBe(200);
            var self = await server.SignUpAsync("lee");
            (await server.AsAsync(self.Token, HttpMethod.Put, "/api/members/me", new { nickname = "Lee" })).Status.ShouldBe(200);

            var frozen = Single(await server.GetAsync($"/api/audit?operator=user:{made.TextOf("id")}"));
            Text(frozen, "operation").ShouldBe("SetStatus");
            Text(frozen, "address").ShouldBeOneOf("127.0.0.1", "::1");
            Text(frozen, "request").ShouldNotBeNullOrEmpty();
            frozen.GetProperty("members")[0].GetString().ShouldBe(member);
            frozen.GetProperty("changed")[0].GetProperty("after").GetProperty("status").GetString().ShouldBe("frozen");
            Single(await server.GetAsync($"/api/audit?requestId={Text(frozen, "request")}"));

            // What a member did is found by its id, and by its address, which does not stand in the open.
            var own = (await server.GetAsync($"/api/audit?operator=member:{self.Id}&operation=UpdateProfile")).Json.GetProperty("items")[0].GetProperty("content");
            Text(own, "address").ShouldNotBeNull().ShouldStartWith("~");
            (await server.GetAsync($"/api/audit?address={Text(frozen, "address")}&operator=member:{self.Id}")).Json.GetProperty("items")
                .GetArrayLength().ShouldBeGreaterThan(0);

            // Keys' traffic is no act; its time leads to it.
            (await server.GetAsync("/api/audit?operation=EarnPoints")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
            (await server.GetAsync($"/api/audit?operation=EarnPoints&scope=all&memberId={member}")).Json.GetProperty("items").GetArrayLength().ShouldBeGreaterThan(0);
            await ReadInFullAsync(server, member, staff.Token);
            await ExportAsync(server);
            (await server.GetAsAsync(self.Token, "/api/audit")).Status.ShouldBe(403);
        }

        await site.VerifyAsync(Cancellation);
        (await site.RunVerbAsync(Cancellation, "audit", "export")).Output.ShouldContain("\"operation\":\"EarnPoints\"");
        (await site.RunVerbAsync(Cancellation, "audit", "heads")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .ShouldAllBe(line => line.Split(' ').Length == 4);
    }

    [Fact]
    public async Task ShowsNothingInFull_When_ItCannotBeRecorded()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var member = await server.NewMemberAsync("closed", 0);
        (await server.PostAsync("/api/admin/read-only", new { on = true, reason = "test" })).Status.ShouldBe(200);

        await Eventually.HoldsAsync(
            async () => (await server.GetAsync($"/api/members/{member}?view=full&reason=r")).Outcome == "503 READ_ONLY", "Something is shown in full and not recorded.");

        (await server.GetAsync($"/api/members/{member}")).Status.ShouldBe(200);
        (await server.GetAsync($"/api/members/{member}/export?reason=r")).Outcome.ShouldBe("503 READ_ONLY");
    }

    private static async Task ReadInFullAsync(LaurelServer server, string member, string token)
    {
        var path = $"/api/members/{member}";
        (await server.GetAsAsync(token, path)).TextOf("phone").ShouldBe("138****8000");
        (await server.GetAsAsync(token, path + "?view=full")).Faults.ShouldBe(["REQUIRED reason"]);
        (await server.GetAsAsync(token, path + "/export")).Faults.ShouldBe(["REQUIRED reason"]);
        (await server.GetAsAsync(token, path + "?view=all&reason=x")).Faults.ShouldBe(["INVALID_FORMAT view"]);
        (await server.GetAsAsync(token, "/api/audit?operation=ReadInFull")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);

        var full = await server.GetAsAsync(token, path + "?view=full&reason=complaint+7");
        (full.TextOf("phone"), full.Json.GetProperty("profile").GetProperty("realName").GetString()).ShouldBe(("13800138000", "王小明"));
        var read = Single(await server.GetAsync($"/api/audit?operation=ReadInFull&memberId={member}"));
        (Text(read, "view"), Text(read, "reason")).ShouldBe(("member", "complaint 7"));
        (await server.GetAsAsync(token, $"/api/addresses?memberId={member}&view=full&reason=parcel")).Status.ShouldBe(200);
        (await server.GetAsync($"/api/audit?memberId={member}")).Text.ShouldNotContain("13800138000");
    }

    private static async Task ExportAsync(LaurelServer server)
    {
        var lines = (await server.GetAsync("/api/audit/export")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var operations = lines.ConvertAll(line => Text(line.GetProperty("content"), "operation"));
        foreach (var expected in (string[])["RegisterMember", "EarnPoints", "SetStatus", "ReadInFull", "CompleteSignIn"])
        {
            operations.ShouldContain(expected);
        }

        lines.Select(line => line.GetProperty("recordedAt").GetDateTimeOffset()).ShouldBeInOrder();
        (await server.GetAsync("/api/audit?operation=ReadInFull")).Text.ShouldContain("\"view\":\"audit\"");
        (await server.GetAsync("/api/audit/export?from=2999-01-01T00:00:00Z")).Text.ShouldBe("");
    }

    private static JsonElement Single(Answer answer)
    {
        answer.Status.ShouldBe(200);
        return answer.Json.GetProperty("items").EnumerateArray().ShouldHaveSingleItem().GetProperty("content");
    }

    private static string? Text(JsonElement content, string name) => content.TryGetProperty(name, out var text) ? text.GetString() : null;
}
