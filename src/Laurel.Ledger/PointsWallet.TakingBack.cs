using Laurel.Kernel;

namespace Laurel.Ledger;

/// <summary>What happens to points that are taken back and no longer there.</summary>
public enum ShortfallPolicy
{
    /// <summary>The balance goes below zero; the next credits repay it first.</summary>
    Negative = 0,

    /// <summary>The shop bears it.</summary>
    Forgive = 1,

    /// <summary>It is remembered outside the balance and repaid out of later earnings, a part of each.</summary>
    Receivable = 2,
}

/// <summary>How a claw-back was met.</summary>
/// <param name="Lapsed">Points that had already expired unspent: they count as taken back.</param>
/// <param name="Takes">Points taken from lots.</param>
/// <param name="Shortfall">Points nothing was left for; met by the policy.</param>
/// <param name="Amount">How far the balance falls: the takes, and the shortfall where it becomes debt.</param>
public sealed record TakenBack(long Lapsed, IReadOnlyList<LotTake> Takes, long Shortfall, long Amount);

/// <summary>Taking back what an order earned: its own lots first, then others, then the shortfall.</summary>
public sealed partial class PointsWallet
{
    /// <summary>Whether enough lots are loaded to take back <paramref name="points"/>.</summary>
    public bool CanTakeBack(long points, IReadOnlyList<long> ownLots, Instant time)
    {
        if (LoadedThrough is not { } through)
        {
            return true;
        }

        long free = 0;
        foreach (var (position, lot) in Lots)
        {
            if (ownLots.Contains(lot.Id) || (position <= through && lot.IsLiveAt(time)))
            {
                free += lot.Free;
            }
        }

        return free >= points;
    }

    /// <summary>Takes back points an order earned.</summary>
    /// <param name="points">More than zero.</param>
    /// <param name="ownLots">The lots the order made, loaded.</param>
    /// <param name="lapsedUncounted">Points of those lots that expired unspent and did not count as taken back yet.</param>
    public TakenBack TakeBack(long points, IReadOnlyList<long> ownLots, long lapsedUncounted, Instant time, ShortfallPolicy policy)
    {
        var lapsed = Math.Min(points, lapsedUncounted);
        var left = points - lapsed;
        var takes = new List<LotTake>();
        foreach (var lot in Lots.Values)
        {
            var taken = left > 0 && ownLots.Contains(lot.Id) ? Math.Min(lot.Free, left) : 0;
            if (taken > 0)
            {
                TakeFrom(lot, taken, takes);
                left -= taken;
            }
        }

        left = TakeInOrder(left, time, takes);
        var amount = points - lapsed - left;
        switch (policy)
        {
            case ShortfallPolicy.Negative:
                Debt += left;
                Balance -= left;
                amount += left;
                break;
            case ShortfallPolicy.Receivable:
                Receivable += left;
                break;
            case ShortfallPolicy.Forgive:
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(policy), policy, null);
        }

        return new TakenBack(lapsed, takes, left, amount);
    }
}
