using Laurel.Engine.Audit;
using Laurel.Engine.Events;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Lanes;

/// <summary>Takes whatever is queued as one batch, carries it out, and only after the commit answers the callers.</summary>
/// <param name="diskFailed">Cancelled by the first lane whose disk failed; from then on no lane touches the database.</param>
internal sealed class Lane(
    Database database, LaneOptions options, Func<IdGenerator> ids, TimeProvider clock, Random random, EventSink events, ILogger logger, CancellationTokenSource diskFailed)
    : IAsyncDisposable
{
    private static readonly Outcome s_busy = new Outcome.Failed(new Refusal("BUSY"), Retryable: true);
    private static readonly Outcome s_unavailable = new Outcome.Failed(new Refusal("DATABASE_UNAVAILABLE"), Retryable: true);
    private static readonly Outcome s_readOnly = new Outcome.Failed(WriteGate.ReadOnly(ReadOnlyReasons.Database), Retryable: true);
    private static readonly Outcome s_internal = new Outcome.Failed(new Refusal("INTERNAL"), Retryable: false);

    // A broken commit is inquired for within seconds; a day covers every restart in between.
    private static readonly TimeSpan s_marksKept = TimeSpan.FromDays(1);

    private const int BatchesOfPruning = 1_024;

    private readonly LaneQueue _queue = new(options.QueueCommandsMax);
    private readonly EventWriter _events = new(events);
    private SqlSession? _session;
    private long _batches;
    private Task? _loop;

    /// <summary>Closed when the database refuses writes or does not answer; null leaves that to nobody.</summary>
    public WriteGate? Gate { get; init; }

    /// <summary>Completes when this node may write.</summary>
    public Task MayWrite { get; init; } = Task.CompletedTask;

    /// <summary>What is recorded of the commands; null keeps no audit.</summary>
    public AuditWriter? Audit { get; init; }

    /// <summary>Told of what was committed, or may have been, before the callers are answered. Never throws.</summary>
    public CommitObserver? Observer { get; init; }

    /// <summary>Commands waiting now.</summary>
    public int QueuedCommands => _queue.Count;

    public void Start() => _loop = Task.Run(LoopAsync);

    /// <summary>Queues a command; the outcome follows once it is committed or refused.</summary>
    public Task<Outcome> SubmitAsync(Command command, CancellationToken caller)
    {
        var pending = new Pending(command, clock.GetTimestamp(), caller);
        return OutcomeOf(pending, _queue.TryEnqueue(pending));
    }

    /// <summary>Queues the commands of one request next to each other.</summary>
    public Task<Outcome[]> SubmitAsync(IReadOnlyList<Command> commands, CancellationToken caller)
    {
        var enqueuedAt = clock.GetTimestamp();
        var pending = new Pending[commands.Count];
        for (var i = 0; i < pending.Length; i++)
        {
            pending[i] = new Pending(commands[i], enqueuedAt, caller);
        }

        var codes = _queue.TryEnqueue(pending);
        return Task.WhenAll(pending.Zip(codes, OutcomeOf));
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        if (_loop is not null)
        {
            await _loop;
        }

        // Closing the file after its disk failed would write it once more and remove the log that the next process begins with.
        if (!diskFailed.IsCancellationRequested)
        {
            await CloseSessionAsync();
        }
    }

    private static Task<Outcome> OutcomeOf(Pending pending, string? code) =>
        code is null ? pending.Task : Task.FromResult<Outcome>(new Outcome.Failed(new Refusal(code), Retryable: true));

    private async Task LoopAsync()
    {
        var taken = new List<Pending>();
        await MayWrite.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (await _queue.TakeAsync(taken, options.BatchCommandsMax))
        {
            DropLate(taken);
            await ProcessAsync(taken);
            taken.Clear();
        }
    }

    private void DropLate(List<Pending> taken) => taken.RemoveAll(pending =>
    {
        if (pending.Caller.IsCancellationRequested)
        {
            return pending.TrySetCanceled(pending.Caller);
        }

        return clock.GetElapsedTime(pending.EnqueuedAt) > options.QueueWaitMax && pending.TrySetResult(s_busy);
    });

    private async Task ProcessAsync(IReadOnlyList<Pending> pending)
    {
        if (pending.Count == 0)
        {
            return;
        }

        var commands = new Command[pending.Count];
        for (var i = 0; i < commands.Length; i++)
        {
            commands[i] = pending[i].Command;
        }

        var startedAt = clock.GetTimestamp();
        using var span = LaneMetrics.StartSpan(pending);
        var outcomes = await RunAsync(commands);
        LaneMetrics.Carried(pending, outcomes, clock.GetElapsedTime(startedAt));
        for (var i = 0; i < outcomes.Length; i++)
        {
            pending[i].TrySetResult(outcomes[i]);
        }
    }

    /// <summary>Runs a batch until it is committed or must be given up; a value the database refuses splits it in two.</summary>
    private async Task<Outcome[]> RunAsync(Command[] commands)
    {
        var startedAt = clock.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            if (diskFailed.IsCancellationRequested)
            {
                return All(commands, s_unavailable);
            }

            var batchId = 0L;
            Batch? batch = null;
            Outcome[]? decided = null;
            try
            {
                _session ??= await database.OpenWriterAsync(Reach.Nothing, CancellationToken.None);
                var generator = ids();
                batchId = generator.Next(0);
                var now = Instant.Now(clock);
                var prunes = ++_batches % BatchesOfPruning == 0;
                batch = new Batch(_session, commands, batchId, generator, now, logger)
                {
                    PruneBefore = prunes ? now.Plus(-s_marksKept) : null,
                    Times = database.Times,
                    Events = _events,
                    Audit = Audit,
                };
                decided = await batch.DecideAllAsync(CancellationToken.None);
                await batch.CommitAsync(CancellationToken.None);
                batch.TellCommitted();
                Observer?.Invoke(batchId, batch.ChangedRoots, certain: true);
                return decided;
            }
            catch (Exception exception)
            {
                var failure = FailureOf(exception, committing: decided is not null);
                await AbandonAsync(failure, exception);
                // A value the database refuses, or a fault of ours in one command, must not take the others along. Roots that are still
                // others after they were named anew are needed for what an earlier command of the batch changed: that one is committed first.
                if (commands.Length > 1
                    && (failure == SqlFailure.Data
                        || (failure == SqlFailure.Fault && exception is not System.Data.Common.DbException)
                        || (exception is RootsChangedException && attempt > 1)))
                {
                    return [.. await RunAsync(commands[..(commands.Length / 2)]), .. await RunAsync(commands[(commands.Length / 2)..])];
                }

                if (failure == SqlFailure.Unknown && decided is not null)
                {
                    var committed = await ResolveAsync(batchId);
                    if (committed is true)
                    {
                        batch!.TellCommitted();
                        Observer?.Invoke(batchId, batch.ChangedRoots, certain: true);
                        return decided;
                    }

                    if (committed is null)
                    {
                        Observer?.Invoke(batchId, batch!.ChangedRoots, certain: false);
                        return All(commands, s_unavailable);
                    }
                }

                var attemptsMax = failure == SqlFailure.Unknown && IsAway(startedAt) ? attempt : options.AttemptsMax;
                if (GivesUp(failure, attempt >= attemptsMax, commands.Length, exception) is { } outcome)
                {
                    return All(commands, outcome);
                }
            }

            await BackOffAsync(attempt);
        }
    }

    /// <summary>What an exception means. One that does not come from the database itself, met while committing, may stand
    /// for anything: the database is asked before anybody is told.</summary>
    private SqlFailure FailureOf(Exception exception, bool committing)
    {
        if (exception is RootsChangedException)
        {
            return SqlFailure.Transient;
        }

        var failure = database.Classify(exception);
        return failure == SqlFailure.Fault && committing && exception is not System.Data.Common.DbException ? SqlFailure.Unknown : failure;
    }

    /// <summary>Whether a database that does not answer has kept callers as long as any may wait. Where a gate is, a probe goes on.</summary>
    private bool IsAway(long startedAt) => Gate is not null && clock.GetElapsedTime(startedAt) > options.QueueWaitMax;

    private Outcome? GivesUp(SqlFailure failure, bool isLast, int count, Exception exception)
    {
        switch (failure)
        {
            case SqlFailure.Transient or SqlFailure.KeyRace or SqlFailure.Unknown when !isLast:
                LaneMetrics.Retried(failure);
                LaneLog.BatchRetried(logger, count, failure.ToString(), exception);
                return null;
            case SqlFailure.Transient or SqlFailure.KeyRace:
                LaneLog.BatchFailed(logger, count, exception);
                return s_busy;
            case SqlFailure.ReadOnly:
                LaneLog.BatchFailed(logger, count, exception);
                Gate?.Close(ReadOnlyReasons.Database);
                return s_readOnly;
            case SqlFailure.DiskFailed:
                LaneLog.BatchFailed(logger, count, exception);
                return s_unavailable;
            case SqlFailure.Unknown or SqlFailure.Unavailable:
                LaneLog.BatchFailed(logger, count, exception);
                Gate?.Close(ReadOnlyReasons.Unreachable);
                return s_unavailable;
            case SqlFailure.Data or SqlFailure.Fault:
                LaneLog.BatchFailed(logger, count, exception);
                return s_internal;
            default:
                throw new ArgumentOutOfRangeException(nameof(failure), failure, null);
        }
    }

    /// <summary>Asks a new connection whether a batch was committed: it inserts the same id, voided, which waits for the old
    /// transaction. Success means the batch never was committed and now never can be; on a conflict the row that is there
    /// tells, since it may be our own from an inquiry whose answer was lost. Null when nobody answers.</summary>
    private async Task<bool?> ResolveAsync(long batchId)
    {
        var started = clock.GetTimestamp();
        for (var attempt = 1; !diskFailed.IsCancellationRequested && clock.GetElapsedTime(started) < options.ResolveWaitMax; attempt++)
        {
            try
            {
                _session ??= await database.OpenWriterAsync(Reach.Nothing, CancellationToken.None);
                if (await InquireAsync(_session, batchId) is { } committed)
                {
                    LaneLog.CommitResolved(logger, batchId, committed ? "committed" : "not committed");
                    return committed;
                }
            }
            catch (Exception exception)
            {
                await AbandonAsync(database.Classify(exception), exception);
                LaneLog.Unreachable(logger, exception);
                TurnAway();
            }

            await BackOffAsync(attempt);
        }

        return null;
    }

    /// <summary>Those in the batch wait for the truth of it; nobody else need wait with them for a database that does not answer.</summary>
    private void TurnAway()
    {
        if (Gate is null)
        {
            return;
        }

        Gate.Close(ReadOnlyReasons.Unreachable);
        foreach (var pending in _queue.Drain())
        {
            pending.TrySetResult(s_unavailable);
        }
    }

    /// <summary>True or false when the fate of a batch is known now; null when it has to be asked again.</summary>
    private async Task<bool?> InquireAsync(SqlSession session, long batchId)
    {
        var voiding = new SqlScript();
        voiding.Add(KeyStatements.InsertCommit, [new CommitRow(batchId, Instant.Now(clock), Voided: true)]);
        try
        {
            await session.BeginAsync(Reach.Nothing, CancellationToken.None);
            await session.CommitAsync(voiding, CancellationToken.None);
            return false;
        }
        catch (Exception exception) when (database.Classify(exception) is SqlFailure.KeyRace or SqlFailure.Data)
        {
            await session.RollbackAsync();
        }

        bool? committed = null;
        var find = new SqlScript();
        find.Add(KeyStatements.FindCommit, [batchId], row => committed = !row.Flag(0));
        await session.RunAsync(find, CancellationToken.None);
        return committed;
    }

    /// <summary>Rolls back where the session is still good, and closes it where that cannot be told. After the disk has failed
    /// nothing more is asked of it: closing the file would write it.</summary>
    private async Task AbandonAsync(SqlFailure failure, Exception exception)
    {
        if (failure == SqlFailure.DiskFailed)
        {
            LaneLog.DiskFailed(logger, exception);
            await diskFailed.CancelAsync();
            return;
        }

        if (_session is null)
        {
            return;
        }

        try
        {
            if (failure is SqlFailure.Unknown or SqlFailure.Fault or SqlFailure.Unavailable or SqlFailure.ReadOnly)
            {
                await CloseSessionAsync();
            }
            else
            {
                await _session.RollbackAsync();
            }
        }
        catch (Exception second)
        {
            LaneLog.Unreachable(logger, second);
            await CloseSessionAsync();
        }
    }

    private async Task CloseSessionAsync()
    {
        // What was lost with the connection the database alone can tell, and nobody asks it: the chain ends with what it has.
        Audit?.Break();
        var session = _session;
        _session = null;
        if (session is null)
        {
            return;
        }

        try
        {
            await session.DisposeAsync();
        }
        catch (Exception exception)
        {
            LaneLog.Unreachable(logger, exception);
        }
    }

    private Task BackOffAsync(int attempt)
    {
        // Full jitter: two nodes that met in a deadlock must not meet again in step.
        var ceiling = Math.Min(1_000, 5 << Math.Min(attempt, 8));
        return Task.Delay(TimeSpan.FromMilliseconds(random.Next(1, ceiling)), clock);
    }

    private static Outcome[] All(Command[] commands, Outcome outcome)
    {
        var outcomes = new Outcome[commands.Length];
        Array.Fill(outcomes, outcome);
        return outcomes;
    }
}
