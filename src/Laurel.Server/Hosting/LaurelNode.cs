using System.Reflection;
using System.Security.Cryptography;
using Laurel.Engine.Cache;
using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Migrations;
using Laurel.Engine.Nodes;
using Laurel.Engine.Partitions;
using Laurel.Engine.Sql;
using Laurel.Engine.Telemetry;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Platform.Vault;
using Laurel.Platform.Webhooks;
using Laurel.Server.Messaging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Laurel.Server.Hosting;

/// <summary>A data folder is in use by another process that writes.</summary>
public sealed class DataInUseException(string folder, string holder)
    : Exception($"{folder} is in use by another Laurel process ({holder}). Stop it, or name another folder with --data.");

/// <summary>Everything of Laurel but the web: the database, the lanes and what they decide with. One for each process.</summary>
public sealed class LaurelNode : IAsyncDisposable
{
    /// <summary>The tenant that a new installation has.</summary>
    public static readonly TenantId DefaultTenant = new(1);

    /// <summary>How long a start waits for Redis: a node that is linked need not wait for the others before it writes.</summary>
    private static readonly TimeSpan s_linkPatience = TimeSpan.FromSeconds(1);

    private static readonly Assembly[] s_migrations = [typeof(LaneSet).Assembly, typeof(WebhooksModule).Assembly, typeof(MemberBook).Assembly];

    private readonly DataLock? _lock;
    private readonly NodeLease? _lease;

    private LaurelNode(
        DataLock? dataLock,
        Database database,
        NodeLease? lease,
        LaneSet? lanes,
        ProgrammeKind programmes,
        PersonalDataVault vault,
        NodeCache cache,
        MemberRegions regions)
    {
        (Cache, CachedRegions) = (cache, regions);
        (_lock, Database, _lease, Programmes, Vault) = (dataLock, database, lease, programmes, vault);
        Books = new MemberBooks(programmes);
        WritingLanes = lanes;
    }

    public Database Database { get; }

    /// <summary>The time of day that this node goes by: the database's.</summary>
    public TimeProvider Clock { get; private init; } = TimeProvider.System;

    /// <summary>Where everything of this process logs to.</summary>
    public ILoggerFactory Loggers { get; private init; } = NullLoggerFactory.Instance;

    /// <summary>The administrator's API key when this start made one; it is stored only as a hash.</summary>
    public string? NewAdministratorKey { get; private init; }

    public ProgrammeKind Programmes { get; }

    public MemberBooks Books { get; }

    public NodeCache Cache { get; }

    public MemberRegions CachedRegions { get; }

    public PersonalDataVault Vault { get; }

    /// <exception cref="InvariantBrokenException">On a node that was opened to read.</exception>
    public LaneSet Lanes => WritingLanes ?? throw new InvariantBrokenException("A node that was opened to read has no lanes.");

    /// <summary>Where the events of this node's batches go.</summary>
    public EventSink Events { get; private init; } = new(new EventHub(NullLogger<EventHub>.Instance));

    /// <summary>Work that one node at a time does.</summary>
    /// <exception cref="InvariantBrokenException">On a node that was opened to read.</exception>
    public ClusterLeases Leases => WritingLeases ?? throw new InvariantBrokenException("A node that was opened to read has no leases.");

    /// <summary>Replicas, and the gate for writes.</summary>
    /// <exception cref="InvariantBrokenException">On a node that was opened to read.</exception>
    internal Cluster Cluster => WritingCluster ?? throw new InvariantBrokenException("A node that was opened to read is no part of a cluster.");

    private Cluster? WritingCluster { get; init; }

    private LaneSet? WritingLanes { get; }

    /// <summary>Looks after the months that tables are kept by.</summary>
    /// <exception cref="InvariantBrokenException">On a node that was opened to read.</exception>
    public PartitionKeeper Partitions => KeptPartitions ?? throw new InvariantBrokenException("A node that was opened to read keeps no partitions.");

    private PartitionKeeper? KeptPartitions { get; init; }

    private ClusterLeases? WritingLeases { get; init; }

