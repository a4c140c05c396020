using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using Laurel.ContractTests.Product;
using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Migrations;
using Laurel.Engine.Nodes;
using Laurel.Engine.Partitions;
using Laurel.Engine.Sql;
using Laurel.Identity;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Openings;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Verification;
using Laurel.Platform.Vault;
using Laurel.Platform.Webhooks;
using Laurel.Server.Hosting;
using Laurel.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Laurel.ContractTests.Openings;

/// <summary>A database whose writers go by a clock of the test, so that its ids, and so its months, are of years ago.</summary>
internal sealed class DetachableDatabase : IAsyncDisposable
{
    /// <summary>The first partition of entries on the servers: it has all earlier months beside its own.</summary>
    public static readonly Month FirstPartition = new(202306);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("laurel-openings-");
    private readonly RandomNumberGenerator _random = RandomNumberGenerator.Create();
    private DbConnection? _connection;

    private DetachableDatabase(DatabaseUnderTest kind, string? url)
    {
        Kind = kind;
        Database = kind switch
        {
            DatabaseUnderTest.Sqlite => new SqliteDatabase(Path.Combine(_folder.FullName, "laurel.db"), readOnly: false),
            DatabaseUnderTest.Postgres => new PostgresDatabase(url!, role: PostgresCluster.Role),
            DatabaseUnderTest.MySql => new MySqlDatabase(url!),
        };
        MonthlyTable[] tables = [MonthlyTable.Replies(TimeSpan.FromDays(30)), MonthlyTable.EventBatches(TimeSpan.FromDays(90)), .. MonthlyEntries.Tables];
        Partitions = new PartitionKeeper(Database, tables, Clock, NullLogger<PartitionKeeper>.Instance);
        Ids = new IdGenerator(Clock, 1);
        Lanes = new LaneSet(
            Database, new LaneOptions(), () => Ids, Clock, new Random(1), new EventSink(new EventHub(NullLogger<EventHub>.Instance)), NullLogger<LaneSet>.Instance);
        Books = new MemberBooks(new ProgrammeKind());
        Vault = new PersonalDataVault(MasterKeys.Load(_folder.FullName, null, _random), _random);
        Leases = new ClusterLeases(Database, Lanes, TimeProvider.System, "test", NullLogger<ClusterLeases>.Instance);
        Detachment = new EntryDetachment(Database, Lanes, Leases, Partitions, DetachedFolder, Clock, NullLogger<EntryDetachment>.Instance);
    }

    public DatabaseUnderTest Kind { get; }

    public Database Database { get; }

    public SettableClock Clock { get; } = new();

    /// <summary>Draws the ids of what is written next.</summary>
    public IdGenerator Ids { get; set; }

    public LaneSet Lanes { get; }

    public MemberBooks Books { get; }

    public PersonalDataVault Vault { get; }

    public ClusterLeases Leases { get; }

    public PartitionKeeper Partitions { get; }

    public EntryDetachment Detachment { get; }

    public string DetachedFolder => Path.Combine(_folder.FullName, "detached");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="programme">Null is the default one.</param>
    public static async Task<DetachableDatabase> OpenAsync(DatabaseUnderTest kind, NamedDatabases databases, string name, Programme? programme = null)
    {
        var url = await databases.FindAsync(kind, name);
        var database = new DetachableDatabase(kind, url);
        await new Migrator(
            database.Database, [typeof(LaneSet).Assembly, typeof(WebhooksModule).Assembly, typeof(MemberBook).Assembly, typeof(IdentityModule).Assembly], TimeProvider.System).ApplyAsync(Cancellation);
        await new ProgrammeStore(database.Database, database.Books.Programmes, database.Clock)
            .EnsureAsync(LaurelNode.DefaultTenant, "default", "Default", stored => programme ?? stored, Cancellation);
        database._connection = kind switch
        {
            DatabaseUnderTest.Sqlite => new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(database._folder.FullName, "laurel.db"), Pooling = false }.ToString()),
            DatabaseUnderTest.Postgres => await PostgresCluster.ConnectAsync(new Uri(url!), Cancellation),
            DatabaseUnderTest.MySql => MySqlServer.Connect(new Uri(url!)),
        };
        if (kind != DatabaseUnderTest.Sqlite)
        {
            await database.BeginMonthsAsync();
        }

        return database;
    }

    /// <summary>Sets the recorded time of what is written next: noon of a day, UTC.</summary>
    public void At(string day) => Clock.Set(NoonOf(day).ToDateTimeOffset());

    public static Instant NoonOf(string day) => Instant.From(DateTimeOffset.Parse(day + "T12:00:00Z", CultureInfo.InvariantCulture));

    public Task<DetachOutcome> DetachAsync(string month)
    {
        At("2026-11-20");
        return Detachment.RunAsync(Month.Parse(month)!.Value, null, Cancellation);
    }

    public Task<VerificationReport> VerifyAsync() => new Verifier(Database).RunAsync(null, Cancellation);

    /// <summary>Plain SQL past the product, and past every CHECK where the database lets one.</summary>
    public async Task<int> ExecuteAsync(string sql)
    {
        if (_connection!.State == System.Data.ConnectionState.Closed)
        {
            await _connection.OpenAsync(Cancellation);
        }

        return await _connection.ExecuteAsync(new CommandDefinition(sql, commandTimeout: 300, cancellationToken: Cancellation));
    }

    public async Task<long> ScalarAsync(string sql)
    {
        // Months that were detached are their owner's alone; SQLite has one writer, the lane's.
        await using var session = Kind == DatabaseUnderTest.Sqlite
            ? await Database.OpenReaderAsync(Reach.Everything, Cancellation)
            : await Database.OpenOwnerAsync(Cancellation);
        return await session.Connection.ExecuteScalarAsync<long>(new CommandDefinition(sql, cancellationToken: Cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        await Lanes.DisposeAsync();
        await (_connection?.DisposeAsync() ?? ValueTask.CompletedTask);
        Partitions.Dispose();
        await Database.DisposeAsync();
        Vault.Dispose();
        _random.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>Puts the months of entries back to years ago, as if the installation were that old.</summary>
    private async Task BeginMonthsAsync()
    {
        var present = Month.Of(await Partitions.NowAsync(Cancellation));
        foreach (var table in MonthlyEntries.Tables)
        {
            await ExecuteAsync(Kind == DatabaseUnderTest.Postgres
                ? $"""
                  DROP TABLE {table.Name}_{present.Suffix};
                  CREATE TABLE {table.Name}_{FirstPartition.Suffix} PARTITION OF {table.Name} FOR VALUES FROM (MINVALUE) TO ({table.FirstOf(FirstPartition.Next)})
                  """
                : $"""
                  ALTER TABLE {table.Name} PARTITION BY RANGE ({table.Column})
                  (PARTITION p{FirstPartition.Suffix} VALUES LESS THAN ({table.FirstOf(FirstPartition.Next)}), PARTITION rest VALUES LESS THAN MAXVALUE)
                  """);
        }

        await Partitions.RunAsync(Cancellation);
    }
}
