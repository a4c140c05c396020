namespace Laurel.Membership.Finance;

/// <summary>What a point is worth to the merchant's books.</summary>
public sealed record FinanceRules
{
    /// <summary>Everything, in basis points.</summary>
    public const int WholeBasisPoints = 10_000;

    /// <summary>The most that either side of the value may be: products of it with any number of points stay within 128 bits.</summary>
    public const long ValueMax = 1_000_000_000_000;

    /// <summary>This many points are worth <see cref="ValueMinorUnits"/>: a pair, so that the value is exact.</summary>
    public long ValuePoints { get; init; } = 100;

    /// <summary>What <see cref="ValuePoints"/> points are worth, in minor units of the currency.</summary>
    public long ValueMinorUnits { get; init; } = 100;

    /// <summary>Share of the outstanding points that is expected to be redeemed, times 10,000. By default all: no breakage is assumed
    /// until the merchant decides so.</summary>
    public int RedemptionBasisPoints { get; init; } = WholeBasisPoints;

    /// <summary>Whether the share is taken from the breakage curve once that has enough months; until then
    /// <see cref="RedemptionBasisPoints"/> counts.</summary>
    public bool RedemptionFromCurve { get; init; }
}
