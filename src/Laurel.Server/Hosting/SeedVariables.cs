using Microsoft.Extensions.Configuration;

namespace Laurel.Server.Hosting;

/// <summary>The variables of the seed document <c>3-implementation-details.md</c>: other names for settings of ours.</summary>
/// <remarks>They win over <c>laurel.json</c>; a setting's own variable wins over them.</remarks>
internal static class SeedVariables
{
    private static readonly (string Variable, string Setting)[] s_names =
    [
        ("MEMBER_POINTS_EXPIRY_DAYS", "Programme:ValidityDays"),
        ("MEMBER_MAX_POINTS_PER_TRANSACTION", "Programme:EarnPointsMax"),
        ("MEMBER_MAX_POINTS_PER_TRANSACTION", "Programme:OrderPointsMax"),
        ("MEMBER_DAILY_POINTS_LIMIT", "Programme:DayPointsMax"),
        ("MEMBER_BATCH_SIZE", "LAUREL_BATCH_MAX"),
    ];

    /// <summary>Those that are set, under our names.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Translate(IConfiguration environment) =>
        from name in s_names
        let value = environment[name.Variable]
        where !string.IsNullOrEmpty(value)
        select new KeyValuePair<string, string?>(name.Setting, value);
}
