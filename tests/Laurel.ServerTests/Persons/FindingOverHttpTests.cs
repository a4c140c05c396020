using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.SigningIn;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Persons;

/// <summary>Staff that has signed in looks for members, tags them, notes things about them and keeps questions, as far as its role lets it.</summary>
public sealed class FindingOverHttpTests(DatabaseServers cluster)
{
    private const int CallsOfMinute = 100;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task FindsTagsAndNotes_When_TheRoleOfTheStaffLetsIt(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        site.Environment["Limits"] = "off";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var helper = await StaffAsync(server, "helper", "members:read", "members:write");
        var second = await StaffAsync(server, "second", "members:read", "members:write");
        var head = await StaffAsync(server, "head", "members:read", "members:write", "members:reveal");
        var named = (await server.PostAsync("/api/members", new { externalId = "f-1", nickname = "王小明", phone = "13800138000" })).TextOf("id")!;
        var alike = (await server.PostAsync("/api/members", new { externalId = "f-2", nickname = "13800138000" })).TextOf("id")!;
        foreach (var (code, isSystem) in new[] { ("wine", false), ("model", true) })
        {
            var tag = new { kind = "tag", nameEnglish = code, nameChinese = code, isSystem };
            (await server.AsAsync(LaurelSite.AdministratorKey, HttpMethod.Put, $"/api/tags/{code}", tag)).Status.ShouldBe(200);
        }

        (await FoundAsync(server, helper, "q=13800138000")).ShouldBe([named, alike]);
        (await FoundAsync(server, helper, "name=小明")).ShouldBe([named]);
        (await FoundAsync(server, helper, "activeSince=2020-01-01T00:00:00Z&sort=-registered")).ShouldBe([alike, named]);
        (await FoundAsync(server, helper, "inactiveSince=2020-01-01T00:00:00Z")).ShouldBeEmpty();
        (await FoundAsync(server, helper, "track=vip:gold")).ShouldBeEmpty();
        (await server.GetAsAsync(helper, "/api/members?track=gold")).Faults.ShouldBe(["INVALID_FORMAT track"]);
        var first = await server.GetAsAsync(helper, "/api/members?q=13800138000&limit=1");
        (await FoundAsync(server, helper, "q=13800138000&cursor=" + first.TextOf("nextCursor"))).ShouldBe([alike]);
        (await server.GetAsAsync(helper, "/api/members?q=1380013800&cursor=" + first.TextOf("nextCursor"))).Faults.ShouldBe(["INVALID_FORMAT cursor"]);

        (await server.AsAsync(helper, HttpMethod.Put, $"/api/members/{alike}/tags/wine")).Status.ShouldBe(200);
        (await server.AsAsync(helper, HttpMethod.Put, $"/api/members/{alike}/tags/model")).Outcome.ShouldBe("422 TAG_SYSTEM");
        (await FoundAsync(server, helper, "tag=wine")).ShouldBe([alike]);
        (await server.AsAsync(helper, HttpMethod.Delete, $"/api/members/{alike}/tags/wine")).Status.ShouldBe(200);
        (await server.AsAsync(helper, HttpMethod.Delete, "/api/tags/wine")).Outcome.ShouldBe("403 FORBIDDEN");

        var note = (await server.PostAsAsync(helper, $"/api/members/{named}/notes", new { text = "haggles" })).TextOf("id");
        (await server.GetAsAsync(second, $"/api/members/{named}/notes")).Text.ShouldContain("haggles");
        (await server.AsAsync(second, HttpMethod.Delete, $"/api/members/{named}/notes/{note}")).Outcome.ShouldBe("403 NOTE_OF_ANOTHER");
        (await server.AsAsync(head, HttpMethod.Delete, $"/api/members/{named}/notes/{note}")).Status.ShouldBe(204);
        (await server.AsAsync(head, HttpMethod.Delete, $"/api/members/{named}/notes/{note}")).Outcome.ShouldBe("404 NOTE_NOT_FOUND");

        var kept = await server.PostAsAsync(helper, "/api/members/filters", new { name = "wine", filter = new { tags = new[] { "wine" }, track = "vip:gold" } });
        kept.Status.ShouldBe(201, kept.Text);
        (await server.GetAsAsync(second, $"/api/members/filters/{kept.TextOf("id")}/members")).Outcome.ShouldBe("404 FILTER_NOT_FOUND");
        (await server.GetAsAsync(helper, $"/api/members/filters/{kept.TextOf("id")}/members")).Status.ShouldBe(200);
        (await server.PostAsAsync(helper, "/api/members/filters", new { name = "odd", filter = new { track = "gold" } })).Faults
            .ShouldBe(["INVALID_FORMAT /filter/track"]);
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task IsForbidden_When_TheRoleOfTheStaffDoesNotLetIt()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["Limits"] = "off";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var (reader, clerk) = (await StaffAsync(server, "reader", "members:read"), await StaffAsync(server, "clerk", "points:read"));
        var person = await server.SignUpAsync("person");
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Put, $"/api/members/{person.Id}/tags/wine"), (HttpMethod.Delete, $"/api/members/{person.Id}/tags/wine"),
            (HttpMethod.Post, $"/api/members/{person.Id}/notes"), (HttpMethod.Delete, $"/api/members/{person.Id}/notes/1"), (HttpMethod.Put, "/api/tags/wine"),
        })
        {
            (await server.AsAsync(reader, method, path, new { text = "x" })).Outcome.ShouldBe("403 FORBIDDEN", path);
        }

        foreach (var path in new[]
        {
            "/api/members", "/api/members?q=1", "/api/tags", $"/api/members/{person.Id}/notes", "/api/members/filters", "/api/members/filters/1/members",
        })
        {
            (await server.GetAsAsync(clerk, path)).Outcome.ShouldBe("403 FORBIDDEN", path);
            (await server.GetAsAsync(person.Token, path)).Outcome.ShouldBe("403 FORBIDDEN", path);
            (await server.GetAsAsync(reader, path)).Outcome.ShouldNotBe("403 FORBIDDEN", path);
        }
    }

    [Fact]
    public async Task IsHeldToItsLimit_When_APersonAsksForMembersWithoutEnd()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var (person, reader) = (await server.SignUpAsync("asking"), await StaffAsync(server, "looking", "members:read"));

        foreach (var (token, path) in new[] { (person.Token, "/api/members/me"), (reader, "/api/members?q=x") })
        {
            var answers = new List<Answer>();
            while (answers.Count <= 2 * CallsOfMinute && (answers.Count == 0 || answers[^1].Status == 200))
            {
                answers.Add(await server.GetAsAsync(token, path));
            }

            // A minute may end while it is asked.
            (answers.Count - 1).ShouldBeInRange(CallsOfMinute, 2 * CallsOfMinute);
            (answers[^1].Outcome, answers[^1].TextOf("policy"), answers[^1].NumberOf("limit")).ShouldBe(("429 RATE_LIMITED", "Members", CallsOfMinute));
        }

        (await server.GetAsync("/api/members")).Status.ShouldBe(200, "a key has a quota of its own");
    }

    private static async Task<IEnumerable<string>> FoundAsync(LaurelServer server, string token, string query)
    {
        var answer = await server.GetAsAsync(token, "/api/members?" + query);
        answer.Status.ShouldBe(200, answer.Text);
        return answer.Json.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("id").GetString()!);
    }

    private static async Task<string> StaffAsync(LaurelServer server, string username, params string[] grants)
    {
        var role = username.ToUpperInvariant();
        (await server.AsAsync(LaurelSite.AdministratorKey, HttpMethod.Put, $"/api/roles/{role}", new { name = role, grants })).Status.ShouldBe(200);
        (await server.PostAsync("/api/users", new { username, password = SignInCalls.Password, role })).Status.ShouldBe(201);
        return SignedInPerson.Of(await server.LoginAsync(username)).Token;
    }
}
