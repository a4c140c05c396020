using System.Net.Http.Headers;
using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Operations;

/// <summary>What a server writes down of its own run.</summary>
public sealed class LoggingTests(DatabaseServers cluster)
{
    private const string Phone = "13912345678";
    private const string Email = "lin.private@example.com";
    private const string Nickname = "小林不公开";
    private const string ExternalId = "shop-customer-77";
    private const string WrongKey = "lk_wrong_0123456789abcdef";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [Trait("Attack", "E8")]
    public async Task NamesNobody_When_CallsUsePhonesEmailsAndKeys(DatabaseUnderTest database)
    {
        await using var site = await SiteAsync(database);
        site.Environment["LAUREL_LOG_LEVEL"] = "debug";
        string console;
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            await UsePersonalDataAsync(server);
            console = await StopAsync(server);
        }

        var files = FileLines(site).ToArray();
        files.ShouldContain(line => line.Contains("Slow query"));
        console.ShouldContain("Slow query");
        foreach (var secret in new[] { Phone, Email, Nickname, JsonEncodedText.Encode(Nickname).ToString(), ExternalId, WrongKey, LaurelSite.AdministratorKey })
        {
            console.ShouldNotContain(secret);
            files.ShouldAllBe(line => !line.Contains(secret, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task IsJsonLineByLine_When_AProgramReadsTheConsoleAndTheFiles()
    {
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite);
        string console;
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            await server.RegisterAsync("m-1");
            console = await StopAsync(server);
        }

        var events = console.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith('{')).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        var slow = events.First(line => line.GetProperty("State").TryGetProperty("Statement", out var statement) && statement.GetString() == "lane.commit");
        slow.GetProperty("LogLevel").GetString().ShouldBe("Warning");
        slow.GetProperty("State").GetProperty("Milliseconds").GetInt64().ShouldBeGreaterThanOrEqualTo(0);
        FileLines(site).Count(line => JsonDocument.Parse(line).RootElement.GetProperty("Properties").TryGetProperty("Statement", out _))
            .ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task WarnsOfNoQuery_When_NoneTakesThatLong()
    {
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite);
        site.Environment["LAUREL_SLOW_QUERY_MS"] = "600000";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await server.RegisterAsync("m-1");

        (await StopAsync(server)).ShouldNotContain("Slow query");
    }

    [Fact]
    public async Task IsText_When_ItIsSetToText()
    {
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite);
        site.Environment["LAUREL_LOG_FORMAT"] = "text";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await server.RegisterAsync("m-1");

