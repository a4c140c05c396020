using Laurel.Engine.Events;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Lanes;

/// <summary>Everything a batch has locked and read, with the changes its commands have made so far.</summary>
public sealed class WorkingSet(HandleResolution handles, Instant now)
{
    private readonly Dictionary<RootRef, Entry> _roots = [];
    private readonly Dictionary<SetStatement, PendingRows> _inserts = [];
    private readonly List<PendingRows> _insertOrder = [];

    private readonly record struct Entry(Aggregate? Stored, Aggregate? Current);

    public HandleResolution Handles { get; } = handles;

    /// <summary>When the batch is decided.</summary>
    public Instant Now { get; } = now;

    internal Dictionary<Hash128, NaturalKey> NaturalKeys { get; } = [];

    internal Dictionary<Hash128, FrozenReply> Replies { get; } = [];

    internal IReadOnlyList<PendingRows> Inserts => _insertOrder;

    /// <summary>What the commands so far have raised, in order.</summary>
    internal List<RaisedEvent> Events { get; } = [];

    /// <summary>Registers a root as it is stored. Called by the kinds while they lock.</summary>
    public void Load(RootRef root, Aggregate aggregate) => _roots[root] = new Entry(aggregate, aggregate);

    /// <summary>The root as the commands so far have left it; null when it does not exist.</summary>
    public T? Find<T>(RootRef root)
        where T : Aggregate => _roots.TryGetValue(root, out var entry) ? (T?)entry.Current : null;

    /// <summary>Gives a loader the current state to add children to. Children add nothing that is to be written.</summary>
    public T Loaded<T>(RootRef root)
        where T : Aggregate => Find<T>(root) ?? throw new InvariantBrokenException("Children are loaded for roots that exist.");

    internal void Accept(RootRef root, Aggregate? changed)
    {
        var stored = _roots.TryGetValue(root, out var entry) ? entry.Stored : null;
        _roots[root] = new Entry(stored, changed);
    }

    internal PendingRows<TRow> RowsOf<TRow>(SetStatement<TRow> statement)
    {
        if (_inserts.TryGetValue(statement, out var rows))
        {
            return (PendingRows<TRow>)rows;
        }

        var added = new PendingRows<TRow>(statement);
        _inserts.Add(statement, added);
        _insertOrder.Add(added);
        return added;
    }

    internal IEnumerable<ChangedRoot> Changed() =>
        from pair in _roots
        where pair.Value.Current is not null && !ReferenceEquals(pair.Value.Current, pair.Value.Stored)
        select new ChangedRoot(pair.Key, pair.Value.Stored, pair.Value.Current!);

    /// <summary>The roots that are stored and are to go.</summary>
    internal IEnumerable<RootRef> Removed() => from pair in _roots where pair.Value is { Current: null, Stored: not null } select pair.Key;
}

/// <summary>Rows that wait to be inserted by one statement.</summary>
internal abstract class PendingRows
{
    internal abstract int Count { get; }

    internal abstract void Truncate(int count);

    internal abstract void AddTo(SqlScript script);

    internal abstract void TellCommitted();
}

internal sealed class PendingRows<TRow>(SetStatement<TRow> statement) : PendingRows
{
    internal List<TRow> Rows { get; } = [];

    internal override int Count => Rows.Count;

    internal override void Truncate(int count) => Rows.RemoveRange(count, Rows.Count - count);

    internal override void AddTo(SqlScript script) => script.Add(statement, Rows);

    internal override void TellCommitted() => statement.Committed?.Invoke(Rows);
}

/// <summary>One command's changes: kept when it applies, forgotten when it refuses.</summary>
public sealed class Draft(WorkingSet set, IdGenerator ids, Instant now)
{
    private readonly Dictionary<RootRef, Aggregate?> _edited = [];
    private readonly List<(PendingRows Rows, int CountBefore)> _touched = [];
    private readonly int _eventsBefore = set.Events.Count;

    /// <summary>When the batch is decided: the recorded time of everything in it.</summary>
    public Instant Now { get; } = now;

    public HandleResolution Handles => set.Handles;

    /// <summary>The roots that the command has changed, or may have; null for one that it has removed.</summary>
    internal IReadOnlyDictionary<RootRef, Aggregate?> Edited => _edited;

    public T? Find<T>(RootRef root)
        where T : Aggregate => _edited.TryGetValue(root, out var edited) ? (T?)edited : set.Find<T>(root);

    /// <summary>A copy of the root to change; the same one for the whole command. Null when the root does not exist.</summary>
    public T? Edit<T>(RootRef root)
        where T : Aggregate
    {
        if (_edited.TryGetValue(root, out var edited))
        {
            return (T?)edited;
        }

        if (set.Find<T>(root) is not { } current)
        {
            return null;
        }

        var copy = (T)current.Copy();
        _edited.Add(root, copy);
        return copy;
    }

    /// <summary>Adds a root that did not exist.</summary>
    public void Create(RootRef root, Aggregate aggregate)
    {
        if (!_edited.TryAdd(root, aggregate))
        {
            // In the place of one that this command has removed.
            _edited[root] = _edited[root] is null ? aggregate : throw new InvariantBrokenException("A root is made where there is none.");
        }
    }

    /// <summary>Removes a root with all that it is; its kind has to know how. From now on there is none.</summary>
    public void Remove(RootRef root) => _edited[root] = null;

    /// <summary>Puts another aggregate in the place of a root that is never edited but replaced.</summary>
    public void Replace(RootRef root, Aggregate aggregate) => _edited[root] = aggregate;

    /// <summary>Adds a row to be inserted with the batch.</summary>
    public void Insert<TRow>(SetStatement<TRow> statement, TRow row)
    {
        var rows = set.RowsOf(statement);
        if (_touched.TrueForAll(t => !ReferenceEquals(t.Rows, rows)))
        {
            _touched.Add((rows, rows.Count));
        }

        rows.Rows.Add(row);
    }

    /// <summary>Says that something happened: stored with the batch, and told to whoever listens once it is committed. Events of a
    /// member are raised in the order of their sequence.</summary>
    public void Raise<TFact>(EventType<TFact> type, EventSubject subject, TFact fact) => set.Events.Add(new RaisedEvent<TFact>(type, subject, fact));

    /// <summary>A new id, greater than <paramref name="floor"/>.</summary>
    public long NextId(long floor) => ids.Next(floor);

    internal void Accept()
    {
        foreach (var (root, aggregate) in _edited)
        {
            set.Accept(root, aggregate);
        }
    }

    /// <summary>Forgets everything that was changed so far, so that the command may decide otherwise.</summary>
    public void Undo()
    {
        Drop();
        _edited.Clear();
        _touched.Clear();
    }

    internal void Drop()
    {
        foreach (var (rows, countBefore) in _touched)
        {
            rows.Truncate(countBefore);
        }

        set.Events.RemoveRange(_eventsBefore, set.Events.Count - _eventsBefore);
    }
}
