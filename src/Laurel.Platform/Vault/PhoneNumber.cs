using System.Diagnostics.CodeAnalysis;
using Laurel.Platform.Errors;

namespace Laurel.Platform.Vault;

/// <summary>Telephone numbers as people write them, and the one form in which they are compared.</summary>
public static class PhoneNumber
{
    public const int DigitsMin = 5;

    /// <summary>ITU-T E.164 §6: an international number has at most 15 digits.</summary>
    public const int DigitsMax = 15;

    /// <summary>Of the text with its separators, in characters.</summary>
    public const int TextLengthMax = 32;

    /// <summary>What a refused number is told to be, for INVALID_FORMAT.</summary>
    public static readonly Wording Expected = new(
        "a telephone number: 5 to 15 digits, with a leading + for an international one",
        "电话号码：5 至 15 位数字，国际号码以 + 开头");

    private const char Mask = '*';
    private const int MaskLength = 4;

    /// <summary>The digits alone, with the leading <c>+</c> kept: <c>138 0013-8000</c> is <c>13800138000</c>.</summary>
    /// <remarks>No country is guessed: <c>+8613800138000</c> and <c>13800138000</c> stay two numbers.</remarks>
    /// <returns>Null when normalised; else the code of <see cref="FieldErrorCatalog"/>.</returns>
    public static string? Normalise(string text, out string normalised)
    {
        normalised = string.Empty;
        if (text.Length > TextLengthMax)
        {
            return FieldErrorCode.TooLong;
        }

        Span<char> kept = stackalloc char[TextLengthMax];
        var length = 0;
        foreach (var c in text.AsSpan().Trim(' '))
        {
            switch (c)
            {
                case >= '0' and <= '9':
                case '+' when length == 0:
                    kept[length++] = c;
                    break;
                case ' ' or '-' or '.' or '(' or ')':
                    break;
                default:
                    return FieldErrorCode.InvalidFormat;
            }
        }

        var digits = length - (kept[0] == '+' ? 1 : 0);
        if (length == 0 || digits is < DigitsMin or > DigitsMax)
        {
            return FieldErrorCode.InvalidFormat;
        }

        normalised = kept[..length].ToString();
        return null;
    }

    /// <summary>Shows the first three and the last four digits of eleven or more (<c>138****8000</c>), the last two of
    /// shorter ones, and never how many are hidden. At least three digits always are.</summary>
    /// <param name="normalised">As <see cref="Normalise"/> gives it; anything else is hidden whole.</param>
    public static string Hide(string normalised)
    {
        var digits = normalised.StartsWith('+') ? normalised.AsSpan(1) : normalised;
        if (digits.Length is < DigitsMin or > DigitsMax || digits.ContainsAnyExceptInRange('0', '9'))
        {
            return new string(Mask, MaskLength);
        }

        var (head, tail) = digits.Length >= 11 ? (3, 4) : (0, 2);
        var sign = normalised.StartsWith('+') ? "+" : string.Empty;
        return string.Concat(sign, digits[..head], new string(Mask, MaskLength), digits[^tail..]);
    }
}