    /// <summary>Opens to write: takes the data lock (SQLite), migrates, makes sure of the default tenant and starts the lanes.</summary>
    /// <param name="verb">What this process does; the next one that asks for the folder is told.</param>
    /// <exception cref="DataInUseException">When another process writes to the SQLite file.</exception>
    public static async Task<LaurelNode> OpenAsync(LaurelSettings settings, string verb, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var dataLock = TakeLock(settings, verb);
        var database = OpenDatabase(settings, readOnly: false);
        // A clock that somebody sets is the truth itself.
        var nodeClock = new NodeClock(clock) { IsCorrected = clock == TimeProvider.System };
        database.Times = new StatementTimes(clock, loggers.CreateLogger<StatementTimes>(), settings.Operations.SlowQuery);
        var regions = new MemberRegions(settings.Cache.Lifetimes);
        var cache = new NodeCache(settings.Cache.Options, regions.All, nodeClock, loggers.CreateLogger<NodeCache>());
        try
        {
            if (verb == "serve")
            {
                await DatabaseStart.WaitAsync(database, settings.Cluster.DatabaseWait, clock, loggers.CreateLogger(typeof(DatabaseStart)), cancellationToken);
            }

            await new Migrator(database, s_migrations, clock).ApplyAsync(cancellationToken);
            var partitions = new PartitionKeeper(database, MonthlyTables(settings), clock, loggers.CreateLogger<PartitionKeeper>());
            await partitions.TryRunAsync(cancellationToken);
            var programmes = new ProgrammeKind();
            await new ProgrammeStore(database, programmes, clock).EnsureAsync(DefaultTenant, "default", "Default", settings.Programme, cancellationToken);
            var key = verb == "serve" ? await ApiKeys.EnsureAdministratorAsync(database, settings.AdminKey, clock, cancellationToken) : null;
            await cache.LinkAsync(s_linkPatience);
            var holder = $"{Environment.MachineName}:{Environment.ProcessId}:{verb}";
            var lease = new NodeLease(database, nodeClock, holder, loggers.CreateLogger<NodeLease>());
            cache.Introduce(lease);
            await lease.StartAsync(cancellationToken);
            var mayWrite = await cache.JoinAsync(database, lease, cancellationToken);
            var random = new Random(RandomNumberGenerator.GetInt32(int.MaxValue));
            var events = new EventSink(new EventHub(loggers.CreateLogger<EventHub>())) { Targets = OutboxTargets(settings) };
            var gate = new WriteGate(loggers.CreateLogger<WriteGate>());
            var lanes = new LaneSet(database, LanesOf(database, settings), () => lease.Ids, nodeClock, random, events, loggers.CreateLogger<LaneSet>(), gate, regions.ObserverOf(cache, nodeClock), mayWrite);
            var cluster = new Cluster(settings, database, lanes, gate, nodeClock, random, loggers);
            await cluster.Watch.StartAsync(cancellationToken);
            // Process numbers come again, in containers even on every node: what a lease belongs to must not.
            var process = $"{holder}:{RandomNumberGenerator.GetHexString(8)}";
            return new LaurelNode(dataLock, database, lease, lanes, programmes, OpenVault(settings), cache, regions)
            {
                NewAdministratorKey = key,
                Loggers = loggers,
                Clock = nodeClock,
                KeptPartitions = partitions,
                Events = events,
                WritingCluster = cluster,
                WritingLeases = new ClusterLeases(database, lanes, nodeClock, process, loggers.CreateLogger<ClusterLeases>())
                {
                    Duration = settings.Cluster.Lease,
                    AskEvery = settings.Cluster.Lease / 5,
                },
            };
        }
        catch
        {
            await cache.DisposeAsync();
            await database.DisposeAsync();
            dataLock?.Dispose();
            throw;
        }
    }

    /// <summary>Opens to read only: takes no lock, never checkpoints, and works beside a server that writes.</summary>
    /// <exception cref="FileNotFoundException">When the folder holds no database.</exception>
    public static async Task<LaurelNode> OpenToReadAsync(LaurelSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (settings.Database == DatabaseKind.Sqlite && !File.Exists(settings.SqliteFile))
        {
            throw new FileNotFoundException($"There is no Laurel database at {settings.SqliteFile}. Start the server once, or name its folder with --data.");
        }

        var database = OpenDatabase(settings, readOnly: true);
        var programmes = new ProgrammeKind();
        await new ProgrammeStore(database, programmes, clock).ReadAsync(DefaultTenant, cancellationToken);
        var regions = new MemberRegions(settings.Cache.Lifetimes);
        var cache = new NodeCache(new CacheOptions { Enabled = false }, regions.All, clock, NullLogger<NodeCache>.Instance);
        return new LaurelNode(null, database, null, null, programmes, OpenVault(settings), cache, regions);
    }

