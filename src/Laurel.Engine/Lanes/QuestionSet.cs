using System.Diagnostics.Metrics;
using Laurel.Engine.Sql;
using Laurel.Engine.Telemetry;
using Laurel.Kernel;
using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Lanes;

/// <summary>Answers questions: commands that change nothing. Those that wait are read for together, at one moment of the database, beside the
/// lanes. A question locks nothing, waits for no write, and is answered while the node takes no writes.</summary>
public sealed class QuestionSet : IAsyncDisposable
{
    /// <summary>Readers at work: while one waits for the database, another decides.</summary>
    private const int ReadersCount = 2;

    /// <summary>Questions that one reader takes at once, so that the first is not answered with the last of many.</summary>
    private const int TakenMax = 32;

    private static readonly Outcome s_busy = new Outcome.Failed(new Refusal("BUSY"), Retryable: true);
    private static readonly Outcome s_unavailable = new Outcome.Failed(new Refusal("DATABASE_UNAVAILABLE"), Retryable: true);
    private static readonly Outcome s_internal = new Outcome.Failed(new Refusal("INTERNAL"), Retryable: false);

    private static readonly Counter<long> s_questions = LaurelTelemetry.Meter.CreateCounter<long>(
        "member_questions_total", "{question}", "Quotes and previews by what became of them.");

    private readonly Database _database;
    private readonly LaneOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly LaneQueue _queue;
    private readonly Task[] _readers;

    public QuestionSet(Database database, LaneOptions options, TimeProvider clock, ILogger<QuestionSet> logger)
    {
        (_database, _options, _clock, _logger) = (database, options, clock, logger);
        _queue = new LaneQueue(options.QueueCommandsMax);
        _readers = [.. Enumerable.Range(0, ReadersCount).Select(_ => Task.Run(ReadAsync))];
    }

    /// <summary>Answers a question. <see cref="Outcome.Applied"/> carries the reply.</summary>
    public Task<Outcome> AskAsync(Command question, CancellationToken caller)
    {
        var pending = new Pending(question, _clock.GetTimestamp(), caller);
        return _queue.TryEnqueue(pending) is { } code ? Task.FromResult<Outcome>(new Outcome.Failed(new Refusal(code), Retryable: true)) : pending.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await Task.WhenAll(_readers);
    }

    private async Task ReadAsync()
    {
        await using var reader = new LastingReader(_database, _database.OpenQuestionerAsync);
        var taken = new List<Pending>();
        while (await _queue.TakeAsync(taken, TakenMax))
        {
            taken.RemoveAll(DropsLate);
            if (taken.Count > 0)
            {
                await AnswerAsync(reader, taken);
            }

            taken.Clear();
        }
    }

    private bool DropsLate(Pending pending) => pending.Caller.IsCancellationRequested
        ? pending.TrySetCanceled(pending.Caller)
        : _clock.GetElapsedTime(pending.EnqueuedAt) > _options.QueueWaitMax && pending.TrySetResult(s_busy);

    private async Task AnswerAsync(LastingReader reader, List<Pending> taken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await reader.ReadAsync(Reach.Nothing, (session, cancellationToken) => AnswerAsync(session, taken, cancellationToken), CancellationToken.None);
                return;
            }
            catch (RootsChangedException) when (attempt < _options.AttemptsMax)
            {
                // What was read named others. Those that have their answer are not asked again.
                taken.RemoveAll(pending => pending.Task.IsCompleted);
            }
            catch (Exception exception)
            {
                LaneLog.QuestionsFailed(_logger, taken.Count, exception);
                taken.ForEach(pending => Tell(pending, _database.IsOutage(exception) ? s_unavailable : s_internal));
                return;
            }
        }
    }

    private static void Tell(Pending pending, Outcome outcome)
    {
        if (pending.TrySetResult(outcome))
        {
            s_questions.Add(1, new KeyValuePair<string, object?>("outcome", NameOf(outcome)));
        }
    }

    /// <returns>How many were answered.</returns>
    private async Task<int> AnswerAsync(SqlSession session, List<Pending> taken, CancellationToken cancellationToken)
    {
        var questions = taken.ConvertAll(pending => pending.Command);
        var now = Instant.Now(_clock);
        var handles = new HandleResolution(() => throw new InvariantBrokenException("A question makes nothing."), now);
        var set = new WorkingSet(handles, now);
        var reads = new CommandReads(session, questions, handles, set, _database.Times) { ResolvingName = "question.resolve", LoadingName = "question.load" };
        await session.BeginReadAsync(CommandReads.ReachOf(questions), cancellationToken);
        var script = await reads.ResolveHandlesAsync(new SqlScript(), cancellationToken);
        var roots = new HashSet<RootRef>();
        foreach (var question in questions)
        {
            question.NameRoots(handles, roots);
        }

        var builder = new SqlScriptBuilder(script);
        foreach (var ofKind in CommandReads.ByKind(roots))
        {
            ofKind[0].Kind.Read(builder, ofKind, set);
        }

        await reads.RunAsync("question.read", script, cancellationToken);
        await reads.LoadAllAsync(cancellationToken);
        for (var i = 0; i < taken.Count; i++)
        {
            Tell(taken[i], await DecideAsync(questions[i], set, reads, cancellationToken));
        }

        // Nobody waits for the end of what only read.
        await session.RollbackAsync();
        return taken.Count;
    }

    private async ValueTask<Outcome> DecideAsync(Command question, WorkingSet set, CommandReads reads, CancellationToken cancellationToken)
    {
        // Ids that are drawn are those of rows that nobody writes.
        var draft = new Draft(set, new IdGenerator(_clock, node: 0), set.Now);
        for (var round = 0; round < CommandReads.RoundsMax; round++)
        {
            switch (Try(question, draft, reads.Plan))
            {
                case Decision.Apply apply:
                    return new Outcome.Applied(apply.Reply);
                case Decision.Refuse refuse:
                    return new Outcome.Refused(refuse.Refusal);
                case Decision.NeedMore:
                    await reads.LoadPlannedAsync(cancellationToken);
                    break;
                case Decision.NeedRoots:
                    throw new RootsChangedException();
                default:
                    return s_internal;
            }
        }

        throw new InvariantBrokenException("The needs of a question come to an end.");
    }

    /// <summary>Null when the question threw: a bug of ours that must not take the others along.</summary>
    private Decision? Try(Command question, Draft draft, LoadPlan plan)
    {
        try
        {
            return question.Decide(draft, plan);
        }
        catch (OverflowException)
        {
            return new Decision.Refuse(new Refusal("AMOUNT_OVERFLOW"));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LaneLog.CommandThrew(_logger, question.GetType().Name, exception);
            return null;
        }
    }

    private static string NameOf(Outcome outcome) => outcome switch
    {
        Outcome.Applied => "answered",
        Outcome.Refused => "refused",
        _ => "failed",
    };
}
