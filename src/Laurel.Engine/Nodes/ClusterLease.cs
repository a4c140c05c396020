using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Nodes;

/// <summary>Work that one node of the cluster at a time may do, by name.</summary>
/// <remarks>A lease is a row in <c>leases</c>, told by the database's clock alone. Its token rises with every new holder. What the holder
/// writes asks for its own token in the same statement, <c>… AND EXISTS (SELECT 1 FROM leases WHERE name = … AND token = …)</c>, so that
/// a holder that was stopped, replaced and goes on changes nothing. On SQLite the data lock keeps a second process out, and the lease is
/// always there to be taken.</remarks>
/// <param name="holder">Names this process and no other.</param>
public sealed class ClusterLeases(Database database, LaneSet lanes, TimeProvider clock, string holder, ILogger<ClusterLeases> logger)
{
    private const string PostgresNow = "CAST(extract(epoch FROM statement_timestamp()) * 1000000 AS bigint)";

    // The same in the whole statement, and of no time zone.
    private const string MySqlNow = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))";

    private const string ReadLease = "SELECT token FROM leases WHERE name = @Name AND holder = @Holder";

    // MySQL assigns from left to right and sees what it has assigned: the token is decided on the old holder, the end on the new.
    private static readonly SetStatement<LeaseRow> s_take = new(
        sqlite: """
            INSERT INTO leases (name, holder, token, lease_until) VALUES ($1, $2, 1, $3)
            ON CONFLICT (name) DO UPDATE SET token = token + (holder <> excluded.holder), holder = excluded.holder, lease_until = excluded.lease_until
            """,
        postgres: $"""
            INSERT INTO leases (name, holder, token, lease_until)
            SELECT k.name, k.holder, 1, {PostgresNow} + k.duration FROM unnest($1, $2, $3) k (name, holder, duration)
            ON CONFLICT (name) DO UPDATE SET
                token = leases.token + CASE WHEN leases.holder = excluded.holder THEN 0 ELSE 1 END,
                holder = excluded.holder,
                lease_until = excluded.lease_until
            WHERE leases.holder = excluded.holder OR leases.lease_until < {PostgresNow}
            """,
        mySql: $$"""
            INSERT INTO leases (name, holder, token, lease_until)
            SELECT k.name, k.holder, 1, {{MySqlNow}} + k.duration FROM {rows} k
            ON DUPLICATE KEY UPDATE
                token = IF(leases.holder <> k.holder AND leases.lease_until < {{MySqlNow}}, leases.token + 1, leases.token),
                holder = IF(leases.lease_until < {{MySqlNow}}, k.holder, leases.holder),
                lease_until = IF(leases.holder = k.holder, {{MySqlNow}} + k.duration, leases.lease_until)
            """,
        Column<LeaseRow>.Text("name", r => r.Name),
        Column<LeaseRow>.Text("holder", r => r.Holder),
        Column<LeaseRow>.Int64("duration", r => r.DurationMicroseconds));

    private static readonly SetStatement<LeaseRow> s_release = new(
        sqlite: "UPDATE leases SET lease_until = 0 WHERE name = $1 AND holder = $2",
        postgres: "UPDATE leases l SET lease_until = 0 FROM unnest($1, $2) k (name, holder) WHERE l.name = k.name AND l.holder = k.holder",
        Column<LeaseRow>.Text("name", r => r.Name),
        Column<LeaseRow>.Text("holder", r => r.Holder));

    private readonly record struct LeaseRow(string Name, string Holder, long DurationMicroseconds);

    internal TimeProvider Clock => clock;

    internal ILogger Logger => logger;

    /// <summary>How long a lease lasts after it was renewed last: as long as a dead holder's work waits.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often whoever waits for a lease asks again.</summary>
    public TimeSpan AskEvery { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Takes the lease, or tells with null that another node has it. It is renewed until it is disposed.</summary>
    /// <exception cref="IOException">When the database does not answer.</exception>
    public async Task<ClusterLease?> TryTakeAsync(string name, CancellationToken cancellationToken)
    {
        var askedAt = clock.GetTimestamp();
        return await WriteAsync(name, cancellationToken) is { } token ? new ClusterLease(this, name, token, askedAt) : null;
    }

    /// <summary>Does work whenever this node has the lease, until cancelled. The work is cancelled when the lease is lost, and begins anew
    /// when it ends or throws and the lease is taken again.</summary>
    public async Task RunAsync(string name, Func<ClusterLease, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var lease = await TryTakeAsync(name, cancellationToken);
                if (lease is not null)
                {
                    using var held = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lease.Lost);
                    await work(lease, held.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // Stopped, or the lease was lost: another node goes on, or this one when it has it again.
            }
            catch (Exception exception)
            {
                LeaseLog.WorkFailed(logger, name, exception);
            }

            await Task.Delay(AskEvery, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Takes or renews. Returns the token when the lease is this process's.</summary>
    internal async Task<long?> WriteAsync(string name, CancellationToken cancellationToken)
    {
        await SubmitAsync(new LaneWrite("lease", Reach.Nothing).Add(s_take, new LeaseRow(name, holder, (long)Duration.TotalMicroseconds)), cancellationToken);
        await using var session = await database.OpenReaderAsync(Reach.Nothing, cancellationToken);
        return await session.Connection.QuerySingleOrDefaultAsync<long?>(
            new CommandDefinition(ReadLease, new { Name = name, Holder = holder }, cancellationToken: cancellationToken));
    }

    internal Task ReleaseAsync(string name) =>
        SubmitAsync(new LaneWrite("lease", Reach.Nothing).Add(s_release, new LeaseRow(name, holder, 0)), CancellationToken.None);

    private async Task SubmitAsync(LaneWrite write, CancellationToken cancellationToken)
    {
        if (await lanes.SubmitAsync(write, cancellationToken) is Outcome.Failed failed)
        {
            throw new IOException($"A lease could not be written: {failed.Refusal.Code}.");
        }
    }
}

/// <summary>A lease that this node has.</summary>
public sealed class ClusterLease : IAsyncDisposable
{
    private readonly ClusterLeases _leases;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _renewal;
    private long _renewedAt;

    internal ClusterLease(ClusterLeases leases, string name, long token, long askedAt)
    {
        (_leases, Name, Token, _renewedAt) = (leases, name, token, askedAt);
        Lost = _lost.Token;
        _renewal = Task.Run(RenewAsync);
    }

    public string Name { get; }

    /// <summary>Greater than that of every earlier holder.</summary>
    public long Token { get; }

    /// <summary>Cancelled when the lease is lost, or may be.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Whether the lease is still this node's, by the clock of this process, which may have stood still meanwhile: ask right
    /// before what no statement can fence.</summary>
    public bool IsHeld => !Lost.IsCancellationRequested && LeftOfIt > TimeSpan.Zero;

    // A lease is given up well before another node may take it.
    private TimeSpan LeftOfIt => (_leases.Duration * 0.8) - _leases.Clock.GetElapsedTime(Volatile.Read(ref _renewedAt));

    /// <summary>Stops renewing and gives the lease up, so that another node need not wait for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewal;
        try
        {
            await _leases.ReleaseAsync(Name);
        }
        catch (Exception exception)
        {
            // It runs out by itself; the database may be gone already.
            LeaseLog.NotReleased(_leases.Logger, Name, exception);
        }

        await _lost.CancelAsync();
        _lost.Dispose();
        _stop.Dispose();
    }

    private async Task RenewAsync()
    {
        while (LeftOfIt > TimeSpan.Zero)
        {
            await Task.Delay(_leases.Duration / 5, _leases.Clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            try
            {
                var askedAt = _leases.Clock.GetTimestamp();
                if (await _leases.WriteAsync(Name, _stop.Token) != Token)
                {
                    break;
                }

                Volatile.Write(ref _renewedAt, askedAt);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LeaseLog.NotRenewed(_leases.Logger, Name, exception);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }

        LeaseLog.Lost(_leases.Logger, Name);
        await _lost.CancelAsync();
    }
}

internal static partial class LeaseLog
{
    [LoggerMessage(22, LogLevel.Warning, "The lease {Lease} could not be renewed; trying again.")]
    public static partial void NotRenewed(ILogger logger, string lease, Exception exception);

    [LoggerMessage(23, LogLevel.Warning, "The lease {Lease} is lost; its work stops on this node.")]
    public static partial void Lost(ILogger logger, string lease);

    [LoggerMessage(24, LogLevel.Information, "The lease {Lease} was left to run out.")]
    public static partial void NotReleased(ILogger logger, string lease, Exception exception);

    [LoggerMessage(25, LogLevel.Error, "The work under the lease {Lease} failed and begins anew.")]
    public static partial void WorkFailed(ILogger logger, string lease, Exception exception);
}
