using System.Data.Common;
using Dapper;
using Laurel.ContractTests.Product;
using Laurel.Engine.Lanes;
using Laurel.Engine.Migrations;
using Laurel.Engine.Partitions;
using Laurel.Engine.Sql;
using Laurel.Identity;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Platform.Webhooks;
using Laurel.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Laurel.ContractTests.Partitions;

/// <summary>A database of a server as a test of its partitions needs it: with the schema, and looked at by plain SQL.</summary>
internal sealed class PartitionedDatabase : IAsyncDisposable
{
    private readonly List<PartitionKeeper> _keepers = [];

    private PartitionedDatabase(DatabaseUnderTest kind, Database database, DbConnection connection) =>
        (Kind, Database, Connection) = (kind, database, connection);

    public DatabaseUnderTest Kind { get; }

    public Database Database { get; }

    public DbConnection Connection { get; }

    /// <summary>The month that the database is in.</summary>
    public static Month Present => Month.Of(Instant.Now(TimeProvider.System));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="migrated">Whether it has its schema, or is empty.</param>
    public static async Task<PartitionedDatabase> OpenAsync(DatabaseUnderTest kind, NamedDatabases databases, string name, bool migrated = true)
    {
        var url = (await databases.FindAsync(kind, name))!;
        Database database = kind == DatabaseUnderTest.Postgres ? new PostgresDatabase(url, role: PostgresCluster.Role) : new MySqlDatabase(url);
        if (migrated)
        {
            await MigratorOf(database).ApplyAsync(Cancellation);
        }

        DbConnection connection = kind == DatabaseUnderTest.Postgres
            ? await PostgresCluster.ConnectAsync(new Uri(url), Cancellation)
            : MySqlServer.Connect(new Uri(url));
        return new PartitionedDatabase(kind, database, connection);
    }

    public static Migrator MigratorOf(Database database) =>
        new(database, [typeof(LaneSet).Assembly, typeof(WebhooksModule).Assembly, typeof(MemberBook).Assembly, typeof(IdentityModule).Assembly], TimeProvider.System);

    /// <summary>A keeper as every node has one.</summary>
    public PartitionKeeper NewKeeper()
    {
        MonthlyTable[] tables = [MonthlyTable.Replies(TimeSpan.FromDays(30)), MonthlyTable.EventBatches(TimeSpan.FromDays(90)), .. MonthlyEntries.Tables];
        var keeper = new PartitionKeeper(Database, tables, TimeProvider.System, NullLogger<PartitionKeeper>.Instance);
        _keepers.Add(keeper);
        return keeper;
    }

    /// <summary>The months of a table's partitions, and null for the one for the rest.</summary>
    public async Task<IReadOnlyList<Month?>> MonthsAsync(string table) =>
        [.. (await NewKeeper().ListAsync(Cancellation)).Single(listed => listed.Table.Name == table).Partitions.Select(partition => partition.Month)];

    /// <summary>Rows of the partition that takes what fits no month.</summary>
    public Task<long> StrayAsync(string table) => ScalarAsync(Kind == DatabaseUnderTest.Postgres
        ? $"SELECT COUNT(*) FROM {table}_default"
        : $"SELECT COUNT(*) FROM {table} PARTITION (rest)");

    public Task<long> ScalarAsync(string sql) =>
        Connection.ExecuteScalarAsync<long>(new CommandDefinition(sql, cancellationToken: Cancellation));

    public Task ExecuteAsync(string sql) =>
        Connection.ExecuteAsync(new CommandDefinition(sql, commandTimeout: 600, cancellationToken: Cancellation));

    /// <summary>Puts the months of a table back to one long ago, as if nobody had looked after it since.</summary>
    public Task BeginAtAsync(MonthlyTable table, Month month) => ExecuteAsync(Kind == DatabaseUnderTest.Postgres
        ? $"""
          DROP TABLE {table.Name}_{Present.Suffix};
          CREATE TABLE {table.Name}_{month.Suffix} PARTITION OF {table.Name} FOR VALUES FROM (MINVALUE) TO ({table.FirstOf(month.Next)})
          """
        : $"""
          ALTER TABLE {table.Name} PARTITION BY RANGE ({table.Column})
          (PARTITION p{month.Suffix} VALUES LESS THAN ({table.FirstOf(month.Next)}), PARTITION rest VALUES LESS THAN MAXVALUE)
          """);

    public async ValueTask DisposeAsync()
    {
        foreach (var keeper in _keepers)
        {
            keeper.Dispose();
        }

        await Connection.DisposeAsync();
        await Database.DisposeAsync();
    }
}
