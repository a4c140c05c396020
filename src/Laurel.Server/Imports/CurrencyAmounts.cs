using Laurel.Membership.Orders;
using Laurel.Membership.Programmes;

namespace Laurel.Server.Imports;

/// <summary>Reads amounts of a currency as files write them.</summary>
internal static class CurrencyAmounts
{
    /// <summary>Reads a plain decimal exactly: digits, then at most a point and the currency's decimals.</summary>
    /// <returns>Minor units, 0 to <see cref="OrderLimits.AmountMax"/>.</returns>
    public static FieldRead<long> ReadAmount(this Currency currency, ReadOnlySpan<char> text)
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
        if (decimals > currency.Decimals)
        {
            return FieldRead<long>.Failed(RowErrorCode.AmountTooPrecise, $"An amount in {currency.Code} has at most {currency.Decimals} decimals.");
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

        for (var missing = decimals; missing < currency.Decimals; missing++)
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
}
