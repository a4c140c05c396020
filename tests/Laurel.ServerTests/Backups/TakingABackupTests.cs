using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Backups;

/// <summary>What <c>backup</c> writes, keeps and refuses.</summary>
public sealed class TakingABackupTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RemovesWhatNeedNotBeKept_When_TheFolderHasOlderArchives()
    {
        await using var site = await SiteAsync(DatabaseUnderTest.Sqlite);
        var shelf = Path.Combine(site.DataFolder, "shelf");
        Directory.CreateDirectory(shelf);
        string[] older = ["laurel-20260101T000000Z.tar.gz", "laurel-20260102T000000Z.tar.gz", "laurel-20260102T120000Z.tar.gz"];
        string[] foreign = ["laurel-notes.tar.gz", "laurel-notes.tar.gz.part", "other.txt"];
        var left = Directory.CreateDirectory(Path.Combine(shelf, "laurel-20260103T000000Z.tar.gz.staging"));
        await File.WriteAllTextAsync(Path.Combine(left.FullName, "laurel.db"), "", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(shelf, "laurel-20260103T000000Z.tar.gz.part"), "", Cancellation);
        foreach (var name in older.Concat(foreign))
        {
            await File.WriteAllTextAsync(Path.Combine(shelf, name), "", Cancellation);
        }

        var outcome = await site.RunVerbAsync(Cancellation, "backup", shelf, "--keep-daily", "2");

        outcome.ExitCode.ShouldBe(0, outcome.Output + outcome.Errors);
        var names = Directory.GetFileSystemEntries(shelf).Select(Path.GetFileName).ToList();
        names.ShouldContain("laurel-20260102T120000Z.tar.gz");
        names.ShouldNotContain("laurel-20260102T000000Z.tar.gz");
        names.ShouldNotContain("laurel-20260101T000000Z.tar.gz");
        names.ShouldBeSubsetOf([.. foreign, older[2], Path.GetFileName(ArchiveOf(outcome.Output))]);
        names.Count.ShouldBe(5);
    }

    [Theory]
    [InlineData("--keep-daily", "0")]
    [InlineData("--keep-weekly", "523")]
    [InlineData("--keep-hourly", "many")]
    public async Task IsRefused_When_ACountIsOutOfRange(string option, string value)
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);

        var outcome = await site.RunVerbAsync(Cancellation, "backup", site.DataFolder, option, value);

        outcome.ExitCode.ShouldBe(1, outcome.Output);
        outcome.Errors.ShouldContain(option);
    }

    [Fact]
    public async Task IsRefused_When_ThereIsNoDatabase()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);

        var outcome = await site.RunVerbAsync(Cancellation, "backup", Path.Combine(site.DataFolder, "shelf"), "--without-keys");

        outcome.ExitCode.ShouldBe(2, outcome.Output);
        outcome.Errors.ShouldContain("There is no Laurel database");
        Directory.GetFileSystemEntries(Path.Combine(site.DataFolder, "shelf")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    public async Task SaysThatTheKeysAreElsewhere_When_TheEnvironmentGivesThem(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        var key = Convert.ToBase64String(new byte[32]);
        site.Environment["LAUREL_MASTER_KEYS"] = $"a:{key},index:{key}";
        await using (var server = await LaurelServer.StartAsync(site, Cancellation))
        {
            await Shop.OpenAsync(server);
        }

        var outcome = await site.RunVerbAsync(Cancellation, "backup", Path.Combine(site.DataFolder, "b.tar.gz"));

        outcome.ExitCode.ShouldBe(0, outcome.Output + outcome.Errors);
        outcome.Output.ShouldContain("LAUREL_MASTER_KEYS gives them");
        outcome.Output.ShouldContain(database == DatabaseUnderTest.Sqlite ? "sqlite, schema" : "postgres, schema");
    }

    [Fact]
    public async Task NeverShowsThePassword_When_TheDatabaseRefuses()
    {
        PostgresCluster.Require();
        await using var site = await SiteAsync(DatabaseUnderTest.Postgres);
        var url = new UriBuilder(site.DatabaseUrl!) { UserName = "nobody_of_this_name", Password = "s3cret-canary" };
        site.Environment["LAUREL_DATABASE"] = "postgres";
        var program = site.Program(["backup", Path.Combine(site.DataFolder, "b.tar.gz")]);
        var environment = new Dictionary<string, string?>(program.Environment) { ["DATABASE_URL"] = url.Uri.AbsoluteUri };

        var outcome = await ChildProcess.RunAsync(program with { Environment = environment }, Cancellation);

        outcome.ExitCode.ShouldBe(2, outcome.Output);
        (outcome.Output + outcome.Errors).ShouldNotContain("s3cret-canary");
        File.Exists(Path.Combine(site.DataFolder, "b.tar.gz")).ShouldBeFalse();
    }

    [Fact]
    public async Task IsAskedByTheHealthVerb_When_AServerRuns()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        var address = server.Process.Address.GetLeftPart(UriPartial.Authority);

        (await site.RunVerbAsync(Cancellation, "health", address + "/health")).ExitCode.ShouldBe(0);
        var missing = await site.RunVerbAsync(Cancellation, "health", address + "/no-such-page");
        await server.Process.StopAsync(Cancellation);
        var gone = await site.RunVerbAsync(Cancellation, "health", address + "/health");

        missing.ExitCode.ShouldBe(1);
        missing.Errors.ShouldContain("answers 404");
        gone.ExitCode.ShouldBe(1);
        gone.Errors.ShouldContain("does not answer");
    }

    private async Task<LaurelSite> SiteAsync(DatabaseUnderTest database)
    {
        var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await Shop.OpenAsync(server);
        return site;
    }

    private static string ArchiveOf(string output) =>
        output.Split('\n').Single(line => line.StartsWith("archive", StringComparison.Ordinal))["archive".Length..].Trim();
}
