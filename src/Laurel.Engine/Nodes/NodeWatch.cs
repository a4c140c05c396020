using Dapper;
using Laurel.Engine.Cache;
using Laurel.Engine.Sql;
using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Nodes;

/// <summary>What the other nodes are to this one's memory.</summary>
internal enum Peers
{
    /// <summary>There are none.</summary>
    None,

    /// <summary>Every one of them tells at once what it has committed.</summary>
    Telling,

    /// <summary>At least one does not, or this node itself is not sure of its place.</summary>
    Silent,
}

/// <summary>A look at the other nodes.</summary>
/// <param name="AskedAt">Timestamp from before the question: it was so at that time or later.</param>
/// <param name="SomebodyDied">Whether one that was there ended without giving its number back, so what it committed last may
/// never have been told.</param>
internal readonly record struct Sighting(long AskedAt, Peers Peers, bool SomebodyDied);

/// <summary>Looks twice a second which other nodes hold leases, and whether they tell what they commit.</summary>
internal sealed class NodeWatch(Database database, NodeLease lease, Action<Sighting> seen, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    public static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a sighting allows to use memory. A node that joins waits longer before it writes.</summary>
    public static readonly TimeSpan SightingHolds = TimeSpan.FromSeconds(1);

    /// <summary>What is left of this node's own lease at the least: others take it for gone when it has run out.</summary>
    private static readonly long s_ownLeaseMicroseconds = 2 * (long)SightingHolds.TotalMicroseconds;

    private const string Look = "SELECT node AS Node, holder AS Holder, lease_until AS LeaseUntil, tells AS Tells, {now} AS Now FROM nodes";

    private const string PostgresNow = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)";

    private const string MySqlNow = "CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)";

    private const string Tell = "UPDATE nodes SET tells = @Tells WHERE node = @Node AND holder = @Holder";

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private Dictionary<(int, string), long> _live = [];
    private SqlSession? _session;
    private Task _loop = Task.CompletedTask;

    private sealed class Row
    {
        public int Node { get; init; }

        public required string Holder { get; init; }

        public long LeaseUntil { get; init; }

        public int Tells { get; init; }

        public long Now { get; init; }
    }

    /// <summary>Looks once, then goes on by itself.</summary>
    /// <returns>The first sighting.</returns>
    public async Task<Sighting> StartAsync(CancellationToken cancellationToken)
    {
        var first = await LookAsync(cancellationToken);
        seen(first);
        _loop = Task.Run(() => LoopAsync(_stop.Token), CancellationToken.None);
        return first;
    }

    /// <summary>Says from now on whether this node tells the others what it commits.</summary>
    public void SetTells(bool tells)
    {
        if (lease.Tells != tells)
        {
            lease.Tells = tells;
            Wake();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await CloseAsync();
        _stop.Dispose();
        _wake.Dispose();
    }

    private void Wake()
    {
        try
        {
            if (_wake.CurrentCount == 0)
            {
                _wake.Release();
            }
        }
        catch (SemaphoreFullException)
        {
            // Somebody else has just woken it.
        }
        catch (ObjectDisposedException)
        {
            // The node is stopping.
        }
    }

    private async Task LoopAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(LookEvery, cancellationToken);
                seen(await LookAsync(cancellationToken));
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                CacheLog.NodesUnknown(logger, exception);
                await CloseAsync();
            }
        }
    }

    private async Task<Sighting> LookAsync(CancellationToken cancellationToken)
    {
        var askedAt = clock.GetTimestamp();

        // The primary is asked, never a replica: a lease that is not there yet must not be overlooked.
        _session ??= await database.OpenWriterAsync(Reach.Nothing, cancellationToken);
        var look = Look.Replace("{now}", database.Choose(sqlite: "0", PostgresNow, MySqlNow), StringComparison.Ordinal);
        var rows = (await _session.Connection.QueryAsync<Row>(new CommandDefinition(look, cancellationToken: cancellationToken))).AsList();
        var own = rows.Find(row => row.Node == lease.Number && row.Holder == lease.Holder);
        if (own is not null && (own.Tells != 0) != lease.Tells)
        {
            var arguments = new { Tells = lease.Tells ? 1 : 0, own.Node, own.Holder };
            await _session.Connection.ExecuteAsync(new CommandDefinition(Tell, arguments, cancellationToken: cancellationToken));
        }

        var others = rows.FindAll(row => row != own && row.LeaseUntil >= row.Now);
        var holdsPlace = own is not null && own.LeaseUntil - own.Now >= s_ownLeaseMicroseconds;
        var peers = (holdsPlace, others) switch
        {
            (false, _) => Peers.Silent,
            (true, []) => Peers.None,
            (true, _) => others.TrueForAll(row => row.Tells != 0) ? Peers.Telling : Peers.Silent,
        };
        return new Sighting(askedAt, peers, NoteWhoDied(others, rows));
    }

    // A node that stops gives its number back while its lease still runs. One that is gone after its lease ran out has died.
    private bool NoteWhoDied(List<Row> others, List<Row> rows)
    {
        var now = rows.Count > 0 ? rows[0].Now : long.MaxValue;
        var live = others.ToDictionary(row => (row.Node, row.Holder), row => row.LeaseUntil);
        var died = _live.Any(known => !live.ContainsKey(known.Key) && known.Value < now);
        _live = live;
        return died;
    }

    private async Task CloseAsync()
    {
        var session = _session;
        _session = null;
        try
        {
            await (session?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
        catch (Exception exception)
        {
            CacheLog.NodesUnknown(logger, exception);
        }
    }
}
