using Laurel.Kernel;
using Laurel.Membership.Points;

namespace Laurel.Membership.Balance;

/// <summary>A member's stored money, in minor units.</summary>
public sealed record BalanceReply
{
    public required string MemberId { get; init; }

    /// <summary>Null as of now.</summary>
    public required DateTimeOffset? AsOf { get; init; }

    public required long Balance { get; init; }

    /// <summary>What open withdrawals hold.</summary>
    public required long Held { get; init; }

    /// <summary>What can be spent or withdrawn: <see cref="Balance"/> less <see cref="Held"/>.</summary>
    public required long Available { get; init; }

    /// <summary>ISO 4217: the programme's.</summary>
    public required string Currency { get; init; }

    /// <summary>Null as of an earlier instant.</summary>
    public required bool? RealNameVerified { get; init; }
}

/// <summary>One movement of stored money.</summary>
public sealed record BalanceRecord
{
    public required string Id { get; init; }

    /// <summary><c>recharge</c>, <c>recharge_refund</c>, <c>spend</c>, <c>refund</c>, <c>withdraw</c> or <c>adjust</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it moved against: <c>cash</c>, <c>redemption</c>, <c>payout</c> or <c>adjustment</c>.</summary>
    public required string Account { get; init; }

    /// <summary>Signed: what the member gained, in minor units.</summary>
    public required long Amount { get; init; }

    public required long BalanceAfter { get; init; }

    public required string Reason { get; init; }

    public required string ReferenceType { get; init; }

    public required string ReferenceId { get; init; }

    /// <summary>The movement this one answers: the spend of a refund.</summary>
    public required string? RelatedId { get; init; }

    /// <summary>Who did it by hand; null where nobody did.</summary>
    public required string? Operator { get; init; }

    /// <summary>Business time.</summary>
    public required DateTimeOffset Time { get; init; }

    public required DateTimeOffset RecordedAt { get; init; }
}

/// <summary>A page of movements, newest first.</summary>
public sealed record BalanceStatement
{
    public required IReadOnlyList<BalanceRecord> Items { get; init; }

    public required string? NextCursor { get; init; }
}

/// <summary>A recharge as callers see it.</summary>
public sealed record RechargeReply
{
    public required string RechargeId { get; init; }

    public required string MemberId { get; init; }

    /// <summary><c>created</c>, <c>paid</c>, <c>refunded</c> (whole) or <c>closed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Minor units.</summary>
    public required long Amount { get; init; }

    /// <summary>What of it went back, in minor units.</summary>
    public required long Refunded { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From then on it is closed unless it was paid.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public required DateTimeOffset? PaidAt { get; init; }

    public required string? ProviderReference { get; init; }

    internal static RechargeReply Of(long member, Recharge recharge) => new()
    {
        RechargeId = recharge.RechargeId,
        MemberId = new MemberId(member).ToString(),
        Status = Recharge.NameOf(recharge.Status),
        Amount = recharge.Amount,
        Refunded = recharge.Refunded,
        CreatedAt = recharge.CreatedAt.ToDateTimeOffset(),
        ExpiresAt = recharge.ExpiresAt.ToDateTimeOffset(),
        PaidAt = recharge.PaidAt?.ToDateTimeOffset(),
        ProviderReference = recharge.ProviderReference,
    };
}

/// <summary>A page of recharges, newest first.</summary>
public sealed record RechargePage
{
    public required IReadOnlyList<RechargeReply> Items { get; init; }

    public required string? NextCursor { get; init; }
}

/// <summary>A withdrawal as callers see it.</summary>
public sealed record WithdrawalReply
{
    public required string WithdrawalId { get; init; }

    public required string MemberId { get; init; }

    /// <summary><c>applied</c>, <c>approved</c>, <c>sending</c>, <c>paid</c>, <c>rejected</c> or <c>failed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Minor units.</summary>
    public required long Amount { get; init; }

    public required string Destination { get; init; }

    public required DateTimeOffset AppliedAt { get; init; }

    /// <summary>The name of the key that applied.</summary>
    public required string AppliedBy { get; init; }

    /// <summary>The names of the keys that approved, in order.</summary>
    public required IReadOnlyList<string> ApprovedBy { get; init; }

    public required DateTimeOffset? EndedAt { get; init; }

    /// <summary>How often the provider was asked.</summary>
    public required int Attempts { get; init; }

    public required string? Provider { get; init; }

    public required string? ProviderReference { get; init; }

    /// <summary>Why it was rejected or failed.</summary>
    public required string? Reason { get; init; }

    internal static WithdrawalReply Of(long member, Withdrawal withdrawal) => new()
    {
        WithdrawalId = withdrawal.WithdrawalId,
        MemberId = new MemberId(member).ToString(),
        Status = Withdrawal.NameOf(withdrawal.Status),
        Amount = withdrawal.Amount,
        Destination = withdrawal.Destination,
        AppliedAt = withdrawal.AppliedAt.ToDateTimeOffset(),
        AppliedBy = withdrawal.AppliedBy.Name,
        ApprovedBy = [.. new[] { withdrawal.FirstApprover, withdrawal.SecondApprover }.OfType<Signatory>().Select(approver => approver.Name)],
        EndedAt = withdrawal.EndedAt?.ToDateTimeOffset(),
        Attempts = withdrawal.Attempts,
        Provider = withdrawal.Provider,
        ProviderReference = withdrawal.ProviderReference,
        Reason = withdrawal.Reason,
    };
}

/// <summary>A page of withdrawals, newest first.</summary>
public sealed record WithdrawalPage
{
    public required IReadOnlyList<WithdrawalReply> Items { get; init; }

    public required string? NextCursor { get; init; }
}
