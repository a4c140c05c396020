using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.SigningIn;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Persons;

/// <summary>Members tell their name and their identity card, and whoever keeps the registry says whether they belong together.</summary>
public sealed class RealNamesTests(DatabaseServers cluster)
{
    public static TheoryData<DatabaseUnderTest> Databases => [DatabaseUnderTest.Sqlite, DatabaseUnderTest.Postgres, DatabaseUnderTest.MySql];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task IsVerified_When_TheRegistryKnowsTheName(DatabaseUnderTest database)
    {
        await using var registry = await RegistryStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(database, registry);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var number = registry.Register("王小明", "19900512", 101);
        var person = await server.SignUpAsync("xiaoming");

        var wrong = await VerifyAsync(server, person, "王大明", number);
        (wrong.Status, wrong.TextOf("state"), wrong.TextOf("reason"), wrong.Json.GetProperty("verified").GetBoolean(), wrong.TextOf("identityCard"))
            .ShouldBe((200, "refused", "mismatch", false, null));
        var right = await VerifyAsync(server, person, "王小明", number);
        (right.Status, right.TextOf("state"), right.Json.GetProperty("verified").GetBoolean()).ShouldBe((200, "verified", true));
        (right.TextOf("realName"), right.TextOf("identityCard"), right.TextOf("provider")).ShouldBe(("王**", "1****************" + number[^1], "tencent_real_name"));
        (await VerifyAsync(server, person, "王小明", number)).Outcome.ShouldBe("409 REAL_NAME_KNOWN");

        (await server.GetAsAsync(person.Token, "/api/members/me/real-name")).TextOf("state").ShouldBe("verified");
        (await server.GetAsync($"/api/members/{person.Id}")).Json.GetProperty("profile").GetProperty("realName").GetString().ShouldBe("王**");
        (await server.GetAsAsync(person.Token, "/api/members/me/export")).TextOf("identityCard").ShouldBe(number);
        server.Process.Output.ShouldNotContain(number);
        server.Process.Output.ShouldNotContain("王小明");

        // Another name is another person until it is verified, by the card that the member has.
        (await server.AsAsync(person.Token, HttpMethod.Put, "/api/members/me", new { realName = "王小红" })).Status.ShouldBe(200);
        (await server.GetAsync($"/api/members/{person.Id}/real-name")).Json.GetProperty("verified").GetBoolean().ShouldBeFalse();
        (await VerifyAsync(server, person, "王小明", number)).TextOf("state").ShouldBe("verified");
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task CompletesTheProfile_When_ItIsVerifiedAndNothingElseIsAskedFor()
    {
        await using var registry = await RegistryStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite, registry);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var programme = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>((await server.GetAsync("/api/programme")).Text)!;
        programme["profile"] = JsonDocument.Parse("""{"completeFields":["realName"]}""").RootElement;
        (await server.AsAsync(LaurelSite.AdministratorKey, HttpMethod.Put, "/api/programme", programme)).Status.ShouldBe(200);
        var number = registry.Register("王小明", "19900512", 101);
        var person = await server.SignUpAsync("whole");
        var before = (await server.PointsAsync(person.Id)).Available;

        (await VerifyAsync(server, person, "王小明", number)).TextOf("state").ShouldBe("verified");

        await Eventually.HoldsAsync(async () => (await server.PointsAsync(person.Id)).Available == before + 50, "nobody tells of it");
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task TakesAGuardian_When_TheCardIsOfSomebodyVeryYoung()
    {
        await using var registry = await RegistryStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite, registry);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var born = TimeProvider.System.GetUtcNow().AddYears(-9);
        var number = registry.Register("小宝", born.ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture), 101);
        var person = await server.SignUpAsync("xiaobao");

