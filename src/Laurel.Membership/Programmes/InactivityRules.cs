using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Programmes;

/// <summary>How points lapse by inactivity: all of a member's at once, when the member has done nothing for so many days.</summary>
public sealed record InactivityRules
{
    /// <summary>A spend: a call, a captured hold, or the points of a checkout.</summary>
    public const string Spent = "points.spent";

    /// <summary>Points earned by a call, and not by a rule.</summary>
    public const string Earned = "points.earned";

    /// <summary>Points given to another member. Who gets them has done nothing.</summary>
    public const string Transferred = "points.transferred";

    /// <summary>Points given or had for stored money.</summary>
    public const string Exchanged = "points.exchanged";

    /// <summary>What is told of points, and may turn the clock beside the events that rules pay for.</summary>
    public static readonly ImmutableArray<string> Movements = [Spent, Earned, Transferred, Exchanged];

    /// <summary>Whether points lapse so of which no rule says otherwise; <see cref="Programme.ValidityDays"/> then means nothing.</summary>
    public bool AllPoints { get; init; }

    /// <summary>Days after the business day of the last activity on which points can still be spent, 1 or more.</summary>
    public int Days { get; init; } = 365;

    /// <summary>What counts as activity: types of events, of which any that a rule pays for counts, and <see cref="Movements"/>. What somebody
    /// adjusts by hand never counts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ImmutableArray<string> ResetBy { get; init => field = value.IsDefault ? [] : value; } =
        [EventTypes.OrderCompleted, EventTypes.CheckedIn, Spent, Earned, Exchanged];
}
