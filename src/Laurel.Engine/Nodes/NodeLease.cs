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

    // A node stops using its number well before another may take it: clocks may differ by that much.
    private static readonly TimeSpan s_safety = TimeSpan.FromSeconds(15);

    private const string Take = """
        INSERT INTO nodes (node, holder, lease_until)
        SELECT candidate, @Holder, @Until
        FROM generate_series(0, @NodeMax) candidate
        WHERE NOT EXISTS (SELECT 1 FROM nodes taken WHERE taken.node = candidate AND taken.lease_until >= @Now)
        ORDER BY candidate LIMIT 1
        ON CONFLICT (node) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until
        WHERE nodes.lease_until < @Now
        RETURNING node
        """;

    private const string Renew = "UPDATE nodes SET lease_until = @Until WHERE node = @Node AND holder = @Holder AND lease_until >= @Now";

    private const string Release = "DELETE FROM nodes WHERE node = @Node AND holder = @Holder";

    private readonly CancellationTokenSource _stop = new();
    private volatile Held? _held;
    private Task? _renewal;

    private sealed record Held(int Node, IdGenerator Ids, Instant ValidUntil);

    /// <summary>The generator of this node.</summary>
    /// <exception cref="IOException">While the lease is lost; the lanes answer that the database is unavailable.</exception>
    public IdGenerator Ids => _held is { } held && (held.ValidUntil.IsNever || Instant.Now(clock) < held.ValidUntil)
        ? held.Ids
        : throw new IOException("The lease of this node's number has run out; it is taken anew as soon as the database answers.");

    /// <summary>Takes a number and keeps it until disposed.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (database is SqliteDatabase)
        {
            _held = new Held(0, new IdGenerator(clock, 0), Instant.Never);
            return;
        }

        await TakeAsync(cancellationToken);
        _renewal = Task.Run(() => RenewAsync(_stop.Token), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_renewal is not null)
        {
            await _renewal;
        }

        if (_held is { ValidUntil.IsNever: false } held)
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

        _stop.Dispose();
    }

    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenWriterAsync(cancellationToken);
        while (true)
        {
            var now = Instant.Now(clock);
            var arguments = new { Holder = holder, Until = now.Plus(LeaseDuration).UnixMicroseconds, Now = now.UnixMicroseconds, IdGenerator.NodeMax };
            var node = await session.Connection.QuerySingleOrDefaultAsync<int?>(new CommandDefinition(Take, arguments, cancellationToken: cancellationToken));
            if (node is { } number)
            {
                _held = new Held(number, new IdGenerator(clock, number), now.Plus(LeaseDuration - s_safety));
                return;
            }

            // Another node took the same number in the same moment; the next look sees it.
            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellationToken);
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(s_renewEvery, clock, cancellationToken);
                var held = _held!;
                var now = Instant.Now(clock);
                var arguments = new { held.Node, Holder = holder, Until = now.Plus(LeaseDuration).UnixMicroseconds, Now = now.UnixMicroseconds };
                if (await ExecuteAsync(Renew, arguments, cancellationToken) == 1)
                {
                    _held = held with { ValidUntil = now.Plus(LeaseDuration - s_safety) };
                }
                else
                {
                    await TakeAsync(cancellationToken);
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
