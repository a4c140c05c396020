namespace Laurel.Membership.Balance;

/// <summary>What a tenant allows of stored money. Amounts are minor units of the programme's currency.</summary>
public sealed record BalanceRules
{
    public const int RechargeMinutesMax = 525_600;

    /// <summary>The least that one recharge may bring.</summary>
    public long RechargeAmountMin { get; init; } = 100;

    /// <summary>The most that one recharge may bring.</summary>
    public long RechargeAmountMax { get; init; } = 5_000_000;

    /// <summary>How long a recharge waits to be paid before it is closed.</summary>
    public int RechargeMinutes { get; init; } = 30;

    /// <summary>The least of one withdrawal.</summary>
    public long WithdrawalAmountMin { get; init; } = 100;

    /// <summary>The most of one withdrawal.</summary>
    public long WithdrawalAmountMax { get; init; } = 2_000_000;

    /// <summary>What one member may apply for in a business day. Not given back by a withdrawal that fails: it bounds what a thief can try.</summary>
    public long WithdrawalDayAmountMax { get; init; } = 5_000_000;

    /// <summary>How often one member may apply in a business day.</summary>
    public long WithdrawalDayCountMax { get; init; } = 3;

    /// <summary>A withdrawal of more needs two approvals by two persons, neither of them the one who applied.</summary>
    public long SecondApproverAbove { get; init; } = 500_000;

    /// <summary>Whether only members whose real name was verified may withdraw.</summary>
    public bool WithdrawalNeedsRealName { get; init; } = true;
}
