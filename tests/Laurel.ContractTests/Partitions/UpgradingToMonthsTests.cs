using System.Diagnostics;
using Dapper;
using Laurel.ContractTests.Product;
using Laurel.Engine.Migrations;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ContractTests.Partitions;

/// <summary>A database from before the months keeps every row when it is brought up to date.</summary>
/// <remarks>The environment variable <c>LAUREL_UPGRADE_ROWS</c> sets how many entries there are; 2,000 without it.</remarks>
public sealed class UpgradingToMonthsTests(NamedDatabases databases, ITestOutputHelper output) : IClassFixture<NamedDatabases>
{
    private const string FirstWithMonths = "key-months";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static int Rows => int.TryParse(Environment.GetEnvironmentVariable("LAUREL_UPGRADE_ROWS"), out var rows) ? rows : 2_000;

    [Theory]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task KeepsEveryRow_When_TheTablesHoldSome(DatabaseUnderTest kind)
    {
        await using var database = await PartitionedDatabase.OpenAsync(kind, databases, "upgrade", migrated: false);
        var migrator = PartitionedDatabase.MigratorOf(database.Database);
        var earlier = migrator.All().TakeWhile(migration => migration.Name != FirstWithMonths).ToList();
        await ApplyAsync(database, earlier);
        await FillAsync(database);
        var before = await CountAsync(database);

        var startedAt = Stopwatch.GetTimestamp();
        await migrator.ApplyAsync(Cancellation);
        output.WriteLine($"{kind}: {Rows:N0} entries, takes, replies and batches each in {Stopwatch.GetElapsedTime(startedAt).TotalSeconds:F1} s");

        (await CountAsync(database)).ShouldBe(before);
        before.ShouldAllBe(count => count == Rows);
        foreach (var table in (string[])["entries", "lot_takes", "replies", "event_batches"])
        {
            (await database.StrayAsync(table)).ShouldBe(0, table);
        }

        (await database.NewKeeper().RunAsync(Cancellation)).ShouldAllBe(kept => kept.Created.Count == 3 && kept.StrayRows == 0);
        (await CountAsync(database)).ShouldBe(before);
    }

    private static async Task ApplyAsync(PartitionedDatabase database, IReadOnlyList<Migration> migrations)
    {
        await database.ExecuteAsync("CREATE TABLE schema_migrations (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)");
        foreach (var migration in migrations)
        {
            await database.ExecuteAsync(migration.Sql);
            await database.ExecuteAsync($"INSERT INTO schema_migrations (number, name, applied_at) VALUES ({migration.Number}, '{migration.Name}', 0)");
        }
    }

    // Ids of today: milliseconds since 2020 above 22 bits.
    private static Task FillAsync(PartitionedDatabase database)
    {
        var now = Kernel.IdGenerator.FirstOf(Kernel.Instant.Now(TimeProvider.System));
        var (numbers, hash, microseconds) = database.Kind == DatabaseUnderTest.Postgres
            ? ($"generate_series(1, {Rows}) AS g (n)", "decode(md5(n::text), 'hex')", "CAST(extract(epoch FROM now()) * 1000000 AS bigint)")
            : ($"(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {Rows}) SELECT n FROM s) AS g", "UNHEX(LEFT(SHA2(n, 256), 32))", "UNIX_TIMESTAMP() * 1000000");
        var recursion = database.Kind == DatabaseUnderTest.Postgres
            ? ""
            : database.Connection.ServerVersion.Contains("MariaDB", StringComparison.Ordinal) ? $"SET SESSION max_recursive_iterations = {Rows + 1};" : $"SET SESSION cte_max_recursion_depth = {Rows + 1};";
        return database.ExecuteAsync($"""
            {recursion}
            INSERT INTO entries SELECT {now} - n, 1, n % 1000, n, 'points', 'earn', 'issuance', 10, 10, 0, 10, {microseconds}, {microseconds}, NULL, 'earn', 1, NULL, NULL, NULL,
                'A reason', 'test', 'reference', NULL, NULL, NULL FROM {numbers};
            INSERT INTO lot_takes SELECT 1, n % 1000, {now} - n, n, 5, {microseconds} FROM {numbers};
            INSERT INTO replies SELECT {hash}, {hash}, 1, n, {hash}, {microseconds} FROM {numbers};
            INSERT INTO event_batches SELECT {now} - n, {microseconds}, 1, {hash} FROM {numbers}
            """);
    }

    private static async Task<IReadOnlyList<long>> CountAsync(PartitionedDatabase database) =>
        [.. await database.Connection.QueryAsync<long>(new CommandDefinition(
            """
            SELECT COUNT(*) FROM entries UNION ALL SELECT COUNT(*) FROM lot_takes
            UNION ALL SELECT COUNT(*) FROM replies UNION ALL SELECT COUNT(*) FROM event_batches
            """,
            commandTimeout: 300,
            cancellationToken: Cancellation))];
}
