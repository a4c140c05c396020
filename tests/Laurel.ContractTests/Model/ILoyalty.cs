namespace Laurel.ContractTests.Model;

/// <summary>
/// What a loyalty engine can be asked, in plain records: the naive model and the product both answer it.
/// </summary>
/// <remarks>
/// Members are named by their external id, orders and refunds by the shop's ids, holds by a reference the caller
/// chooses.
/// Points are whole, amounts are minor units. A refused operation leaves no trace, not even the expiries due before it.
/// Refusals use the codes of <see cref="Codes"/>; everything else an engine refuses (malformed input) is not asked
/// here.
/// </remarks>
public interface ILoyalty
{
    /// <summary>Enrols a member, who gets the registration points. Every external id is registered once.</summary>
    Task<Outcome> RegisterAsync(Operation.Register operation, CancellationToken cancellationToken);

    /// <summary>Pays an order's points, bonus and growth. A repeated order id is a duplicate.</summary>
    Task<Outcome> CompleteOrderAsync(Operation.Order operation, CancellationToken cancellationToken);

    /// <summary>
    /// Takes back what a part of an order earned. A repeated refund id is a duplicate once it was applied.
    /// </summary>
    Task<Outcome> RefundAsync(Operation.Refund operation, CancellationToken cancellationToken);

    /// <summary>Grants points that count towards the level, outside the daily cap.</summary>
    Task<Outcome> EarnAsync(Operation.Earn operation, CancellationToken cancellationToken);

    /// <summary>Corrects the balance up or down, without touching the lifetime sum.</summary>
    Task<Outcome> AdjustAsync(Operation.Adjust operation, CancellationToken cancellationToken);

    /// <summary>Spends points in spending order.</summary>
    Task<Outcome> SpendAsync(Operation.Spend operation, CancellationToken cancellationToken);

    /// <summary>Sets points aside in spending order.</summary>
    Task<Outcome> HoldAsync(Operation.Hold operation, CancellationToken cancellationToken);

    /// <summary>Spends held points and frees the rest of the hold.</summary>
    Task<Outcome> CaptureAsync(Operation.Capture operation, CancellationToken cancellationToken);

    /// <summary>Frees held points, the last pinned first.</summary>
    Task<Outcome> ReleaseAsync(Operation.Release operation, CancellationToken cancellationToken);

    /// <summary>Gives points to another member; they keep their expiry.</summary>
    Task<Outcome> TransferAsync(Operation.Transfer operation, CancellationToken cancellationToken);

    /// <summary>Grants points that count towards the level once they are active: at a time, or when they are activated.</summary>
    Task<Outcome> EarnLaterAsync(Operation.EarnLater operation, CancellationToken cancellationToken);

    /// <summary>Activates or cancels a lot that waits; the same again is a duplicate.</summary>
    Task<Outcome> EndWaitingAsync(Operation.EndWaiting operation, CancellationToken cancellationToken);

    /// <summary>Lets live lots lapse later, never sooner.</summary>
    Task<Outcome> ExtendAsync(Operation.Extend operation, CancellationToken cancellationToken);

    /// <summary>Brings lapsed points back as lots of their own, those of each lot once.</summary>
    Task<Outcome> ReinstateAsync(Operation.Reinstate operation, CancellationToken cancellationToken);

    /// <summary>Holds what a return would take back on the order's own lots. A repeated return id is a duplicate.</summary>
    Task<Outcome> RequestReturnAsync(Operation.RequestReturn operation, CancellationToken cancellationToken);

    /// <summary>Frees what a return holds.</summary>
    Task<Outcome> RejectReturnAsync(Operation.RejectReturn operation, CancellationToken cancellationToken);

    /// <summary>Writes, for every member, the expiries due at the operation's time.</summary>
    Task<Outcome> SweepAsync(Operation.Sweep operation, CancellationToken cancellationToken);

    /// <summary>
    /// The member with everything recorded so far, seen at an instant: lots live then, holds and lots due by then gone.
    /// Null when there is no such member.
    /// </summary>
    Task<MemberState?> StateAtAsync(string member, DateTimeOffset instant, CancellationToken cancellationToken);

    /// <summary>
    /// The member by business time, as known now: only what is dated at or before the instant counts, and expiries
    /// due by then count whether they have been written or not. Null when there is no such member.
    /// </summary>
    Task<MemberState?> StateAsOfAsync(string member, DateTimeOffset instant, CancellationToken cancellationToken);
}
