using Laurel.Kernel;

namespace Laurel.Platform.Limits;

/// <summary>What a limit has counted of one subject on this node. Not for use by two threads at once: its owner locks it.</summary>
internal sealed class RateCell(RateQuota quota)
{
    private readonly int[] _calls = new int[quota.BucketCount];
    private long _newest;

    /// <summary>Whether it was dropped: what is counted in it is lost.</summary>
    public bool IsDropped { get; set; }

    /// <summary>Calls that count at a time.</summary>
    public int Count(Instant now)
    {
        Advance(quota.BucketOf(now));
        return _calls.Sum();
    }

    /// <summary>Counts a call.</summary>
    /// <returns>The bucket to give it back to.</returns>
    public long Take(Instant now)
    {
        Advance(quota.BucketOf(now));
        _calls[_newest % _calls.Length]++;
        return _newest;
    }

    /// <summary>Takes a call back that was counted, unless it counts no more anyway.</summary>
    public void GiveBack(long bucket)
    {
        if (bucket > _newest - _calls.Length && bucket <= _newest && _calls[bucket % _calls.Length] > 0)
        {
            _calls[bucket % _calls.Length]--;
        }
    }

    /// <summary>The oldest bucket with a call that counts; the present one when there is none.</summary>
    public long Oldest(Instant now)
    {
        Advance(quota.BucketOf(now));
        for (var bucket = Math.Max(0, _newest - _calls.Length + 1); bucket < _newest; bucket++)
        {
            if (_calls[bucket % _calls.Length] > 0)
            {
                return bucket;
            }
        }

        return _newest;
    }

    // A clock that steps back counts in the newest bucket there is: nothing is forgotten early.
    private void Advance(long bucket)
    {
        if (bucket - _newest >= _calls.Length)
        {
            Array.Clear(_calls);
        }
        else
        {
            for (var passed = _newest + 1; passed <= bucket; passed++)
            {
                _calls[passed % _calls.Length] = 0;
            }
        }

        _newest = Math.Max(_newest, bucket);
    }
}
