using Laurel.Kernel;

namespace Laurel.Engine.Lanes;

/// <summary>Where the handles of a batch lead: into the database, or to what an earlier command of the batch creates.</summary>
public sealed class HandleResolution(Func<long> newRootId, Instant now)
{
    private readonly Dictionary<Hash128, long> _found = [];
    private readonly HashSet<Hash128> _wanted = [];

    /// <summary>When the batch is decided.</summary>
    public Instant Now { get; } = now;

    /// <summary>Handles that have to be looked up.</summary>
    public IReadOnlyCollection<Hash128> Wanted => _wanted;

    /// <summary>Asks for a handle.</summary>
    public void Want(Hash128 handle) => _wanted.Add(handle);

    /// <summary>The root id a handle leads to, or null.</summary>
    public long? Find(Hash128 handle) => _found.TryGetValue(handle, out var id) ? id : null;

    /// <summary>The root id a handle leads to; a new one is drawn for a handle that leads nowhere yet.</summary>
    public long FindOrCreate(Hash128 handle)
    {
        if (!_found.TryGetValue(handle, out var id))
        {
            id = newRootId();
            _found.Add(handle, id);
        }

        return id;
    }

    /// <summary>Tells later commands of the batch where a handle will lead once this command is applied.</summary>
    public void Provide(Hash128 handle, long rootId) => _found.TryAdd(handle, rootId);

    internal void Found(Hash128 handle, long rootId) => _found[handle] = rootId;
}
