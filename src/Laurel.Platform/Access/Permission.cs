namespace Laurel.Platform.Access;

/// <summary>What a key may be allowed to do; an endpoint asks for these and nothing else.</summary>
public static class Permission
{
    public const string MembersRead = "members:read";
    public const string MembersWrite = "members:write";
    public const string PointsRead = "points:read";
    public const string PointsWrite = "points:write";
    public const string EventsWrite = "events:write";
    public const string LevelsRead = "levels:read";
    public const string MetricsRead = "metrics:read";
    public const string FeaturesRead = "features:read";
    public const string CacheWrite = "cache:write";
    public const string WebhooksRead = "webhooks:read";
    public const string WebhooksWrite = "webhooks:write";
    public const string ProgrammeRead = "programme:read";
    public const string ProgrammeWrite = "programme:write";

    public const string CouponsRead = "coupons:read";
    public const string CouponsWrite = "coupons:write";

    /// <summary>To stop all writes, and to let them in again.</summary>
    public const string ReadOnlySwitch = "read-only:switch";

    /// <summary>Every permission there is.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        MembersRead, MembersWrite, PointsRead, PointsWrite, EventsWrite, LevelsRead, MetricsRead, FeaturesRead, CacheWrite, WebhooksRead,
        WebhooksWrite, ProgrammeRead, ProgrammeWrite, CouponsRead, CouponsWrite, ReadOnlySwitch,
    ];
}
