using Laurel.Platform.Vault;

namespace Laurel.Platform.Identifiers;

/// <summary>Numbers that a short message can be sent to, in the one form in which they are kept: E.164.</summary>
public static class MobileNumber
{
    private const string ChinaCode = "86";

    private const int ChineseLength = 11;

    /// <summary>Whether it is a mobile number of mainland China without its country: 1, then 3 to 9, then nine digits.</summary>
    /// <remarks>Which of these series are in use changes by the year, so no more is asked than this.</remarks>
    public static bool IsChinese(ReadOnlySpan<char> digits) =>
        digits.Length == ChineseLength && digits[0] == '1' && digits[1] is >= '3' and <= '9' && !digits.ContainsAnyExceptInRange('0', '9');

    /// <summary>The E.164 form of a number as <see cref="PhoneNumber.Normalise"/> gives it: <c>+8613800138000</c>.</summary>
    /// <returns>Null where it is no mobile number of mainland China and names no other country with a leading <c>+</c>.</returns>
    public static string? International(string normalised) => normalised switch
    {
        _ when IsChinese(normalised) => $"+{ChinaCode}{normalised}",
        ['+', .. var digits] when digits.StartsWith(ChinaCode, StringComparison.Ordinal) => International(ChinaCode, digits[ChinaCode.Length..]),
        ['+', not '0', ..] when PhoneNumber.Normalise(normalised, out var again) is null && again == normalised => normalised,
        _ => null,
    };

    /// <summary>The E.164 form of a country's code and a number within it.</summary>
    /// <param name="country">1 to 3 digits, with or without a leading <c>+</c>.</param>
    /// <param name="number">Digits alone.</param>
    /// <returns>Null where they make no such number.</returns>
    public static string? International(string country, string number)
    {
        var code = country.StartsWith('+') ? country[1..] : country;
        var isCountry = code.Length is > 0 and <= 3 && code[0] != '0' && !code.AsSpan().ContainsAnyExceptInRange('0', '9');
        var isNumber = code == ChinaCode ? IsChinese(number) : number.Length is >= PhoneNumber.DigitsMin && !number.AsSpan().ContainsAnyExceptInRange('0', '9');
        return isCountry && isNumber && code.Length + number.Length <= PhoneNumber.DigitsMax ? $"+{code}{number}" : null;
    }
}
