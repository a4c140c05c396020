using Laurel.Ledger;

namespace Laurel.Membership.Units;

/// <summary>What a member has of one unit.</summary>
/// <param name="Amount">0 or more.</param>
public sealed record UnitWallet(string Unit, long Amount);

/// <summary>What a member has of the units that the programme defines. A part of the member's book; most commands have nothing to do with it.</summary>
public sealed class UnitBook
{
    public Tracked<string, UnitWallet> Wallets { get; private init; } = new();

    /// <summary>Whether all wallets of the member are here.</summary>
    public bool IsLoaded { get; set; }

    /// <summary>0 for a unit that the member never had.</summary>
    public long AmountOf(string unit) => Wallets.Find(unit)?.Amount ?? 0;

    public UnitBook Copy() => new() { Wallets = Wallets.Copy(), IsLoaded = IsLoaded };
}
