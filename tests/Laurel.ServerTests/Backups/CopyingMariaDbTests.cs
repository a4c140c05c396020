using Laurel.Server.Backups;
using Laurel.Server.Hosting;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Backups;

/// <summary>The dump programs of MySQL and MariaDB, on rows that are hard to carry: bytes, emoji, and a password that every
/// layer would like to read as something else.</summary>
public sealed class CopyingMariaDbTests : IAsyncLifetime
{
    private const string Password = "p'a\"s\\s #;%1";

    // As many tables as a copy counts, and in one of them what a dump may lose.
    private const string Tables = """
        CREATE DATABASE shop CHARACTER SET utf8mb4; USE shop;
        CREATE TABLE schema_migrations (number INT PRIMARY KEY); INSERT INTO schema_migrations VALUES (1), (2);
        CREATE TABLE members (id BIGINT PRIMARY KEY, nickname TEXT, secret VARBINARY(16)) ENGINE=InnoDB;
        INSERT INTO members VALUES (1, '小林 🍵 it''s', X'00FF0A0D27225C1A'), (9007199254740993, NULL, NULL);
        CREATE TABLE tenants (id INT); CREATE TABLE programmes (id INT); CREATE TABLE entries (id INT); CREATE TABLE lots (id INT);
        CREATE TABLE holds (id INT); CREATE TABLE orders (id INT); CREATE TABLE refunds (id INT); CREATE TABLE natural_keys (id INT);
        CREATE TABLE replies (id INT);
        CREATE DATABASE empty_one CHARACTER SET utf8mb4;
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("laurel-copy-").FullName;
    private ThrowAwayMariaDb? _mariaDb;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Dump => Path.Combine(_folder, "mysql.sql");

    public async ValueTask InitializeAsync()
    {
        _mariaDb = await ThrowAwayMariaDb.StartAsync(Password, Cancellation);
        await _mariaDb.AskAsync(Tables, Cancellation);
    }

    [Fact]
    public async Task HoldsTheSameRows_When_RestoredIntoAnEmptyDatabase()
    {
        var counted = await CopierOf("shop").CopyAsync(Dump, new Nobody(), Cancellation);
        var target = CopierOf("empty_one");

        using (await target.KeepServersOutAsync(Cancellation))
        await using (var restored = await target.RestoreAsync(Dump, Cancellation))
        {
            (await target.CountAsync(restored.Settings, Cancellation)).Rows.ShouldBe(counted.Rows);
            await restored.KeepAsync(Cancellation);
        }

        counted.SchemaVersion.ShouldBe(2);
        counted.Rows["members"].ShouldBe(2);
        counted.AreExact.ShouldBeFalse();
        (await ContentsAsync("empty_one")).ShouldBe(await ContentsAsync("shop"));
    }

    [Fact]
    public async Task LeavesTheDatabaseEmpty_When_TheRestoreIsNotKept()
    {
        await CopierOf("shop").CopyAsync(Dump, new Nobody(), Cancellation);
        var target = CopierOf("empty_one");

        await (await target.RestoreAsync(Dump, Cancellation)).DisposeAsync();

        (await target.OccupantAsync(Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task LeavesNoDatabaseBehind_When_TheCopyWasOnlyLookedAt()
    {
        var copier = CopierOf("shop");
        var counted = await copier.CopyAsync(Dump, new Nobody(), Cancellation);

        await using (var aside = await copier.RestoreAsideAsync(Dump, Cancellation))
        {
            (await copier.CountAsync(aside.Settings, Cancellation)).Rows.ShouldBe(counted.Rows);
        }

        (await _mariaDb!.AskAsync("SHOW DATABASES LIKE 'laurel_verify%'", Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task IsRefused_When_TheDatabaseIsNotEmptyOrTheDumpIsCutShort()
    {
        var copier = CopierOf("shop");
        await copier.CopyAsync(Dump, new Nobody(), Cancellation);
        var text = await File.ReadAllTextAsync(Dump, Cancellation);
        await File.WriteAllTextAsync(Dump, text[..(text.Length / 2)], Cancellation);

        (await Should.ThrowAsync<BackupException>(copier.KeepServersOutAsync(Cancellation))).Message.ShouldContain("holds 11 tables");
        (await Should.ThrowAsync<BackupException>(CopierOf("empty_one").RestoreAsync(Dump, Cancellation))).Message.ShouldContain("cut short");
        (await CopierOf("empty_one").OccupantAsync(Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task SaysNothingOfThePassword_When_TheServerRefusesIt()
    {
        var copier = DatabaseCopier.For(Settings(_mariaDb!.UrlOf("shop", "wrong-canary")));

        var refused = await Should.ThrowAsync<BackupException>(copier.CopyAsync(Dump, new Nobody(), Cancellation));

        refused.Message.ShouldContain("Access denied");
        refused.Message.ShouldNotContain("wrong-canary");
    }

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        if (_mariaDb is not null)
        {
            await _mariaDb.DisposeAsync();
        }
    }

    private DatabaseCopier CopierOf(string database) => DatabaseCopier.For(Settings(_mariaDb!.UrlOf(database, Password)));

    private LaurelSettings Settings(string url) => LaurelSettings.Read(_folder, null).Settings! with { DatabaseUrl = url };

    private Task<string> ContentsAsync(string database) => _mariaDb!.AskAsync(
        $"USE {database}; SELECT id, nickname, HEX(secret) FROM members ORDER BY id; SELECT number FROM schema_migrations ORDER BY number",
        Cancellation);

    private sealed class Nobody : IProgress<BackupProgress>
    {
        public void Report(BackupProgress value)
        {
        }
    }
}
