using System.Globalization;
using System.Text.RegularExpressions;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Cards;

/// <summary>Finds everything that is wrong with the cards of a programme. What passes can be sold.</summary>
internal sealed partial class CardMistakes(Programme programme)
{
    /// <summary>Cards of a programme at the most.</summary>
    public const int CardsMax = 50;

    /// <summary>Minor units of one period at the most.</summary>
    public const long PriceMax = 1_000_000_000_000;

    private const int NameLengthMax = 50;

    private const int DescriptionLengthMax = 1_000;

    private static readonly Wording s_period = new(
        "a period like P1M, P1Y or P30D, of at most 120 months and 3,660 days", "形如 P1M、P1Y 或 P30D 的周期，最多 120 个月、3660 天");

    private static readonly Wording s_package = new("the code of a package of this programme", "本计划中某个权益包的编码");

    private static readonly Wording s_level = new("the code of a level of this programme that is active", "本计划中启用的等级的编码");

    private static readonly Wording s_other = new("another code than statistics", "statistics 以外的编码");

    private readonly List<FieldError> _found = [];

    /// <summary>Every mistake, with a pointer into the programme.</summary>
    public static IReadOnlyList<FieldError> Of(Programme programme)
    {
        var mistakes = new CardMistakes(programme);
        mistakes.Look();
        return mistakes._found;
    }

    private void Look()
    {
        Require(programme.Cards.Length <= CardsMax, "/cards", FieldErrorCode.TooMany, ("max", CardsMax));
        for (var i = 0; i < programme.Cards.Length; i++)
        {
            var at = $"/cards/{i.ToString(CultureInfo.InvariantCulture)}";
            if (programme.Cards[i] is { } card)
            {
                Look(card, at);
                var isFirst = programme.Cards.Take(i).All(other => other?.Code != card.Code);
                Require(isFirst, $"{at}/code", FieldErrorCode.NotUnique, ("value", card.Code));
            }
            else
            {
                Require(false, at, FieldErrorCode.Required);
            }
        }
    }

    private void Look(MembershipCard card, string at)
    {
        Require(card.Code is { } code && CodeForm().IsMatch(code), $"{at}/code", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Code));
        // It is the last part of a path that means something else.
        Require(card.Code != "statistics", $"{at}/code", FieldErrorCode.InvalidFormat, ("expected", s_other));
        Name(card.NameEnglish, $"{at}/nameEnglish");
        Name(card.NameChinese, $"{at}/nameChinese");
        var length = card.Description?.Length ?? 0;
        Require(length <= DescriptionLengthMax, $"{at}/description", FieldErrorCode.TooLong, ("max", DescriptionLengthMax));
        Require(card.Price is >= 0 and <= PriceMax, $"{at}/price", FieldErrorCode.OutOfRange, ("min", 0L), ("max", PriceMax));
        Require(CardPeriod.Parse(card.Period) is not null, $"{at}/period", FieldErrorCode.InvalidFormat, ("expected", s_period));
        var hasPackage = card.Package is null || programme.Packages.Any(package => package?.Code == card.Package);
        Require(hasPackage, $"{at}/package", FieldErrorCode.InvalidFormat, ("expected", s_package));
        var hasLevel = card.Level is null || (!programme.Levels.IsDefault && programme.Levels.Any(level => level.Code == card.Level && level.Active));
        Require(hasLevel, $"{at}/level", FieldErrorCode.InvalidFormat, ("expected", s_level));
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

    [GeneratedRegex("^[a-z][a-z0-9_]{0,39}$", RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex CodeForm();
}
