using Laurel.Engine.Sql;
using Laurel.Engine.Telemetry;
using Laurel.Kernel;

namespace Laurel.Engine.Lanes;

/// <summary>What the commands of one transaction read: where their handles lead, and children of their roots, round after round.</summary>
internal sealed class CommandReads(SqlSession session, IReadOnlyList<Command> commands, HandleResolution handles, WorkingSet set, StatementTimes times)
{
    /// <summary>Rounds of children before the plan counts as endless: orders, then lots, then further pages of lots.</summary>
    public const int RoundsMax = 10_000;

    /// <summary>What is asked for and not read yet.</summary>
    public LoadPlan Plan { get; } = new();

    /// <summary>The name that a look-up of handles is timed under.</summary>
    public string ResolvingName { get; init; } = "lane.resolve";

    /// <summary>The name that reading children is timed under.</summary>
    public string LoadingName { get; init; } = "lane.load";

    /// <summary>Whose rows the transaction of these commands reaches.</summary>
    public static Reach ReachOf(IEnumerable<Command> commands) => commands.Aggregate(Reach.Nothing, (reach, command) => reach.And(command.Reach));

    /// <summary>The roots of each kind, the kinds in the order of their ranks and the roots in that of their ids.</summary>
    public static IEnumerable<ArraySegment<RootRef>> ByKind(IReadOnlyCollection<RootRef> roots)
    {
        var ordered = roots.ToArray();
        Array.Sort(ordered);
        for (var start = 0; start < ordered.Length;)
        {
            var end = start + 1;
            while (end < ordered.Length && ReferenceEquals(ordered[end].Kind, ordered[start].Kind))
            {
                end++;
            }

            yield return new ArraySegment<RootRef>(ordered, start, end - start);
            start = end;
        }
    }

    /// <summary>Looks up where handles lead, together with what is in the script already.</summary>
    /// <returns>The script for what follows: the same while no handle has to be looked up, a new one otherwise.</returns>
    public async ValueTask<SqlScript> ResolveHandlesAsync(SqlScript script, CancellationToken cancellationToken)
    {
        foreach (var command in commands)
        {
            command.NameHandles(handles);
        }

        if (handles.Wanted.Count == 0)
        {
            return script;
        }

        script.Add(KeyStatements.FindNaturalKeys, [.. handles.Wanted], row =>
        {
            var key = KeyStatements.ReadNaturalKey(row);
            handles.Found(key.Key, key.RootId);
        });
        await RunAsync(ResolvingName, script, cancellationToken);
        return new SqlScript();
    }

    /// <summary>Reads what the commands plan until they plan nothing more.</summary>
    public async ValueTask LoadAllAsync(CancellationToken cancellationToken)
    {
        for (var round = 0; round < RoundsMax; round++)
        {
            foreach (var command in commands)
            {
                command.Plan(set, Plan);
            }

            if (Plan.IsEmpty)
            {
                return;
            }

            await LoadPlannedAsync(cancellationToken);
        }

        throw new InvariantBrokenException("The plan of a batch comes to an end.");
    }

    /// <summary>Reads what is planned, for a command that needs it to decide.</summary>
    public async ValueTask LoadPlannedAsync(CancellationToken cancellationToken)
    {
        Invariant.Require(!Plan.IsEmpty, "A command that needs more says what.");
        var script = new SqlScript();
        var results = Plan.AddTo(script);
        Plan.Clear();
        await RunAsync(LoadingName, script, cancellationToken);
        foreach (var result in results)
        {
            result(set);
        }
    }

    public async ValueTask RunAsync(string statement, SqlScript script, CancellationToken cancellationToken)
    {
        using var timed = times.Begin(statement);
        await session.RunAsync(script, cancellationToken);
    }
}
