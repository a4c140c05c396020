using Laurel.Ledger;

namespace Laurel.Membership.Balance;

/// <summary>The recharges, withdrawals and spends of one member that a command works with. A part of the member's book.</summary>
public sealed class BalanceBook
{
    public Tracked<string, Recharge> Recharges { get; private set; } = new();

    public Tracked<string, Withdrawal> Withdrawals { get; private set; } = new();

    public Tracked<SpendReference, BalanceSpend> Spends { get; private set; } = new();

    public BalanceBook Copy() => new() { Recharges = Recharges.Copy(), Withdrawals = Withdrawals.Copy(), Spends = Spends.Copy() };
}

/// <summary>What the caller named a spend by.</summary>
public readonly record struct SpendReference(string Type, string Id);

/// <summary>Money that was spent, and how much of it went back.</summary>
public sealed record BalanceSpend
{
    public required SpendReference Reference { get; init; }

    /// <summary>The entry that spent it.</summary>
    public required long EntryId { get; init; }

    /// <summary>Minor units, 1 or more.</summary>
    public required long Amount { get; init; }

    /// <summary>0 to <see cref="Amount"/>.</summary>
    public required long Refunded { get; init; }
}
