using Laurel.Kernel;
using Laurel.Membership.Benefits;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Levels;

/// <summary>A change of a level as it was asked for.</summary>
internal sealed record LevelEdit(Level? Level, string? Reason)
{
    public const int ReasonLengthMax = 255;

    public const int CodeLengthMax = 40;

    public const int NameLengthMax = 50;

    /// <summary>How a level of a track is read, or one of the main ladder where the track is null.</summary>
    public static Func<JsonFields, LevelEdit> ReaderOf(string? track) => fields => ReadLevel(fields, isOfTrack: track is not null);

    private static LevelEdit ReadLevel(JsonFields fields, bool isOfTrack)
    {
        var level = new Level
        {
            Code = ReadCode(fields),
            NameEnglish = fields.Text("nameEnglish", NameLengthMax),
            NameChinese = fields.Text("nameChinese", NameLengthMax),
            Description = fields.TextOrNull("description", LevelMistakes.DescriptionLengthMax),
            Icon = fields.IdentifierOrNull("icon", LevelMistakes.IconLengthMax),
            Color = fields.IdentifierOrNull("color", LevelMistakes.ColorLengthMax),
            Active = fields.Flag("active", byDefault: true),
            Threshold = fields.Integer("threshold", 0, long.MaxValue),
            MultiplierBasisPoints = (int)(fields.IntegerOrNull("multiplierBasisPoints", 0, 1_000_000) ?? 10_000),
            DiscountBasisPoints = (int)(fields.IntegerOrNull("discountBasisPoints", 0, 10_000) ?? 10_000),
            FreeShippingFrom = isOfTrack ? fields.IntegerOrNull("freeShippingFrom", 0, long.MaxValue) ?? 0 : fields.Integer("freeShippingFrom", 0, long.MaxValue),
            AnyOf = fields.ListOrNull("anyOf", LevelMistakes.ConditionsMax, ReadCondition) ?? [],
            AllOf = fields.ListOrNull("allOf", LevelMistakes.ConditionsMax, ReadCondition) ?? [],
            Downgrade = ChoiceOrNull<LevelDowngrade>(fields, "downgrade"),
            Package = fields.IdentifierOrNull("package", CodeLengthMax) ?? StandardBenefits.Standard,
        };
        return Finish(fields, level);
    }

    public static LevelEdit ReadSwitch(JsonFields fields) => Finish(fields, null);

    private static LevelEdit Finish(JsonFields fields, Level? level)
    {
        var edit = new LevelEdit(level, fields.TextOrNull("reason", ReasonLengthMax));
        fields.RefuseUnknown();
        return edit;
    }

    private static string ReadCode(JsonFields fields)
    {
        var code = fields.Identifier("code", CodeLengthMax);
        if (code.Length > 0 && !(char.IsAsciiLetterLower(code[0]) && code.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')))
        {
            fields.Fail("code", FieldErrorCode.InvalidFormat, ("expected", FieldFormats.Code));
        }

        return code;
    }

    private static LevelCondition ReadCondition(JsonFields fields)
    {
        var condition = new LevelCondition
        {
            Measure = fields.Object("measure") is { } measure ? ReadMeasure(measure) : new LevelMeasure(),
            AtLeast = fields.Integer("atLeast", 1, long.MaxValue),
        };
        fields.RefuseUnknown();
        return condition;
    }

    private static LevelMeasure ReadMeasure(JsonFields fields)
    {
        var measure = new LevelMeasure
        {
            Metric = ChoiceOrNull<LevelMetric>(fields, "metric") ?? LevelMetric.PointsEarned,
            Window = ChoiceOrNull<LevelWindow>(fields, "window") ?? LevelWindow.Lifetime,
            Days = (int?)fields.IntegerOrNull("days", 1, LevelMistakes.RollingDaysMax),
        };
        fields.RefuseUnknown();
        return measure;
    }

    private static T? ChoiceOrNull<T>(JsonFields fields, string name)
        where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName)];
        return fields.ChoiceOrNull(name, names) is { } text ? Enum.GetValues<T>()[Array.IndexOf(names, text)] : null;
    }
}

/// <summary>What <c>POST /api/members/{id}/level</c> asks for.</summary>
public sealed record SetLevelBody
{
    /// <summary>The code of a level that is active.</summary>
    public required string Level { get; init; }

    /// <summary>Why, for the member and the auditor.</summary>
    public required string Reason { get; init; }

    /// <summary>Who sets it.</summary>
    public required string Operator { get; init; }

    /// <summary>Until when the rules leave it alone; for ever when absent.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What <c>POST /api/members/{id}/level/release</c> asks for.</summary>
public sealed record ReleaseLevelBody
{
    /// <summary>Why, for the member and the auditor.</summary>
    public required string Reason { get; init; }

    /// <summary>Who lets the rules judge again.</summary>
    public required string Operator { get; init; }

    /// <summary>Business time; now when absent.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>What a change by hand did.</summary>
public sealed record LevelHandReply
{
    public required string MemberId { get; init; }

    /// <summary>The code of the level before.</summary>
    public required string From { get; init; }

    /// <summary>The code of the level now.</summary>
    public required string To { get; init; }

    /// <summary>Whether the rules leave it alone now.</summary>
    public required bool Pinned { get; init; }

    /// <summary>Until when; null for ever, and where they do not.</summary>
    public required DateTimeOffset? PinnedUntil { get; init; }
}

/// <summary>A level set by hand, as it was read.</summary>
/// <param name="Level">Null where the rules are to judge again.</param>
internal sealed record ReadLevelHand(string? Level, Instant? Until, LevelHand Hand, Instant? Time)
{
    public static ReadLevelHand Set(JsonFields fields) =>
        Finish(fields, fields.Identifier("level", 64), fields.TimeOrNull("until"));

    public static ReadLevelHand Release(JsonFields fields) => Finish(fields, null, null);

    private static ReadLevelHand Finish(JsonFields fields, string? level, Instant? until)
    {
        var hand = new LevelHand(fields.Text("reason", LevelEdit.ReasonLengthMax), fields.Identifier("operator", 255));
        var read = new ReadLevelHand(level, until, hand, fields.TimeOrNull("time"));
        fields.RefuseUnknown();
        return read;
    }
}
