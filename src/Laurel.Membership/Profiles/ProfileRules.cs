using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Profiles;

/// <summary>What an attribute of members holds.</summary>
public enum AttributeType
{
    /// <summary>Text that is not blank.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Number,

    Boolean,

    /// <summary>A day like 2026-01-31.</summary>
    Date,

    /// <summary>One of the choices.</summary>
    Choice,
}

/// <summary>An attribute of members that the merchant defines.</summary>
public sealed record AttributeDefinition
{
    /// <summary>Stable, lower case: <c>shoe_size</c>.</summary>
    public required string Code { get; init; }

    public required string NameEnglish { get; init; }

    public required string NameChinese { get; init; }

    public AttributeType Type { get; init; }

    /// <summary>Whether a profile is complete only with it.</summary>
    public bool Required { get; init; }

    /// <summary>Whether only staff and the shop's systems see and set it, and the member does not.</summary>
    public bool StaffOnly { get; init; }

    /// <summary>Of a text, in characters: 1 to <see cref="ProfileRules.TextLengthMax"/>.</summary>
    public int LengthMax { get; init; } = 100;

    /// <summary>Of a number, the least; null sets none.</summary>
    public long? Min { get; init; }

    /// <summary>Of a number, the greatest; null sets none.</summary>
    public long? Max { get; init; }

