using Dapper;
using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Replicas;

/// <summary>Asks primary and replicas about once a second how they fare: beats the heartbeat, obeys the read-only switch, closes
/// the gate when the primary is lost and opens it when the primary writes again.</summary>
/// <remarks>Has a connection of its own, outside the pools for reads: it answers <c>/ready</c> when those are exhausted. The
/// heartbeat is beaten by whichever node comes first each second, so that none has to be elected for it.</remarks>
public sealed partial class PrimaryWatch(
    ReadRouter router, WriteGate gate, LaneSet lanes, TimeProvider clock, Random random, ILogger<PrimaryWatch> logger) : IAsyncDisposable
{
    private const string PostgresNow = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)";

    private const string MySqlNow = "CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)";

    private const string Beat = "UPDATE heartbeat SET beaten_at = {now} WHERE id = 1 AND beaten_at < {now} - 900000";

    private const string ReadPrimary = "SELECT {now} AS Now, read_only AS ReadOnly FROM read_only_switch WHERE id = 1";

    private const string ReadReplica = "SELECT beaten_at FROM heartbeat WHERE id = 1";

    private const int SecondsMax = 2;

    /// <summary>Failures in a row after which the primary counts as lost: a single slow answer is none.</summary>
    private const int FailuresMax = 2;

    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(1);

    /// <summary>How long an answer is good for whoever asks meanwhile: <c>/ready</c> is open to everybody.</summary>
    private static readonly TimeSpan s_shared = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan s_probeEveryMax = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _asking = new(1);
    private SqlSession? _session;
    private int _failures;
    private long? _answeredAt;
    private Task _loops = Task.CompletedTask;

    private sealed class Row
    {
        public long Now { get; init; }

        public int ReadOnly { get; init; }
    }

    private Database Primary => router.Primary;

    /// <summary>Asks once, so that the node starts with what is known, and goes on until disposed.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await ObeyAsync(cancellationToken);
        await Task.WhenAll(router.Replicas.Select(replica => AskAsync(replica, cancellationToken)));
        IEnumerable<Task> loops =
        [
            Task.Run(() => AskAgainAsync(ObeyAsync, _stop.Token), CancellationToken.None),
            .. router.Replicas.Select(replica => Task.Run(() => AskAgainAsync(token => AskAsync(replica, token), _stop.Token), CancellationToken.None)),
            Task.Run(() => ProbeAsync(_stop.Token), CancellationToken.None),
        ];
        _loops = Task.WhenAll(loops);
    }

    /// <summary>Whether the primary answers, by an answer of this moment.</summary>
    public Task<bool> AnswersAsync(CancellationToken cancellationToken) => AskPrimaryAsync(s_shared, cancellationToken);

    /// <summary>Reads the read-only switch now, and obeys it.</summary>
    public Task ObeyAsync(CancellationToken cancellationToken) => AskPrimaryAsync(TimeSpan.Zero, cancellationToken);

    /// <param name="goodFor">How old an answer may be to be taken for this one's.</param>
    private async Task<bool> AskPrimaryAsync(TimeSpan goodFor, CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            if (_answeredAt is { } answeredAt && clock.GetElapsedTime(answeredAt) < goodFor)
            {
                return true;
            }

            _answeredAt = null;
            await BeatAsync(cancellationToken);
            var askedAt = clock.GetTimestamp();
            var row = await (await SessionAsync(cancellationToken)).Connection.QuerySingleAsync<Row>(Command(Primary, ReadPrimary, cancellationToken));
            if (_failures > 0)
            {
                Primary.ForgetConnections();
            }

            _failures = 0;
            router.PrimaryAnswered(new PrimaryTime(new Instant(row.Now), askedAt));
            Obey(row.ReadOnly != 0);
            _answeredAt = clock.GetTimestamp();
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            await CloseAsync();
            if (++_failures == FailuresMax)
            {
                PrimaryLost(logger, exception);
                router.PrimaryWasLost();
                gate.Close(ReadOnlyReasons.Unreachable);
            }

            return false;
        }
        finally
        {
            _asking.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loops;
        await CloseAsync();
        _asking.Dispose();
        _stop.Dispose();
    }

    /// <summary>A heartbeat is for replicas. A primary that refuses it refuses every write.</summary>
    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        if (router.Replicas.Count == 0)
        {
            return;
        }

        try
        {
            await (await SessionAsync(cancellationToken)).Connection.ExecuteAsync(Command(Primary, Beat, cancellationToken));
        }
        catch (Exception exception) when (Primary.Classify(exception) is SqlFailure.ReadOnly or SqlFailure.Transient)
        {
            // On Galera two nodes may beat at once, and one of them is told of a deadlock.
            await CloseAsync();
            if (Primary.Classify(exception) == SqlFailure.ReadOnly)
            {
                gate.Close(ReadOnlyReasons.Database);
            }
        }
    }

    private void Obey(bool readOnly)
    {
        if (readOnly)
        {
            gate.Close(ReadOnlyReasons.Command);
        }
        else
        {
            gate.Open(ReadOnlyReasons.Command);
        }
    }

    private async Task AskAsync(Replica replica, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await replica.Database.OpenReaderAsync(Reach.Nothing, cancellationToken);
            replica.Show(new Instant(await session.Connection.ExecuteScalarAsync<long>(Command(replica.Database, ReadReplica, cancellationToken))));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (replica.Answers)
            {
                ReplicaLost(logger, replica.Ordinal, exception);
            }

            replica.Lose();
            replica.Database.ForgetConnections();
        }
    }

    private async Task AskAgainAsync(Func<CancellationToken, Task> ask, CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await Task.Delay(s_every, clock, stopping);
                await ask(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    /// <summary>While the database refuses or does not answer, tries an empty batch again and again: what the lanes can commit,
    /// callers may send.</summary>
    private async Task ProbeAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await gate.WhenFailedAsync().WaitAsync(stopping);
                for (var pause = TimeSpan.FromMilliseconds(50); !await WritesAsync(stopping); pause = Longer(pause))
                {
                    await Task.Delay(pause * (0.5 + (random.NextDouble() / 2)), clock, stopping);
                }

                Primary.ForgetConnections();
                gate.Open(WriteGate.Failures);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    private async Task<bool> WritesAsync(CancellationToken stopping) =>
        await lanes.SubmitAsync(new LaneWrite("probe", Reach.Nothing) { PassesReadOnlyMode = true }, stopping) is Outcome.Applied;

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 > s_probeEveryMax ? s_probeEveryMax : pause * 2;

    // SQLite has one writing connection, the lane's, and no heartbeat to write.
    private async ValueTask<SqlSession> SessionAsync(CancellationToken cancellationToken) =>
        _session ??= Primary.DialectName == "sqlite"
            ? await Primary.OpenReaderAsync(Reach.Nothing, cancellationToken)
            : await Primary.OpenWriterAsync(Reach.Nothing, cancellationToken);

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
            // The connection is broken already; the next question opens another.
            SessionBroken(logger, exception);
        }
    }

    private CommandDefinition Command(Database database, string statement, CancellationToken cancellationToken) => new(
        statement.Replace("{now}", database.Choose($"{Instant.Now(clock).UnixMicroseconds}", PostgresNow, MySqlNow), StringComparison.Ordinal),
        commandTimeout: SecondsMax,
        cancellationToken: cancellationToken);

    [LoggerMessage(72, LogLevel.Error, "The primary database does not answer; reads go to a replica where there is one.")]
    private static partial void PrimaryLost(ILogger logger, Exception exception);

    [LoggerMessage(73, LogLevel.Warning, "Replica {Ordinal} does not answer; the primary answers instead.")]
    private static partial void ReplicaLost(ILogger logger, int ordinal, Exception exception);

    [LoggerMessage(74, LogLevel.Debug, "A broken connection could not be closed in order.")]
    private static partial void SessionBroken(ILogger logger, Exception exception);
}
