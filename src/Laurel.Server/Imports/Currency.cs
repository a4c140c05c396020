using Laurel.Membership.Orders;

namespace Laurel.Server.Imports;

/// <summary>A currency and how its amounts are written in major units.</summary>
/// <param name="Code">ISO 4217, upper case.</param>
/// <param name="Decimals">Digits of the minor unit (ISO 4217, list one).</param>
internal sealed record Currency(string Code, int Decimals)
{
    /// <summary>A code of three capital letters has two decimals unless the standard says otherwise; null for other text.</summary>
    public static Currency? Find(string code) => code is [>= 'A' and <= 'Z', >= 'A' and <= 'Z', >= 'A' and <= 'Z']
        ? new Currency(code, DecimalsOf(code))
        : null;

    /// <summary>Reads a plain decimal exactly: digits, then at most a point and the currency's decimals.</summary>
    /// <returns>Minor units, 0 to <see cref="OrderLimits.AmountMax"/>.</returns>
    public FieldRead<long> ReadAmount(ReadOnlySpan<char> text)
    {
        text = text.Trim(' ');
        if (text.Length > 1 && text[0] == '-' && IsDecimal(text[1..]))
        {
            return FieldRead<long>.Failed(RowErrorCode.AmountNegative, "An amount is 0 or more.");
        }

        if (!IsDecimal(text))
        {
            return FieldRead<long>.Failed(RowErrorCode.AmountInvalid, "An amount is digits with at most a decimal point, such as 12.50.");
        }

        var point = text.IndexOf('.');
        var decimals = point < 0 ? 0 : text.Length - point - 1;
        if (decimals > Decimals)
        {
            return FieldRead<long>.Failed(RowErrorCode.AmountTooPrecise, $"An amount in {Code} has at most {Decimals} decimals.");
        }

        Int128 minor = 0;
        foreach (var c in text)
        {
            minor = c == '.' ? minor : (minor * 10) + (c - '0');
            if (minor > OrderLimits.AmountMax)
            {
                return TooLarge();
            }
        }

        for (var missing = decimals; missing < Decimals; missing++)
        {
            minor *= 10;
        }

        return minor > OrderLimits.AmountMax ? TooLarge() : FieldRead<long>.Of((long)minor);
    }

    private static FieldRead<long> TooLarge() =>
        FieldRead<long>.Failed(RowErrorCode.AmountTooLarge, $"An amount is at most {OrderLimits.AmountMax} minor units.");

    private static bool IsDecimal(ReadOnlySpan<char> text)
    {
        var point = text.IndexOf('.');
        var whole = point < 0 ? text : text[..point];
        var fraction = point < 0 ? "0" : text[(point + 1)..];
        return !whole.IsEmpty && !whole.ContainsAnyExceptInRange('0', '9')
            && !fraction.IsEmpty && !fraction.ContainsAnyExceptInRange('0', '9');
    }

    private static int DecimalsOf(string code) => code switch
    {
        "BIF" or "CLP" or "DJF" or "GNF" or "ISK" or "JPY" or "KMF" or "KRW" or "PYG" or "RWF" or "UGX" or "VND" or "VUV"
            or "XAF" or "XOF" or "XPF" => 0,
        "BHD" or "IQD" or "JOD" or "KWD" or "LYD" or "OMR" or "TND" => 3,
        _ => 2,
    };
}
