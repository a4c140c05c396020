using System.Globalization;
using System.Text;
using Laurel.Server.Backups;
using Laurel.Server.Hosting;
using Laurel.Testing;
using MySql.Data.MySqlClient;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Backups;

/// <summary>The dump programs of MySQL and MariaDB, on rows that are hard to carry: bytes, emoji, and a password that every
/// layer would like to read as something else.</summary>
public sealed class CopyingMySqlTests(DatabaseServers servers) : IAsyncLifetime
{
    private const string Password = "p'a\"s\\s #;%1";

    // As many tables as a copy counts, and in one of them what a dump may lose.
    private const string Tables = """
        ALTER DATABASE CHARACTER SET utf8mb4;
        CREATE TABLE schema_migrations (number INT PRIMARY KEY); INSERT INTO schema_migrations VALUES (1), (2);
        CREATE TABLE members (id BIGINT PRIMARY KEY, nickname TEXT, secret VARBINARY(16)) ENGINE=InnoDB;
        INSERT INTO members VALUES (1, '小林 🍵 it''s', X'00FF0A0D27225C1A'), (9007199254740993, NULL, NULL);
        CREATE TABLE tenants (id INT); CREATE TABLE programmes (id INT); CREATE TABLE entries (id INT); CREATE TABLE lots (id INT);
        CREATE TABLE holds (id INT); CREATE TABLE orders (id INT); CREATE TABLE refunds (id INT); CREATE TABLE natural_keys (id INT);
        CREATE TABLE replies (id INT);
        """;

    private static readonly string s_user = string.Create(CultureInfo.InvariantCulture, $"laurel_copy_{Environment.ProcessId}");

    private readonly string _folder = Directory.CreateTempSubdirectory("laurel-copy-").FullName;
    private Uri? _shop;
    private Uri? _empty;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Dump => Path.Combine(_folder, "mysql.sql");

    public async ValueTask InitializeAsync()
    {
        _shop = new Uri((await servers.CreateDatabaseAsync(DatabaseUnderTest.MySql, Cancellation))!);
        _empty = new Uri((await servers.CreateDatabaseAsync(DatabaseUnderTest.MySql, Cancellation))!);
        var quoted = Password.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);
        Ask(_shop, $"CREATE USER '{s_user}'@'%' IDENTIFIED BY '{quoted}'; GRANT ALL ON *.* TO '{s_user}'@'%'; {Tables} SELECT 1");
    }

    [Fact]
    public async Task HoldsTheSameRows_When_RestoredIntoAnEmptyDatabase()
    {
        var counted = await CopierOf(_shop).CopyAsync(Dump, new Nobody(), Cancellation);
        var target = CopierOf(_empty);

        using (await target.KeepServersOutAsync(Cancellation))
        await using (var restored = await target.RestoreAsync(Dump, Cancellation))
        {
            (await target.CountAsync(restored.Settings, Cancellation)).Rows.ShouldBe(counted.Rows);
            await restored.KeepAsync(Cancellation);
        }

        counted.SchemaVersion.ShouldBe(2);
        counted.Rows["members"].ShouldBe(2);
        counted.AreExact.ShouldBeFalse();
        ContentsOf(_empty).ShouldBe(ContentsOf(_shop));
    }

    [Fact]
    public async Task LeavesTheDatabaseEmpty_When_TheRestoreIsNotKept()
    {
        await CopierOf(_shop).CopyAsync(Dump, new Nobody(), Cancellation);
        var target = CopierOf(_empty);

        await (await target.RestoreAsync(Dump, Cancellation)).DisposeAsync();

        (await target.OccupantAsync(Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task LeavesNoDatabaseBehind_When_TheCopyWasOnlyLookedAt()
    {
        var copier = CopierOf(_shop);
        var counted = await copier.CopyAsync(Dump, new Nobody(), Cancellation);

        await using (var aside = await copier.RestoreAsideAsync(Dump, Cancellation))
        {
            (await copier.CountAsync(aside.Settings, Cancellation)).Rows.ShouldBe(counted.Rows);
        }

        Ask(_shop!, $"SHOW DATABASES LIKE 'laurel_verify_{Environment.ProcessId}'").ShouldBeEmpty();
    }

    [Fact]
    public async Task IsRefused_When_TheDatabaseIsNotEmptyOrTheDumpIsCutShort()
    {
        var copier = CopierOf(_shop);
        await copier.CopyAsync(Dump, new Nobody(), Cancellation);
        var text = await File.ReadAllTextAsync(Dump, Cancellation);
        await File.WriteAllTextAsync(Dump, text[..(text.Length / 2)], Cancellation);

        (await Should.ThrowAsync<BackupException>(copier.KeepServersOutAsync(Cancellation))).Message.ShouldContain("holds 11 tables");
        (await Should.ThrowAsync<BackupException>(CopierOf(_empty).RestoreAsync(Dump, Cancellation))).Message.ShouldContain("cut short");
        (await CopierOf(_empty).OccupantAsync(Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task SaysNothingOfThePassword_When_TheServerRefusesIt()
    {
        var copier = DatabaseCopier.For(Settings(UrlOf(_shop, "wrong-canary")));

        var refused = await Should.ThrowAsync<BackupException>(copier.CopyAsync(Dump, new Nobody(), Cancellation));

        refused.Message.ShouldContain("Access denied");
        refused.Message.ShouldNotContain("wrong-canary");
    }

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        if (_shop is not null)
        {
            Ask(_shop, $"DROP USER '{s_user}'@'%'; SELECT 1");
            await servers.DropDatabaseAsync(DatabaseUnderTest.MySql, _shop.AbsoluteUri, Cancellation);
        }

        if (_empty is not null)
        {
            await servers.DropDatabaseAsync(DatabaseUnderTest.MySql, _empty.AbsoluteUri, Cancellation);
        }
    }

    private DatabaseCopier CopierOf(Uri? database) => DatabaseCopier.For(Settings(UrlOf(database, Password)));

    private LaurelSettings Settings(string url) =>
        LaurelSettings.Read(_folder, null).Settings! with { Database = DatabaseKind.Mysql, DatabaseUrl = url };

    private static string UrlOf(Uri? database, string password) =>
        new UriBuilder(database!) { UserName = s_user, Password = Uri.EscapeDataString(password) }.Uri.AbsoluteUri;

    private static string ContentsOf(Uri? database) =>
        Ask(database!, "SELECT id, nickname, HEX(secret) FROM members ORDER BY id") + Ask(database!, "SELECT number FROM schema_migrations ORDER BY number");

    /// <summary>Asks as root.</summary>
    /// <returns>A line for each row of the last result, its values with commas between.</returns>
    private static string Ask(Uri database, string sql)
    {
        using var connection = MySqlServer.Connect(database);
        using var command = new MySqlCommand(sql, connection);
        using var reader = command.ExecuteReader();
        var text = new StringBuilder();
        while (reader.Read())
        {
            for (var column = 0; column < reader.FieldCount; column++)
            {
                text.Append(reader.IsDBNull(column) ? "NULL" : Convert.ToString(reader.GetValue(column), CultureInfo.InvariantCulture)).Append(',');
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private sealed class Nobody : IProgress<BackupProgress>
    {
        public void Report(BackupProgress value)
        {
        }
    }
}
