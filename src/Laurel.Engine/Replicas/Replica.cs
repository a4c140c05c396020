using System.Collections.Concurrent;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Replicas;

/// <summary>What the primary's clock said, and when this node asked for it.</summary>
/// <param name="Now">By the primary's clock.</param>
/// <param name="AskedAt">A timestamp of this node, from before the question was sent.</param>
public sealed record PrimaryTime(Instant Now, long AskedAt);

/// <summary>A database that follows the primary and is asked what may be a moment old.</summary>
public sealed class Replica : IAsyncDisposable
{
    /// <summary>Versions remembered as seen; past it all are forgotten and asked for anew.</summary>
    private const int SeenMax = 4_096;

    // Rows of commits are removed after a day. An hour covers what lies between drawing a batch's id and its commit.
    private static readonly TimeSpan s_marksKept = TimeSpan.FromHours(23);
    private static readonly TimeSpan s_batchLastsMax = TimeSpan.FromHours(1);

    private static readonly object s_present = new();

    private static readonly SetStatement<long> s_findVersions = Statements.Find("c.batch_id", "commits c", "",
        Column<long>.Int64("batch_id", r => r));

    private readonly ConcurrentDictionary<long, object> _seen = new();
    private readonly ReadLane<long, object> _versions;
    private readonly TimeProvider _clock;
    private volatile Heartbeat? _heartbeat;

    private sealed record Heartbeat(Instant BeatenAt);

    /// <param name="ordinal">Its place in the setting, from 1; a label of its metrics.</param>
    public Replica(int ordinal, Database database, TimeProvider clock)
    {
        (Ordinal, Database, _clock) = (ordinal, database, clock);
        _versions = new ReadLane<long, object>(database, "replica.version", _ => Reach.Nothing, FindVersionsAsync);
    }

    public int Ordinal { get; }

    public Database Database { get; }

    /// <summary>Whether it answered when it was last asked.</summary>
    public bool Answers => _heartbeat is not null;

    /// <summary>Notes the primary's heartbeat as the replica shows it.</summary>
    public void Show(Instant beatenAt) => _heartbeat = new Heartbeat(beatenAt);

    /// <summary>Notes that it did not answer: nothing is read from it until it does.</summary>
    public void Lose() => _heartbeat = null;

    /// <summary>How old its data is at the most; <see cref="TimeSpan.MaxValue"/> when it does not answer.</summary>
    /// <param name="primary">The newest that is known of the primary's clock; null when it was never reached.</param>
    public TimeSpan StalenessMax(PrimaryTime? primary)
    {
        if (_heartbeat is not { } heartbeat)
        {
            return TimeSpan.MaxValue;
        }

        // Both instants are the primary's own, so the clocks of replicas and nodes do not matter while it was ever reached.
        var now = primary is null ? Instant.Now(_clock) : primary.Now.Plus(_clock.GetElapsedTime(primary.AskedAt));
        return TimeSpan.FromMicroseconds(Math.Max(0, now.UnixMicroseconds - heartbeat.BeatenAt.UnixMicroseconds));
    }

    /// <summary>The replica as it can be read from now.</summary>
    /// <param name="primary">As for <see cref="StalenessMax"/>.</param>
    internal ReadSource SourceNow(PrimaryTime? primary)
    {
        // Taken before the staleness, which is the larger for it.
        var now = _clock.GetTimestamp();
        var staleness = StalenessMax(primary);

        // A heartbeat from the future was written by a clock that went back: it tells nothing of what is shown.
        var known = primary is not null && staleness > TimeSpan.Zero && staleness < TimeSpan.MaxValue;
        var shownUntil = known ? now - (long)(staleness.TotalSeconds * _clock.TimestampFrequency) : long.MinValue;
        return new ReadSource(Database, IsReplica: true, staleness, shownUntil);
    }

    /// <summary>Whether it shows everything that a version stands for. Not what came before or after it in the order of ids.</summary>
    /// <exception cref="ReadUnavailableException">When it does not answer.</exception>
    public async ValueTask<bool> ShowsAsync(long version)
    {
        if (_seen.ContainsKey(version) || IsBeyondMarks(version))
        {
            return true;
        }

        if (await _versions.FindAsync(version) is null)
        {
            return false;
        }

        if (_seen.Count >= SeenMax)
        {
            _seen.Clear();
        }

        _seen[version] = s_present;
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _versions.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <summary>Whether a version is so old that its mark may be gone, and the replica far past it.</summary>
    private bool IsBeyondMarks(long version)
    {
        if (_heartbeat is not { } heartbeat)
        {
            return false;
        }

        var before = Instant.Min(Instant.Now(_clock).Plus(-s_marksKept), heartbeat.BeatenAt.Plus(-s_batchLastsMax));
        return version < IdGenerator.FirstOf(before);
    }

    private static async Task<IReadOnlyDictionary<long, object>> FindVersionsAsync(
        SqlSession session, IReadOnlyList<long> versions, CancellationToken cancellationToken)
    {
        var found = new Dictionary<long, object>();
        var script = new SqlScript();
        script.Add(s_findVersions, versions, row => found[row.Int64(0)] = s_present);
        await session.RunAsync(script, cancellationToken);
        return found;
    }
}
