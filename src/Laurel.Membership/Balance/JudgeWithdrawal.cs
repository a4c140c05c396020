using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Events;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Balance;

/// <summary>What the commands on a withdrawal have in common: they find it, and take it one arc further or refuse.</summary>
public abstract class WithdrawalCommand(TenantId tenant, string withdrawalId, MemberBooks books)
    : MemberCommand(tenant, MemberReference.ByHandle(Withdrawal.HandleOf(tenant, withdrawalId), "WITHDRAWAL_NOT_FOUND"), books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    protected string WithdrawalId { get; } = withdrawalId;

    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // An arc is gone once; a second time the state refuses it.
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.HasWithdrawal(book, WithdrawalId, plan);

    protected override Cause CauseOf() => new("Withdrawal paid", "withdrawal", WithdrawalId);

    private protected sealed override Decision Act(Posting posting, LoadPlan plan)
    {
        if (!Books.HasWithdrawal(posting.Book, WithdrawalId, plan))
        {
            return Decision.NeedMore.Instance;
        }

        return posting.Book.Money.Withdrawals.Find(WithdrawalId) is { } withdrawal
            ? Act(posting, withdrawal)
            : new Decision.Refuse(new Refusal(Member.NotFound));
    }

    private protected abstract Decision Act(Posting posting, Withdrawal withdrawal);

    private protected static Decision Keep(Posting posting, Withdrawal withdrawal)
    {
        posting.Book.Money.Withdrawals.Set(withdrawal.WithdrawalId, withdrawal);
        var member = posting.Book.Identity.Id.Value;
        return new Decision.Apply(WithdrawalReply.Of(member, withdrawal), member, posting.FirstId, posting.LastId);
    }

    private protected static Decision WrongState(Withdrawal withdrawal) =>
        Refuse("WITHDRAWAL_STATE", ("status", Withdrawal.NameOf(withdrawal.Status)));

    private protected static WithdrawalFact FactOf(Posting posting, Withdrawal withdrawal) => new(posting.Book.Identity.Id.Value, withdrawal);
}

/// <summary>Approves a withdrawal. Above the programme's threshold it takes two persons, and the one who applied is neither.</summary>
/// <remarks>Refusals, first match wins: WITHDRAWAL_NOT_FOUND, WITHDRAWAL_STATE, APPROVER_NOT_ANOTHER.</remarks>
public sealed class ApproveWithdrawal(TenantId tenant, string withdrawalId, Signatory approver, MemberBooks books)
    : WithdrawalCommand(tenant, withdrawalId, books)
{
    private protected override Decision Act(Posting posting, Withdrawal withdrawal)
    {
        if (withdrawal.Status != WithdrawalStatus.Applied)
        {
            return WrongState(withdrawal);
        }

        // A first approval counts on when the threshold was lower then: nobody is asked twice.
        var needsTwo = withdrawal.Amount > posting.Programme.Programme.Balance.SecondApproverAbove;
        if (needsTwo && (approver.Hands.Meets(withdrawal.AppliedBy.Hands) || (withdrawal.FirstApprover is { } first && approver.Hands.Meets(first.Hands))))
        {
            return Refuse("APPROVER_NOT_ANOTHER");
        }

        if (needsTwo && withdrawal.FirstApprover is null)
        {
            return Keep(posting, withdrawal with { FirstApprover = approver });
        }

        var approved = withdrawal with
        {
            Status = WithdrawalStatus.Approved,
            FirstApprover = withdrawal.FirstApprover ?? approver,
            SecondApprover = withdrawal.FirstApprover is null ? null : approver,
            DueAt = posting.Draft.Now,
        };
        posting.Raise(MemberEvents.WithdrawalApproved, FactOf(posting, approved));
        return Keep(posting, approved);
    }
}

/// <summary>Rejects a withdrawal that was not sent yet; its amount is free again.</summary>
/// <remarks>Refusals, first match wins: WITHDRAWAL_NOT_FOUND, WITHDRAWAL_STATE.</remarks>
public sealed class RejectWithdrawal(TenantId tenant, string withdrawalId, string reason, MemberBooks books)
    : WithdrawalCommand(tenant, withdrawalId, books)
{
    private protected override Decision Act(Posting posting, Withdrawal withdrawal)
    {
        if (withdrawal.Status is not (WithdrawalStatus.Applied or WithdrawalStatus.Approved))
        {
            return WrongState(withdrawal);
        }

        posting.Book.BalanceHeld -= withdrawal.Amount;
        var rejected = withdrawal with { Status = WithdrawalStatus.Rejected, Reason = reason, EndedAt = posting.Time, DueAt = null };
        posting.Raise(MemberEvents.WithdrawalRejected, FactOf(posting, rejected));
        return Keep(posting, rejected);
    }
}
