namespace Laurel.Membership.Benefits;

/// <summary>The limits of benefits, each by the name its errors state.</summary>
public static class BenefitLimits
{
    public const int BenefitsMax = 500;

    public const int PackagesMax = 100;

    /// <summary>Minor units of a price by the piece at the most.</summary>
    public const long PriceMax = 1_000_000_000_000;

    /// <summary>Minor units of an amount at the most: the largest integer every JSON reader keeps exact, 2^53 − 1.</summary>
    public const long AmountMax = 9_007_199_254_740_991;

    public const int LinesMax = 1_000;

    public const int SkuLengthMax = 128;

    /// <summary>Pieces of one line at the most.</summary>
    public const long LineQuantityMax = 1_000;

    /// <summary>Uses that one consumption takes at the most.</summary>
    public const long QuantityMax = 1_000_000;

    public const int BizNoLengthMax = 128;

    public const int FeatureLengthMax = 64;

    public const int OperatorLengthMax = 64;

    public const int ReasonLengthMax = 200;

    /// <summary>Business days of one report of usage at the most.</summary>
    public const int UsageDaysMax = 366;
}
