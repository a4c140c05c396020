using Laurel.Bench.Load;
using Laurel.Bench.Servers;

namespace Laurel.Bench.Measures;

/// <summary>What to measure, and for how long.</summary>
internal sealed record ThroughputSettings
{
    public const int RoundsDefault = 3;
    public const int Connections = 64;
    public const int OverloadConnections = 2_000;
    public const double OverloadFactor = 3;
    public const double HalfPeakFactor = 0.5;
    public const double IdleRatePerSecond = 200;
    public const int PerRequestLanes = 16;
    public const int DeclineMinutes = 10;

    /// <summary>Short times, few members, no <c>decline-10min</c>: proves that everything works, not how fast it
    /// is.</summary>
    public required bool Quick { get; init; }

    /// <summary>Rounds over all contenders; at least 1.</summary>
    public required int Rounds { get; init; }

    /// <summary>Measures or contenders; empty means every measure.</summary>
    public required IReadOnlySet<string> Only { get; init; }

    /// <summary>The server's assembly; null is the Release build of this repository.</summary>
    public string? ServerDll { get; init; }

    /// <summary>Where databases are made; each run in a new folder that it removes.</summary>
    public required string WorkFolder { get; init; }

    public int Members => Quick ? 5_000 : 100_000;

    public double WarmupSeconds => Quick ? 2 : 10;

    public double MeasureSeconds => Quick ? 3 : 10;

    public double RunSeconds => WarmupSeconds + MeasureSeconds;

    public IReadOnlyList<Database> Databases { get; } = [Database.Sqlite, Database.Postgres];

    /// <summary>One run of the load generator over 64 connections, as fast as it can.</summary>
    /// <param name="process">Whose CPU time is read.</param>
    /// <param name="prefix">Of the references: another one for each run.</param>
    public LoadSettings LoadOf(WorkloadKind kind, int port, int process, string membersFile, string prefix, int seed) => new()
    {
        Workload = kind,
        Address = "127.0.0.1",
        Port = port,
        ApiKey = LaurelSettings.ApiKey,
        MembersFile = membersFile,
        Connections = Connections,
        WarmupSeconds = WarmupSeconds,
        MeasureSeconds = MeasureSeconds,
        ReferencePrefix = prefix,
        Seed = (ulong)seed,
        WatchedProcess = process,
    };

    /// <summary>Whether a measure was asked for.</summary>
    public bool Wants(string measure) =>
        Only.Contains(measure) || (Only.Count == 0 && !(Quick && measure == MeasureTargets.Decline10Min));
}
