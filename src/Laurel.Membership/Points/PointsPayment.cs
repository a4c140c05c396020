using Laurel.Membership.Programmes;

namespace Laurel.Membership.Points;

/// <summary>How points pay for orders: at a rate, and for a share of an order at the most.</summary>
public sealed record PaymentTerms
{
    /// <summary>With <see cref="MinorUnits"/> the rate, a pair because a rate is not a number: 100 points pay 100 minor units.</summary>
    public required long Points { get; init; }

    /// <inheritdoc cref="Points"/>
    public required long MinorUnits { get; init; }

    /// <summary>The share of an order that points may pay, times 10,000: 5,000 is half of it.</summary>
    public int ShareBasisPointsMax { get; init; } = 10_000;
}

/// <summary>What points may pay of an order.</summary>
public static class PointsPayment
{
    /// <summary>The most points that may pay for an order of this amount: what they pay is never more than the programme's share of it. Whole
    /// points: what would pay a fraction of a minor unit too much is not among them.</summary>
    /// <param name="payable">What is to be paid, in minor units, 0 or more.</param>
    /// <returns>Null when the programme sets no such terms.</returns>
    /// <exception cref="OverflowException">When it does not fit 64 bits.</exception>
    public static long? Max(Programme programme, long payable)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payable);
        if (programme.PointsPayment is not { } terms)
        {
            return null;
        }

        var share = (Int128)payable * terms.ShareBasisPointsMax / 10_000;
        return checked((long)(share * terms.Points / terms.MinorUnits));
    }
}
