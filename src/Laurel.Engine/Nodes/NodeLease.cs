using Dapper;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Nodes;

/// <summary>This process's node number, held by a lease in the database, so that no two nodes draw the same id.</summary>
/// <remarks>A node that could not renew in time stops drawing ids and takes a new number. On SQLite the data lock already
/// keeps a second writer out, so the number is always 0 and nothing is renewed.</remarks>
public sealed class NodeLease(Database database, TimeProvider clock, string holder, ILogger<NodeLease> logger) : IAsyncDisposable
{
    public static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_renewEvery = TimeSpan.FromSeconds(10);

    // A node stops using its number well before another may take it.
    private static readonly TimeSpan s_safety = TimeSpan.FromSeconds(15);

    // Ids of the last batches may be a little ahead of the id of the newest batch.
    private static readonly TimeSpan s_idsAhead = TimeSpan.FromSeconds(1);

    // Leases are told by the database's clock alone, so the clocks of the nodes do not matter.
    private const string Now = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)";

    private const string Take = $"""
        INSERT INTO nodes (node, holder, lease_until)
        SELECT candidate, @Holder, {Now} + @Duration
        FROM generate_series(0, @NodeMax) candidate
        WHERE NOT EXISTS (SELECT 1 FROM nodes taken WHERE taken.node = candidate AND taken.lease_until >= {Now})
        ORDER BY candidate LIMIT 1
        ON CONFLICT (node) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until
        WHERE nodes.lease_until < {Now}
        RETURNING node
        """;

    private const string Renew = $"UPDATE nodes SET lease_until = {Now} + @Duration WHERE node = @Node AND holder = @Holder AND lease_until >= {Now}";

    private const string Release = "DELETE FROM nodes WHERE node = @Node AND holder = @Holder";

    private const string NewestBatch = "SELECT COALESCE(MAX(batch_id), 0) FROM commits";

    private readonly CancellationTokenSource _stop = new();
    private volatile Held? _held;
    private Task? _renewal;

    private sealed record Held(int Node, IdGenerator Ids, long TakenAt);

    /// <summary>The generator of this node.</summary>
    /// <exception cref="IOException">While the lease is lost; the lanes answer that the database is unavailable.</exception>
    public IdGenerator Ids => _held is { } held && (_renewal is null || clock.GetElapsedTime(held.TakenAt) < LeaseDuration - s_safety)
        ? held.Ids
        : throw new IOException("The lease of this node's number has run out; it is taken anew as soon as the database answers.");

    /// <summary>Takes a number and keeps it until disposed.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenWriterAsync(cancellationToken);
        if (database is SqliteDatabase)
        {
            _held = new Held(0, await GeneratorAsync(session, 0, cancellationToken), 0);
            return;
        }

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
            await ExecuteAsync(Release, new { held.Node, Holder = holder }, CancellationToken.None);
        }
        catch (Exception exception)
        {
            // The lease runs out by itself; the database may be gone already.
            NodeLog.NotReleased(logger, exception);
        }
    }

    private async Task TakeAsync(SqlSession session, CancellationToken cancellationToken)
    {
        while (true)
        {
            var takenAt = clock.GetTimestamp();
            var arguments = new { Holder = holder, Duration = (long)LeaseDuration.TotalMicroseconds, IdGenerator.NodeMax };
            var node = await session.Connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(Take, arguments, cancellationToken: cancellationToken));
            if (node is { } number)
            {
                _held = new Held(number, await GeneratorAsync(session, number, cancellationToken), takenAt);
                return;
            }

            // Another node took the same number in the same moment; the next look sees it.
            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellationToken);
        }
    }

    /// <summary>A generator that begins after every id drawn before: a clock set back over a restart repeats none.</summary>
    private async Task<IdGenerator> GeneratorAsync(SqlSession session, int node, CancellationToken cancellationToken)
    {
        var newest = await session.Connection.ExecuteScalarAsync<long>(new CommandDefinition(NewestBatch, cancellationToken: cancellationToken));
        return new IdGenerator(clock, node, newest, s_idsAhead);
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(s_renewEvery, cancellationToken);
                var held = _held!;
                var renewedAt = clock.GetTimestamp();
                var arguments = new { held.Node, Holder = holder, Duration = (long)LeaseDuration.TotalMicroseconds };
                if (await ExecuteAsync(Renew, arguments, cancellationToken) == 1)
                {
                    _held = held with { TakenAt = renewedAt };
                }
                else
                {
                    await using var session = await database.OpenWriterAsync(cancellationToken);
                    await TakeAsync(session, cancellationToken);
                }
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
        await using var session = await database.OpenWriterAsync(cancellationToken);
        return await session.Connection.ExecuteAsync(new CommandDefinition(sql, arguments, cancellationToken: cancellationToken));
    }
}

internal static partial class NodeLog
{
    [LoggerMessage(20, LogLevel.Warning, "The lease of this node's number could not be renewed.")]
    public static partial void NotRenewed(ILogger logger, Exception exception);

    [LoggerMessage(21, LogLevel.Information, "The lease of this node's number was left to run out.")]
    public static partial void NotReleased(ILogger logger, Exception exception);
}
