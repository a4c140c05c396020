using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Events;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Balance;

/// <summary>What a caller says when it applies for a withdrawal.</summary>
public sealed record WithdrawalRequest
{
    /// <summary>Minor units, 1 or more.</summary>
    public required long Amount { get; init; }

    /// <summary>The provider's own token of the account to pay to.</summary>
    public required string Destination { get; init; }

    /// <summary>The caller's name of it; null has one drawn.</summary>
    public required string? WithdrawalId { get; init; }

    public required Signatory AppliedBy { get; init; }
}

/// <summary>Applies for a withdrawal: its amount is held from now on.</summary>
/// <remarks>Keeps I7 and I14. Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, MEMBER_INACTIVE, REAL_NAME_REQUIRED, BALANCE_LIMIT,
/// BALANCE_INSUFFICIENT.</remarks>
public sealed class ApplyWithdrawal(TenantId tenant, MemberReference member, WithdrawalRequest request, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        if (request.WithdrawalId is { } name && Member.Resolve(handles) is { } id)
        {
            handles.Provide(Withdrawal.HandleOf(Tenant, name), Books.EndOf(Tenant, id).Value);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        if (request.WithdrawalId is { } name)
        {
            claims.Add(new Claim(
                Withdrawal.HandleOf(Tenant, name),
                Hash128.Of(Tenant.Value, "withdrawal-content", $"{Member.Resolve(handles)}|{request.Amount}", request.Destination)));
        }
    }

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan)
    {
        // The counters of a day are known only with the calendar of the programme; without it the decision asks.
        if (Books.Programmes.Latest(Tenant) is { } programme)
        {
            HasLimits(book, programme.DayNumberOf(time), plan);
        }
    }

    protected override Cause CauseOf() => new("Withdrawal applied for", "withdrawal", request.WithdrawalId ?? "");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var (book, rules, day) = (posting.Book, posting.Programme.Programme.Balance, posting.Programme.DayNumberOf(posting.Time));
        if (!HasLimits(book, day, plan))
        {
            return Decision.NeedMore.Instance;
        }

        if (rules.WithdrawalNeedsRealName && !book.RealNameVerified)
        {
            return Refuse("REAL_NAME_REQUIRED");
        }

        var (amountOfDay, countOfDay) = (book.Limits.Find(AmountOf(day))!, book.Limits.Find(CountOf(day))!);
        if (Broken(rules, amountOfDay.Used, countOfDay.Used) is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        if (AdjustBalance.Insufficient(book, request.Amount) is { } insufficient)
        {
            return insufficient;
        }

        book.Limits.Set(amountOfDay.Key, amountOfDay with { Used = amountOfDay.Used + request.Amount });
        book.Limits.Set(countOfDay.Key, countOfDay with { Used = countOfDay.Used + 1 });
        book.BalanceHeld += request.Amount;
        return Open(posting);
    }

    private Refusal? Broken(BalanceRules rules, long amountUsed, long countUsed)
    {
        var range = Limit.Broken(request.Amount, ("WithdrawalAmountMin", rules.WithdrawalAmountMin), ("WithdrawalAmountMax", rules.WithdrawalAmountMax));
        if (range is not null)
        {
            return range;
        }

        if (amountUsed + request.Amount > rules.WithdrawalDayAmountMax)
        {
            return Limit.Refusal("WithdrawalDayAmountMax", rules.WithdrawalDayAmountMax, amountUsed + request.Amount);
        }

        return countUsed + 1 > rules.WithdrawalDayCountMax
            ? Limit.Refusal("WithdrawalDayCountMax", rules.WithdrawalDayCountMax, countUsed + 1) with { Pointer = null }
            : null;
    }

    private Decision.Apply Open(Posting posting)
    {
        var id = posting.DrawId();
        var withdrawal = new Withdrawal
        {
            WithdrawalId = request.WithdrawalId ?? Withdrawal.DrawnName(id),
            Id = id,
            Amount = request.Amount,
            Status = WithdrawalStatus.Applied,
            Destination = request.Destination,
            AppliedAt = posting.Time,
            AppliedBy = request.AppliedBy,
        };
        var owner = posting.Book.Identity.Id.Value;
        posting.Book.Money.Withdrawals.Set(withdrawal.WithdrawalId, withdrawal);
        posting.Raise(MemberEvents.WithdrawalApplied, new WithdrawalFact(owner, withdrawal));
        return new Decision.Apply(WithdrawalReply.Of(owner, withdrawal), owner, 0, 0)
        {
            Handles = request.WithdrawalId is null ? [new NaturalKey(Withdrawal.HandleOf(Tenant, withdrawal.WithdrawalId), default, owner, 0, 0)] : [],
        };
    }

    private bool HasLimits(MemberBook book, int day, LoadPlan plan) =>
        Books.HasLimit(book, AmountOf(day), plan) & Books.HasLimit(book, CountOf(day), plan);

    private static LimitKey AmountOf(int day) => new(LimitKey.WithdrawalAmountDay, day);

    private static LimitKey CountOf(int day) => new(LimitKey.WithdrawalCountDay, day);
}
