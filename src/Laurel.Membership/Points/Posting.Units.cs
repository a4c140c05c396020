using Laurel.Kernel;
using Laurel.Membership.Units;

namespace Laurel.Membership.Points;

/// <content>Units that the programme defines.</content>
internal sealed partial class Posting
{
    /// <summary>Moves a unit that the programme defines, whose wallets are here. Keeps I25.</summary>
    /// <param name="related">The entry it answers, or the other member of a merge; null where it answers none.</param>
    /// <param name="terms">The numbers that made the amount; null where none did.</param>
    /// <returns>The id of the entry.</returns>
    public long MoveUnit(string unit, long amount, string kind, string rule, long? related = null, BalanceTerms? terms = null)
    {
        Invariant.Require(Book.Version == 0 || Book.Units.IsLoaded, "The units of a member are read before they move.");
        var after = checked(Book.Units.AmountOf(unit) + amount);
        Invariant.Require(after >= 0, "Nothing takes units that are not there (I25).");
        if (amount != 0)
        {
            Book.Units.Wallets.Set(unit, new UnitWallet(unit, after));
        }

        var id = NextId();
        Add(id, new Movement(unit, kind, rule, amount, after)
        {
            Base = terms?.Base,
            MultiplierBasisPoints = terms?.MultiplierBasisPoints,
            Cut = terms?.Cut,
            RelatedId = related,
            Detail = terms?.Detail,
        });
        return id;
    }
}
