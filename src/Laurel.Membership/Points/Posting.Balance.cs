using Laurel.Kernel;

namespace Laurel.Membership.Points;

/// <summary>Stored money, which moves under the same lock and in the same postings as points.</summary>
internal sealed partial class Posting
{
    /// <summary>Moves stored money.</summary>
    /// <param name="related">The entry it answers; null where it answers none.</param>
    /// <param name="detail">More of the explanation as a JSON object, or null.</param>
    /// <returns>The id of the entry.</returns>
    public long MoveBalance(long amount, string kind, string rule, long? related = null, string? detail = null) =>
        MoveBalance(amount, kind, rule, related, new BalanceTerms(null, null, null, detail));

    /// <summary>Moves stored money, with the numbers that made the amount.</summary>
    public long MoveBalance(long amount, string kind, string rule, long? related, BalanceTerms terms)
    {
        Book.Balance = checked(Book.Balance + amount);
        Invariant.Require(Book.Balance >= Book.BalanceHeld, "Nothing takes stored money that is not there, or that is held (I14).");
        var id = NextId();
        Add(id, new Movement(EntryNames.Balance, kind, rule, amount, Book.Balance)
        {
            Base = terms.Base,
            MultiplierBasisPoints = terms.MultiplierBasisPoints,
            Cut = terms.Cut,
            RelatedId = related,
            Detail = terms.Detail,
        });
        return id;
    }
}
