using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Laurel.Kernel;
using Laurel.Ledger;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Checkouts;

/// <summary>Where a checkout stands.</summary>
public enum CheckoutState
{
    /// <summary>Points are held and coupons locked while the member pays.</summary>
    Reserved = 0,

    /// <summary>It was paid: points are spent and coupons used.</summary>
    Confirmed = 1,

    /// <summary>It was given up.</summary>
    Cancelled = 2,

    /// <summary>It was not paid in time. Never stored: time alone makes it so.</summary>
    Expired = 3,
}

/// <summary>How much of one line of a checkout went back.</summary>
/// <param name="Quantity">Of its quantity, as far as refunds named one.</param>
/// <param name="Value">Of what the member gave for it, money and points together, in minor units.</param>
public readonly record struct RefundedLine(long Quantity, long Value);

/// <summary>A price that was promised to a member, and what became of it.</summary>
public sealed record Checkout
{
    public required string CheckoutId { get; init; }

    /// <summary>The shop's id of the order it is for.</summary>
    public required string OrderId { get; init; }

    public required CheckoutState State { get; init; }

    /// <summary>The <see cref="Checkouts.Price"/> that was promised, as it is stored.</summary>
    public required string PriceText { get; init; }

    /// <summary>What is to be paid in money, in minor units.</summary>
    public required long Payable { get; init; }

    public required long Points { get; init; }

    /// <summary>The hold on the points; null where none are used.</summary>
    public required long? HoldId { get; init; }

    /// <summary>The entry that spent the points; null before it is paid, and where none are used.</summary>
    public long? SpendId { get; init; }

    /// <summary>What of which end the points were that were spent, in the order in which they were.</summary>
    public ImmutableArray<SpentPoints> Spent { get; init; } = [];

    /// <summary>Of each line of the price.</summary>
    public required ImmutableArray<RefundedLine> Refunded { get; init; }

    /// <summary>Money that went back, in minor units.</summary>
    public long PaidBack { get; init; }

    /// <summary>Points that went back.</summary>
    public long PointsBack { get; init; }

    public required Instant ReservedAt { get; init; }

    /// <summary>Exclusive.</summary>
    public required Instant ExpiresAt { get; init; }

    /// <summary>When it was confirmed or cancelled; null before.</summary>
    public Instant? EndedAt { get; init; }

    public Price Price => field ??= JsonSerializer.Deserialize<Price>(PriceText, ProgrammeDocument.Options)
        ?? throw new InvariantBrokenException("A checkout has a price.");

    /// <summary>Whether everything of it went back.</summary>
    public bool IsWhollyRefunded => Price.Lines.Zip(Refunded).All(pair => pair.Second.Value == pair.First.Value);

    public CheckoutState StateAt(Instant time) => State == CheckoutState.Reserved && ExpiresAt <= time ? CheckoutState.Expired : State;

    /// <summary>The natural key of a checkout, and the handle by which its steps find the member.</summary>
    public static Hash128 HandleOf(TenantId tenant, string checkoutId) => Hash128.Of(tenant.Value, "checkout", checkoutId);
}

/// <summary>Points that were spent together, and when they would have lapsed.</summary>
public readonly record struct SpentPoints(long Points, Instant ExpiresAt);

/// <summary>The names and texts that are stored and told.</summary>
internal static class CheckoutNames
{
    public static string Of(CheckoutState state) => state switch
    {
        CheckoutState.Reserved => "reserved",
        CheckoutState.Confirmed => "confirmed",
        CheckoutState.Cancelled => "cancelled",
        CheckoutState.Expired => "expired",
    };

    public static CheckoutState StateOf(string name) => name switch
    {
        "reserved" => CheckoutState.Reserved,
        "confirmed" => CheckoutState.Confirmed,
        "cancelled" => CheckoutState.Cancelled,
        _ => throw new InvariantBrokenException($"A checkout has state '{name}', which no version wrote."),
    };

    /// <summary><c>points:end,points:end…</c></summary>
    public static string Write(ImmutableArray<SpentPoints> spent) =>
        string.Join(',', spent.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Points}:{one.ExpiresAt.UnixMicroseconds}")));

    public static ImmutableArray<SpentPoints> ReadSpent(string text) => [.. Pairs(text).Select(pair => new SpentPoints(pair.First, new Instant(pair.Second)))];

    /// <summary><c>quantity:value,quantity:value…</c></summary>
    public static string Write(ImmutableArray<RefundedLine> lines) =>
        string.Join(',', lines.Select(line => string.Create(CultureInfo.InvariantCulture, $"{line.Quantity}:{line.Value}")));

    public static ImmutableArray<RefundedLine> ReadRefunded(string text) => [.. Pairs(text).Select(pair => new RefundedLine(pair.First, pair.Second))];

    private static IEnumerable<(long First, long Second)> Pairs(string text) =>
        from part in text.Split(',', StringSplitOptions.RemoveEmptyEntries)
        let colon = part.IndexOf(':', StringComparison.Ordinal)
        select (long.Parse(part[..colon], CultureInfo.InvariantCulture), long.Parse(part[(colon + 1)..], CultureInfo.InvariantCulture));
}
