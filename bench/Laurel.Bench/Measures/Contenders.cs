using System.Globalization;
using Laurel.Bench.Load;
using Laurel.Bench.Servers;

namespace Laurel.Bench.Measures;

/// <summary>One contender's result in one round.</summary>
internal sealed record ContenderRound
{
    /// <summary>Requests answered with 2xx, or transactions, a second.</summary>
    public required double PerSecond { get; init; }

    public required double GeneratorMicrosecondsPerRequest { get; init; }

    /// <summary>Median for a server, mean for pgbench.</summary>
    public required double LatencyMilliseconds { get; init; }

    /// <summary>CPU of the server's process; null where there is no server of ours.</summary>
    public double? ServerMicrosecondsPerRequest { get; init; }

    /// <summary>Cores busy with anything but generator and server: the database, or a disturbance; null for
    /// pgbench.</summary>
    public double? OtherCores { get; init; }

    /// <summary>Everything the generator saw; null for pgbench.</summary>
    public LoadResult? Load { get; init; }

    public static ContenderRound Of(LoadResult load) => new()
    {
        PerSecond = load.OkPerSecond,
        GeneratorMicrosecondsPerRequest = load.GeneratorMicrosecondsPerRequest,
        ServerMicrosecondsPerRequest = load.WatchedMicrosecondsPerRequest,
        LatencyMilliseconds = load.Latency.P50,
        OtherCores = load.OtherCores,
        Load = load,
    };
}

/// <summary>Everything that is driven as fast as it can, and how.</summary>
internal sealed class Contenders(ThroughputSettings settings, BenchSites sites)
{
    public const string EarnPostgres = "earn-postgres";
    public const string EarnPostgresPerRequest = "earn-postgres-per-request";
    public const string EarnMariaDb = "earn-mariadb";
    public const string EarnMariaDbPerRequest = "earn-mariadb-per-request";
    public const string PgbenchEarn = "pgbench";
    public const string EarnSqlite = "earn-sqlite";
    public const string Echo = "echo";
    public const string MixPostgres = "mix-postgres";
    public const string EarnHotPostgres = "earn-hot-postgres";
    public const string EarnHotSqlite = "earn-hot-sqlite";

    /// <summary>In the order in which a round drives them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        EarnPostgres,
        PgbenchEarn,
        EarnPostgresPerRequest,
        EarnMariaDb,
        EarnMariaDbPerRequest,
        MixPostgres,
        EarnHotPostgres,
        EarnSqlite,
        EarnHotSqlite,
        Echo,
    ];

    private Pgbench? _pgbench;
    private int _runs;

    /// <summary>The contenders that the measures asked for rest on, and those asked for by their own names.</summary>
    public static IReadOnlyList<string> NeededFor(ThroughputSettings settings)
    {
        var needed = settings.Only.Intersect(All).ToHashSet();
        foreach (var target in MeasureTargets.Throughput.Where(target => settings.Wants(target.Name)))
        {
            needed.UnionWith(NeededFor(target.Name));
        }

        return [.. All.Where(needed.Contains)];
    }

    public static string EarnOn(Database database) => database switch
    {
        Database.Sqlite => EarnSqlite,
        Database.Postgres => EarnPostgres,
        Database.MariaDb => EarnMariaDb,
    };

    public static string EarnHotOn(Database database) => database switch
    {
        Database.Sqlite => EarnHotSqlite,
        Database.Postgres => EarnHotPostgres,
        Database.MariaDb => throw new BenchException("Hot members are measured on SQLite and PostgreSQL."),
    };

    /// <summary>Starts what the contender needs, so that no round has to wait for it.</summary>
    public async Task PrepareAsync(string contender, CancellationToken cancellationToken)
    {
        if (contender == PgbenchEarn)
        {
            var database = await sites.CopyPostgresAsync("pgbench", cancellationToken);
            var postgres = await sites.PostgresAsync(cancellationToken);
            _pgbench = await Pgbench.PrepareAsync(postgres, database, settings.Members, cancellationToken);
        }
        else
        {
            _ = await LoadOfAsync(contender, cancellationToken);
        }
    }

    /// <summary>Drives one contender as fast as it can: 64 connections, or pgbench's own clients.</summary>
    public async Task<ContenderRound> RunAsync(string contender, CancellationToken cancellationToken)
    {
        await sites.SettleAsync(cancellationToken);
        return contender == PgbenchEarn
            ? await _pgbench!.RunAsync(settings, ++_runs, cancellationToken)
            : ContenderRound.Of(
                await LoadProcess.RunAsync(await LoadOfAsync(contender, cancellationToken), cancellationToken));
    }

    /// <summary>Earnings of uniform members on one database's server; the callers set rate, time and
    /// connections.</summary>
    public async Task<LoadSettings> EarnLoadAsync(
        Database database, string copy, CancellationToken cancellationToken) =>
        Load(WorkloadKind.EarnUniform, await sites.LaurelAsync(database, copy, cancellationToken), database);

    private static string[] NeededFor(string measure) => measure switch
    {
        MeasureTargets.EarnPostgresPgbench => [EarnPostgres, PgbenchEarn],
        MeasureTargets.EarnPostgresPerRequest => [EarnPostgres, EarnPostgresPerRequest],
        MeasureTargets.EarnMariaDbPerRequest => [EarnMariaDb, EarnMariaDbPerRequest],
        MeasureTargets.EarnSqliteEcho => [EarnSqlite, Echo],
        MeasureTargets.MixPostgresEcho => [MixPostgres, Echo],
        MeasureTargets.EarnHotUniform => [EarnPostgres, EarnHotPostgres, EarnSqlite, EarnHotSqlite],
        MeasureTargets.P99HalfPeak or MeasureTargets.Goodput3X or MeasureTargets.MemoryPeak
            => [EarnPostgres, EarnSqlite],
        _ => [],
    };

    private async Task<LoadSettings> LoadOfAsync(string contender, CancellationToken cancellationToken)
    {
        if (contender == Echo)
        {
            var echo = await sites.EchoAsync(cancellationToken);
            return Load(WorkloadKind.Echo, echo.Port, echo.Id, sites.EchoMembersFile());
        }

        var database = contender switch
        {
            EarnSqlite or EarnHotSqlite => Database.Sqlite,
            EarnMariaDb or EarnMariaDbPerRequest => Database.MariaDb,
            _ => Database.Postgres,
        };
        var copy = contender is EarnPostgresPerRequest or EarnMariaDbPerRequest ? BenchSites.PerRequest : BenchSites.Main;
        var kind = contender switch
        {
            EarnPostgres or EarnPostgresPerRequest or EarnMariaDb or EarnMariaDbPerRequest or EarnSqlite => WorkloadKind.EarnUniform,
            EarnHotPostgres or EarnHotSqlite => WorkloadKind.EarnHot,
            MixPostgres => WorkloadKind.Mix,
            _ => throw new BenchException($"There is no contender {contender}."),
        };
        return Load(kind, await sites.LaurelAsync(database, copy, cancellationToken), database);
    }

    private LoadSettings Load(WorkloadKind kind, LaurelProcess server, Database database) =>
        Load(kind, server.Port, server.Id, sites.MembersFile(database));

    private LoadSettings Load(WorkloadKind kind, int port, int process, string membersFile)
    {
        var run = ++_runs;
        return settings.LoadOf(kind, port, process, membersFile, string.Create(CultureInfo.InvariantCulture, $"b{run:D4}"), run);
    }
}
