using System.Globalization;
using Laurel.Kernel;
using Laurel.Platform.Access;

namespace Laurel.Membership.Balance;

/// <summary>How far a withdrawal is. <see cref="Paid"/>, <see cref="Rejected"/> and <see cref="Failed"/> are final.</summary>
public enum WithdrawalStatus
{
    /// <summary>Its amount is held; waits for approval, or for the second one.</summary>
    Applied = 0,

    /// <summary>Waits to be sent to the payout provider.</summary>
    Approved = 1,

    /// <summary>The provider was asked, or is about to be: from now on only it, or who asked it, knows whether money went.</summary>
    Sending = 2,

    Paid = 3,

    Rejected = 4,

    /// <summary>The provider did not pay; the amount is free again.</summary>
    Failed = 5,
}

/// <summary>Who signed a step: a person, or the holder of an API key.</summary>
/// <param name="Hands">Who is behind the call: two persons are told apart by it.</param>
/// <param name="Name">As <c>Actor.Name</c>.</param>
public sealed record Signatory(Hands Hands, string Name);

/// <summary>Money on its way from a member's balance to the member.</summary>
public sealed record Withdrawal
{
    /// <summary>The caller's name of it, or drawn; unique in the tenant for ever. The provider's idempotency key.</summary>
    public required string WithdrawalId { get; init; }

    /// <summary>Orders the lists.</summary>
    public required long Id { get; init; }

    /// <summary>Minor units, 1 or more.</summary>
    public required long Amount { get; init; }

    public required WithdrawalStatus Status { get; init; }

    /// <summary>The provider's own token of the account to pay to. Never an account number: nothing here is encrypted.</summary>
    public required string Destination { get; init; }

    public required Instant AppliedAt { get; init; }

    public required Signatory AppliedBy { get; init; }

    public Signatory? FirstApprover { get; init; }

    public Signatory? SecondApprover { get; init; }

    /// <summary>Business time of the end; null before.</summary>
    public Instant? EndedAt { get; init; }

    /// <summary>When the payout job is to look at it; null when it waits for a person or a provider, and at its end.</summary>
    public Instant? DueAt { get; init; }

    /// <summary>How often the provider was asked.</summary>
    public int Attempts { get; init; }

    /// <summary>The name of the provider that was asked; null before.</summary>
    public string? Provider { get; init; }

    public string? ProviderReference { get; init; }

    /// <summary>Why it was rejected or failed; null otherwise.</summary>
    public string? Reason { get; init; }

    /// <summary>The entry of its payment; 0 without one.</summary>
    public long EntryId { get; init; }

    /// <summary>Whether its amount is held.</summary>
    public bool IsOpen => Status is WithdrawalStatus.Applied or WithdrawalStatus.Approved or WithdrawalStatus.Sending;

    /// <summary>The natural key of a withdrawal, and the handle by which what follows finds its member.</summary>
    public static Hash128 HandleOf(TenantId tenant, string withdrawalId) => Hash128.Of(tenant.Value, "withdrawal", withdrawalId);

    public static string NameOf(WithdrawalStatus status) => status switch
    {
        WithdrawalStatus.Applied => "applied",
        WithdrawalStatus.Approved => "approved",
        WithdrawalStatus.Sending => "sending",
        WithdrawalStatus.Paid => "paid",
        WithdrawalStatus.Rejected => "rejected",
        WithdrawalStatus.Failed => "failed",
    };

    internal static WithdrawalStatus StatusOf(string name) => name switch
    {
        "applied" => WithdrawalStatus.Applied,
        "approved" => WithdrawalStatus.Approved,
        "sending" => WithdrawalStatus.Sending,
        "paid" => WithdrawalStatus.Paid,
        "rejected" => WithdrawalStatus.Rejected,
        "failed" => WithdrawalStatus.Failed,
        _ => throw new InvariantBrokenException($"A withdrawal has status '{name}', which no version wrote."),
    };

    internal static string DrawnName(long id) => "W" + id.ToString(CultureInfo.InvariantCulture);
}
