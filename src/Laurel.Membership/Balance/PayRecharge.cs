using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Kernel;
using Laurel.Membership.Events;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Balance;

/// <summary>What the commands on a recharge have in common: they find it, and change it or refuse.</summary>
public abstract class RechargeCommand(TenantId tenant, string rechargeId, MemberBooks books)
    : MemberCommand(tenant, MemberReference.ByHandle(Recharge.HandleOf(tenant, rechargeId), "RECHARGE_NOT_FOUND"), books)
{
    protected string RechargeId { get; } = rechargeId;

    // Money that came in is credited, and money owed goes back, whoever the member is by now.
    protected override bool NeedsActiveMember => false;

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.HasRecharge(book, RechargeId, plan);

    private protected sealed override Decision Act(Posting posting, LoadPlan plan)
    {
        if (!Books.HasRecharge(posting.Book, RechargeId, plan))
        {
            return Decision.NeedMore.Instance;
        }

        return posting.Book.Money.Recharges.Find(RechargeId) is { } recharge
            ? Act(posting, recharge)
            : new Decision.Refuse(new Refusal(Member.NotFound));
    }

    private protected abstract Decision Act(Posting posting, Recharge recharge);

    private protected static Decision Keep(Posting posting, Recharge recharge)
    {
        posting.Book.Money.Recharges.Set(recharge.RechargeId, recharge);
        var member = posting.Book.Identity.Id.Value;
        return new Decision.Apply(RechargeReply.Of(member, recharge), member, posting.FirstId, posting.LastId);
    }

    private protected static Decision WrongState(Recharge recharge) => Refuse("RECHARGE_STATE", ("status", Recharge.NameOf(recharge.Status)));
}

/// <summary>What whoever took the payment says of it.</summary>
/// <param name="Amount">Minor units: what was paid.</param>
/// <param name="Currency">ISO 4217; null is the programme's.</param>
/// <param name="ProviderReference">The payment's id there. With the recharge it names the payment once and for all.</param>
public sealed record Payment(long Amount, string? Currency, string ProviderReference);

/// <summary>A recharge was paid: its amount is credited, once.</summary>
/// <remarks>Keeps I14. The same payment again is a duplicate, another one for the same recharge a CONFLICT: somebody paid twice. Refusals, first
/// match wins: TIME_IN_FUTURE, RECHARGE_NOT_FOUND, RECHARGE_STATE, CURRENCY_MISMATCH, RECHARGE_AMOUNT_MISMATCH.</remarks>
public sealed class PayRecharge(TenantId tenant, string rechargeId, Payment payment, MemberBooks books) : RechargeCommand(tenant, rechargeId, books)
{
    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) => claims.Add(new Claim(
        Hash128.Of(Tenant.Value, "recharge_paid", RechargeId),
        Hash128.Of(Tenant.Value, "payment", payment.Amount.ToString(CultureInfo.InvariantCulture), payment.ProviderReference)));

    protected override Cause CauseOf() => new("Recharge paid", "recharge", RechargeId);

    private protected override Decision Act(Posting posting, Recharge recharge)
    {
        if (recharge.Status != RechargeStatus.Created)
        {
            return WrongState(recharge);
        }

        var currency = posting.Programme.Programme.Currency;
        if (payment.Currency is { } actual && actual != currency)
        {
            return Refuse("CURRENCY_MISMATCH", ("expected", currency), ("actual", actual));
        }

        if (payment.Amount != recharge.Amount)
        {
            var refusal = new Refusal("RECHARGE_AMOUNT_MISMATCH", ("expected", recharge.Amount), ("actual", payment.Amount)) { Pointer = "/amount" };
            return new Decision.Refuse(refusal);
        }

        var entry = posting.MoveBalance(recharge.Amount, EntryNames.Recharge, EntryNames.RuleRecharge);
        var paid = recharge with
        {
            Status = RechargeStatus.Paid,
            EntryId = entry,
            PaidAt = posting.Time,
            ProviderReference = payment.ProviderReference,
        };
        posting.Raise(MemberEvents.RechargePaid, new RechargeFact(posting.Book.Identity.Id.Value, paid, paid.Amount));
        return Keep(posting, paid);
    }
}

