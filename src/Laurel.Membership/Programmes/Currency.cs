using System.Globalization;

namespace Laurel.Membership.Programmes;

/// <summary>A currency and how its amounts are written in major units.</summary>
/// <param name="Code">ISO 4217, upper case.</param>
/// <param name="Decimals">Digits of the minor unit (ISO 4217, list one).</param>
public sealed record Currency(string Code, int Decimals)
{
    /// <summary>A code of three capital letters has two decimals unless the standard says otherwise; null for other text.</summary>
    public static Currency? Find(string code) => code is [>= 'A' and <= 'Z', >= 'A' and <= 'Z', >= 'A' and <= 'Z']
        ? new Currency(code, DecimalsOf(code))
        : null;

    /// <summary>An amount of minor units as people read it: <c>CNY 1,234.50</c>.</summary>
    public string Write(long minorUnits) => $"{Code} {Major(minorUnits).ToString($"N{Decimals}", CultureInfo.InvariantCulture)}";

    /// <summary>An amount of minor units in major ones, with all decimals of the currency.</summary>
    public decimal Major(long minorUnits)
    {
        var bits = decimal.GetBits(minorUnits);
        return new decimal(bits[0], bits[1], bits[2], minorUnits < 0, (byte)Decimals);
    }

    /// <summary>How many of them a major unit has: 1, 100 or 1,000.</summary>
    public int MinorUnits => Decimals switch
    {
        0 => 1,
        3 => 1_000,
        _ => 100,
    };

    private static int DecimalsOf(string code) => code switch
    {
        "BIF" or "CLP" or "DJF" or "GNF" or "ISK" or "JPY" or "KMF" or "KRW" or "PYG" or "RWF" or "UGX" or "VND" or "VUV"
            or "XAF" or "XOF" or "XPF" => 0,
        "BHD" or "IQD" or "JOD" or "KWD" or "LYD" or "OMR" or "TND" => 3,
        _ => 2,
    };
}
