using System.Text.Json;
using Laurel.Engine.Audit;
using Laurel.Engine.Events;
using Laurel.Engine.Sql;
using Laurel.Engine.Telemetry;
using Laurel.Kernel;
using Microsoft.Extensions.Logging;

namespace Laurel.Engine.Lanes;

/// <summary>One transaction for many commands: resolve, lock, load, decide in memory, write the net effect, commit.</summary>
/// <remarks>Knows nothing of points. Round trips: one to resolve handles where there are any, one to lock and look keys
/// up, one for each round of children, one to write and commit.</remarks>
internal sealed class Batch
{
    private readonly SqlSession _session;
    private readonly IReadOnlyList<Command> _commands;
    private readonly long _batchId;
    private readonly IdGenerator _ids;
    private readonly Instant _now;
    private readonly ILogger _logger;
    private readonly HandleResolution _handles;
    private readonly WorkingSet _set;
    private readonly List<NaturalKey> _newKeys = [];
    private readonly List<FrozenReply> _newReplies = [];

    /// <param name="now">The recorded time of everything in the batch.</param>
    public Batch(SqlSession session, IReadOnlyList<Command> commands, long batchId, IdGenerator ids, Instant now, ILogger logger)
    {
        (_session, _commands, _batchId, _ids, _now, _logger) = (session, commands, batchId, ids, now, logger);
        _handles = new HandleResolution(() => ids.Next(0), now);
        _set = new WorkingSet(_handles, now);
    }

    /// <summary>Marks of batches before this instant are removed with this one; null removes none.</summary>
    public Instant? PruneBefore { get; init; }

    public StatementTimes Times { get; init; } = StatementTimes.Unwatched;

    /// <summary>Takes what the commands raise. The lane's own: used again from batch to batch.</summary>
    public required EventWriter Events { get; init; }

    /// <summary>Takes what is to be said of the commands. The lane's own; null keeps no audit.</summary>
    public AuditWriter? Audit { get; init; }

    /// <summary>The roots that the commands have changed, as they were and as they are to be stored.</summary>
    public IReadOnlyList<ChangedRoot> ChangedRoots => [.. _set.Changed()];

    /// <summary>Decides all commands. Nothing is true of the outcomes before <see cref="CommitAsync"/> returns.</summary>
    /// <returns>One outcome for each command, in order.</returns>
    public async ValueTask<Outcome[]> DecideAllAsync(CancellationToken cancellationToken)
    {
        Audit?.Begin();
        await _session.BeginAsync(CommandReads.ReachOf(_commands), cancellationToken);
        var script = new SqlScript();
        script.Add(KeyStatements.InsertCommit, [new CommitRow(_batchId, _now, Voided: false)]);
        Audit?.AskForEnd(script);
        var reads = new CommandReads(_session, _commands, _handles, _set, Times);
        script = await reads.ResolveHandlesAsync(script, cancellationToken);
        var claims = await LockAsync(reads, script, cancellationToken);
        await reads.LoadAllAsync(cancellationToken);
        var outcomes = new Outcome[_commands.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            outcomes[i] = await DecideAsync(_commands[i], claims[i], reads, cancellationToken);
        }

        return outcomes;
    }

    /// <summary>Writes the net effect and commits it.</summary>
    public async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        var events = _set.Events.Count == 0 ? null : Events.Begin(_batchId, _now, _set.Events);
        var changes = WriteChanges();
        using var timed = Times.Begin("lane.commit");
        if (events is { IsCompleted: false })
        {
            // The rows go ahead while another thread writes many events: a round trip that a small batch does not make.
            await _session.RunAsync(changes, cancellationToken);
            changes = new SqlScript();
        }

        if (events is not null)
        {
            Events.AddTo(changes, new EventBatch(_batchId, _now, _set.Events.Count, await events));
        }