        (await StopAsync(server)).ShouldContain("warn: Laurel.Engine.Telemetry.StatementTimes[30] Slow query: lane.commit took");
    }

    /// <summary>Whoever reads a log believes its lines: nothing that a caller sends begins one, or moves the cursor of a terminal (E8).</summary>
    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    [Trait("Attack", "E8")]
    public async Task HoldsNoLineOfACallers_When_CallsAreFullOfLineBreaks(string format)
    {
        const string Line = "\r\n{\"LogLevel\":\"Critical\",\"Message\":\"FORGED\"}\u001b[2J\u001b[31mFORGED";
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite);
        (site.Environment["LAUREL_LOG_FORMAT"], site.Environment["LAUREL_LOG_LEVEL"]) = (format, "trace");
        string console;
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            var member = await server.NewMemberAsync("m-1", 100);
            (await server.PostAsync("/api/points/earn", new { memberId = member, points = 1, reason = "r" + Line, referenceType = "t", referenceId = "r-1" })).Status.ShouldBe(200);
            (await server.PostAsync("/api/keys", new { name = "k" + Line, scopes = new[] { "points:read" } })).Status.ShouldBeOneOf(201, 400);
            (await server.PostAsync("/api/webhooks", new { url = "https://example.invalid/" + Line, events = new[] { "*" }, description = Line })).Status.ShouldBe(400);
            (await server.PostAsync("/api/auth/login", new { username = "u" + Line, password = Line })).Status.ShouldBeOneOf(400, 401);
            (await server.GetAsync("/api/members/" + Uri.EscapeDataString(Line))).Status.ShouldBe(404);
            (await server.GetAsync("/api/members?" + Uri.EscapeDataString(Line) + "=1")).Status.ShouldBe(400);
            (await server.SendAsync(HttpMethod.Post, "/api/events", System.Text.Encoding.UTF8.GetBytes(Line), LaurelServer.Json)).Status.ShouldBeGreaterThanOrEqualTo(400);
            console = await StopAsync(server);
        }

        console.ShouldNotContain("FORGED");
        console.ShouldNotContain("\u001b[2J");
        FileLines(site).ShouldAllBe(line => !line.Contains("FORGED", StringComparison.Ordinal));
    }

    [Fact]
    public async Task KeepsFilesForTheirDays_When_OlderOnesAreThere()
    {
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite);
        var today = TimeProvider.System.GetLocalNow();
        var old = await WriteLogAsync(site, today.AddDays(-100));
        var young = await WriteLogAsync(site, today.AddDays(-80));
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            await server.RegisterAsync("m-1");
            await StopAsync(server);
        }

        File.Exists(old).ShouldBeFalse();
        File.Exists(young).ShouldBeTrue();
        Directory.GetFiles(Logs(site)).Length.ShouldBe(2);
    }

    [Fact]
    public async Task WritesNoFile_When_NothingIsSet()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["LAUREL_SLOW_QUERY_MS"] = "0";
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await server.RegisterAsync("m-1");

        Directory.Exists(Logs(site)).ShouldBeFalse();
    }

    private async Task<LaurelSite> SiteAsync(DatabaseUnderTest database)
    {
        var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        site.Environment["LAUREL_LOG_FILES"] = "on";
        site.Environment["LAUREL_SLOW_QUERY_MS"] = "0";
        return site;
    }

    private static async Task UsePersonalDataAsync(LaurelServer server)
    {
        var member = await server.PostAsync("/api/members", new { externalId = ExternalId, nickname = Nickname, phone = Phone, email = Email });
        member.Status.ShouldBe(201);
        await server.CompleteOrderAsync(member.Json.GetProperty("id").GetString()!, "o-1", 10_000);
        (await server.GetAsync($"/api/members?phone={Phone}")).Status.ShouldBe(200);
        (await server.GetAsync($"/api/members?email={Uri.EscapeDataString(Email)}")).Status.ShouldBe(200);
        (await server.GetAsync($"/api/no-such-thing/{Phone}")).Status.ShouldBe(404);
        (await server.PostAsync("/api/members", $$"""{"externalId": "{{ExternalId}}", "phone": "{{Phone}}", "nickname": """)).Status.ShouldBe(400);
        (await server.PostAsync("/api/members", new { externalId = ExternalId, phone = Phone, surname = Nickname })).Status.ShouldBe(400);
        using var stranger = new HttpRequestMessage(HttpMethod.Get, "/api/levels");
        stranger.Headers.Authorization = new AuthenticationHeaderValue("Bearer", WrongKey);
        (await server.SendAsync(stranger)).Status.ShouldBe(401);
    }

    private static async Task<string> StopAsync(LaurelServer server)
    {
        var outcome = await server.Process.StopAsync(Cancellation);
        outcome.ExitCode.ShouldBe(0);
        return outcome.Output + outcome.Errors;
    }

    private static async Task<string> WriteLogAsync(LaurelSite site, DateTimeOffset day)
    {
        Directory.CreateDirectory(Logs(site));
        var file = Path.Combine(Logs(site), $"laurel-{day:yyyyMMdd}.json");
        await File.WriteAllTextAsync(file, "{}\n", Cancellation);
        File.SetLastWriteTime(file, day.DateTime);
        return file;
    }

    private static IEnumerable<string> FileLines(LaurelSite site) => Directory.GetFiles(Logs(site)).SelectMany(File.ReadLines);

    private static string Logs(LaurelSite site) => Path.Combine(site.DataFolder, "logs");
}
