using System.Globalization;

namespace Laurel.Platform.Identifiers;

public enum Sex
{
    Female,
    Male,
}

/// <summary>The number of a Chinese resident's identity card, GB 11643-1999: place, date of birth, sequence, check character.</summary>
/// <remarks>A right number is no proof of a person: that takes a provider who asks the registry.</remarks>
/// <param name="Number">18 characters, the last one a digit or <c>X</c>.</param>
/// <param name="Sex">Odd sequences are men's.</param>
public sealed record IdentityCard(string Number, DateOnly BornOn, Sex Sex)
{
    public const int Length = 18;

    // ISO 7064 MOD 11-2, as the standard prints it.
    private const string CheckCharacters = "10X98765432";

    private const int YearMin = 1800;

    // GB/T 2260: the provinces; 81 to 83 are of residents from Hong Kong, Macao and Taiwan, 91 of foreigners with permanent residence before 2023.
    private static readonly HashSet<int> s_provinces =
        [11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83, 91];

    private static readonly int[] s_weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

    /// <summary>Reads a number; null where its check character, its province, its date or its form is wrong. The old form of 15 digits has no check and is
    /// not taken.</summary>
    /// <param name="today">In China: nobody is born later.</param>
    public static IdentityCard? Read(string text, DateOnly today)
    {
        var number = text.Trim().ToUpperInvariant();
        if (number.Length != Length || number.AsSpan(0, Length - 1).ContainsAnyExceptInRange('0', '9') || number[^1] != CheckCharacterOf(number)
            || !s_provinces.Contains(((number[0] - '0') * 10) + number[1] - '0'))
        {
            return null;
        }

        var isDate = DateOnly.TryParseExact(number.AsSpan(6, 8), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var bornOn);
        return isDate && bornOn.Year >= YearMin && bornOn <= today
            ? new IdentityCard(number, bornOn, (number[16] - '0') % 2 == 1 ? Sex.Male : Sex.Female)
            : null;
    }

    /// <summary>Whole years of age. Whoever is born on 29 February is a year older on 1 March of a year without one.</summary>
    public int AgeOn(DateOnly day)
    {
        var years = day.Year - BornOn.Year;
        return (day.Month, day.Day).CompareTo((BornOn.Month, BornOn.Day)) < 0 ? years - 1 : years;
    }

    /// <summary>Nothing of the number: a record's text would show it.</summary>
    public override string ToString() => nameof(IdentityCard);

    private static char CheckCharacterOf(string number)
    {
        var sum = 0;
        for (var i = 0; i < s_weights.Length; i++)
        {
            sum += (number[i] - '0') * s_weights[i];
        }

        return CheckCharacters[sum % 11];
    }
}
