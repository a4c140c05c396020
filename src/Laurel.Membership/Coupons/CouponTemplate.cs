using System.Collections.Immutable;
using Laurel.Kernel;

namespace Laurel.Membership.Coupons;

/// <summary>Which members get a coupon.</summary>
public sealed record CouponMembers
{
    /// <summary>Only those who were enrolled at most so many business days ago; null is any.</summary>
    public int? NewWithinDays { get; init; }

    /// <summary>Codes of levels; empty is any.</summary>
    public ImmutableArray<string> Levels { get; init; } = [];
}

/// <summary>When members can take a coupon: from, inclusive, until, exclusive.</summary>
public sealed record CouponWindow
{
    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? Until { get; init; }
}

/// <summary>When a coupon can be used: either between two instants, or so many business days from the one it was claimed on.</summary>
public sealed record CouponValidity
{
    /// <summary>Inclusive; null is from the claim on.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Exclusive; null where <see cref="Days"/> are given.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Business days after the first on which it can be used: 0 is that day alone. Null where <see cref="Until"/> is given.</summary>
    public int? Days { get; init; }

    /// <summary>Business days between the claim and the first day; with <see cref="Days"/> only.</summary>
    public int DelayDays { get; init; }

    /// <summary>From when, inclusive, until when, exclusive, a coupon claimed at that time can be used.</summary>
    public (Instant From, Instant Until) SpanFor(Instant claimedAt, BusinessCalendar calendar)
    {
        if (Until is { } until)
        {
            return (From is { } from ? Instant.Max(claimedAt, Instant.From(from)) : claimedAt, Instant.From(until));
        }

        var first = calendar.DayOf(claimedAt).AddDays(DelayDays);
        return (DelayDays == 0 ? claimedAt : calendar.StartOf(first), calendar.StartOf(first.AddDays((Days ?? 0) + 1)));
    }
}

/// <summary>What coupons are made of: one line of the programme.</summary>
public sealed record CouponTemplate
{
    /// <summary>Names it for good, in lower case: coupons carry it.</summary>
    public required string Code { get; init; }

    public required string NameEnglish { get; init; }

    public required string NameChinese { get; init; }

    public string? Description { get; init; }

    /// <summary>Of one that is not active no coupon is made; those that there are remain.</summary>
    public bool Active { get; init; } = true;

    public required CouponTerms Terms { get; init; }

    /// <summary>Coupons that are made of it at the most; null is any number.</summary>
    public long? Stock { get; init; }

    /// <summary>Coupons that one member gets of it at the most, gifts of others not counted; null is any number.</summary>
    public long? PerMember { get; init; }

    /// <summary>Whether members take it themselves; otherwise it is only issued, or redeemed by a code.</summary>
    public bool Claimable { get; init; } = true;

    public CouponMembers Members { get; init; } = new();

    /// <summary>Null is always.</summary>
    public CouponWindow? Claim { get; init; }

    public required CouponValidity Validity { get; init; }
}
