using System.Globalization;
using System.Text.Json;
using Laurel.Membership.Members;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Vault;

namespace Laurel.Membership.Profiles;

/// <summary>What <c>PUT /api/members/{id}</c> asks for: what is given changes, the rest stays.</summary>
public sealed record ProfileBody
{
    public const int RealNameLengthMax = 50;

    public const int AvatarLengthMax = 500;

    public string? Nickname { get; init; }

    /// <summary>Digits, with a leading + for other countries; kept encrypted, answered masked.</summary>
    public string? Phone { get; init; }

    /// <summary>Whether the shop has verified the phone by a code of its own; takes the permission <c>members:vouch</c>.</summary>
    public bool? PhoneVerified { get; init; }

    /// <summary>Kept encrypted, answered masked.</summary>
    public string? Email { get; init; }

    /// <summary>Kept encrypted, answered masked.</summary>
    public string? RealName { get; init; }

    /// <summary><c>male</c>, <c>female</c> or <c>unknown</c>.</summary>
    public string? Gender { get; init; }

    /// <summary>A day like 1990-05-12; kept encrypted.</summary>
    public DateOnly? Birthday { get; init; }

    /// <summary>The address of a picture, http or https.</summary>
    public string? Avatar { get; init; }

    /// <summary>Values of the attributes that the programme defines.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Attributes { get; init; }

    public PrivacyReply? Privacy { get; init; }

    /// <summary>Needed where <see cref="Birthday"/> says that the member is younger than the programme's <c>guardianAge</c>.</summary>
    public GuardianConsentBody? GuardianConsent { get; init; }

    /// <summary>Fields to be emptied; of an attribute <c>attributes.CODE</c>.</summary>
    public IReadOnlyList<string>? Clear { get; init; }
}

/// <summary>Reads a change of a profile. Every fault is noted with its place.</summary>
/// <param name="rules">The attributes that there are.</param>
/// <param name="isStaff">Whether the caller may set what only staff may.</param>
/// <param name="mayVouch">Whether the caller's word on telephone numbers counts.</param>
/// <param name="today">The business day: nobody is born after it.</param>
/// <param name="actor">Who tells it.</param>
internal sealed class ProfileReading(ProfileRules rules, bool isStaff, bool mayVouch, DateOnly today, string actor)
{
    internal const string AttributePrefix = "attributes.";

    private static readonly DateOnly s_earliest = new(1900, 1, 1);

    private static readonly Wording s_address = new("an http or https address", "http 或 https 地址");

    private static readonly Wording s_clearable = new("the name of a field that can be emptied, or attributes.CODE", "可清空的字段名，或 attributes.编码");

    public ProfileChange Read(JsonFields fields)
    {
        var privacy = fields.ObjectOrNull("privacy");
        var change = new ProfileChange
        {
            Nickname = fields.IdentifierOrNull("nickname", RegisterMemberBody.NicknameLengthMax),
            Phone = RegisterMemberBody.PhoneOrNull(fields),
            PhoneVerified = RegisterMemberBody.PhoneVerifiedOrNull(fields, mayVouch),
            Email = RegisterMemberBody.EmailOrNull(fields),
            RealName = fields.IdentifierOrNull("realName", ProfileBody.RealNameLengthMax),
            Gender = fields.ChoiceOrNull("gender", "male", "female", "unknown"),
            Birthday = Birthday(fields),
            Avatar = Avatar(fields),
            Attributes = Attributes(fields.ObjectOrNull("attributes")),
            Searchable = FlagOrNull(privacy, "searchable"),
            ShowBirthday = FlagOrNull(privacy, "showBirthday"),
            Guardian = GuardianConsent.ReadOrNull(fields, actor),
            Clear = fields.TextsOrNull("clear", ProfileRules.Fields.Length + ProfileRules.AttributesMax, AttributePrefix.Length + 32) ?? [],
        };
        privacy?.RefuseUnknown();
        RefuseClear(fields, change);
        fields.RefuseUnknown();
        return change;
    }