        var alone = await VerifyAsync(server, person, "小宝", number);
        alone.Outcome.ShouldBe("422 GUARDIAN_CONSENT_REQUIRED");
        alone.Text.ShouldContain("/guardianConsent");
        (await server.GetAsAsync(person.Token, "/api/members/me/consents")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
        var told = new { realName = "小宝", identityCard = number, guardianConsent = new { textVersion = "2026-01", origin = "father" } };
        (await server.PostAsAsync(person.Token, "/api/members/me/real-name/verify", told)).TextOf("state").ShouldBe("verified");

        (await server.GetAsAsync(person.Token, "/api/members/me/consents")).Json.GetProperty("current")[0].GetProperty("purpose").GetString().ShouldBe("guardian");
        var file = System.Text.Encoding.UTF8.GetBytes(
            "externalId,birthday\nkid," + born.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) + "\nother,1990-05-12\n");
        var imported = await server.SendAsync(LaurelServer.Request(HttpMethod.Post, "/api/members/import", file, "text/csv"));
        (imported.Json.GetProperty("created").GetInt32(), imported.Json.GetProperty("failed").GetInt32()).ShouldBe((1, 1));
        imported.Text.ShouldContain("GUARDIAN_NEEDED");
        await site.VerifyAsync(Cancellation);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task VerifiesOneMember_When_EightTellTheSameCardAtOnce(DatabaseUnderTest database)
    {
        await using var registry = await RegistryStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(database, registry);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var number = registry.Register("李雷", "19880808", 203);
        var people = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => server.SignUpAsync($"lilei{i}")));

        var answers = await Task.WhenAll(people.Select(person => VerifyAsync(server, person, "李雷", number)));

        answers.Select(answer => (answer.TextOf("state"), answer.TextOf("reason"))).Order().ShouldBe(
            [.. Enumerable.Repeat(((string?)"refused", (string?)"card_used"), 7), ("verified", null)]);
        await site.VerifyAsync(Cancellation);

        // Staff takes it back, and the next one may have it.
        var first = people[Array.FindIndex(answers, answer => answer.TextOf("state") == "verified")];
        var next = people.First(person => person != first);
        (await server.PostAsync($"/api/members/{first.Id}/real-name", new { verified = false })).Status.ShouldBe(200);
        (await server.GetAsync($"/api/members/{first.Id}/real-name")).TextOf("state").ShouldBe("withdrawn");
        (await VerifyAsync(server, next, "李雷", number)).TextOf("state").ShouldBe("verified");
        await site.VerifyAsync(Cancellation);
    }

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task Waits_When_NobodyCanSay(DatabaseUnderTest database)
    {
        await using var registry = await RegistryStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(database, registry);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var number = registry.Register("韩梅梅", "19910203", 304);
        var (person, other) = (await server.SignUpAsync("meimei"), await server.SignUpAsync("meimei2"));
        registry.IsDown = true;

        foreach (var one in new[] { person, other })
        {
            var answer = await VerifyAsync(server, one, "韩梅梅", number);
            (answer.Status, answer.TextOf("state"), answer.Json.GetProperty("verified").GetBoolean()).ShouldBe((202, "pending", false));
        }

        await site.VerifyAsync(Cancellation);
        (await DecideAsync(server, person, await AttemptOfAsync(server, person))).Status.ShouldBe(200);
        (await server.GetAsync($"/api/members/{person.Id}/real-name")).TextOf("state").ShouldBe("verified");
        (await DecideAsync(server, other, await AttemptOfAsync(server, other))).Outcome.ShouldBe("409 IDENTITY_CARD_USED");

        // Three tries a day, whatever becomes of them; the registry is not asked for a fourth.
        (await VerifyAsync(server, other, "韩梅梅", number)).Status.ShouldBe(202);
        (await VerifyAsync(server, other, "韩梅梅", number)).Status.ShouldBe(202);
        var asked = registry.Asked;
        (await VerifyAsync(server, other, "韩梅梅", number)).Outcome.ShouldBe("429 REAL_NAME_TRIES_SPENT");
        registry.Asked.ShouldBe(asked);
        await site.VerifyAsync(Cancellation);
    }

    /// <summary>Staff verifies what it has looked at, and not what the member has put into its place meanwhile.</summary>
    [Theory]
    [MemberData(nameof(Databases))]
    public async Task StaysAsItIs_When_TheMemberHasToldAnotherSinceStaffLooked(DatabaseUnderTest database)
    {
        await using var registry = await RegistryStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(database, registry);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var number = registry.Register("韩梅梅", "19910203", 304);
        var person = await server.SignUpAsync("meimei");
        registry.IsDown = true;

        (await VerifyAsync(server, person, "韩梅梅", number)).TextOf("state").ShouldBe("pending");
        var seen = await AttemptOfAsync(server, person);
        (await VerifyAsync(server, person, "韩大梅", number)).TextOf("state").ShouldBe("pending");
        foreach (var attempt in new[] { null, seen, "nonsense" })
        {
            (await DecideAsync(server, person, attempt)).Outcome.ShouldBe("409 REAL_NAME_CHANGED", attempt);
        }

        (await server.GetAsync($"/api/members/{person.Id}/real-name")).TextOf("state").ShouldBe("pending");
        (await DecideAsync(server, person, await AttemptOfAsync(server, person))).Status.ShouldBe(200);

        // Where nothing waits, the version of the profile says what was looked at.
        var other = await server.SignUpAsync("lilei");
        var profile = await server.AsAsync(other.Token, HttpMethod.Put, "/api/members/me", new { realName = "李雷" });
        var version = profile.Json.GetProperty("version").GetInt64();
        (await server.AsAsync(other.Token, HttpMethod.Put, "/api/members/me", new { realName = "李大雷" })).Status.ShouldBe(200);
        var request = LaurelServer.Request(HttpMethod.Post, $"/api/members/{other.Id}/real-name", """{"verified":true}"""u8.ToArray(), LaurelServer.Json);
        request.Headers.TryAddWithoutValidation("If-Match", $"\"{version}\"");
        (await server.SendAsync(request)).Outcome.ShouldBe("412 PROFILE_CHANGED");
        await site.VerifyAsync(Cancellation);
    }

    /// <summary>Whoever is called otherwise is verified no more, and its card is free for whom it belongs to.</summary>
    [Theory]
    [MemberData(nameof(Databases))]
    public async Task IsVerifiedNoMore_When_TheNameIsChanged(DatabaseUnderTest database)
    {
        await using var registry = await RegistryStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(database, registry);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var number = registry.Register("王小明", "19900512", 101);
        var (person, other) = (await server.SignUpAsync("xiaoming"), await server.SignUpAsync("owner"));
        (await VerifyAsync(server, person, "王小明", number)).TextOf("state").ShouldBe("verified");

        (await server.AsAsync(person.Token, HttpMethod.Put, "/api/members/me", new { nickname = "Ming", realName = "王小明" })).Status.ShouldBe(200);
        (await server.GetAsync($"/api/members/{person.Id}/real-name")).TextOf("state").ShouldBe("verified");
        (await server.SendAsync(HttpMethod.Put, $"/api/members/{person.Id}", """{"realName":"王小红"}"""u8.ToArray(), LaurelServer.Json)).Status.ShouldBe(200);

        var standing = await server.GetAsync($"/api/members/{person.Id}/real-name");
        (standing.TextOf("state"), standing.Json.GetProperty("verified").GetBoolean(), standing.TextOf("identityCard")).ShouldBe(("withdrawn", false, null));
        (await VerifyAsync(server, other, "王小明", number)).TextOf("state").ShouldBe("verified");
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task IsNowhereInTheOpen_When_TheDatabaseIsReadAsBytes()
    {
        await using var registry = await RegistryStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite, registry);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var number = registry.Register("王五", "19700101", 405);
        var person = await server.SignUpAsync("wangwu");
        (await VerifyAsync(server, person, "王五", number)).TextOf("state").ShouldBe("verified");

        foreach (var file in Directory.EnumerateFiles(site.DataFolder, "laurel.db*"))
        {
            var bytes = await File.ReadAllBytesAsync(file, Cancellation);
            bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(number)).ShouldBe(-1, Path.GetFileName(file));
            bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes("王五")).ShouldBe(-1, Path.GetFileName(file));
        }
    }

    [Fact]
    public async Task AsksNobody_When_TheFormIsWrong()
    {
        await using var registry = await RegistryStub.StartAsync(Cancellation);
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite, registry);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var number = registry.Register("王五", "19700101", 405);
        var person = await server.SignUpAsync("wangwu");

        foreach (var wrong in new[] { number[..17] + (number[17] == '0' ? '1' : '0'), "99" + number[2..], number[..17], "110105197013310018" })
        {
            (await VerifyAsync(server, person, "王五", wrong)).Outcome.ShouldBe("400 VALIDATION_FAILED", wrong);
        }

        var body = new { realName = "王五", identityCard = number, bankCard = "6222020200112233447" };
        (await server.PostAsAsync(person.Token, "/api/members/me/real-name/verify", body)).Outcome.ShouldBe("400 VALIDATION_FAILED");
        registry.Asked.ShouldBe(0);
        (await server.GetAsync($"/api/members/{person.Id}/real-name")).TextOf("state").ShouldBeNull();
        (await server.GetAsAsync(person.Token, "/api/members/999/real-name")).Status.ShouldBe(403);
    }

    private static async Task<string?> AttemptOfAsync(LaurelServer server, SignedInPerson person) =>
        (await server.GetAsync($"/api/members/{person.Id}/real-name")).TextOf("attempt");

    private static Task<Answer> DecideAsync(LaurelServer server, SignedInPerson person, string? attempt) =>
        server.PostAsync($"/api/members/{person.Id}/real-name", new { verified = true, attempt });

    private async Task<LaurelSite> SiteAsync(DatabaseUnderTest database, RegistryStub registry)
    {
        var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        site.Environment["Limits"] = "off";
        site.Environment["RealName__Provider"] = "tencent";
        site.Environment["RealName__KeyId"] = RegistryStub.KeyId;
        site.Environment["RealName__Secret"] = RegistryStub.Secret;
        site.Environment["RealName__BaseAddress"] = registry.Address.GetLeftPart(UriPartial.Authority);
        return site;
    }

    private static Task<Answer> VerifyAsync(LaurelServer server, SignedInPerson person, string realName, string identityCard) =>
        server.PostAsAsync(person.Token, "/api/members/me/real-name/verify", new { realName, identityCard });
}
