using Dapper;
using Laurel.ContractTests.Partitions;
using Laurel.Engine.Migrations;
using Laurel.Engine.Sql;
using Laurel.Testing;

namespace Laurel.ContractTests.Product;

/// <summary>A database as it was before a migration.</summary>
public sealed class OlderDatabase : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-upgrade-");

    private OlderDatabase(DatabaseUnderTest kind, string? url)
    {
        Database = kind switch
        {
            DatabaseUnderTest.Sqlite => new SqliteDatabase(Path.Combine(_folder.FullName, "laurel.db"), readOnly: false),
            DatabaseUnderTest.Postgres => new PostgresDatabase(url!, role: PostgresCluster.Role),
            DatabaseUnderTest.MySql => new MySqlDatabase(url!),
        };
        Migrator = PartitionedDatabase.MigratorOf(Database);
    }

    public Database Database { get; }

    private Migrator Migrator { get; }

    /// <param name="before">The name of the first migration that it does not have.</param>
    public static async Task<OlderDatabase> OpenAsync(NamedDatabases databases, DatabaseUnderTest kind, string before, CancellationToken cancellationToken)
    {
        var older = new OlderDatabase(kind, await databases.FindAsync(kind, $"before-{before}"));
        await older.ExecuteAsync("CREATE TABLE schema_migrations (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)", cancellationToken);
        foreach (var migration in older.Migrator.All().TakeWhile(migration => migration.Name != before))
        {
            await older.ExecuteAsync(migration.Sql, cancellationToken);
            await older.ExecuteAsync(
                $"INSERT INTO schema_migrations (number, name, applied_at) VALUES ({migration.Number}, '{migration.Name}', 0)", cancellationToken);
        }

        return older;
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var session = await Database.OpenOwnerAsync(cancellationToken);
        await session.Connection.ExecuteAsync(new CommandDefinition(sql, cancellationToken: cancellationToken));
    }

    /// <summary>Applies the migrations that it does not have.</summary>
    public Task UpgradeAsync(CancellationToken cancellationToken) => Migrator.ApplyAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
