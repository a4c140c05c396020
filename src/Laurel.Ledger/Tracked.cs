using System.Collections.Immutable;

namespace Laurel.Ledger;

/// <summary>Loaded values and what became of them: tells afterwards which are new and which were changed.</summary>
/// <remarks>A copy shares the memory of what is stored and has changes of its own.</remarks>
public sealed class Tracked<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    private readonly Dictionary<TKey, TValue> _stored;
    private readonly HashSet<TKey> _missing;
    private ImmutableDictionary<TKey, TValue> _current;

    public Tracked()
        : this([], [], ImmutableDictionary<TKey, TValue>.Empty)
    {
    }

    private Tracked(Dictionary<TKey, TValue> stored, HashSet<TKey> missing, ImmutableDictionary<TKey, TValue> current) =>
        (_stored, _missing, _current) = (stored, missing, current);

    public IEnumerable<TValue> Values => _current.Values;

    public Tracked<TKey, TValue> Copy() => new(_stored, _missing, _current);

    /// <summary>Takes a value as it is stored; what is already here wins.</summary>
    public void Load(TKey key, TValue value)
    {
        if (_stored.TryAdd(key, value) && !_current.ContainsKey(key))
        {
            _current = _current.Add(key, value);
        }
    }

    /// <summary>Takes note that a key was looked for and nothing is stored under it.</summary>
    public void LoadMissing(TKey key) => _missing.Add(key);

    /// <summary>Whether it is known what is under the key, be it nothing.</summary>
    public bool IsKnown(TKey key) => _current.ContainsKey(key) || _missing.Contains(key);

    /// <summary>The value as it is stored, or null when it is new.</summary>
    public TValue? Stored(TKey key) => _stored.GetValueOrDefault(key);

    public TValue? Find(TKey key) => _current.GetValueOrDefault(key);

    public void Set(TKey key, TValue value) => _current = _current.SetItem(key, value);

    /// <summary>Values that are not stored yet.</summary>
    public IEnumerable<TValue> New() => _current.Where(pair => !_stored.ContainsKey(pair.Key)).Select(pair => pair.Value);

    /// <summary>Stored values that were changed.</summary>
    public IEnumerable<TValue> Changed() =>
        _current.Where(pair => _stored.TryGetValue(pair.Key, out var stored) && !ReferenceEquals(stored, pair.Value)).Select(pair => pair.Value);
}
