using System.Globalization;
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
        ("MEMBER_CACHE_TTL", "LAUREL_CACHE_MEMBER_SECONDS"),
        ("MEMBER_POINTS_CACHE_TTL", "LAUREL_CACHE_POINTS_SECONDS"),
        ("MEMBER_LEVEL_CACHE_TTL", "LAUREL_CACHE_LEVEL_SECONDS"),
        ("MEMBER_REDIS_OPERATION_TIMEOUT", "LAUREL_REDIS_TIMEOUT_MS"),
    ];

    /// <summary>Those that are set, under our names.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Translate(IConfiguration environment) =>
        from name in s_names
        let value = environment[name.Variable]
        where !string.IsNullOrEmpty(value)
        select new KeyValuePair<string, string?>(name.Setting, name.Setting.EndsWith("_MS", StringComparison.Ordinal) ? Milliseconds(value) : value);

    // The document counts in seconds. What is no number is told as it stands, as a mistake of the setting.
    private static string Milliseconds(string seconds) =>
        int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (number * 1_000L).ToString(CultureInfo.InvariantCulture)
            : seconds;
}
