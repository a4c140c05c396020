using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Nodes;

/// <summary>This process's node number, held by a lease in the database, so that no two nodes draw the same id.</summary>
/// <remarks>A node that could not renew in time stops drawing ids and takes a new number. On SQLite the data lock already
/// keeps a second writer out, so the number is always 0 and nothing is renewed.</remarks>
public sealed class NodeLease(Database database, NodeClock clock, string holder, ILogger<NodeLease> logger) : IAsyncDisposable
{
    public static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_renewEvery = TimeSpan.FromSeconds(10);

    // A database that was away for longer than a lease lasts is asked for a number again as soon as it is back.
    private static readonly TimeSpan s_renewAgain = TimeSpan.FromSeconds(1);

    // A node stops using its number well before another may take it.
    private static readonly TimeSpan s_safety = TimeSpan.FromSeconds(15);

    // Ids of the last batches may be a little ahead of the id of the newest batch.
    private static readonly TimeSpan s_idsAhead = TimeSpan.FromSeconds(1);

    private const string PostgresNow = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)";

    private const string MySqlNow = "CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)";

    private const string RemoveLapsed = "DELETE FROM nodes WHERE lease_until < {now}";

    private const string ReadTaken = "SELECT node FROM nodes";

    private const string Take = "INSERT INTO nodes (node, holder, lease_until, tells, master_keys) VALUES (@Node, @Holder, {now} + @Duration, @Tells, @MasterKeys)";

    private const string Renew = "UPDATE nodes SET lease_until = {now} + @Duration, tells = @Tells WHERE node = @Node AND holder = @Holder AND lease_until >= {now}";

    private const string Release = "DELETE FROM nodes WHERE node = @Node AND holder = @Holder";

    private const string ReadClock = "SELECT {now}";

    private const string NewestBatch = "SELECT COALESCE(MAX(batch_id), 0) FROM commits";

    private readonly CancellationTokenSource _stop = new();
    private volatile Held? _held;
    private volatile bool _tells;
    private Task? _renewal;

    private sealed record Held(int Node, IdGenerator Ids, long TakenAt);

    /// <summary>The generator of this node.</summary>
    /// <exception cref="IOException">While the lease is lost; the lanes answer that the database is unavailable.</exception>
    public IdGenerator Ids => _held is { } held && (_renewal is null || clock.GetElapsedTime(held.TakenAt) < LeaseDuration - s_safety)
        ? held.Ids
        : throw new IOException("The lease of this node's number has run out; it is taken anew as soon as the database answers.");

    /// <summary>This node among the others; null before it has taken a number.</summary>
    internal int? Number => _held?.Node;

    internal string Holder { get; } = holder;

    /// <summary>Whether this node tells the others at once what it has committed. Written with every renewal; see docs/adr/0033.</summary>
    internal bool Tells
    {
        get => _tells;
        set => _tells = value;
    }

    /// <summary>The ids of the master keys that this node has, the one it seals under first; for <see cref="LiveNode"/>.</summary>
    public required IReadOnlyList<string> MasterKeyIds { get; init; }

    private string MasterKeys => string.Join(LiveNode.BetweenKeys, MasterKeyIds);

    /// <summary>Takes a number and keeps it until disposed.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenWriterAsync(Reach.Nothing, cancellationToken);
        if (database is SqliteDatabase)
        {
            _held = new Held(0, await GeneratorAsync(session, 0, cancellationToken), 0);
            return;
        }

        await CompareClocksAsync(session, cancellationToken);
        await TakeAsync(session, cancellationToken);
        _renewal = Task.Run(() => RenewAsync(_stop.Token), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_renewal is not null)
        {
            await _renewal;
            await ReleaseAsync(_held!);
        }

        _stop.Dispose();
    }

    private async Task ReleaseAsync(Held held)
    {
        try
        {
            await ExecuteAsync(Release, new { held.Node, Holder }, CancellationToken.None);
        }
        catch (Exception exception)
        {
            // The lease runs out by itself; the database may be gone already.
            NodeLog.NotReleased(logger, exception);
        }
    }

    private async Task TakeAsync(SqlSession session, CancellationToken cancellationToken)
    {
        while (!await TryTakeAsync(session, cancellationToken))
        {
            // Another node took the same number in the same moment, or all are taken; the next look sees it.
            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellationToken);
        }
    }

    private async Task CompareClocksAsync(SqlSession session, CancellationToken cancellationToken)
    {
        var before = clock.MachineNow();
        var theirs = await session.Connection.ExecuteScalarAsync<long>(new CommandDefinition(ByItsClock(ReadClock), cancellationToken: cancellationToken));
        if (clock.Compare(before, new Instant(theirs).ToDateTimeOffset(), clock.MachineNow()))
        {
            NodeLog.ClockCorrected(logger, clock.Correction);
        }
    }

    private async Task<bool> TryTakeAsync(SqlSession session, CancellationToken cancellationToken)
    {
        try
        {
            var takenAt = clock.GetTimestamp();
            await session.Connection.ExecuteAsync(new CommandDefinition(ByItsClock(RemoveLapsed), cancellationToken: cancellationToken));
            var taken = await session.Connection.QueryAsync<int>(new CommandDefinition(ReadTaken, cancellationToken: cancellationToken));
            var node = Enumerable.Range(0, IdGenerator.NodeMax + 1).Except(taken).FirstOrDefault(-1);
            if (node < 0)
            {
                return false;
            }

            var arguments = new { Node = node, Holder, Duration = (long)LeaseDuration.TotalMicroseconds, Tells = Tells ? 1 : 0, MasterKeys };
            await session.Connection.ExecuteAsync(new CommandDefinition(ByItsClock(Take), arguments, cancellationToken: cancellationToken));
            _held = new Held(node, await GeneratorAsync(session, node, cancellationToken), takenAt);
            return true;
        }
        catch (Exception exception) when (database.Classify(exception) is SqlFailure.KeyRace or SqlFailure.Transient)
        {
            // On Galera two nodes that write the same row at once meet in a deadlock, not in a key.
            return false;
        }
    }

    // Leases are told by the database's clock alone, so the clocks of the nodes do not matter.
    internal static string ByClockOf(Database database, string statement) =>
        statement.Replace("{now}", database.Choose(sqlite: "0", PostgresNow, MySqlNow), StringComparison.Ordinal);

    private string ByItsClock(string statement) => ByClockOf(database, statement);

    /// <summary>A generator that begins after every id drawn before: a clock set back over a restart repeats none.</summary>
    private async Task<IdGenerator> GeneratorAsync(SqlSession session, int node, CancellationToken cancellationToken)
    {
        var newest = await session.Connection.ExecuteScalarAsync<long>(new CommandDefinition(NewestBatch, cancellationToken: cancellationToken));
        return new IdGenerator(clock, node, newest, s_idsAhead);
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        var pause = s_renewEvery;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(pause, cancellationToken);
                pause = s_renewAgain;
                var held = _held!;
                await using var session = await database.OpenWriterAsync(Reach.Nothing, cancellationToken);
                var renewedAt = clock.GetTimestamp();
                var arguments = new { held.Node, Holder, Duration = (long)LeaseDuration.TotalMicroseconds, Tells = Tells ? 1 : 0 };
                if (await session.Connection.ExecuteAsync(new CommandDefinition(ByItsClock(Renew), arguments, cancellationToken: cancellationToken)) == 1)
                {
                    _held = held with { TakenAt = renewedAt };
                }
                else
                {
                    await TakeAsync(session, cancellationToken);
                }

                await CompareClocksAsync(session, cancellationToken);
                pause = s_renewEvery;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                NodeLog.NotRenewed(logger, exception);
            }
        }
    }

    private async Task<int> ExecuteAsync(string sql, object arguments, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenWriterAsync(Reach.Nothing, cancellationToken);
        return await session.Connection.ExecuteAsync(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken));
    }
}

internal static partial class NodeLog
{
    [LoggerMessage(20, LogLevel.Warning, "The lease of this node's number could not be renewed.")]
    public static partial void NotRenewed(ILogger logger, Exception exception);

    [LoggerMessage(
        26,
        LogLevel.Warning,
        "This machine's clock differs from the database's; times are told by the database's clock, with {Correction} added to the machine's. Let NTP set both.")]
    public static partial void ClockCorrected(ILogger logger, TimeSpan correction);

    [LoggerMessage(21, LogLevel.Information, "The lease of this node's number was left to run out.")]
    public static partial void NotReleased(ILogger logger, Exception exception);
}