    /// <summary>Brings the schema up to date and nothing else.</summary>
    public static async Task<IReadOnlyList<Migration>> MigrateAsync(LaurelSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var dataLock = TakeLock(settings, "migrate");
        await using var database = OpenDatabase(settings, readOnly: false);
        return await new Migrator(database, s_migrations, clock).ApplyAsync(cancellationToken);
    }

    /// <summary>What this program's schema is made of, in order.</summary>
    internal static IReadOnlyList<Migration> Migrations(Database database, TimeProvider clock) => new Migrator(database, s_migrations, clock).All();

    public async ValueTask DisposeAsync()
    {
        await (WritingCluster?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (WritingLanes?.DisposeAsync() ?? ValueTask.CompletedTask);
        await Cache.DisposeAsync();
        await (_lease?.DisposeAsync() ?? ValueTask.CompletedTask);
        KeptPartitions?.Dispose();
        await Database.DisposeAsync();
        Vault.Dispose();
        _lock?.Dispose();
    }

    /// <summary>On Galera a batch that met another node's is tried again as a whole: small ones meet less often.</summary>
    private static LaneOptions LanesOf(Database database, LaurelSettings settings) => database is MySqlDatabase { IsGalera: true }
        ? settings.Lanes with { BatchCommandsMax = Math.Min(settings.Lanes.BatchCommandsMax, MySqlDatabase.GaleraBatchCommandsMax) }
        : settings.Lanes;

    private static IReadOnlyList<MonthlyTable> MonthlyTables(LaurelSettings settings) =>
        [MonthlyTable.Replies(settings.RepliesKept), MonthlyTable.EventBatches(settings.EventsKept), .. MonthlyEntries.Tables];

    /// <summary>The queues of the outbox that every batch with events joins, whatever this process does: the nodes that publish serve
    /// what all of them, and the command line, have written.</summary>
    private static IReadOnlyList<OutboxTarget> OutboxTargets(LaurelSettings settings) =>
        settings.RabbitMq is null ? [WebhooksModule.OutboxTarget] : [WebhooksModule.OutboxTarget, OutboxTarget.Always(RabbitMqTransport.TransportName)];

    private static DataLock? TakeLock(LaurelSettings settings, string verb)
    {
        Directory.CreateDirectory(settings.DataFolder);
        if (settings.Database != DatabaseKind.Sqlite)
        {
            return null;
        }

        var (taken, holder) = DataLock.TryTake(settings.DataFolder, verb);
        return taken ?? throw new DataInUseException(settings.DataFolder, holder!);
    }

    /// <summary>The number of the last migration that this program knows.</summary>
    internal static int SchemaVersionOf(Database database) => new Migrator(database, s_migrations, TimeProvider.System).All()[^1].Number;

    /// <summary>The database of the settings alone, to be looked at.</summary>
    internal static Database OpenDatabase(LaurelSettings settings, bool readOnly) => settings.Database switch
    {
        DatabaseKind.Sqlite => new SqliteDatabase(settings.SqliteFile, readOnly) { Loading = settings.Loading },
        DatabaseKind.Postgres => new PostgresDatabase(settings.DatabaseUrl!, settings.Cluster.ReadersMax),
        DatabaseKind.Mysql => new MySqlDatabase(settings.DatabaseUrl!, settings.Cluster.ReadersMax),
    };

    internal static SecretVault OpenSecrets(LaurelSettings settings)
    {
        var random = RandomNumberGenerator.Create();
        return new SecretVault(MasterKeys.Load(settings.DataFolder, settings.MasterKeys, random), random);
    }

    internal static PersonalDataVault OpenVault(LaurelSettings settings)
    {
        var random = RandomNumberGenerator.Create();
        return new PersonalDataVault(MasterKeys.Load(settings.DataFolder, settings.MasterKeys, random), random);
    }
}
