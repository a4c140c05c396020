using System.Diagnostics.Metrics;
using Laurel.Engine.Audit;
using Laurel.Engine.Events;
using Laurel.Engine.Sql;
using Laurel.Engine.Telemetry;
using Laurel.Kernel;
using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Lanes;

/// <summary>Told of the roots that a batch changed, from its lane, after the commit and before its callers are answered.</summary>
/// <param name="version">The id of the batch.</param>
/// <param name="certain">False when nobody can tell whether the batch was committed.</param>
public delegate void CommitObserver(long version, IReadOnlyList<ChangedRoot> changed, bool certain);

/// <summary>The way in for every write: hands commands to the lanes of this node.</summary>
public sealed class LaneSet : IAsyncDisposable
{
    private readonly Meter _meter = new(LaurelTelemetry.Name);
    private readonly Lane[] _lanes;
    private readonly CancellationTokenSource _diskFailed = new();
    private readonly WriteGate? _gate;

    /// <param name="events">Where the events of the batches go.</param>
    /// <param name="gate">Keeps commands out while this node takes no writes; null lets all of them in.</param>
    /// <param name="observer">Told of every commit, and of one whose fate nobody can tell; it never throws.</param>
    /// <param name="audit">How commands are recorded; null keeps no audit.</param>
    /// <param name="mayWrite">Completes when this node may write; null is at once.</param>
    public LaneSet(
        Database database,
        LaneOptions options,
        Func<IdGenerator> ids,
        TimeProvider clock,
        Random random,
        EventSink events,
        ILogger<LaneSet> logger,
        WriteGate? gate = null,
        CommitObserver? observer = null,
        Task? mayWrite = null,
        AuditSink? audit = null)
    {
        _gate = gate;
        var count = database is SqliteDatabase ? 1 : Math.Clamp(options.LaneCount, 1, LaneOptions.LaneCountMax);
        _lanes = new Lane[count];
        for (var i = 0; i < count; i++)
        {
            _lanes[i] = new Lane(database, options, ids, clock, new Random(random.Next()), events, logger, _diskFailed)
            {
                Gate = gate,
                Audit = audit is null ? null : new AuditWriter(audit),
                Observer = observer,
                MayWrite = mayWrite ?? Task.CompletedTask,
            };
            _lanes[i].Start();
        }

        _meter.CreateObservableGauge("member_lane_queue_commands", () => _lanes.Sum(lane => lane.QueuedCommands), "{command}", "Commands waiting in the lanes.");
    }

    /// <summary>Cancelled when the disk under the database failed: every command is answered DATABASE_UNAVAILABLE from then on, and
    /// the process should end.</summary>
    public CancellationToken DiskFailed => _diskFailed.Token;

    /// <summary>Carries one command out. Commands that share a fairness key keep their order.</summary>
    /// <param name="caller">Takes the command out of the queue; once it is in a batch it is carried out all the same.</param>
    public Task<Outcome> SubmitAsync(Command command, CancellationToken caller) =>
        _gate?.RefusalOf(command) is { } refusal
            ? Task.FromResult<Outcome>(new Outcome.Failed(refusal, Retryable: true))
            : LaneOf(command).SubmitAsync(command, caller);

    /// <summary>Carries the commands of one request out in order: all of them take the lane of the first. Where that is idle and
    /// its batches hold that many, they are one transaction: all of them are decided and committed, or all fail.</summary>
    public Task<Outcome[]> SubmitAsync(IReadOnlyList<Command> commands, CancellationToken caller)
    {
        if (_gate?.RefusalOf(commands[0]) is { } refusal)
        {
            var refused = new Outcome[commands.Count];
            Array.Fill(refused, new Outcome.Failed(refusal, Retryable: true));
            return Task.FromResult(refused);
        }

        return LaneOf(commands[0]).SubmitAsync(commands, caller);
    }

    /// <summary>Carries many commands out that do not depend on each other, so many at a time: the lanes never wait for more of them, and their
    /// queue is never full of them.</summary>
    /// <returns>How many were applied.</returns>
    public async Task<int> SubmitManyAsync(IEnumerable<Command> commands, int inFlightMax, CancellationToken caller)
    {
        var applied = 0;
        await SubmitManyAsync(commands, inFlightMax, (_, outcome) => applied += outcome is Outcome.Applied ? 1 : 0, caller);
        return applied;
    }

    /// <summary>The same, and tells what became of each.</summary>
    /// <param name="decided">Called once for each command, in their order, with its place among them.</param>
    public async Task SubmitManyAsync(IEnumerable<Command> commands, int inFlightMax, Action<int, Outcome> decided, CancellationToken caller)
    {
        var inFlight = new Queue<Task<Outcome>>(inFlightMax);
        var place = 0;
        foreach (var command in commands)
        {
            if (inFlight.Count == inFlightMax)
            {
                decided(place++, await inFlight.Dequeue());
            }

            inFlight.Enqueue(SubmitAsync(command, caller));
        }

        foreach (var outcome in await Task.WhenAll(inFlight))
        {
            decided(place++, outcome);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _meter.Dispose();
        foreach (var lane in _lanes)
        {
            await lane.DisposeAsync();
        }

        _diskFailed.Dispose();
    }

    private Lane LaneOf(Command command) =>
        _lanes.Length == 1 ? _lanes[0] : _lanes[(int)(unchecked((ulong)command.FairnessKey * 0x9E3779B97F4A7C15UL) % (ulong)_lanes.Length)];
}
