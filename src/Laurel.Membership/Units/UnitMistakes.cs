using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Laurel.Membership.Finance;
using Laurel.Membership.Points;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Units;

/// <summary>Finds everything that is wrong with the units of a programme. What passes can be earned and spent.</summary>
internal sealed partial class UnitMistakes
{
    /// <summary>Units of a programme at the most.</summary>
    public const int UnitsMax = 20;

    private const int NameLengthMax = 50;

    private const int DescriptionLengthMax = 1_000;

    /// <summary>What the units of the house and the tables of the books are called.</summary>
    private static readonly ImmutableArray<string> s_reserved =
    [
        EntryNames.Points, EntryNames.Growth, EntryNames.Balance, RuleUnits.Benefit, FinanceNames.Held, FinanceNames.Sales, FinanceNames.Extended,
    ];

    private static readonly Wording s_form = new(
        "a lower-case code of at most 32 letters, digits and underscores that begins with a letter", "以小写字母开头、由小写字母、数字和下划线组成、不超过 32 个字符的编码");

    private readonly List<FieldError> _found = [];

    /// <summary>Every mistake, with a pointer into the programme.</summary>
    public static IReadOnlyList<FieldError> Of(Programme programme)
    {
        var mistakes = new UnitMistakes();
        mistakes.Look(programme.Units);
        return mistakes._found;
    }

    private void Look(ImmutableArray<UnitDefinition> units)
    {
        Require(units.Length <= UnitsMax, "/units", FieldErrorCode.TooMany, ("max", UnitsMax));
        for (var i = 0; i < units.Length; i++)
        {
            var at = $"/units/{i.ToString(CultureInfo.InvariantCulture)}";
            if (units[i] is not { } unit)
            {
                Require(false, at, FieldErrorCode.Required);
                continue;
            }

            Require(unit.Code is { } code && CodeForm().IsMatch(code), $"{at}/code", FieldErrorCode.InvalidFormat, ("expected", s_form));
            Require(!s_reserved.Contains(unit.Code), $"{at}/code", FieldErrorCode.Reserved, ("value", unit.Code));
            Require(units.Take(i).All(other => other?.Code != unit.Code), $"{at}/code", FieldErrorCode.NotUnique, ("value", unit.Code));
            Name(unit.NameEnglish, $"{at}/nameEnglish");
            Name(unit.NameChinese, $"{at}/nameChinese");
            Require((unit.Description?.Length ?? 0) <= DescriptionLengthMax, $"{at}/description", FieldErrorCode.TooLong, ("max", DescriptionLengthMax));
        }
    }

    private void Name(string? name, string pointer)
    {
        Require((name?.Length ?? 0) <= NameLengthMax, pointer, FieldErrorCode.TooLong, ("max", NameLengthMax));
        Require(!string.IsNullOrWhiteSpace(name), pointer, FieldErrorCode.TooShort);
    }

    private void Require(bool holds, string pointer, string code, params (string Name, object? Value)[] values)
    {
        if (!holds)
        {
            _found.Add(new FieldError(code, FieldOrigin.Body, pointer, values));
        }
    }

    // Columns of entries take 32 characters.
    [GeneratedRegex("^[a-z][a-z0-9_]{0,31}$", RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex CodeForm();
}
