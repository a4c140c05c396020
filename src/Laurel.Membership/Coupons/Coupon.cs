using System.Text.Json;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Coupons;

/// <summary>Where a coupon stands.</summary>
public enum CouponState
{
    /// <summary>The member has it.</summary>
    Claimed = 0,

    /// <summary>Set aside for an order that is being paid.</summary>
    Locked = 1,

    /// <summary>An order got its discount.</summary>
    Used = 2,

    /// <summary>Its time is over.</summary>
    Expired = 3,

    /// <summary>Another member has it, as a coupon of its own.</summary>
    Given = 4,

    /// <summary>An operator took it back.</summary>
    Revoked = 5,
}

/// <summary>How a member came to a coupon.</summary>
public enum CouponOrigin
{
    /// <summary>The member took it.</summary>
    Claim = 0,

    /// <summary>An operator gave it.</summary>
    Issue = 1,

    /// <summary>By a code.</summary>
    Code = 2,

    /// <summary>Another member gave it.</summary>
    Gift = 3,
}

/// <summary>A coupon of a member.</summary>
public sealed record Coupon
{
    public required long Id { get; init; }

    /// <summary>The code of what it was made of.</summary>
    public required string Template { get; init; }

    /// <summary>The <see cref="CouponTerms"/> it was made with, as they are stored.</summary>
    public required string TermsText { get; init; }

    public required CouponState State { get; init; }

    public required CouponOrigin Origin { get; init; }

    /// <summary>Inclusive.</summary>
    public required Instant ValidFrom { get; init; }

    /// <summary>Exclusive.</summary>
    public required Instant ExpiresAt { get; init; }

    /// <summary>When its lock ends by itself; never where it is not locked.</summary>
    public Instant LockedUntil { get; init; } = Instant.Never;

    /// <summary>The order that it is locked for or was used by; null where there is none.</summary>
    public string? OrderId { get; init; }

    /// <summary>What the order got for it, in minor units; null where it is not used.</summary>
    public long? Discount { get; init; }

    /// <summary>Of a gift: who had it before. Of one that was given away: who has it now. Otherwise null.</summary>
    public long? OtherMember { get; init; }

    /// <summary>Of a gift, and of one that was given away: the coupon of the other member. Otherwise null.</summary>
    public long? OtherCoupon { get; init; }

    public required Instant ClaimedAt { get; init; }

    public CouponTerms Terms => field ??= JsonSerializer.Deserialize<CouponTerms>(TermsText, ProgrammeDocument.Options)
        ?? throw new InvariantBrokenException("A coupon has terms.");

    /// <summary>How it stands at a time when nobody has written yet what time did to it.</summary>
    public Coupon At(Instant time)
    {
        var free = State == CouponState.Locked && LockedUntil <= time ? Freed() : this;
        return free.State == CouponState.Claimed && free.ExpiresAt <= time ? free with { State = CouponState.Expired } : free;
    }

    /// <summary>The same coupon free of its order.</summary>
    internal Coupon Freed() => this with { State = CouponState.Claimed, OrderId = null, Discount = null, LockedUntil = Instant.Never };

    /// <summary>When it changes by itself; never where it does not.</summary>
    public Instant DueAt => State switch
    {
        CouponState.Claimed => ExpiresAt,
        CouponState.Locked => LockedUntil,
        CouponState.Used or CouponState.Expired or CouponState.Given or CouponState.Revoked => Instant.Never,
    };
}

/// <summary>How many coupons of a template a member got, gifts not counted. Counted from the coupons, never stored.</summary>
public sealed record CouponCount(string Template, long Got);

/// <summary>Stands for an order whose coupons are loaded.</summary>
public sealed record CouponOrder(string OrderId);

/// <summary>What is known of the coupons of a member. Made only when somebody asks: most commands touch no coupon.</summary>
public sealed class CouponPocket
{
    public Tracked<long, Coupon> All { get; private init; } = new();

    /// <summary>By the code of the template.</summary>
    public Tracked<string, CouponCount> Counts { get; private init; } = new();

    /// <summary>Orders of which all coupons are among <see cref="All"/>: known, and nothing under the key.</summary>
    public Tracked<string, CouponOrder> Orders { get; private init; } = new();

    /// <summary>Links by which coupons are given away, by their ids.</summary>
    public Tracked<long, CouponShare> Shares { get; private init; } = new();

    public CouponPocket Copy() => new() { All = All.Copy(), Counts = Counts.Copy(), Orders = Orders.Copy(), Shares = Shares.Copy() };
}

/// <summary>The names that are stored and told.</summary>
internal static class CouponNames
{
    public const string Claim = "claim";
    public const string Issue = "issue";
    public const string Redeem = "redeem";
    public const string Receive = "receive";
    public const string Lock = "lock";
    public const string Release = "release";
    public const string Use = "use";
    public const string Return = "return";
    public const string Expire = "expire";
    public const string Give = "give";
    public const string Revoke = "revoke";

    public static string Of(CouponState state) => state switch
    {
        CouponState.Claimed => "claimed",
        CouponState.Locked => "locked",
        CouponState.Used => "used",
        CouponState.Expired => "expired",
        CouponState.Given => "given",
        CouponState.Revoked => "revoked",
    };

    public static string Of(CouponOrigin origin) => origin switch
    {
        CouponOrigin.Claim => "claim",
        CouponOrigin.Issue => "issue",
        CouponOrigin.Code => "code",
        CouponOrigin.Gift => "gift",
    };

    public static CouponState StateOf(string name) => name switch
    {
        "claimed" => CouponState.Claimed,
        "locked" => CouponState.Locked,
        "used" => CouponState.Used,
        "expired" => CouponState.Expired,
        "given" => CouponState.Given,
        "revoked" => CouponState.Revoked,
        _ => throw new InvariantBrokenException($"A coupon has state '{name}', which no version wrote."),
    };

    public static CouponOrigin OriginOf(string name) => name switch
    {
        "claim" => CouponOrigin.Claim,
        "issue" => CouponOrigin.Issue,
        "code" => CouponOrigin.Code,
        "gift" => CouponOrigin.Gift,
        _ => throw new InvariantBrokenException($"A coupon has origin '{name}', which no version wrote."),
    };
}