    /// <summary>Reads attributes alone, and which of them are to be emptied.</summary>
    public ProfileChange ReadAttributes(JsonFields fields)
    {
        var change = new ProfileChange
        {
            Attributes = Attributes(fields.ObjectOrNull("attributes")),
            Clear = fields.TextsOrNull("clear", ProfileRules.AttributesMax, AttributePrefix.Length + 32) ?? [],
        };
        RefuseClear(fields, change);
        return change;
    }

    private DateOnly? Birthday(JsonFields fields)
    {
        var day = Day(fields, "birthday");
        if (day < s_earliest || day > today)
        {
            fields.Fail("birthday", FieldErrorCode.OutOfRange, ("min", Text(s_earliest)), ("max", Text(today)));
        }

        return day;
    }

    private static DateOnly? Day(JsonFields fields, string name)
    {
        if (fields.TextOrNull(name, 10) is not { } text)
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return day;
        }

        fields.Fail(name, FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Day));
        return null;
    }

    // What a page shows as a picture must not be a script.
    private static string? Avatar(JsonFields fields)
    {
        var text = fields.IdentifierOrNull("avatar", ProfileBody.AvatarLengthMax);
        if (text is not null && !(Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
        {
            fields.Fail("avatar", FieldErrorCode.InvalidFormat, ("expected", s_address));
        }

        return text;
    }

    private static bool? FlagOrNull(JsonFields? fields, string name) => fields is not null && fields.Has(name) ? fields.Flag(name, byDefault: false) : null;

    private Dictionary<string, JsonElement> Attributes(JsonFields? fields)
    {
        var values = new Dictionary<string, JsonElement>();
        if (fields is null)
        {
            return values;
        }

        foreach (var attribute in rules.Attributes)
        {
            if (!fields.Has(attribute.Code))
            {
                continue;
            }

            if (attribute.StaffOnly && !isStaff)
            {
                fields.Fail(attribute.Code, FieldErrorCode.StaffOnly);
            }
            else if (Value(fields, attribute) is { } value)
            {
                values[attribute.Code] = value;
            }
        }

        fields.RefuseUnknown();
        return values;
    }

    /// <summary>Null when at fault.</summary>
    private static JsonElement? Value(JsonFields fields, AttributeDefinition attribute) => attribute.Type switch
    {
        AttributeType.Text => Text(fields.TextOrNull(attribute.Code, attribute.LengthMax)),
        AttributeType.Number => fields.IntegerOrNull(attribute.Code, attribute.Min ?? long.MinValue, attribute.Max ?? long.MaxValue) is { } number
            ? JsonSerializer.SerializeToElement(number, ProfileJson.Default.Int64)
            : null,
        AttributeType.Boolean => JsonSerializer.SerializeToElement(fields.Flag(attribute.Code, byDefault: false), ProfileJson.Default.Boolean),
        AttributeType.Date => Text(Day(fields, attribute.Code) is { } day ? Text(day) : null),
        AttributeType.Choice => Text(fields.ChoiceOrNull(attribute.Code, attribute.Choices.AsSpan())),
    };

    private static JsonElement? Text(string? text) => text is null ? null : JsonSerializer.SerializeToElement(text, ProfileJson.Default.String);

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private void RefuseClear(JsonFields fields, ProfileChange change)
    {
        foreach (var name in change.Clear)
        {
            var attribute = name.StartsWith(AttributePrefix, StringComparison.Ordinal) ? name[AttributePrefix.Length..] : null;
            if (attribute is null ? !ProfileRules.Fields.Contains(name) : rules.Find(attribute) is { StaffOnly: true } && !isStaff)
            {
                fields.Fail("clear", FieldErrorCode.InvalidFormat, ("expected", s_clearable));
            }
        }
    }
}