    /// <summary>Of a choice, what may be chosen.</summary>
    public ImmutableArray<string> Choices { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>What the programme says of members' profiles.</summary>
public sealed record ProfileRules
{
    /// <summary>Attributes of a programme at the most.</summary>
    public const int AttributesMax = 50;

    /// <summary>Characters of a text attribute at the most.</summary>
    public const int TextLengthMax = 500;

    /// <summary>Of <see cref="GuardianAge"/>, in years.</summary>
    public const int GuardianAgeMax = 18;

    /// <summary>Fields of the house by which a profile may be complete.</summary>
    public static readonly ImmutableArray<string> Fields = ["nickname", "phone", "email", "realName", "gender", "birthday", "avatar"];

    /// <summary>Attributes of the merchant's own. Codes are unique.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ImmutableArray<AttributeDefinition> Attributes { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>With which of <see cref="Fields"/>, and all attributes that are required, a profile is complete.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ImmutableArray<string> CompleteFields { get; init => field = value.IsDefault ? [] : value; } = ["nickname", "phone", "gender", "birthday"];

    /// <summary>Days for which a birthday that was told stays as it is; 0 lets it be changed at any time.</summary>
    public int BirthdayDays { get; init; } = 365;

    /// <summary>Who is younger tells of itself only with the consent of a guardian, 0 to <see cref="GuardianAgeMax"/>; 0 asks nobody. 14 is the age of the
    /// Personal Information Protection Law of the People's Republic of China, article 31.</summary>
    public int GuardianAge { get; init; } = 14;

    /// <summary>Whether a guardian has to agree for somebody born on a day.</summary>
    internal bool NeedsGuardian(DateOnly bornOn, DateOnly today) => bornOn > today.AddYears(-GuardianAge);

    /// <summary>The attribute of that code; null when there is none.</summary>
    public AttributeDefinition? Find(string code) => Attributes.FirstOrDefault(attribute => attribute.Code == code);

    /// <summary>Whether everything is told that the programme asks for.</summary>
    internal bool IsComplete(MemberProfile profile, bool hasNickname, bool hasPhone, bool hasEmail) =>
        CompleteFields.All(field => field switch
        {
            "nickname" => hasNickname,
            "phone" => hasPhone,
            "email" => hasEmail,
            "realName" => profile.RealName is not null,
            "gender" => profile.Gender is not null,
            "birthday" => profile.Birthday is not null,
            "avatar" => profile.Avatar is not null,
            _ => throw new InvariantBrokenException("A programme names fields of profiles that there are."),
        })
        && Attributes.All(attribute => !attribute.Required || profile.Attributes.ContainsKey(attribute.Code));
}

/// <summary>Finds everything that is wrong with the rules of profiles.</summary>
internal sealed partial class ProfileMistakes
{
    private const int NameLengthMax = 50;
    private const int ChoicesMax = 100;

    private static readonly Wording s_form = new(
        "a lower-case code of at most 32 letters, digits and underscores that begins with a letter", "以小写字母开头、由小写字母、数字和下划线组成、不超过 32 个字符的编码");

    private static readonly Wording s_fields = new(
        "names of fields, none of them twice: " + string.Join(", ", ProfileRules.Fields), "互不重复的字段名：" + string.Join("、", ProfileRules.Fields));

    private static readonly Wording s_choices = new("1 to 100 texts, none of them twice or blank", "1 到 100 个互不重复的非空文本");

    private readonly List<FieldError> _found = [];

    /// <summary>Every mistake, with a pointer into the programme.</summary>
    public static IReadOnlyList<FieldError> Of(Programme programme)
    {
        var mistakes = new ProfileMistakes();
        mistakes.Look(programme.Profile);
        return mistakes._found;
    }

    private void Look(ProfileRules rules)
    {
        Require(rules.Attributes.Length <= ProfileRules.AttributesMax, "/profile/attributes", FieldErrorCode.TooMany, ("max", ProfileRules.AttributesMax));
        var isKnown = rules.CompleteFields.Distinct().Count() == rules.CompleteFields.Length && rules.CompleteFields.All(ProfileRules.Fields.Contains);
        Require(isKnown, "/profile/completeFields", FieldErrorCode.InvalidFormat, ("expected", s_fields));
        Range(rules.BirthdayDays is >= 0 and <= Programme.ValidityDaysMax, "/profile/birthdayDays", 0, Programme.ValidityDaysMax);
        Range(rules.GuardianAge is >= 0 and <= ProfileRules.GuardianAgeMax, "/profile/guardianAge", 0, ProfileRules.GuardianAgeMax);
        for (var i = 0; i < rules.Attributes.Length; i++)
        {
            var (attribute, at) = (rules.Attributes[i], $"/profile/attributes/{i.ToString(CultureInfo.InvariantCulture)}");
            Require(rules.Attributes.Take(i).All(other => other.Code != attribute.Code), $"{at}/code", FieldErrorCode.NotUnique, ("value", attribute.Code));
            Look(attribute, at);
        }
    }

    private void Look(AttributeDefinition attribute, string at)
    {
        Require(attribute.Code is { } code && CodeForm().IsMatch(code), $"{at}/code", FieldErrorCode.InvalidFormat, ("expected", s_form));
        foreach (var (name, pointer) in (ReadOnlySpan<(string?, string)>)[(attribute.NameEnglish, "nameEnglish"), (attribute.NameChinese, "nameChinese")])
        {
            Require(!string.IsNullOrWhiteSpace(name), $"{at}/{pointer}", FieldErrorCode.TooShort);
            Require((name?.Length ?? 0) <= NameLengthMax, $"{at}/{pointer}", FieldErrorCode.TooLong, ("max", NameLengthMax));
        }

        Range(attribute.LengthMax is >= 1 and <= ProfileRules.TextLengthMax, $"{at}/lengthMax", 1, ProfileRules.TextLengthMax);
        Range(attribute.Max is not { } max || attribute.Min is not { } min || min <= max, $"{at}/max", attribute.Min, long.MaxValue);
        var choices = attribute.Choices;
        var isChoice = attribute.Type == AttributeType.Choice;
        var hasChoices = choices.Length is >= 1 and <= ChoicesMax && choices.Distinct().Count() == choices.Length
            && choices.All(choice => !string.IsNullOrWhiteSpace(choice) && choice.Length <= ProfileRules.TextLengthMax);
        Require(isChoice ? hasChoices : choices.IsEmpty, $"{at}/choices", FieldErrorCode.InvalidFormat, ("expected", s_choices));
    }

    private void Range(bool holds, string pointer, long? min, long max) => Require(holds, pointer, FieldErrorCode.OutOfRange, ("min", min), ("max", max));

    private void Require(bool holds, string pointer, string code, params (string, object?)[] values)
    {
        if (!holds)
        {
            _found.Add(new FieldError(code, FieldOrigin.Body, pointer, values));
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,31}$", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex CodeForm();
}
