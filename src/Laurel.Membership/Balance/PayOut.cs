using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Kernel;
using Laurel.Membership.Events;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Balance;

/// <summary>Says that the provider is about to be asked, for the first time or again. It is asked only once this is committed.</summary>
/// <remarks>Refusals, first match wins: WITHDRAWAL_NOT_FOUND, LEASE_LOST, WITHDRAWAL_STATE.</remarks>
/// <param name="provider">The name of the provider.</param>
/// <param name="askAgainAfter">When to ask again if nothing more is heard.</param>
public sealed class BeginPayout(TenantId tenant, string withdrawalId, string provider, TimeSpan askAgainAfter, MemberBooks books)
    : WithdrawalCommand(tenant, withdrawalId, books)
{
    /// <summary>Holds it back when the node that sent it has lost its lease; null asks for no lease.</summary>
    public LeaseFence? Fence { get; init; }

    public override bool IsJob => true;

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        if (Fence is { } fence)
        {
            roots.Add(fence.Root);
        }
    }

    private protected override Decision Act(Posting posting, Withdrawal withdrawal)
    {
        if (Fence?.RefusalIn(posting.Draft) is { } lost)
        {
            return new Decision.Refuse(lost);
        }

        // Two rounds of the job may have found it: the second comes too early.
        var isDue = withdrawal.DueAt is { } dueAt && dueAt <= posting.Draft.Now;
        if (!isDue || withdrawal.Status is not (WithdrawalStatus.Approved or WithdrawalStatus.Sending))
        {
            return WrongState(withdrawal);
        }

        // Once asked, a provider is asked to the end: another one would pay a second time.
        return withdrawal.Provider is { } asked && asked != provider
            ? Refuse("WITHDRAWAL_STATE", ("status", Withdrawal.NameOf(withdrawal.Status)))
            : Keep(posting, withdrawal with
            {
                Status = WithdrawalStatus.Sending,
                Attempts = withdrawal.Attempts + 1,
                Provider = provider,
                DueAt = posting.Draft.Now.Plus(askAgainAfter),
            });
    }
}

/// <summary>Notes that the provider has taken a withdrawal on and will tell what became of it.</summary>
/// <remarks>Refusals, first match wins: WITHDRAWAL_NOT_FOUND, WITHDRAWAL_STATE.</remarks>
/// <param name="askAgainAfter">When to ask again if nothing more is heard; null never asks again.</param>
public sealed class NotePayout(TenantId tenant, string withdrawalId, string? providerReference, TimeSpan? askAgainAfter, MemberBooks books)
    : WithdrawalCommand(tenant, withdrawalId, books)
{
    public override bool IsJob => true;

    private protected override Decision Act(Posting posting, Withdrawal withdrawal) => withdrawal.Status == WithdrawalStatus.Sending
        ? Keep(posting, withdrawal with
        {
            ProviderReference = providerReference ?? withdrawal.ProviderReference,
            DueAt = askAgainAfter is { } span ? posting.Draft.Now.Plus(span) : null,
        })
        : WrongState(withdrawal);
}

/// <summary>What became of a payout.</summary>
/// <param name="IsPaid">Whether money went; otherwise it did not and never will.</param>
/// <param name="ProviderReference">The payout's id there; null where none was told.</param>
/// <param name="Reason">Why it failed; null where it was paid.</param>
public sealed record PayoutEnd(bool IsPaid, string? ProviderReference, string? Reason);

/// <summary>A withdrawal was paid, and leaves the balance; or failed, and is free again.</summary>
/// <remarks>Keeps I14. The same end again is a duplicate, the other one a CONFLICT. Refusals, first match wins: TIME_IN_FUTURE,
/// WITHDRAWAL_NOT_FOUND, WITHDRAWAL_STATE.</remarks>
public sealed class EndPayout(TenantId tenant, string withdrawalId, PayoutEnd end, MemberBooks books) : WithdrawalCommand(tenant, withdrawalId, books)
{
    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) => claims.Add(new Claim(
        Hash128.Of(Tenant.Value, "withdrawal_end", WithdrawalId),
        Hash128.Of(Tenant.Value, "withdrawal_end-content", end.IsPaid ? "paid" : "failed")));

    private protected override Decision Act(Posting posting, Withdrawal withdrawal)
    {
        if (withdrawal.Status != WithdrawalStatus.Sending)
        {
            return WrongState(withdrawal);
        }

        posting.Book.BalanceHeld -= withdrawal.Amount;
        var ended = withdrawal with
        {
            Status = end.IsPaid ? WithdrawalStatus.Paid : WithdrawalStatus.Failed,
            EndedAt = posting.Time,
            DueAt = null,
            ProviderReference = end.ProviderReference ?? withdrawal.ProviderReference,
            Reason = end.Reason,
            EntryId = end.IsPaid ? posting.MoveBalance(-withdrawal.Amount, EntryNames.Withdraw, EntryNames.RuleWithdrawal) : 0,
        };
        posting.Raise(end.IsPaid ? MemberEvents.WithdrawalPaid : MemberEvents.WithdrawalFailed, FactOf(posting, ended));
        return Keep(posting, ended);
    }
}
