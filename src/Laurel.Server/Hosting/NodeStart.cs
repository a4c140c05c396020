using System.Security.Cryptography;
using Laurel.Engine.Audit;
using Laurel.Engine.Cache;
using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Engine.Partitions;
using Laurel.Engine.Sql;
using Laurel.Engine.Telemetry;
using Laurel.Identity.ApiKeys;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Platform.Vault;
using Laurel.Platform.Webhooks;
using Laurel.Server.Messaging;

namespace Laurel.Server.Hosting;

/// <summary>Opens a node that writes, step by step. What was opened is closed again when a later step fails.</summary>
internal sealed class NodeStart(LaurelSettings settings, string verb, TimeProvider clock, ILoggerFactory loggers)
{
    /// <summary>How long a start waits for Redis: a node that is linked need not wait for the others before it writes.</summary>
    private static readonly TimeSpan s_linkPatience = TimeSpan.FromSeconds(1);

    private readonly Stack<Func<ValueTask>> _closing = new();

    // A clock that somebody sets is the truth itself.
    private readonly NodeClock _clock = new(clock) { IsCorrected = clock == TimeProvider.System };
    private readonly Random _random = new(RandomNumberGenerator.GetInt32(int.MaxValue));

    private bool Serves => verb == "serve";

    public async Task<LaurelNode> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(cancellationToken);
        }
        catch
        {
            while (_closing.TryPop(out var close))
            {
                await close();
            }

            throw;
        }
    }

    /// <summary>Keeps other processes out of the SQLite file; null where a server does.</summary>
    /// <exception cref="DataInUseException">When another process has it.</exception>
    internal static DataLock? TakeLock(LaurelSettings settings, string verb)
    {
        Directory.CreateDirectory(settings.DataFolder);
        if (settings.Database != DatabaseKind.Sqlite)
        {
            return null;
        }

        var (taken, holder) = DataLock.TryTake(settings.DataFolder, verb);
        return taken ?? throw new DataInUseException(settings.DataFolder, holder!);
    }

    private async Task<LaurelNode> OpenAsync(CancellationToken cancellationToken)
    {
        var dataLock = TakeLock(settings, verb);
        _closing.Push(() =>
        {
            dataLock?.Dispose();
            return ValueTask.CompletedTask;
        });
        // Before anything else is opened: whoever has no keys must not write.
        var keys = await LaurelNode.LoadKeysAsync(settings, cancellationToken);
        var database = Opened(LaurelNode.OpenDatabase(settings, readOnly: false));
        database.Times = new StatementTimes(clock, loggers.CreateLogger<StatementTimes>(), settings.Operations.SlowQuery);
        var partitions = await PrepareAsync(database, cancellationToken);
        var programmes = new ProgrammeKind { Benefits = settings.BenefitKinds };
        await new ProgrammeStore(database, programmes, clock).EnsureAsync(LaurelNode.DefaultTenant, "default", "Default", settings.Programme, cancellationToken);
        var administrator = Serves ? await ApiKeyStore.EnsureAdministratorAsync(database, LaurelNode.DefaultTenant, settings.AdminKey, clock, cancellationToken) : null;
        var regions = new MemberRegions(settings.Cache.Lifetimes, keys);
        var cache = Opened(new NodeCache(settings.Cache.Options, regions.All, _clock, loggers.CreateLogger<NodeCache>()));
        var writes = await JoinAsync(dataLock, database, cache, regions.ObserverOf(cache, _clock), partitions, keys, cancellationToken);
        return new LaurelNode(keys, database, programmes, cache, regions, writes)
        {
            NewAdministratorKey = administrator,
            Loggers = loggers,
            Clock = _clock,
        };
    }

    /// <summary>Waits for the database where callers would wait anyway, and brings its schema and its months up to date.</summary>
    private async Task<PartitionKeeper> PrepareAsync(Database database, CancellationToken cancellationToken)
    {
        if (Serves)
        {
            await DatabaseStart.WaitAsync(database, settings.Cluster.DatabaseWait, clock, loggers.CreateLogger(typeof(DatabaseStart)), cancellationToken);
        }

        await LaurelNode.MigratorOf(database, clock).ApplyAsync(cancellationToken);
        var partitions = new PartitionKeeper(database, MonthlyTables(), clock, loggers.CreateLogger<PartitionKeeper>());
        await partitions.TryRunAsync(cancellationToken);
        return partitions;
    }

    /// <summary>Takes a place among the nodes and starts the lanes, which write when the others know of it.</summary>
    private async Task<NodeWrites> JoinAsync(
        DataLock? dataLock,
        Database database,
        NodeCache cache,
        CommitObserver observer,
        PartitionKeeper partitions,
        MasterKeys keys,
        CancellationToken cancellationToken)
    {
        await cache.LinkAsync(s_linkPatience);
        var holder = $"{Environment.MachineName}:{Environment.ProcessId}:{verb}";
        var lease = Opened(new NodeLease(database, _clock, holder, loggers.CreateLogger<NodeLease>()) { MasterKeyIds = keys.Ids });
        cache.Introduce(lease);
        await lease.StartAsync(cancellationToken);
        MasterKeyAgreement.Require(keys, await LiveNode.AllAsync(database, cancellationToken));
        var mayWrite = await cache.JoinAsync(database, lease, cancellationToken);
        var events = new EventSink(new EventHub(loggers.CreateLogger<EventHub>())) { Targets = OutboxTargets() };
        var gate = new WriteGate(loggers.CreateLogger<WriteGate>());
        var lanes = Opened(new LaneSet(
            database, LanesOf(database), () => lease.Ids, _clock, _random, events, loggers.CreateLogger<LaneSet>(), gate, observer, mayWrite, AuditOf(keys)));
        var questions = Opened(new QuestionSet(database, settings.Lanes, _clock, loggers.CreateLogger<QuestionSet>()));
        var cluster = Opened(new Cluster(settings, database, lanes, gate, _clock, _random, loggers));
        await cluster.Watch.StartAsync(cancellationToken);
        return new NodeWrites
        {
            DataLock = dataLock,
            Lease = lease,
            Lanes = lanes,
            Questions = questions,
            Events = events,
            Leases = LeasesOf(database, lanes, holder),
            Cluster = cluster,
            Partitions = partitions,
        };
    }

    // Process numbers come again, in containers even on every node: what a lease belongs to must not.
    private ClusterLeases LeasesOf(Database database, LaneSet lanes, string holder) =>
        new(database, lanes, _clock, $"{holder}:{RandomNumberGenerator.GetHexString(8)}", loggers.CreateLogger<ClusterLeases>())
        {
            Duration = settings.Cluster.Lease,
            AskEvery = settings.Cluster.Lease / 5,
        };

    /// <summary>On Galera a batch that met another node's is tried again as a whole: small ones meet less often.</summary>
    private LaneOptions LanesOf(Database database) => database is MySqlDatabase { IsGalera: true }
        ? settings.Lanes with { BatchCommandsMax = Math.Min(settings.Lanes.BatchCommandsMax, MySqlDatabase.GaleraBatchCommandsMax) }
        : settings.Lanes;

    private AuditSink AuditOf(MasterKeys keys) => new(new AuditKey(keys.DeriveAuditKey()), verb);

    private IReadOnlyList<MonthlyTable> MonthlyTables() =>
        [MonthlyTable.Replies(settings.RepliesKept), MonthlyTable.EventBatches(settings.EventsKept), .. MonthlyEntries.Tables];

    /// <summary>The queues of the outbox that every batch with events joins, whatever this process does: the nodes that publish serve
    /// what all of them, and the command line, have written.</summary>
    private IReadOnlyList<OutboxTarget> OutboxTargets() =>
        settings.RabbitMq is null ? [WebhooksModule.OutboxTarget] : [WebhooksModule.OutboxTarget, OutboxTarget.Always(RabbitMqTransport.TransportName)];

    private T Opened<T>(T opened)
        where T : IAsyncDisposable
    {
        _closing.Push(opened.DisposeAsync);
        return opened;
    }
}
