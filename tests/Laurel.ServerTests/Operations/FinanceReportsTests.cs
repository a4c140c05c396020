using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Laurel.Engine.Lanes;
using Laurel.Membership.Finance;
using Laurel.Server.Hosting;
using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Operations;

/// <summary>What finance is told over HTTP and by the command line: the same figures, in every form.</summary>
public sealed class FinanceReportsTests(Servers servers, DatabaseServers cluster) : IClassFixture<Servers>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TheSameIsTold_When_AskedOverHttpAndByTheCommandLine()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        var accounts = Path.Combine(site.DataFolder, "accounts.json");
        await File.WriteAllTextAsync(accounts, """{"liability": {"code": "2221.07"}}""", Cancellation);
        site.Environment["LAUREL_FINANCE_ACCOUNTS"] = accounts;
        await using (var shop = await LaurelServer.StartAsync(site, Cancellation))
        {
            var anna = await shop.NewMemberAsync("anna", 100);
            (await shop.CompleteOrderAsync(anna, "A-1", 60_000)).Status.ShouldBeInRange(200, 207);
            (await shop.SpendAsync(anna, 250, "s-1")).Status.ShouldBe(200);
        }

        var day = await CloseAsync(site);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);

        var days = (await server.GetAsync($"/api/finance/days?from={day}&to={day}")).Json.GetProperty("items")[0];
        days.GetProperty("issued").GetInt64().ShouldBe(900);
        days.GetProperty("redeemed").GetInt64().ShouldBe(-250);
        days.GetProperty("closing").GetInt64().ShouldBe(650);
        var liability = (await server.GetAsync("/api/finance/liability")).Json;
        liability.GetProperty("currency").GetString().ShouldBe("CNY");
        liability.GetProperty("items").EnumerateArray().Last().GetProperty("liabilityMinorUnits").GetInt64().ShouldBe(650);
        (await server.GetAsync("/api/finance/cohorts")).Json.GetProperty("cohorts")[0].GetProperty("open").GetInt64().ShouldBe(650);
        (await server.GetAsync("/api/finance/deferrals")).Json.GetProperty("items")[0].GetProperty("deferred").GetInt64().ShouldBe(789);
        (await server.GetAsync("/api/finance/expiring")).Json.GetProperty("active").GetInt64().ShouldBe(650);
        var business = (await server.GetAsync($"/api/finance/days?by=business&from={day}&to={day}&knownOn={day}")).Json;
        business.GetProperty("items")[0].GetProperty("closing").GetInt64().ShouldBe(650);
        (await server.GetAsync("/api/finance/days?unit=held")).Status.ShouldBe(200);

        var journal = await server.GetAsync($"/api/finance/journal?from={day}&to={day}");
        var lines = journal.Json.GetProperty("items").EnumerateArray().ToList();
        lines.Sum(line => line.GetProperty("debit").GetInt64()).ShouldBe(lines.Sum(line => line.GetProperty("credit").GetInt64()));
        lines.ShouldContain(line => line.GetProperty("account").GetString() == "2221.07");
        var csv = await server.GetAsync($"/api/finance/journal?from={day}&to={day}&format=csv&bom=true");
        csv.MediaType.ShouldBe("text/csv");
        csv.Body.Take(3).ShouldBe(Encoding.UTF8.GetPreamble());

        var file = Path.Combine(site.DataFolder, "journal.csv");
        (await site.RunVerbAsync(Cancellation, "finance", "journal", file, "--from", day, "--to", day, "--bom")).ExitCode.ShouldBe(0);
        (await File.ReadAllBytesAsync(file, Cancellation)).ShouldBe(csv.Body);
        var json = await site.RunVerbAsync(Cancellation, "finance", "journal", "--from", day, "--to", day, "--format", "json");
        json.Output.Trim().ShouldBe(journal.Text);
        (await site.RunVerbAsync(Cancellation, "finance", "days", "--language", "zh")).Output.ShouldStartWith("日期,期初,发放");
        (await site.RunVerbAsync(Cancellation, "finance", "extensions")).Output.Trim().ShouldBe("day,from,to,lots,points");
        foreach (var report in (string[])["liability", "expiring", "cohorts", "deferrals"])
        {
            (await site.RunVerbAsync(Cancellation, "finance", report)).Output.Trim().Split('\n').Length.ShouldBeGreaterThan(1, report);
        }

        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task TheCommandIsRefused_When_ItIsWrong()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        (await site.RunVerbAsync(Cancellation, "finance", "close")).Output.ShouldContain("0 days closed.");
        var accounts = Path.Combine(site.DataFolder, "accounts.json");
        await File.WriteAllTextAsync(accounts, """{"cash": {"code": "1001"}}""", Cancellation);

        var wrongFile = await site.RunVerbAsync(Cancellation, "finance", "journal", "--accounts", accounts);
        var noFile = await site.RunVerbAsync(Cancellation, "finance", "journal", "--accounts", accounts + ".none");
        var wrongDay = await site.RunVerbAsync(Cancellation, "finance", "days", "--from", "2026-02-30");
        var wrongRange = await site.RunVerbAsync(Cancellation, "finance", "days", "--from", "2026-02-02", "--to", "2026-02-01");
        site.Environment["LAUREL_FINANCE_ACCOUNTS"] = accounts;
        var wrongSetting = await site.RunVerbAsync(Cancellation, "finance", "days");

        (wrongFile.ExitCode, noFile.ExitCode, wrongDay.ExitCode, wrongRange.ExitCode, wrongSetting.ExitCode).ShouldBe((2, 2, 1, 2, 2));
        wrongFile.Errors.ShouldContain("/cash: there is no such role");
        wrongDay.Errors.ShouldContain("2026-02-30");
        wrongSetting.Errors.ShouldContain("LAUREL_FINANCE_ACCOUNTS: /cash");
    }

    [Theory]
    [InlineData("/api/finance/days?from=20260101", "INVALID_FORMAT from")]
    [InlineData("/api/finance/days?from=2026-02-30", "INVALID_FORMAT from")]
    [InlineData("/api/finance/days?to=0001-01-01", "INVALID_FORMAT to")]
    [InlineData("/api/finance/days?from=2026-01-02&to=2026-01-01", "OUT_OF_RANGE to")]
    [InlineData("/api/finance/liability?from=2025-01-01&to=2026-01-02", "OUT_OF_RANGE to")]
    [InlineData("/api/finance/days?unit=euro", "INVALID_FORMAT unit")]
    [InlineData("/api/finance/days?by=month", "INVALID_FORMAT by")]
    [InlineData("/api/finance/days?knownOn=2026-01-01", "UNKNOWN_FIELD knownOn")]
    [InlineData("/api/finance/expiring?from=2026-01-01", "UNKNOWN_FIELD from")]
    [InlineData("/api/finance/cohorts?knownOn=yesterday", "INVALID_FORMAT knownOn")]
    [InlineData("/api/finance/journal?format=xlsx", "INVALID_FORMAT format")]
    [InlineData("/api/finance/journal?bom=1", "INVALID_FORMAT bom")]
    public async Task NamesTheParameter_When_TheQueryIsAtFault(string path, string fault)
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);

        var answer = await server.GetAsync(path);

        answer.Outcome.ShouldBe("400 VALIDATION_FAILED");
        answer.Faults.ShouldBe([fault]);
    }

    [Fact]
    public async Task NothingIsTold_When_NothingIsClosedOrTheKeyMayNotAsk()
    {
        var server = await servers.OnAsync(DatabaseUnderTest.Sqlite);
        foreach (var report in (string[])["days", "liability", "deferrals", "journal", "expiring", "extensions"])
        {
            (await server.GetAsync($"/api/finance/{report}")).Json.GetProperty("items").GetArrayLength().ShouldBe(0, report);
        }

        (await server.GetAsync("/api/finance/cohorts")).Json.GetProperty("cohorts").GetArrayLength().ShouldBe(0);
        await AddKeyAsync(servers.SiteOf(DatabaseUnderTest.Sqlite), "lk_test_of_somebody_who_reads_points", "points:read");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/finance/days");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "lk_test_of_somebody_who_reads_points");
        (await server.SendAsync(request)).Status.ShouldBe(403);
    }

    /// <summary>Closes what was recorded, two days from now; returns the day of the first entries.</summary>
    private static async Task<string> CloseAsync(LaurelSite site)
    {
        await using var node = await LaurelNode.OpenAsync(site.Settings(), "test", TimeProvider.System, NullLoggerFactory.Instance, Cancellation);
        var run = new FinanceClosingRun(node.Database, node.Lanes, node.Programmes, new Later());
        (await run.RunAsync(LaurelNode.DefaultTenant, null, Cancellation)).ShouldBeGreaterThan(0);
        var days = await FinanceQueries.DaysAsync(node.Database, LaurelNode.DefaultTenant, 0, int.MaxValue, Cancellation);
        return FinanceCalendar.TextOfDay(days[0].Day);
    }

    private sealed class Later : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddDays(2);
    }

    private static async Task AddKeyAsync(LaurelSite site, string key, string permissions)
    {
        var file = Path.Combine(site.DataFolder, "laurel.db");
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO api_keys (key_hash, tenant_id, name, permissions, created_at) VALUES ($hash, 1, 'reader', $permissions, 0)";
        command.Parameters.AddWithValue("$hash", SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        command.Parameters.AddWithValue("$permissions", permissions);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
