namespace Laurel.Engine.Cache;

/// <summary>When this node first heard of the versions that callers name: what was read later shows them, for a version is told only
/// after its commit. Thread-safe.</summary>
/// <remarks>The newest are known. One that was forgotten counts as heard of now, which costs a question to a database.</remarks>
internal sealed class VersionsHeard(TimeProvider clock)
{
    private const int KnownMax = 16_384;

    private readonly Lock _lock = new();
    private Dictionary<long, long> _newer = [];
    private Dictionary<long, long> _older = [];

    /// <summary>The timestamp from which what is read shows a version.</summary>
    public long SinceOf(long version)
    {
        lock (_lock)
        {
            return _newer.TryGetValue(version, out var heardAt) || _older.TryGetValue(version, out heardAt)
                ? heardAt
                : Note(version, clock.GetTimestamp());
        }
    }

    /// <summary>Takes note of a version of this node's own.</summary>
    /// <param name="at">From before the commit was noted in memory and after it happened.</param>
    public void Wrote(long version, long at)
    {
        lock (_lock)
        {
            Note(version, at);
        }
    }

    private long Note(long version, long at)
    {
        if (_newer.Count >= KnownMax / 2)
        {
            (_newer, _older) = (_older, _newer);
            _newer.Clear();
        }

        return _newer[version] = at;
    }
}
