using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Operations;

/// <summary><c>laurel doctor</c> on installations that are well, and on such as were broken on purpose.</summary>
public sealed class DoctorTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FindsNothing_When_TheInstallationIsWellAndServing()
    {
        await using var site = await UsedSiteAsync(DatabaseUnderTest.Sqlite);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);

        var outcome = await site.RunVerbAsync(Cancellation, "doctor");

        outcome.Output.ShouldContain("Nothing is wrong.");
        outcome.Output.ShouldContain("The folder is in use by serve, process");
        outcome.Output.ShouldContain("The keys open the stored personal data.");
        outcome.Output.ShouldContain("The schema is up to date");
        outcome.Output.ShouldNotContain("FAULT");
        outcome.ExitCode.ShouldBe(0);
        (await server.MemberAsync((await server.RegisterAsync("m-2")).Json.GetProperty("id").GetString()!)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task NamesEveryMistake_When_SettingsAreWrong()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["LAUREL_LANES"] = "99";
        site.Environment["LAUREL_METRICS_ACCESS"] = "nobody";
        site.Environment["LAUREL_LOG_DAYS"] = "0";

        var outcome = await site.RunVerbAsync(Cancellation, "doctor");

        outcome.Output.ShouldContain("LAUREL_LANES is a whole number from 1 to 32, not '99'.");
        outcome.Output.ShouldContain("LAUREL_METRICS_ACCESS is one of key, loopback, anyone, not 'nobody'.");
        outcome.Output.ShouldContain("LAUREL_LOG_DAYS is a whole number from 1 to 3650, not '0'.");
        outcome.Output.ShouldContain("-> Correct it");
        outcome.ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task SaysWhere_When_TheSettingsFileIsNoJson()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await File.WriteAllTextAsync(Path.Combine(site.DataFolder, "laurel.json"), "{\"LAUREL_LANES\": ", Cancellation);

        (await FaultAsync(site)).ShouldContain("laurel.json");
    }

    [Fact]
    public async Task AsksForTheBackup_When_TheKeysAreGone()
    {
        await using var site = await UsedSiteAsync(DatabaseUnderTest.Sqlite);
        File.Delete(Path.Combine(site.DataFolder, "keys", "master.json"));

        (await FaultAsync(site)).ShouldContain("Put the file back from a backup before anything is started");
        File.Exists(Path.Combine(site.DataFolder, "keys", "master.json")).ShouldBeFalse();
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    public async Task SaysThatTheKeysDoNotFit_When_TheyAreOfAnotherInstallation(DatabaseUnderTest database)
    {
        await using var site = await UsedSiteAsync(database);
        await using var other = await UsedSiteAsync(DatabaseUnderTest.Sqlite);
        var keys = Path.Combine("keys", "master.json");
        File.Copy(Path.Combine(other.DataFolder, keys), Path.Combine(site.DataFolder, keys), overwrite: true);

        (await FaultAsync(site)).ShouldContain("The keys do not open the stored personal data.");
    }

    [Fact]
    public async Task TellsToCloseTheFile_When_OthersMayReadTheKeys()
    {
        await using var site = await UsedSiteAsync(DatabaseUnderTest.Sqlite);
        var file = Path.Combine(site.DataFolder, "keys", "master.json");
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Rights are another matter on Windows.");
            return;
        }

        File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.OtherRead);

        (await FaultAsync(site)).ShouldContain($"chmod 600 {file}");
    }

    [Theory]
    [InlineData("DELETE FROM schema_migrations WHERE number = (SELECT MAX(number) FROM schema_migrations)", "laurel migrate")]
    [InlineData("INSERT INTO schema_migrations (number, name, applied_at) VALUES (9999, 'later', 0)", "Run that newer version")]
    public async Task SaysWhichWayTheSchemaDiffers_When_ItIsOfAnotherVersion(string change, string remedy)
    {
        await using var site = await UsedSiteAsync(DatabaseUnderTest.Postgres);
        await using (var connection = await PostgresCluster.ConnectAsync(site.DatabaseUrl!, Cancellation))
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = change;
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        (await FaultAsync(site)).ShouldContain(remedy);
    }

    [Fact]
    public async Task TellsWhatTheServerKeeps_When_ItIsPostgres()
    {
        await using var site = await UsedSiteAsync(DatabaseUnderTest.Postgres);
        await using var connection = await PostgresCluster.ConnectAsync(site.DatabaseUrl!, Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT current_setting('fsync')";
        var keeps = (string)(await command.ExecuteScalarAsync(Cancellation))! == "on";

        var outcome = await site.RunVerbAsync(Cancellation, "doctor");

        outcome.Output.ShouldContain(keeps ? "fsync is on." : "fsync is off: a crash of the machine may corrupt the database.");
        outcome.Output.ShouldContain("clock and the database's differ by");
        outcome.ExitCode.ShouldBe(keeps ? 0 : 1);
    }

    /// <summary>Uses are written behind, and the rest of them when the server stops.</summary>
    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task TellsHowOftenAKeyWasUsed_When_ServersHaveRun(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        for (var run = 0; run < 2; run++)
        {
            await using var server = await LaurelServer.StartAsync(site, Cancellation);
            await AtOnce.RunAsync(60, i => server.GetAsync("/api/levels"));
            (await server.Process.StopAsync(Cancellation)).ExitCode.ShouldBe(0);
        }

        var outcome = await site.RunVerbAsync(Cancellation, "doctor");

        outcome.Output.ShouldContain($"'administrator' was used 120 times, last at {TimeProvider.System.GetUtcNow():yyyy-MM-dd}");
    }

    [Fact]
    public async Task TellsWhetherRedisAnswers_When_ItIsSet()
    {
        await using var redis = await RedisServer.StartAsync(Cancellation);
        await using var site = await UsedSiteAsync(DatabaseUnderTest.Sqlite);
        site.Environment["LAUREL_REDIS_TIMEOUT_MS"] = "1000";
        site.Environment["REDIS_URL"] = redis.Url;
        var there = await site.RunVerbAsync(Cancellation, "doctor");
        site.Environment["REDIS_URL"] = $"redis://:secret-word@127.0.0.1:{ChildProcess.FreePort()}";
        var gone = await site.RunVerbAsync(Cancellation, "doctor");
        site.Environment["REDIS_URL"] = "redis://someone:secret-word@127.0.0.1";
        var wrong = await FaultAsync(site);

        there.Output.ShouldContain($"Redis at 127.0.0.1:{redis.Port} answers after");
        there.ExitCode.ShouldBe(0);
        gone.Output.ShouldContain("does not answer. Laurel works without it");
        gone.ExitCode.ShouldBe(0);
        wrong.ShouldContain("REDIS_URL cannot be used");
        (gone.Output + wrong).ShouldNotContain("secret-word");
    }

    [Fact]
    public async Task SaysWhatToLookAt_When_TheDatabaseDoesNotAnswer()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        site.Environment["DATABASE_URL"] = $"postgresql://nobody:secret-word@127.0.0.1:{ChildProcess.FreePort()}/laurel";

        var output = await FaultAsync(site);

        output.ShouldContain("The database does not answer");
        output.ShouldContain("-> Look at the address in DATABASE_URL");
        output.ShouldNotContain("secret-word");
    }

    [Fact]
    public async Task SaysThatItIsNoDatabase_When_TheFileIsSomethingElse()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await File.WriteAllTextAsync(Path.Combine(site.DataFolder, "laurel.db"), new string('x', 10_000), Cancellation);

        (await FaultAsync(site)).ShouldContain("cannot be read");
    }

    [Fact]
    public async Task FindsNoFault_When_NothingWasStartedYet()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);

        var outcome = await site.RunVerbAsync(Cancellation, "doctor");

        outcome.ExitCode.ShouldBe(0);
        outcome.Output.ShouldContain("The first start makes it");
        Directory.EnumerateFileSystemEntries(site.DataFolder).ShouldBeEmpty();
    }

    /// <summary>An installation that has a member with personal data, and is not running.</summary>
    private async Task<LaurelSite> UsedSiteAsync(DatabaseUnderTest database)
    {
        var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        (await server.PostAsync("/api/members", new { externalId = "m-1", phone = "13912345678" })).Status.ShouldBe(201);
        (await server.Process.StopAsync(Cancellation)).ExitCode.ShouldBe(0);
        return site;
    }

    private static async Task<string> FaultAsync(LaurelSite site)
    {
        var outcome = await site.RunVerbAsync(Cancellation, "doctor");
        outcome.ExitCode.ShouldBe(1);
        outcome.Errors.ShouldBeEmpty();
        return outcome.Output;
    }
}
