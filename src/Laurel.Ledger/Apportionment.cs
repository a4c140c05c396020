using Laurel.Kernel;

namespace Laurel.Ledger;

/// <summary>Exact ways to share whole points and money: no floating point, no residue.</summary>
public static class Apportionment
{
    /// <summary>Splits <paramref name="total"/> in proportion to <paramref name="weights"/> by largest remainder.</summary>
    /// <remarks>Shares sum to the total exactly when any weight is positive; ties go to the earlier line. With no
    /// positive weight every share is zero. The method is Hamilton's (1792), computed in 128 bits.</remarks>
    /// <param name="total">Zero or more.</param>
    /// <param name="weights">Each zero or more; their sum fits 64 bits.</param>
    public static long[] LargestRemainder(long total, ReadOnlySpan<long> weights)
    {
        var shares = new long[weights.Length];
        long sum = 0;
        foreach (var weight in weights)
        {
            sum += weight;
        }

        if (sum == 0 || total == 0)
        {
            return shares;
        }

        var remainders = new long[weights.Length];
        var left = total;
        for (var i = 0; i < weights.Length; i++)
        {
            var product = (Int128)total * weights[i];
            shares[i] = (long)(product / sum);
            remainders[i] = (long)(product % sum);
            left -= shares[i];
        }

        GiveLeftovers(shares, remainders, left);
        return shares;
    }

    /// <summary>What is to be taken back of <paramref name="points"/> once <paramref name="refunded"/> of
    /// <paramref name="amount"/> went back: the exact share rounded half up, <c>⌊(2·E·R + N) / (2·N)⌋</c>.</summary>
    public static long TakenBackTarget(long points, long refunded, long amount) =>
        amount == 0 ? 0 : (long)(((2 * (Int128)points * refunded) + amount) / (2 * (Int128)amount));

    /// <summary>Whole points of a base at a multiplier: <c>⌊base × multiplier⌋</c>.</summary>
    /// <param name="multiplierBasisPoints">The multiplier times 10,000: 15,000 is 1.5.</param>
    /// <exception cref="OverflowException">When the product does not fit 64 bits.</exception>
    public static long Multiply(long basePoints, int multiplierBasisPoints) =>
        (long)((Int128)basePoints * multiplierBasisPoints / 10_000);

    private static void GiveLeftovers(long[] shares, long[] remainders, long left)
    {
        if (left == 0)
        {
            return;
        }

        var order = new int[shares.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(order, (a, b) => remainders[a] != remainders[b] ? remainders[b].CompareTo(remainders[a]) : a.CompareTo(b));
        Invariant.Require(left < shares.Length, "Largest remainder leaves fewer units than lines.");
        for (var i = 0; i < left; i++)
        {
            shares[order[i]]++;
        }
    }
}
