using Laurel.ServerTests.Hosting;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Backups;

/// <summary>A restore that must not be done is refused, and what was there before stands.</summary>
public sealed class RefusingARestoreTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    public async Task ChangesNothing_When_TheArchiveIsDamaged(DatabaseUnderTest database)
    {
        await using var site = await SiteWithHistoryAsync(database);
        var archive = await Shop.BackUpAsync(site, Cancellation);
        await AddAfterTheBackupAsync(site);
        var asOf = TimeProvider.System.GetUtcNow().AddDays(1);
        var before = await Shop.ExportAsync(site, asOf, Cancellation);
        var whole = await File.ReadAllBytesAsync(archive, Cancellation);
        byte[][] damages =
        [
            Flip(whole, 30),
            Flip(whole, whole.Length / 3),
            Flip(whole, whole.Length - 2_000),
            whole[..(whole.Length / 2)],
            whole[..200],
            [],
            "no archive"u8.ToArray(),
        ];

        foreach (var damage in damages)
        {
            await File.WriteAllBytesAsync(archive, damage, Cancellation);
            var outcome = await site.RunVerbAsync(Cancellation, "restore", archive, "--replace");
            outcome.ExitCode.ShouldBe(2, outcome.Output + outcome.Errors);
            outcome.Errors.ShouldContain("Nothing was changed");
        }

        (await Shop.ExportAsync(site, asOf, Cancellation)).ShouldBe(before);
        await File.WriteAllBytesAsync(archive, whole, Cancellation);
        (await site.RunVerbAsync(Cancellation, "restore", archive, "--replace")).ExitCode.ShouldBe(0);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    public async Task AsksForReplace_When_ThereIsADatabase(DatabaseUnderTest database)
    {
        await using var site = await SiteWithHistoryAsync(database);
        var asOf = TimeProvider.System.GetUtcNow().AddDays(1);
        var before = await Shop.ExportAsync(site, asOf, Cancellation);
        var archive = await Shop.BackUpAsync(site, Cancellation);
        await AddAfterTheBackupAsync(site);
        var changed = await Shop.ExportAsync(site, asOf, Cancellation);

        var refused = await site.RunVerbAsync(Cancellation, "restore", archive);
        var afterRefusal = await Shop.ExportAsync(site, asOf, Cancellation);
        var replaced = await site.RunVerbAsync(Cancellation, "restore", archive, "--replace");

        refused.ExitCode.ShouldBe(2);
        refused.Errors.ShouldContain("--replace");
        afterRefusal.ShouldBe(changed);
        changed.ShouldNotBe(before);
        replaced.ExitCode.ShouldBe(0, replaced.Output + replaced.Errors);
        (await Shop.ExportAsync(site, asOf, Cancellation)).ShouldBe(before);
        Directory.GetFiles(site.DataFolder, "*before-restore*").ShouldBeEmpty();
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    public async Task IsTakenBack_When_TheArchiveIsOfBrokenBooks(DatabaseUnderTest database)
    {
        await using var site = await SiteWithHistoryAsync(database);
        await using var other = await SiteWithHistoryAsync(database);
        await SpoilAsync(site);
        var archive = await Shop.BackUpAsync(site, Cancellation);
        var asOf = TimeProvider.System.GetUtcNow().AddDays(1);
        var before = await Shop.ExportAsync(other, asOf, Cancellation);

        var outcome = await other.RunVerbAsync(Cancellation, "restore", archive, "--replace");

        outcome.ExitCode.ShouldBe(2, outcome.Output);
        outcome.Errors.ShouldContain("not sound");
        (await Shop.ExportAsync(other, asOf, Cancellation)).ShouldBe(before);
        await other.VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    public async Task IsRefused_When_AServerRuns(DatabaseUnderTest database)
    {
        await using var site = await SiteWithHistoryAsync(database);
        var archive = await Shop.BackUpAsync(site, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);

        var outcome = await site.RunVerbAsync(Cancellation, "restore", archive, "--replace");

        outcome.ExitCode.ShouldBe(2, outcome.Output);
        outcome.Errors.ShouldMatch("in use by another Laurel process|Stop every node first");
        (await server.RegisterAsync("goes-on")).Status.ShouldBe(201);
    }

    [Fact]
    public async Task AsksForTheKeys_When_TheArchiveHasNone()
    {
        await using var site = await SiteWithHistoryAsync(DatabaseUnderTest.Sqlite);
        await using var other = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        var archive = await Shop.BackUpAsync(site, Cancellation, "--without-keys");

        var refused = await other.RunVerbAsync(Cancellation, "restore", archive);
        File.Exists(Path.Combine(other.DataFolder, "laurel.db")).ShouldBeFalse();
        Directory.CreateDirectory(Path.Combine(other.DataFolder, "keys"));
        File.Copy(Path.Combine(site.DataFolder, "keys", "master.json"), Path.Combine(other.DataFolder, "keys", "master.json"));
        var restored = await other.RunVerbAsync(Cancellation, "restore", archive);

        refused.ExitCode.ShouldBe(2, refused.Output);
        refused.Errors.ShouldContain("holds no keys");
        restored.ExitCode.ShouldBe(0, restored.Output + restored.Errors);
        await using var server = await LaurelServer.StartAsync(other, Cancellation);
        (await server.GetAsync("/api/members?externalId=ann")).Text.ShouldContain("138****8000");
    }

    [Fact]
    public async Task KeepsTheFormerKeysAside_When_TheyAreReplaced()
    {
        await using var site = await SiteWithHistoryAsync(DatabaseUnderTest.Sqlite);
        await using var other = await SiteWithHistoryAsync(DatabaseUnderTest.Sqlite);
        var archive = await Shop.BackUpAsync(site, Cancellation);
        var keys = Path.Combine(other.DataFolder, "keys", "master.json");
        var former = await File.ReadAllTextAsync(keys, Cancellation);

        var outcome = await other.RunVerbAsync(Cancellation, "restore", archive, "--replace");

        outcome.ExitCode.ShouldBe(0, outcome.Errors);
        (await File.ReadAllTextAsync(keys, Cancellation)).ShouldBe(await File.ReadAllTextAsync(Path.Combine(site.DataFolder, "keys", "master.json"), Cancellation));
        (await File.ReadAllTextAsync(keys + ".before-restore-1", Cancellation)).ShouldBe(former);
    }

    [Fact]
    public async Task IsRefused_When_TheArchiveIsOfAnotherDialect()
    {
        await using var site = await SiteWithHistoryAsync(DatabaseUnderTest.Sqlite);
        await using var other = await LaurelSite.CreateAsync(DatabaseUnderTest.Postgres, cluster, Cancellation);
        var archive = await Shop.BackUpAsync(site, Cancellation);

        var outcome = await other.RunVerbAsync(Cancellation, "restore", archive);

        outcome.ExitCode.ShouldBe(2, outcome.Output);
        outcome.Errors.ShouldContain("of sqlite");
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    public async Task IsRefused_When_TheArchiveIsOfANewerSchema(DatabaseUnderTest database)
    {
        await using var site = await SiteWithHistoryAsync(database);
        await using var other = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await ExecuteAsync(site, "INSERT INTO schema_migrations (number, name, applied_at) VALUES (9999, 'of-tomorrow', 0)");
        var archive = await Shop.BackUpAsync(site, Cancellation);

        var outcome = await other.RunVerbAsync(Cancellation, "restore", archive);

        outcome.ExitCode.ShouldBe(2, outcome.Output);
        outcome.Errors.ShouldContain("schema 9999");
    }

    [Fact]
    public async Task SaysHowToGoOn_When_AnEarlierOneWasBrokenOff()
    {
        await using var site = await SiteWithHistoryAsync(DatabaseUnderTest.Postgres);
        var archive = await Shop.BackUpAsync(site, Cancellation);
        var asOf = TimeProvider.System.GetUtcNow().AddDays(1);
        var before = await Shop.ExportAsync(site, asOf, Cancellation);
        await ExecuteAsync(site, "CREATE SCHEMA laurel_before_restore");

        var outcome = await site.RunVerbAsync(Cancellation, "restore", archive, "--replace");

        outcome.ExitCode.ShouldBe(2, outcome.Output);
        outcome.Errors.ShouldContain("laurel_before_restore");
        (await Shop.ExportAsync(site, asOf, Cancellation)).ShouldBe(before);
    }

    private async Task<LaurelSite> SiteWithHistoryAsync(DatabaseUnderTest database)
    {
        var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await Shop.OpenAsync(server);
        return site;
    }

    private static async Task AddAfterTheBackupAsync(LaurelSite site)
    {
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await server.NewMemberAsync("later", 700);
    }

    // A balance that its entries do not add up to.
    private static async Task SpoilAsync(LaurelSite site) =>
        (await ExecuteAsync(site, "UPDATE members SET points = points + 1 WHERE external_id = 'bob'")).ShouldBe(1);

    private static async Task<int> ExecuteAsync(LaurelSite site, string sql)
    {
        await using var connection = await SqlOf.ConnectAsync(site, Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteNonQueryAsync(Cancellation);
    }

    private static byte[] Flip(byte[] bytes, int at)
    {
        var copy = bytes.ToArray();
        copy[at] ^= 0x10;
        return copy;
    }
}
