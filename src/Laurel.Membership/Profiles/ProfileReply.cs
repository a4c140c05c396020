using System.Globalization;
using System.Text.Json;

namespace Laurel.Membership.Profiles;

/// <summary>A profile as an answer shows it.</summary>
public sealed record ProfileReply
{
    /// <summary>Counts the changes; <c>If-Match</c> takes it.</summary>
    public required long Version { get; init; }

    /// <summary>The first character alone: 张**. Null where it was not told.</summary>
    public required string? RealName { get; init; }

    /// <summary><c>male</c>, <c>female</c> or <c>unknown</c>; null where it was not told.</summary>
    public required string? Gender { get; init; }

    /// <summary>Without the year (****-05-12), but for the member itself. Null where it was not told.</summary>
    public required string? Birthday { get; init; }

    public required string? Avatar { get; init; }

    /// <summary>Values of the attributes that the programme defines. What only staff may see the member does not.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Attributes { get; init; }

    public required PrivacyReply Privacy { get; init; }

    internal static ProfileReply Of(MemberProfile profile, long version, ProfileRules rules, bool forOwner) => new()
    {
        Version = version,
        RealName = profile.RealName is { } name ? HideName(name) : null,
        Gender = profile.Gender,
        Birthday = profile.Birthday is { } day ? day.ToString(forOwner ? "yyyy-MM-dd" : "'****'-MM-dd", CultureInfo.InvariantCulture) : null,
        Avatar = profile.Avatar,
        Attributes = profile.Attributes.Where(pair => rules.Find(pair.Key) is { } attribute && !(forOwner && attribute.StaffOnly)).ToDictionary(),
        Privacy = new PrivacyReply(profile.Searchable, profile.ShowBirthday),
    };

    /// <summary>Shows the first character, and never how many are hidden.</summary>
    internal static string HideName(string name) => new StringInfo(name).SubstringByTextElements(0, 1) + "**";
}

/// <summary>What the member lets the shop show to other members.</summary>
public sealed record PrivacyReply(bool Searchable, bool ShowBirthday);

/// <summary>What became of a change of a profile. Names no personal data, so it may be kept and told again.</summary>
public sealed record ProfileReceipt
{
    public required string MemberId { get; init; }

    /// <summary>The version that the change made.</summary>
    public required long Version { get; init; }

    /// <summary>Whether everything is told that the programme asks for.</summary>
    public required bool Complete { get; init; }
}
