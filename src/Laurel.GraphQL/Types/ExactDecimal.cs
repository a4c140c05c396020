using System.Globalization;

namespace Laurel.GraphQL.Types;

/// <summary>Reads numbers as people write them, and refuses those that a <see cref="decimal"/> would have to round.</summary>
internal static class ExactDecimal
{
    /// <param name="text">A number of JSON: a sign, digits, a point, an exponent.</param>
    public static bool TryParse(string text, out decimal value) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
        && SignificantOf(text) is { } written && written == SignificantOf(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>The digits from the first to the last that is not zero, and the power of ten of the last; <c>null</c> when that power is
    /// beyond any number.</summary>
    private static (string Digits, long Exponent)? SignificantOf(ReadOnlySpan<char> text)
    {
        text = text.TrimStart("+-");
        long exponent = 0;
        if (text.IndexOfAny('e', 'E') is var mark and >= 0)
        {
            if (!int.TryParse(text[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power))
            {
                return null;
            }

            exponent = power;
            text = text[..mark];
        }

        var digits = text.ToString();
        if (text.IndexOf('.') is var point and >= 0)
        {
            exponent -= text.Length - point - 1;
            digits = digits.Remove(point, 1);
        }

        var significant = digits.TrimEnd('0');
        exponent += digits.Length - significant.Length;
        significant = significant.TrimStart('0');
        return (significant, significant.Length == 0 ? 0 : exponent);
    }
}
