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
/// <param name="Pending">Points of the takes that came out of pending lots and never counted for the level.</param>
public sealed record TakenBack(long Lapsed, IReadOnlyList<LotTake> Takes, long Shortfall, long Amount, long Pending);

/// <summary>Taking back what an order earned: its own lots first, of these the pending ones, then others, then the shortfall.</summary>
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
        if (lapsed > 0)
        {
            CloseLapses(ownLots);
        }

        var own = Lots.Values.Where(lot => ownLots.Contains(lot.Id)).ToList();
        long uncounted = 0;
        foreach (var lot in own.Where(lot => lot.ActiveAt > time).Concat(own.Where(lot => lot.ActiveAt <= time)))
        {
            var taken = Math.Min(lot.Free, left);
            if (taken > 0)
            {
                TakeFrom(lot, taken, takes);
                left -= taken;
                uncounted += TakeFromPending(lot.Id, taken);
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

        return new TakenBack(lapsed, takes, left, amount, uncounted);
    }

    // Points that a refund has counted as taken back do not come back.
    private void CloseLapses(IReadOnlyList<long> ownLots)
    {
        foreach (var lot in Lots.Values.Where(lot => lot is { Expired: > 0, LapseUse: LapseUse.None } && ownLots.Contains(lot.Id)))
        {
            Replace(lot with { LapseUse = LapseUse.TakenBack });
        }
    }
}