/// <summary>What is given back of a recharge.</summary>
/// <param name="RefundId">Names the refund in the tenant once and for all.</param>
/// <param name="Amount">Minor units, 1 or more.</param>
/// <param name="ProviderReference">The refund's id at whoever takes payments; null where it has none yet.</param>
public sealed record RechargeRefund(string RefundId, long Amount, string Reason, string Operator, string? ProviderReference);

/// <summary>Gives back a paid recharge, whole or in parts, while the free balance covers it.</summary>
/// <remarks>Keeps I14. Refusals, first match wins: TIME_IN_FUTURE, RECHARGE_NOT_FOUND, RECHARGE_STATE, REFUND_EXCEEDS_RECHARGE,
/// BALANCE_INSUFFICIENT.</remarks>
public sealed class RefundRecharge(TenantId tenant, string rechargeId, RechargeRefund refund, MemberBooks books)
    : RechargeCommand(tenant, rechargeId, books)
{
    private readonly BalanceRequest _request = new()
    {
        Amount = refund.Amount,
        Reason = refund.Reason,
        ReferenceType = "recharge_refund",
        ReferenceId = refund.RefundId,
        Operator = refund.Operator,
    };

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) => claims.Add(new Claim(
        Hash128.Of(Tenant.Value, EntryNames.RuleRechargeRefund, refund.RefundId),
        Hash128.Of(Tenant.Value, "recharge_refund-content", $"{RechargeId.Length}:{RechargeId}|{refund.Amount}", refund.Reason)));

    protected override Cause CauseOf() => _request.Cause;

    private protected override Decision Act(Posting posting, Recharge recharge)
    {
        if (recharge.Status != RechargeStatus.Paid)
        {
            return WrongState(recharge);
        }

        if (refund.Amount > recharge.Amount - recharge.Refunded)
        {
            var refusal = new Refusal("REFUND_EXCEEDS_RECHARGE", ("amount", recharge.Amount), ("refunded", recharge.Refunded)) { Pointer = "/amount" };
            return new Decision.Refuse(refusal);
        }

        posting.Reach?.PullMoney(refund.Amount);
        if (AdjustBalance.Insufficient(posting.Book, refund.Amount) is { } insufficient)
        {
            return insufficient;
        }

        var entry = posting.MoveBalance(-refund.Amount, EntryNames.RechargeRefund, EntryNames.RuleRechargeRefund, recharge.EntryId, _request.Detail);
        var identity = posting.Book.Identity;
        posting.Draft.Insert(BalanceStatements.InsertRefunds, new BalanceStatements.RefundRow(
            identity.Tenant.Value, identity.Id.Value, refund.RefundId, RechargeId, refund.Amount, entry, posting.Time, refund.ProviderReference));
        var refunded = recharge.Refunded + refund.Amount;
        var left = recharge with { Refunded = refunded, Status = refunded == recharge.Amount ? RechargeStatus.Refunded : RechargeStatus.Paid };
        posting.Raise(MemberEvents.RechargeRefunded, new RechargeFact(identity.Id.Value, left, refund.Amount));
        return Keep(posting, left);
    }
}

/// <summary>Closes a recharge that was not paid in time. What the job sends.</summary>
/// <remarks>Refusals, first match wins: RECHARGE_NOT_FOUND, LEASE_LOST, RECHARGE_STATE.</remarks>
public sealed class CloseRecharge(TenantId tenant, string rechargeId, MemberBooks books) : RechargeCommand(tenant, rechargeId, books)
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

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // What is closed stays closed; it needs no key.
    }

    protected override Cause CauseOf() => new("Recharge closed", "recharge", RechargeId);

    private protected override Decision Act(Posting posting, Recharge recharge)
    {
        if (Fence?.RefusalIn(posting.Draft) is { } lost)
        {
            return new Decision.Refuse(lost);
        }

        return recharge.Status == RechargeStatus.Created && recharge.ExpiresAt <= posting.Time
            ? Keep(posting, recharge with { Status = RechargeStatus.Closed })
            : WrongState(recharge);
    }
}
