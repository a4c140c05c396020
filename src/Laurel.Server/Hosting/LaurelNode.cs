using System.Reflection;
using System.Security.Cryptography;
using Laurel.Engine.Audit;
using Laurel.Engine.Cache;
using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Migrations;
using Laurel.Engine.Nodes;
using Laurel.Engine.Partitions;
using Laurel.Engine.Sql;
using Laurel.Identity;
using Laurel.Kernel;
using Laurel.Membership;
using Laurel.Membership.Members;
using Laurel.Membership.Openings;
using Laurel.Membership.Programmes;
using Laurel.Membership.Verification;
using Laurel.Platform.Access;
using Laurel.Platform.Tenants;
using Laurel.Platform.Vault;
using Laurel.Platform.Webhooks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Laurel.Server.Hosting;

/// <summary>A data folder is in use by another process that writes.</summary>
public sealed class DataInUseException(string folder, string holder)
    : Exception($"{folder} is in use by another Laurel process ({holder}). Stop it, or name another folder with --data.");

/// <summary>Everything of Laurel but the web: the database, and where it writes, the lanes and what they decide with. One for each
/// process.</summary>
public sealed class LaurelNode : IAsyncDisposable
{
    /// <summary>The tenant that a new installation has.</summary>
    public static readonly TenantId DefaultTenant = Tenant.Platform;

    private static readonly Assembly[] s_migrations = [typeof(LaneSet).Assembly, typeof(WebhooksModule).Assembly, typeof(MemberBook).Assembly, typeof(IdentityModule).Assembly];

    private readonly NodeWrites? _writes;

    /// <param name="writes">Null on a node that is opened to read.</param>
    internal LaurelNode(MasterKeys keys, Database database, ProgrammeKind programmes, NodeCache cache, MemberRegions regions, NodeWrites? writes)
    {
        var random = RandomNumberGenerator.Create();
        (Keys, Database, Programmes, Cache, CachedRegions, _writes) = (keys, database, programmes, cache, regions, writes);
        Vault = new PersonalDataVault(keys, random);
        Books = new MemberBooks(programmes) { Vault = Vault, Access = Access };
        Secrets = new SecretVault(keys, random);
        Audit = new AuditKey(keys.DeriveAuditKey());
    }

    /// <summary>All that the master keys seal.</summary>
    public static IReadOnlyList<SealedColumn> SealedColumns { get; } =
        [.. MembershipModule.SealedColumns, .. IdentityModule.SealedColumns, .. WebhooksModule.SealedColumns];

    public MasterKeys Keys { get; }

    public Database Database { get; }

    public ProgrammeKind Programmes { get; }

    public MemberBooks Books { get; }

    public NodeCache Cache { get; }

    public MemberRegions CachedRegions { get; }

    public PersonalDataVault Vault { get; }

    public SecretVault Secrets { get; }

    /// <summary>What opens all that is sealed.</summary>
    public SealedValues Sealed => new(Vault, Secrets, SealedColumns);

    /// <summary>Tells of changes of who may call.</summary>
    public AccessChanges Access { get; } = new();

    /// <summary>What the audit is sealed with.</summary>
    public AuditKey Audit { get; }

    /// <summary>The time of day that this node goes by: the database's.</summary>
    public TimeProvider Clock { get; internal init; } = TimeProvider.System;

    /// <summary>Where everything of this process logs to.</summary>
    public ILoggerFactory Loggers { get; internal init; } = NullLoggerFactory.Instance;

    /// <summary>The administrator's API key when this start made one; it is stored only as a hash.</summary>
    public string? NewAdministratorKey { get; internal init; }

    /// <exception cref="InvariantBrokenException">On a node that was opened to read; so of all that follow.</exception>
    public LaneSet Lanes => Writes.Lanes;

    /// <summary>Answers what is asked of members and changes nothing.</summary>
    public QuestionSet Questions => Writes.Questions;

    /// <summary>Where the events of this node's batches go.</summary>
    public EventSink Events => Writes.Events;

    /// <summary>The number under which this node draws ids now.</summary>
    internal int Number => Writes.Lease.Ids.Node;

    /// <summary>Work that one node at a time does.</summary>
    public ClusterLeases Leases => Writes.Leases;

    /// <summary>Looks after the months that tables are kept by.</summary>
    public PartitionKeeper Partitions => Writes.Partitions;

    /// <summary>Lets opening balances stand for old entries.</summary>
    public EntryDetachment Detachment(LaurelSettings settings) =>
        new(Database, Lanes, Leases, Partitions, settings.DetachedFolder, Clock, Loggers.CreateLogger<EntryDetachment>());

