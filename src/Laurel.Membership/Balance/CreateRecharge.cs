using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Balance;

/// <summary>Opens a recharge: an amount that is expected and credited once it is paid.</summary>
/// <remarks>Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, MEMBER_INACTIVE, BALANCE_LIMIT.</remarks>
/// <param name="amount">Minor units, 1 or more.</param>
/// <param name="rechargeId">The caller's name of it; null has one drawn.</param>
public sealed class CreateRecharge(TenantId tenant, MemberReference member, long amount, string? rechargeId, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        if (rechargeId is not null && Member.Resolve(handles) is { } id)
        {
            handles.Provide(Recharge.HandleOf(Tenant, rechargeId), Books.EndOf(Tenant, id).Value);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        if (rechargeId is not null)
        {
            claims.Add(new Claim(Recharge.HandleOf(Tenant, rechargeId), Hash128.Of(Tenant.Value, "recharge-content", $"{Member.Resolve(handles)}|{amount}")));
        }
    }

    protected override Cause CauseOf() => new("Recharge created", "recharge", rechargeId ?? "");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var rules = posting.Programme.Programme.Balance;
        if (Limit.Broken(amount, ("RechargeAmountMin", rules.RechargeAmountMin), ("RechargeAmountMax", rules.RechargeAmountMax)) is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        var (book, id) = (posting.Book, posting.DrawId());
        var recharge = new Recharge
        {
            RechargeId = rechargeId ?? Recharge.DrawnName(id),
            Id = id,
            Amount = amount,
            Status = RechargeStatus.Created,
            Refunded = 0,
            EntryId = 0,
            CreatedAt = posting.Time,
            ExpiresAt = posting.Time.Plus(TimeSpan.FromMinutes(rules.RechargeMinutes)),
        };
        book.Money.Recharges.Set(recharge.RechargeId, recharge);
        var owner = book.Identity.Id.Value;
        return new Decision.Apply(RechargeReply.Of(owner, recharge), owner, 0, 0)
        {
            Handles = rechargeId is null ? [new NaturalKey(Recharge.HandleOf(Tenant, recharge.RechargeId), default, owner, 0, 0)] : [],
        };
    }
}

/// <summary>Limits of the programme on stored money.</summary>
internal static class Limit
{
    /// <summary>What is wrong with an amount, the limit named; null when it is within both.</summary>
    public static Refusal? Broken(long amount, (string Name, long Value) min, (string Name, long Value) max)
    {
        if (amount < min.Value)
        {
            return Refusal(min.Name, min.Value, amount);
        }

        return amount > max.Value ? Refusal(max.Name, max.Value, amount) : null;
    }

    /// <param name="name">As the programme's settings call it.</param>
    public static Refusal Refusal(string name, long limit, long actual) =>
        new("BALANCE_LIMIT", ("limit", name), ("value", limit), ("actual", actual)) { Pointer = "/amount" };
}
