using System.Globalization;
using System.Text.RegularExpressions;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Coupons;

/// <summary>Finds everything that is wrong with the coupon templates of a programme. What passes can be carried out.</summary>
public sealed partial class CouponMistakes
{
    /// <summary>Templates of a programme at the most.</summary>
    public const int TemplatesMax = 500;

    /// <summary>Categories, SKUs and levels of each list at the most.</summary>
    public const int NamesMax = 200;

    /// <summary>Coupons of a template at the most.</summary>
    public const long StockMax = 1_000_000_000;

    private static readonly Wording s_level = new("the code of a level of this programme", "本计划中某个等级的编码");

    private readonly List<FieldError> _found = [];

    /// <summary>Every mistake, with a pointer into the programme.</summary>
    public static IReadOnlyList<FieldError> Of(Programme programme)
    {
        var mistakes = new CouponMistakes();
        mistakes.Require(programme.Coupons.Length <= TemplatesMax, "/coupons", FieldErrorCode.TooMany, ("max", TemplatesMax));
        for (var i = 0; i < programme.Coupons.Length; i++)
        {
            var template = programme.Coupons[i];
            var at = $"/coupons/{i.ToString(CultureInfo.InvariantCulture)}";
            var isTaken = programme.Coupons.Take(i).Any(other => other.Code == template.Code);
            mistakes.Require(!isTaken, $"{at}/code", FieldErrorCode.NotUnique, ("value", template.Code));
            mistakes.Look(template, programme, at);
        }

        return mistakes._found;
    }

    private void Look(CouponTemplate template, Programme programme, string at)
    {
        Name(template.Code, $"{at}/code");
        Text(template.NameEnglish, 1, 100, $"{at}/nameEnglish");
        Text(template.NameChinese, 1, 100, $"{at}/nameChinese");
        Text(template.Description, 0, 1_000, $"{at}/description");
        Range(template.Stock, 0, StockMax, $"{at}/stock");
        Range(template.PerMember, 1, StockMax, $"{at}/perMember");
        Range(template.Members.NewWithinDays, 0, Programme.ValidityDaysMax, $"{at}/members/newWithinDays");
        for (var i = 0; i < template.Members.Levels.Length; i++)
        {
            var isKnown = programme.Levels.Any(level => level.Code == template.Members.Levels[i]);
            Require(isKnown, $"{at}/members/levels/{i.ToString(CultureInfo.InvariantCulture)}", FieldErrorCode.InvalidFormat, ("expected", s_level));
        }

        Require(template.Claim is not { From: { } from, Until: { } until } || from < until, $"{at}/claim/until", FieldErrorCode.NothingBetween);
        Look(template.Validity, $"{at}/validity");
        Look(template.Terms, $"{at}/terms");
    }

    private void Look(CouponValidity validity, string at)
    {
        Require((validity.Until is null) != (validity.Days is null), at, FieldErrorCode.ExactlyOne, ("names", "until, days"));
        Require(validity is not { From: { } from, Until: { } until } || from < until, $"{at}/until", FieldErrorCode.NothingBetween);
        Require(validity.From is null || validity.Days is null, $"{at}/from", FieldErrorCode.UnknownField);
        Require(validity.DelayDays == 0 || validity.Days is not null, $"{at}/delayDays", FieldErrorCode.UnknownField);
        Range(validity.Days, 0, Programme.ValidityDaysMax, $"{at}/days");
        Range(validity.DelayDays, 0, Programme.ValidityDaysMax, $"{at}/delayDays");
    }

    private void Look(CouponTerms terms, string at)
    {
        var kinds = FieldFormats.OneOf(["amountOff", "percentOff", "freeShipping", "exchange"]);
        Require(Enum.IsDefined(terms.Kind), $"{at}/kind", FieldErrorCode.InvalidFormat, ("expected", kinds));
        Range(terms.Threshold, 0, RuleMistakes.AmountMax, $"{at}/threshold");
        Range(terms.Amount, 1, RuleMistakes.AmountMax, $"{at}/amount");
        Range(terms.PercentBasisPoints, 1, 10_000, $"{at}/percentBasisPoints");
        Range(terms.AmountMax, 1, RuleMistakes.AmountMax, $"{at}/amountMax");
        Belongs(terms.Kind == CouponKind.AmountOff, terms.Amount is not null, $"{at}/amount");
        Belongs(terms.Kind == CouponKind.PercentOff, terms.PercentBasisPoints is not null, $"{at}/percentBasisPoints");
        Require(terms.Kind != CouponKind.AmountOff || terms.AmountMax is null, $"{at}/amountMax", FieldErrorCode.UnknownField);
        Require(terms.Kind != CouponKind.Exchange || !terms.Scope.Skus.IsEmpty, $"{at}/scope/skus", FieldErrorCode.Required);
        Name(terms.Group, $"{at}/group");
    }

    /// <summary>A figure stands where the kind wants it, and nowhere else.</summary>
    private void Belongs(bool isWanted, bool isGiven, string at)
    {
        Require(!isWanted || isGiven, at, FieldErrorCode.Required);
        Require(isWanted || !isGiven, at, FieldErrorCode.UnknownField);
    }

    private void Name(string? name, string at) =>
        Require(name is null || CodeForm().IsMatch(name), at, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Code));

    private void Text(string? text, int lengthMin, int lengthMax, string at)
    {
        Require((text?.Length ?? lengthMin) <= lengthMax, at, FieldErrorCode.TooLong, ("max", lengthMax));
        Require(lengthMin == 0 || !string.IsNullOrWhiteSpace(text), at, FieldErrorCode.TooShort);
    }

    private void Range(long? value, long min, long max, string at) =>
        Require(value is null || (value >= min && value <= max), at, FieldErrorCode.OutOfRange, ("min", min), ("max", max));

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
