namespace Laurel.Platform.Identifiers;

/// <summary>Numbers of bank cards.</summary>
public static class BankCard
{
    public const int DigitsMin = 8;

    public const int DigitsMax = 19;

    /// <summary>Whether it has the form of a card's number: 8 to 19 digits (ISO/IEC 7812).</summary>
    public static bool IsNumber(ReadOnlySpan<char> digits) =>
        digits.Length is >= DigitsMin and <= DigitsMax && !digits.ContainsAnyExceptInRange('0', '9');

    /// <summary>Whether its last digit is right by Luhn's formula.</summary>
    /// <remarks>Not every card of UnionPay keeps to it: a number that does not is worth a warning, no refusal.</remarks>
    public static bool HasLuhnDigit(ReadOnlySpan<char> digits)
    {
        if (!IsNumber(digits))
        {
            return false;
        }

        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            var counted = i % 2 == 0 ? digit : 2 * digit;
            sum += counted > 9 ? counted - 9 : counted;
        }

        return sum % 10 == 0;
    }
}
