using Laurel.Engine.Nodes;

namespace Laurel.Engine.Cache;

/// <summary>Whether this node may answer from its memory: while nobody can commit without it being told.</summary>
/// <remarks>That is so while it is alone, and while every other node tells what it commits and this one hears it. Both are known
/// only by looking, and a look holds for a second (docs/adr/0033).</remarks>
/// <param name="regained">Called when memory may be used again after a time in which it may not, before it is.</param>
internal sealed class Trust(TimeProvider clock, Action regained)
{
    private readonly Lock _lock = new();
    private readonly long _sightingHolds = (long)(NodeWatch.SightingHolds.TotalSeconds * clock.TimestampFrequency);
    private Peers _peers = Peers.Silent;
    private long _seenUntil = long.MinValue;
    private long _heardUntil = long.MinValue;
    private long _until = long.MinValue;

    public bool Holds => clock.GetTimestamp() < Volatile.Read(ref _until);

    /// <summary>There can be no other node.</summary>
    public void HoldsForGood()
    {
        lock (_lock)
        {
            (_peers, _seenUntil) = (Peers.None, long.MaxValue);
            Judge();
        }
    }

    /// <summary>Takes note of a look at the other nodes.</summary>
    public void Seen(Sighting sighting)
    {
        lock (_lock)
        {
            (_peers, _seenUntil) = (sighting.Peers, sighting.AskedAt + _sightingHolds);
            if (sighting.SomebodyDied)
            {
                // What it committed last may never have been told: begin again with nothing.
                Volatile.Write(ref _until, long.MinValue);
            }

            Judge();
        }
    }

    /// <summary>Takes note that every message sent before a time was heard.</summary>
    public void Ticked(long sentAt)
    {
        lock (_lock)
        {
            _heardUntil = Math.Max(_heardUntil, sentAt + _sightingHolds);
            Judge();
        }
    }

    /// <summary>Takes note that messages may have been lost.</summary>
    public void CutOff()
    {
        lock (_lock)
        {
            _heardUntil = long.MinValue;
            Judge();
        }
    }

    private void Judge()
    {
        var until = _peers switch
        {
            Peers.None => _seenUntil,
            Peers.Telling => Math.Min(_seenUntil, _heardUntil),
            Peers.Silent => long.MinValue,
        };
        var now = clock.GetTimestamp();
        if (until > now && _until <= now)
        {
            regained();
        }

        Volatile.Write(ref _until, until);
    }
}
