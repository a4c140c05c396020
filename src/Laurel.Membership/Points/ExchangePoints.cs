using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Balance;
using Laurel.Membership.Members;

namespace Laurel.Membership.Points;

/// <summary>At what rate points and stored money are exchanged in one direction.</summary>
public sealed record ExchangeTerms
{
    /// <summary>The greatest number of a rate.</summary>
    public const long RateMax = 1_000_000_000;

    /// <summary>With <see cref="MinorUnits"/> the rate, a pair because a rate is not a number: 1,000 points are 990 minor units.</summary>
    public required long Points { get; init; }

    /// <inheritdoc cref="Points"/>
    public required long MinorUnits { get; init; }

    /// <summary>Points of one exchange at the least.</summary>
    public long PointsMin { get; init; } = 1;

    /// <summary>Points are exchanged in multiples of it. Each multiple is a whole number of minor units.</summary>
    public long PointsStep { get; init; } = 1;

    /// <summary>Whether so many points may be exchanged at once.</summary>
    internal bool Allows(long points) => points >= PointsMin && points % PointsStep == 0;

    /// <summary>What points that <see cref="Allows"/> lets pass are in minor units, exactly.</summary>
    /// <exception cref="OverflowException">When it does not fit 64 bits.</exception>
    internal long AmountOf(long points) => checked((long)((Int128)points * MinorUnits / Points));
}

/// <summary>Which way an exchange goes.</summary>
public enum ExchangeDirection
{
    /// <summary>Points are given for stored money.</summary>
    ToBalance = 0,

    /// <summary>Stored money is given for points.</summary>
    FromBalance = 1,
}

/// <summary>Exchanges points and stored money of a member, at the programme's rate: one posting with an entry of each unit. Points that are had so count
/// neither for the level nor as earned.</summary>
/// <remarks>Keeps I1, I3, I8 and I14. Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, MEMBER_INACTIVE, EXCHANGE_OFF, EXCHANGE_STEP,
/// POINTS_INSUFFICIENT or BALANCE_INSUFFICIENT.</remarks>
public sealed class ExchangePoints(TenantId tenant, MemberReference member, PointsRequest request, ExchangeDirection direction, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    private string Rule => direction switch
    {
        ExchangeDirection.ToBalance => EntryNames.RuleToBalance,
        ExchangeDirection.FromBalance => EntryNames.RuleFromBalance,
    };

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(request.ClaimAs(Tenant, Rule, Member.Resolve(handles), Time, ""));

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan)
    {
        if (direction == ExchangeDirection.ToBalance)
        {
            Books.HasCover(book, request.Points, time, plan);
        }
    }

    protected override Cause CauseOf() => request.Cause;

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var programme = posting.Programme.Programme;
        var terms = direction == ExchangeDirection.ToBalance ? programme.PointsToBalance : programme.PointsFromBalance;
        if (terms is null)
        {
            return Refuse("EXCHANGE_OFF");
        }

        if (!terms.Allows(request.Points))
        {
            return new Decision.Refuse(new Refusal("EXCHANGE_STEP", ("min", terms.PointsMin), ("step", terms.PointsStep)) { Pointer = "/points" });
        }

        var amount = terms.AmountOf(request.Points);
        return direction switch
        {
            ExchangeDirection.ToBalance => ToBalance(posting, amount, plan),
            ExchangeDirection.FromBalance => FromBalance(posting, amount),
        };
    }

    private Decision ToBalance(Posting posting, long amount, LoadPlan plan)
    {
        var points = posting.Book.Points;
        if (!Books.HasCover(posting.Book, request.Points, posting.Time, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var available = points.AvailableAt(posting.Time, request.Points) ?? 0;
        if (available < request.Points)
        {
            return Refuse("POINTS_INSUFFICIENT", ("required", request.Points), ("available", available));
        }

        posting.Take(request.Points, EntryNames.Exchange, Rule, points.Take(request.Points, posting.Time), TakeTerms.Plain);
        posting.MoveBalance(amount, EntryNames.Exchange, Rule, posting.FirstId);
        return Done(posting);
    }

    private Decision FromBalance(Posting posting, long amount)
    {
        if (AdjustBalance.Insufficient(posting.Book, amount) is Decision.Refuse { Refusal: var refusal })
        {
            return new Decision.Refuse(refusal with { Pointer = "/points" });
        }

        posting.MoveBalance(-amount, EntryNames.Exchange, Rule);
        var terms = new GrantTerms(posting.Programme.ExpiryOf(posting.Time), CountsForLevel: false, RepaysReceivable: false) { RelatedId = posting.FirstId };
        posting.Grant(request.Points, EntryNames.Exchange, Rule, terms);
        return Done(posting);
    }
}
