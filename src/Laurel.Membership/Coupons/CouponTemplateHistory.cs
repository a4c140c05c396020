namespace Laurel.Membership.Coupons;

/// <summary>The versions of the programme in which a coupon template changed, newest first.</summary>
public sealed record CouponTemplateHistory
{
    public required IReadOnlyList<CouponTemplateVersion> Items { get; init; }
}

/// <summary>A coupon template as a version of the programme has it.</summary>
public sealed record CouponTemplateVersion
{
    public required int Version { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>The name of the key that changed it; null when the settings did.</summary>
    public required string? ChangedBy { get; init; }

    public required string? Reason { get; init; }

    /// <summary>Null when this version took the template away.</summary>
    public required CouponTemplate? Template { get; init; }
}
