using System.Globalization;
using Laurel.Kernel;

namespace Laurel.Membership.Balance;

/// <summary>How far a recharge is. <see cref="Refunded"/> and <see cref="Closed"/> are final.</summary>
public enum RechargeStatus
{
    /// <summary>Waits to be paid.</summary>
    Created = 0,

    /// <summary>Paid and credited; a part of it may have been refunded.</summary>
    Paid = 1,

    /// <summary>Refunded whole.</summary>
    Refunded = 2,

    /// <summary>Was not paid in time.</summary>
    Closed = 3,
}

/// <summary>An order to put money into a member's balance.</summary>
public sealed record Recharge
{
    /// <summary>The caller's name of it, or drawn; unique in the tenant for ever.</summary>
    public required string RechargeId { get; init; }

    /// <summary>Orders the lists.</summary>
    public required long Id { get; init; }

    /// <summary>Minor units, 1 or more.</summary>
    public required long Amount { get; init; }

    public required RechargeStatus Status { get; init; }

    /// <summary>0 to <see cref="Amount"/>.</summary>
    public required long Refunded { get; init; }

    /// <summary>The entry that credited it; 0 before.</summary>
    public required long EntryId { get; init; }

    public required Instant CreatedAt { get; init; }

    /// <summary>From then on it may be closed, unless it was paid.</summary>
    public required Instant ExpiresAt { get; init; }

    /// <summary>Business time of the payment; null before.</summary>
    public Instant? PaidAt { get; init; }

    /// <summary>The payment's id at whoever took it; null before, and where none was told.</summary>
    public string? ProviderReference { get; init; }

    /// <summary>The natural key of a recharge, and the handle by which what follows finds its member.</summary>
    public static Hash128 HandleOf(TenantId tenant, string rechargeId) => Hash128.Of(tenant.Value, "recharge", rechargeId);

    public static string NameOf(RechargeStatus status) => status switch
    {
        RechargeStatus.Created => "created",
        RechargeStatus.Paid => "paid",
        RechargeStatus.Refunded => "refunded",
        RechargeStatus.Closed => "closed",
    };

    internal static RechargeStatus StatusOf(string name) => name switch
    {
        "created" => RechargeStatus.Created,
        "paid" => RechargeStatus.Paid,
        "refunded" => RechargeStatus.Refunded,
        "closed" => RechargeStatus.Closed,
        _ => throw new InvariantBrokenException($"A recharge has status '{name}', which no version wrote."),
    };

    internal static string DrawnName(long id) => "R" + id.ToString(CultureInfo.InvariantCulture);
}
