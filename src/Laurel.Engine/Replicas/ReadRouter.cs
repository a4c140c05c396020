using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using Laurel.Engine.Sql;
using Laurel.Engine.Telemetry;

namespace Laurel.Engine.Replicas;

/// <summary>Chooses who answers a read: a replica that is hardly behind, otherwise the primary; any replica while the primary
/// is away. For answers alone: nothing that decides a write is ever read through it.</summary>
public sealed class ReadRouter : IAsyncDisposable
{
    public static readonly TimeSpan LagDefault = TimeSpan.FromSeconds(5);

    private readonly Meter _meter = new(LaurelTelemetry.Name);
    private readonly TimeSpan _lagMax;
    private readonly ReadSource _primarySource;
    private volatile PrimaryTime? _primaryTime;
    private int _turn;

    /// <param name="lagMax">How far a replica may be behind and still be asked while the primary is there.</param>
    public ReadRouter(Database primary, IReadOnlyList<Replica> replicas, TimeSpan lagMax)
    {
        (Primary, Replicas, _lagMax, _primarySource) = (primary, replicas, lagMax, ReadSource.Primary(primary));
        _meter.CreateObservableGauge("member_replica_lag_seconds", MeasureLag, "s", "How far a replica that answers is behind at the most.");
        _meter.CreateObservableGauge("member_replica_up", MeasureUp, "1", "1 while a replica answers.");
    }

    public Database Primary { get; }

    public IReadOnlyList<Replica> Replicas { get; }

    /// <summary>Whether the primary did not answer when it was last asked: replicas answer then, however old.</summary>
    public bool PrimaryIsLost { get; private set; }

    /// <summary>A router without replicas.</summary>
    public static ReadRouter Of(Database primary) => new(primary, [], LagDefault);

    /// <summary>Notes what the primary's clock says.</summary>
    public void PrimaryAnswered(PrimaryTime time) => (_primaryTime, PrimaryIsLost) = (time, false);

    public void PrimaryWasLost() => PrimaryIsLost = true;

    /// <summary>Reads something that may be a moment old.</summary>
    /// <param name="read">Reads from the source it is given; may be called again with another one.</param>
    /// <exception cref="ReadUnavailableException">When the primary is away and no replica that answers shows the version.</exception>
    public async Task<ReadAnswer<T>> ReadAsync<T>(ReadDemand demand, Func<ReadSource, Task<T>> read) => Replicas.Count == 0 || demand.PrimaryOnly
        ? new(await read(_primarySource), _primarySource)
        : await ReadAsync(Candidates(demand.Since), demand.Version, read);

    /// <summary>Reads the newest there is: from the primary for as long as it answers. For what admits a caller.</summary>
    public async Task<T> ReadNewestAsync<T>(Func<Database, Task<T>> read) =>
        (await ReadAsync(PrimaryIsLost ? Candidates(null) : [null, .. ByStaleness()], null, from => read(from.Database))).Value;

    public async ValueTask DisposeAsync()
    {
        _meter.Dispose();
        foreach (var replica in Replicas)
        {
            await replica.DisposeAsync();
        }
    }

    private async Task<ReadAnswer<T>> ReadAsync<T>(IEnumerable<Replica?> candidates, long? version, Func<ReadSource, Task<T>> read)
    {
        Exception? failure = null;
        foreach (var replica in candidates)
        {
            try
            {
                if (replica is null)
                {
                    return new ReadAnswer<T>(await read(_primarySource), _primarySource);
                }

                // Taken before the read: what is read is at least as new.
                var source = replica.SourceNow(_primaryTime);
                if (version is null || await replica.ShowsAsync(version.Value))
                {
                    return new ReadAnswer<T>(await read(source), source);
                }
            }
            catch (Exception exception) when ((replica?.Database ?? Primary).IsOutage(exception))
            {
                failure = exception;
                replica?.Lose();
            }
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        throw new ReadUnavailableException("No database that answers shows this version.", null);
    }

    /// <summary>Whom to ask, one after the other; null is the primary.</summary>
    /// <param name="since">What a replica has to show to come before the primary.</param>
    private IEnumerable<Replica?> Candidates(long? since)
    {
        if (PrimaryIsLost)
        {
            return [.. ByStaleness(), null];
        }

        var first = Fresh(since);
        return [.. first is null ? Array.Empty<Replica?>() : [first], null, .. ByStaleness().Where(replica => !ReferenceEquals(replica, first))];
    }

    /// <summary>One of the replicas that are hardly behind, each in its turn; null when all lag.</summary>
    private Replica? Fresh(long? since)
    {
        var turn = unchecked((uint)Interlocked.Increment(ref _turn));
        for (var i = 0; i < Replicas.Count; i++)
        {
            var replica = Replicas[(int)((turn + (uint)i) % (uint)Replicas.Count)];
            var source = replica.SourceNow(_primaryTime);
            if (source.StalenessMax <= _lagMax && (since is null || source.ShownUntil >= since))
            {
                return replica;
            }
        }

        return null;
    }

    private IEnumerable<Replica> ByStaleness() =>
        Replicas.Where(replica => replica.Answers).OrderBy(replica => replica.StalenessMax(_primaryTime));

    private IEnumerable<Measurement<double>> MeasureLag() =>
        from replica in Replicas
        where replica.Answers
        select new Measurement<double>(replica.StalenessMax(_primaryTime).TotalSeconds, LabelOf(replica));

    private IEnumerable<Measurement<int>> MeasureUp() =>
        Replicas.Select(replica => new Measurement<int>(replica.Answers ? 1 : 0, LabelOf(replica)));

    private static KeyValuePair<string, object?> LabelOf(Replica replica) =>
        new("replica", replica.Ordinal.ToString(CultureInfo.InvariantCulture));
}