    /// <summary>Puts everything that is sealed under the current master key.</summary>
    public VaultRewrap Rewrap() => new(Database, Lanes, Keys, Secrets, SealedColumns, Clock, Loggers.CreateLogger<VaultRewrap>());

    /// <summary>Replicas, and the gate for writes.</summary>
    internal Cluster Cluster => Writes.Cluster;

    private NodeWrites Writes => _writes ?? throw new InvariantBrokenException("A node that was opened to read does not write.");

    /// <summary>Opens to write: takes the data lock (SQLite), migrates, makes sure of the default tenant and starts the lanes.</summary>
    /// <param name="verb">What this process does; the next one that asks for the folder is told.</param>
    /// <exception cref="DataInUseException">When another process writes to the SQLite file.</exception>
    public static Task<LaurelNode> OpenAsync(LaurelSettings settings, string verb, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        new NodeStart(settings, verb, clock, loggers).RunAsync(cancellationToken);

    /// <summary>Opens to read only: takes no lock, never checkpoints, and works beside a server that writes.</summary>
    /// <exception cref="FileNotFoundException">When the folder holds no database, or one that was never served.</exception>
    public static async Task<LaurelNode> OpenToReadAsync(LaurelSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (settings.Database == DatabaseKind.Sqlite && !File.Exists(settings.SqliteFile))
        {
            throw new FileNotFoundException($"There is no Laurel database at {settings.SqliteFile}. Start the server once, or name its folder with --data.");
        }

        var keys = await LoadKeysAsync(settings, cancellationToken);
        var database = OpenDatabase(settings, readOnly: true);
        try
        {
            var programmes = new ProgrammeKind { Benefits = settings.BenefitKinds };
            if (await new ProgrammeStore(database, programmes, clock).FindAsync(DefaultTenant, cancellationToken) is null)
            {
                throw new FileNotFoundException("There is nothing in this database yet. Start the server once, or name another database.");
            }

            var regions = new MemberRegions(settings.Cache.Lifetimes);
            var cache = new NodeCache(new CacheOptions { Enabled = false }, regions.All, clock, NullLogger<NodeCache>.Instance);
            return new LaurelNode(keys, database, programmes, cache, regions, writes: null);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Brings the schema up to date and nothing else.</summary>
    public static async Task<IReadOnlyList<Migration>> MigrateAsync(LaurelSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var dataLock = NodeStart.TakeLock(settings, "migrate");
        await using var database = OpenDatabase(settings, readOnly: false);
        return await MigratorOf(database, clock).ApplyAsync(cancellationToken);
    }

    /// <summary>What this program's schema is made of, in order.</summary>
    internal static IReadOnlyList<Migration> Migrations(Database database, TimeProvider clock) => MigratorOf(database, clock).All();

    public async ValueTask DisposeAsync()
    {
        await (_writes?.StopAsync() ?? Task.CompletedTask);
        await Cache.DisposeAsync();
        await (_writes?.LeaveAsync() ?? Task.CompletedTask);
        await Database.DisposeAsync();
        Vault.Dispose();
        _writes?.DataLock?.Dispose();
    }

    /// <summary>The number of the last migration that this program knows.</summary>
    internal static int SchemaVersionOf(Database database) => MigratorOf(database, TimeProvider.System).All()[^1].Number;

    internal static Migrator MigratorOf(Database database, TimeProvider clock) => new(database, s_migrations, clock);

    /// <summary>The master keys of the settings; makes them at the first start.</summary>
    /// <exception cref="MasterKeysUnreadableException">When they cannot be read, or the key service does not open them.</exception>
    internal static async Task<MasterKeys> LoadKeysAsync(LaurelSettings settings, CancellationToken cancellationToken)
    {
        using var random = RandomNumberGenerator.Create();
        return await MasterKeys.LoadAsync(settings.DataFolder, settings.MasterKeys, settings.MasterKeyGuard, random, cancellationToken);
    }

    /// <summary>The database of the settings alone.</summary>
    /// <param name="readOnly">Whether it is only looked at, by who may see all of it: then sessions do not take the role of <c>DATABASE_ROLE</c>.</param>
    internal static Database OpenDatabase(LaurelSettings settings, bool readOnly) => settings.Database switch
    {
        DatabaseKind.Sqlite => new SqliteDatabase(settings.SqliteFile, readOnly) { Loading = settings.Loading },
        DatabaseKind.Postgres => new PostgresDatabase(settings.DatabaseUrl!, settings.Cluster.ReadersMax, readOnly ? null : settings.Cluster.DatabaseRole),
        DatabaseKind.Mysql => new MySqlDatabase(settings.DatabaseUrl!, settings.Cluster.ReadersMax),
    };
}
