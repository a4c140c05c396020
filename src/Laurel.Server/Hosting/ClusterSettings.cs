using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;

namespace Laurel.Server.Hosting;

/// <summary>How a node works beside others and with replicas. All of it is in <c>docs/operate/settings.md</c>.</summary>
public sealed record ClusterSettings
{
    /// <summary>Addresses of replicas of the database, in order; none answers everything from the primary.</summary>
    public IReadOnlyList<string> ReplicaUrls { get; init; } = [];

    /// <summary>The role of PostgreSQL that row-level security holds to one tenant's rows; null has none.</summary>
    public string? DatabaseRole { get; init; }

    /// <summary>How far a replica may be behind and still be read from, 3 to 3,600 seconds: it is measured once a second.</summary>
    public TimeSpan ReplicaLagMax { get; init; } = ReadRouter.LagDefault;

    /// <summary>Connections for reads at the most, to the primary and to each replica, 1 to 1,000.</summary>
    public int ReadersMax { get; init; } = Engine.Sql.Database.ReadersMaxDefault;

    /// <summary>Whether this node takes no writes for as long as it runs.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>How long a node that was asked to stop goes on serving, while <c>/ready</c> already says no; 0 to 600 seconds.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a start waits for a database that does not answer, 0 to 3,600 seconds.</summary>
    public TimeSpan DatabaseWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long after a node fell silent another one takes over what one node does alone, 2 to 600 seconds.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    /// <param name="kindOf">The database that an address is of.</param>
    internal static ClusterSettings Read(SettingsReader reader, DatabaseKind database, Func<string?, DatabaseKind> kindOf)
    {
        var urls = (reader.Text("DATABASE_REPLICA_URLS") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        reader.Require(
            urls.Length == 0 || database != DatabaseKind.Sqlite,
            "DATABASE_REPLICA_URLS is set and the database is SQLite, which has no replicas: take it away, or set DATABASE_URL to a server.");
        reader.Require(
            database == DatabaseKind.Sqlite || urls.All(url => url.Contains("://", StringComparison.Ordinal) && kindOf(url) == database),
            "DATABASE_REPLICA_URLS names replicas of DATABASE_URL: addresses such as postgresql://user:password@host:5432/laurel of the same kind of server, with commas between.");
        var role = reader.Text("DATABASE_ROLE");
        reader.Require(
            role is null || database == DatabaseKind.Postgres,
            "DATABASE_ROLE names a role of PostgreSQL, and the database is another one: take it away, or set DATABASE_URL to PostgreSQL.");
        var defaults = new ClusterSettings();
        return new ClusterSettings
        {
            ReplicaUrls = urls,
            DatabaseRole = role,
            ReplicaLagMax = Seconds(reader, "LAUREL_REPLICA_LAG_MAX_SECONDS", defaults.ReplicaLagMax, 3, 3_600),
            ReadersMax = reader.Integer("LAUREL_READERS_MAX", defaults.ReadersMax, 1, 1_000),
            ReadOnly = reader.Choice("LAUREL_READ_ONLY", Switch.Off) == Switch.On,
            Drain = Seconds(reader, "LAUREL_DRAIN_SECONDS", defaults.Drain, 0, 600),
            DatabaseWait = Seconds(reader, "LAUREL_DATABASE_WAIT_SECONDS", defaults.DatabaseWait, 0, 3_600),
            Lease = Seconds(reader, "LAUREL_LEASE_SECONDS", defaults.Lease, 2, 600),
        };
    }

    private static TimeSpan Seconds(SettingsReader reader, string name, TimeSpan byDefault, int min, int max) =>
        TimeSpan.FromSeconds(reader.Integer(name, (int)byDefault.TotalSeconds, min, max));

    private enum Switch
    {
        Off,
        On,
    }
}
