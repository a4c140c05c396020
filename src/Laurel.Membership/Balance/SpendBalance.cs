using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Balance;

/// <summary>Spends stored money, for an order for instance.</summary>
/// <remarks>Keeps I14. Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, MEMBER_INACTIVE, BALANCE_INSUFFICIENT.</remarks>
public sealed class SpendBalance(TenantId tenant, MemberReference member, BalanceRequest request, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    private readonly Hash128 _handle = HandleOf(tenant, new SpendReference(request.ReferenceType, request.ReferenceId));

    /// <summary>The natural key of a spend, and the handle by which its refunds find the member.</summary>
    public static Hash128 HandleOf(TenantId tenant, SpendReference reference) =>
        Hash128.Of(tenant.Value, EntryNames.RuleBalanceSpend, reference.Type, reference.Id);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        if (Member.Resolve(handles) is { } id)
        {
            // A refund in the same batch finds its spend before either is stored.
            handles.Provide(_handle, Books.EndOf(Tenant, id).Value);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(request.ClaimAs(Tenant, EntryNames.RuleBalanceSpend, Member.Resolve(handles), Time));

    protected override Cause CauseOf() => request.Cause;

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        if (AdjustBalance.Insufficient(posting.Book, request.Amount) is { } refusal)
        {
            return refusal;
        }

        var entry = posting.MoveBalance(-request.Amount, EntryNames.Spend, EntryNames.RuleBalanceSpend, detail: request.Detail);
        var reference = new SpendReference(request.ReferenceType, request.ReferenceId);
        posting.Book.Money.Spends.Set(reference, new BalanceSpend { Reference = reference, EntryId = entry, Amount = request.Amount, Refunded = 0 });
        return Done(posting);
    }
}

/// <summary>Gives back what was spent, whole or in parts, and never more than was spent.</summary>
/// <remarks>Keeps I14. Refusals, first match wins: TIME_IN_FUTURE, BALANCE_SPEND_NOT_FOUND, REFUND_EXCEEDS_SPEND.</remarks>
/// <param name="spend">What the spend was named by.</param>
/// <param name="request">What the refund is named by.</param>
public sealed class RefundSpend(TenantId tenant, SpendReference spend, BalanceRequest request, MemberBooks books)
    : MemberCommand(tenant, MemberReference.ByHandle(SpendBalance.HandleOf(tenant, spend), "BALANCE_SPEND_NOT_FOUND"), books)
{
    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(request.ClaimAs(Tenant, EntryNames.RuleBalanceRefund, Member.Resolve(handles), Time));

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.HasSpend(book, spend, plan);

    protected override Cause CauseOf() => request.Cause;

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        if (!Books.HasSpend(posting.Book, spend, plan))
        {
            return Decision.NeedMore.Instance;
        }

        // In the same batch the spend may have been refused after its handle was provided.
        if (posting.Book.Money.Spends.Find(spend) is not { } spent)
        {
            return new Decision.Refuse(new Refusal(Member.NotFound));
        }

        if (request.Amount > spent.Amount - spent.Refunded)
        {
            var refusal = new Refusal("REFUND_EXCEEDS_SPEND", ("amount", spent.Amount), ("refunded", spent.Refunded)) { Pointer = "/amount" };
            return new Decision.Refuse(refusal);
        }

        posting.MoveBalance(request.Amount, EntryNames.Refund, EntryNames.RuleBalanceRefund, spent.EntryId, request.Detail);
        posting.Book.Money.Spends.Set(spend, spent with { Refunded = spent.Refunded + request.Amount });
        return Done(posting);
    }
}
