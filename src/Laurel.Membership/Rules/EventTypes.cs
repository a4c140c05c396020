using System.Collections.Frozen;

namespace Laurel.Membership.Rules;

/// <summary>The events that the standard rules listen to. Merchants may name others.</summary>
public static class EventTypes
{
    public const string MemberRegistered = "member.registered";

    public const string ProfileCompleted = "member.profile_completed";

    public const string OrderCompleted = "order.completed";

    public const string ProductReviewed = "product.reviewed";

    public const string ProductShared = "product.shared";

    public const string ReferralCompleted = "referral.completed";

    public const string ReferralJoined = "referral.joined";

    public const string CheckedIn = "member.checked_in";

    public const string Birthday = "member.birthday";

    public const string LoggedIn = "member.logged_in";

    /// <summary>A member rose to a level. Told by Laurel itself, within the command that brought it about.</summary>
    public const string LevelUpgraded = "member.level_upgraded";

    /// <summary>A member rose to a level of a track. Told by Laurel itself, as <see cref="LevelUpgraded"/> is of the main ladder.</summary>
    public const string TrackUpgraded = "member.track_upgraded";

    /// <summary>A member bought a card, or renewed it.</summary>
    public const string MembershipPurchased = "membership.purchased";

    private static readonly FrozenDictionary<string, (string ReferenceType, string Reason)> s_standard = new Dictionary<string, (string, string)>
    {
        [MemberRegistered] = ("registration", "Member registered"),
        [ProfileCompleted] = ("profile", "Profile completed"),
        [OrderCompleted] = ("order", "Order completed"),
        [ProductReviewed] = ("review", "Product reviewed"),
        [ProductShared] = ("share", "Product shared"),
        [ReferralCompleted] = ("referral", "Friend invited"),
        [ReferralJoined] = ("referral", "Joined by invitation"),
        [CheckedIn] = ("check_in", "Checked in"),
        [Birthday] = ("birthday", "Birthday"),
        [LoggedIn] = ("login", "Signed in"),
        [LevelUpgraded] = ("level", "Level reached"),
        [TrackUpgraded] = ("level", "Level reached"),
        [MembershipPurchased] = ("membership", "Card bought"),
    }.ToFrozenDictionary();

    /// <summary>What rules listen to that pay for a rise.</summary>
    /// <param name="track">Null for the main ladder.</param>
    internal static string RiseIn(string? track) => track is null ? LevelUpgraded : TrackUpgraded;

    /// <summary>Whether it tells of a rise: what rules with such a trigger need is known before anything is decided.</summary>
    internal static bool IsRise(string type) => type is LevelUpgraded or TrackUpgraded;

    /// <summary>Whether it is one of those that Laurel has a meaning for.</summary>
    public static bool IsStandard(string type) => s_standard.ContainsKey(type);

    /// <summary>What entries of such an event are said to refer to; <c>event</c> for one that a merchant named.</summary>
    public static string ReferenceTypeOf(string type) => s_standard.TryGetValue(type, out var known) ? known.ReferenceType : "event";

    /// <summary>What entries of such an event give as their reason.</summary>
    public static string ReasonOf(string type) => s_standard.TryGetValue(type, out var known) ? known.Reason : type;
}
