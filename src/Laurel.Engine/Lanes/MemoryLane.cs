using Laurel.Kernel;

namespace Laurel.Engine.Lanes;

/// <summary>Decides commands as a lane does, on roots that are in memory alone: what they would do is known, and nothing is stored.</summary>
/// <remarks>Roots that commands create stay for the next. What a new root has no rows of cannot be missing, so a decision that asks for
/// more is a fault. Keys are not looked up: the caller sends each fact once. Not for use by two threads.</remarks>
/// <param name="missing">Gives a root that is found where none was made, such as a counter at zero; null for one that is not there.</param>
public sealed class MemoryLane(IdGenerator ids, Func<RootRef, Aggregate?> missing)
{
    private readonly Dictionary<RootRef, Aggregate> _roots = [];
    private readonly HandleResolution _handles = new(() => ids.Next(0), Instant.Earliest);
    private readonly List<RootRef> _named = [];
    private readonly LoadPlan _plan = new();

    /// <summary>The root as the commands so far have left it; null when there is none.</summary>
    public T? Find<T>(RootRef root)
        where T : Aggregate => (T?)_roots.GetValueOrDefault(root);

    /// <summary>Puts a root in its place.</summary>
    public void Load(RootRef root, Aggregate aggregate) => _roots[root] = aggregate;

    /// <summary>Decides a command as if it were decided at <paramref name="now"/>, and keeps what it changed when it applies.</summary>
    /// <exception cref="InvariantBrokenException">When the decision needs what memory cannot have.</exception>
    public Decision Decide(Command command, Instant now)
    {
        var set = new WorkingSet(_handles, now);
        _named.Clear();
        command.NameHandles(_handles);
        command.NameRoots(_handles, _named);
        foreach (var root in _named)
        {
            if (_roots.GetValueOrDefault(root) is { } known || (known = missing(root)) is not null)
            {
                set.Load(root, known);
            }
        }

        var draft = new Draft(set, ids, now);
        var decision = command.Decide(draft, _plan);
        switch (decision)
        {
            case Decision.Apply:
                draft.Accept();
                foreach (var changed in set.Changed())
                {
                    _roots[changed.Root] = changed.After;
                }

                foreach (var removed in set.Removed())
                {
                    _roots.Remove(removed);
                }

                return decision;
            case Decision.Refuse:
                return decision;
            case Decision.NeedMore or Decision.NeedRoots:
                throw new InvariantBrokenException("A command on roots that were made in memory needs nothing more.");
            default:
                throw new InvariantBrokenException("Every decision has a name.");
        }
    }
}