        Audit?.AddTo(changes, _batchId, _now);
        await _session.CommitAsync(changes, cancellationToken);
    }

    /// <summary>Tells those who count that the rows of this batch are stored. To be called once, when that is certain.</summary>
    public void TellCommitted()
    {
        foreach (var rows in _set.Inserts)
        {
            rows.TellCommitted();
        }

        Audit?.Committed();
        Events.Tell(_batchId, _set.Events);
    }

    private async ValueTask<List<Claim>[]> LockAsync(CommandReads reads, SqlScript script, CancellationToken cancellationToken)
    {
        var roots = new HashSet<RootRef>();
        var claims = new List<Claim>[_commands.Count];
        var keys = new HashSet<Hash128>();
        var replies = new HashSet<Hash128>();
        for (var i = 0; i < _commands.Count; i++)
        {
            _commands[i].NameRoots(_handles, roots);
            _commands[i].NameClaims(_handles, claims[i] = []);
            foreach (var claim in claims[i])
            {
                keys.Add(claim.Key);
            }

            if (_commands[i].Idempotency is { } idempotency)
            {
                replies.Add(idempotency.Key);
            }
        }

        var builder = new SqlScriptBuilder(script);
        foreach (var ofKind in CommandReads.ByKind(roots))
        {
            ofKind[0].Kind.Lock(builder, ofKind, _set);
        }

        // Keys are looked up after the locks: a node that recorded the same fact a moment ago held them too.
        script.Add(KeyStatements.FindNaturalKeys, [.. keys], row =>
        {
            var key = KeyStatements.ReadNaturalKey(row);
            _set.NaturalKeys[key.Key] = key;
        });
        script.Add(KeyStatements.FindReplies, [.. replies], row =>
        {
            var reply = KeyStatements.ReadReply(row);
            _set.Replies[reply.Key] = reply;
        });
        await reads.RunAsync("lane.lock", script, cancellationToken);
        return claims;
    }

    private async ValueTask<Outcome> DecideAsync(Command command, List<Claim> claims, CommandReads reads, CancellationToken cancellationToken)
    {
        if (command.Idempotency is { } idempotency && _set.Replies.TryGetValue(idempotency.Key, out var frozen))
        {
            return frozen.Request == idempotency.Request
                ? new Outcome.Replayed(frozen) { Version = _batchId }
                : new Outcome.Refused(new Refusal("IDEMPOTENCY_KEY_REUSED")) { Version = _batchId };
        }

        foreach (var claim in claims)
        {
            if (_set.NaturalKeys.TryGetValue(claim.Key, out var earlier))
            {
                return earlier.Content == claim.Content && !claim.NeverRepeats
                    ? new Outcome.Duplicate(earlier) { Version = _batchId }
                    : Refused(command, new Refusal(claim.Refusal, ("memberId", earlier.RootId.ToString(System.Globalization.CultureInfo.InvariantCulture))));
            }
        }

        for (var round = 0; round < CommandReads.RoundsMax; round++)
        {
            var draft = new Draft(_set, _ids, _now);
            switch (Try(command, draft, reads.Plan))
            {
                case Decision.Apply apply:
                    Audit?.Record(command, apply, draft, _set, _batchId);
                    draft.Accept();
                    Record(command, claims, apply);
                    return apply.Answer is { } answer
                        ? new Outcome.Refused(answer) { Version = _batchId }
                        : new Outcome.Applied(apply.Reply) { Version = _batchId };
                case Decision.Refuse refuse:
                    draft.Drop();
                    return Refused(command, refuse.Refusal);
                case null:
                    draft.Drop();
                    return new Outcome.Failed(new Refusal("INTERNAL"), Retryable: false);
                case Decision.NeedRoots:
                    throw new RootsChangedException();
                default:
                    draft.Drop();
                    await reads.LoadPlannedAsync(cancellationToken);
                    break;
            }
        }

        throw new InvariantBrokenException("The needs of a command come to an end.");
    }

    /// <summary>Null when the command threw: a bug of ours that must not take the rest of the batch along.</summary>
    private Decision? Try(Command command, Draft draft, LoadPlan plan)
    {
        try
        {
            return command.Decide(draft, plan);
        }
        catch (OverflowException)
        {
            // Checked arithmetic: the sum would not fit 64 bits. Nothing is wrong with us, the amount is too large.
            return new Decision.Refuse(new Refusal("AMOUNT_OVERFLOW"));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LaneLog.CommandThrew(_logger, command.GetType().Name, exception);
            return null;
        }
    }

    private Outcome Refused(Command command, Refusal refusal)
    {
        // What was not found may come to be; every definitive refusal freezes under its key.
        if (command.Idempotency is { } idempotency && refusal.Definitive && !refusal.Code.EndsWith("_NOT_FOUND", StringComparison.Ordinal))
        {
            Freeze(new FrozenReply(idempotency.Key, idempotency.Request, Applied: false, 0, RefusalForm.Write(refusal), _now));
        }

        return new Outcome.Refused(refusal) { Version = _batchId };
    }

    private void Record(Command command, List<Claim> claims, Decision.Apply apply)
    {
        foreach (var claim in apply.LeavesKeys ? [] : claims)
        {
            Record(new NaturalKey(claim.Key, claim.Content, apply.RootId, apply.FirstId, apply.LastId));
        }

        foreach (var handle in apply.Handles)
        {
            Record(handle);
        }

        if (!apply.LeavesKeys && command.Idempotency is { } idempotency)
        {
            var (body, rootId) = apply.Answer is { } answer ? (RefusalForm.Write(answer), 0) : command.Freeze(apply.Reply);
            Freeze(new FrozenReply(idempotency.Key, idempotency.Request, Applied: apply.Answer is null, rootId, body, _now));
        }
    }

    private void Record(NaturalKey key)
    {
        _set.NaturalKeys.Add(key.Key, key);
        _newKeys.Add(key);
    }

    private void Freeze(FrozenReply reply)
    {
        _set.Replies.Add(reply.Key, reply);
        _newReplies.Add(reply);
    }

    private SqlScript WriteChanges()
    {
        var script = new SqlScript();
        var builder = new SqlScriptBuilder(script);
        foreach (var group in _set.Changed().GroupBy(c => c.Root.Kind).OrderBy(g => g.Key.Rank))
        {
            group.Key.Write(builder, [.. group.OrderBy(c => c.Root)]);
        }

        foreach (var group in _set.Removed().GroupBy(root => root.Kind).OrderBy(g => g.Key.Rank))
        {
            group.Key.Remove(builder, [.. group.Order()]);
        }

        foreach (var rows in _set.Inserts)
        {
            rows.AddTo(script);
        }

        // Sorted, so that two nodes inserting the same keys meet in one order and never wait in a circle.
        _newKeys.Sort(static (a, b) => a.Key.CompareTo(b.Key));
        _newReplies.Sort(static (a, b) => a.Key.CompareTo(b.Key));
        script.Add(KeyStatements.InsertNaturalKeys, _newKeys);
        script.Add(KeyStatements.InsertReplies, ReplyRow.Of(_newReplies, _now));
        if (PruneBefore is { } before)
        {
            script.Add(KeyStatements.PruneCommits, [IdGenerator.FirstOf(before)]);
        }

        return script;
    }
}

/// <summary>The stored form of a refusal: its code and what its text names.</summary>
public static class RefusalForm
{
    public static byte[] Write(Refusal refusal) =>
        JsonSerializer.SerializeToUtf8Bytes(new Stored(refusal.Code, refusal.Pointer, refusal.Values.ToDictionary(v => v.Key, v => v.Value)));

    public static Refusal Read(ReadOnlySpan<byte> bytes)
    {
        var stored = JsonSerializer.Deserialize<Stored>(bytes) ?? throw new InvariantBrokenException("A stored refusal is an object.");
        var values = stored.Values.ToDictionary(v => v.Key, v => v.Value is JsonElement element ? Plain(element) : v.Value);
        return new Refusal(stored.Code, values) { Pointer = stored.Pointer };
    }

    private static object? Plain(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number => element.GetInt64(),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null => null,
        JsonValueKind.Undefined or JsonValueKind.Object or JsonValueKind.Array => element.GetRawText(),
    };

    private sealed record Stored(string Code, string? Pointer, Dictionary<string, object?> Values);
}

/// <summary>The roots that a batch has locked are not those its commands need: it is to be begun again.</summary>
internal sealed class RootsChangedException() : Exception("A command needs a root that it did not name.");
