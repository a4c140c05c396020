using System.Text.Json.Nodes;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Units;

/// <summary>How a call moves a unit.</summary>
public enum UnitMove
{
    Earn = 0,
    Spend = 1,

    /// <summary>By hand, up or down.</summary>
    Adjust = 2,
}

/// <summary>What a caller says when it moves a unit that the programme defines.</summary>
public sealed record UnitRequest
{
    public required string Unit { get; init; }

    /// <summary>1 or more; negative is for adjustments only.</summary>
    public required long Amount { get; init; }

    public required string Reason { get; init; }

    public required string ReferenceType { get; init; }

    /// <summary>With the type, names this movement of the unit once and for all: the same again is a duplicate, or a conflict.</summary>
    public required string ReferenceId { get; init; }

    /// <summary>Who does it by hand; null where nobody does.</summary>
    public string? Operator { get; init; }

    internal Cause Cause => new(Reason, ReferenceType, ReferenceId) { OrderId = ReferenceType == "order" ? ReferenceId : null };

    internal string? Detail => Operator is null ? null : new JsonObject { ["operator"] = Operator }.ToJsonString();

    /// <summary>The natural key of a movement, of which the unit and what is done are parts.</summary>
    internal static Hash128 KeyOf(TenantId tenant, string rule, string unit, string referenceType, string referenceId) =>
        Hash128.Of(tenant.Value, $"{rule}:{unit}", referenceType, referenceId);

    internal Claim ClaimAs(TenantId tenant, string rule, MemberId? member, Instant? time) => new(
        KeyOf(tenant, rule, Unit, ReferenceType, ReferenceId),
        Hash128.Of(tenant.Value, $"{member}|{Amount}|{time?.UnixMicroseconds}|{Operator?.Length}:{Operator}", Reason));
}

/// <summary>Earns, spends or corrects a unit that the programme defines.</summary>
/// <remarks>Keeps I25 (docs/internals/invariants.md). Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, MEMBER_INACTIVE (of earning and
/// spending), UNIT_NOT_FOUND, UNIT_CLOSED, UNIT_NOT_SPENDABLE, UNIT_INSUFFICIENT.</remarks>
public sealed class MoveUnit(TenantId tenant, MemberReference member, UnitMove move, UnitRequest request, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    private readonly string _rule = move switch
    {
        UnitMove.Earn => EntryNames.RuleUnitEarn,
        UnitMove.Spend => EntryNames.RuleUnitSpend,
        UnitMove.Adjust => EntryNames.RuleUnitAdjust,
    };

    protected override bool NeedsActiveMember => move != UnitMove.Adjust;

    protected override bool IsEarning => move == UnitMove.Earn;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(request.ClaimAs(Tenant, _rule, Member.Resolve(handles), Time));

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.HasUnits(book, plan);

    protected override Cause CauseOf() => request.Cause;

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        if (posting.Programme.Programme.FindUnit(request.Unit) is not { } unit)
        {
            return new Decision.Refuse(new Refusal("UNIT_NOT_FOUND", ("unit", request.Unit)) { Pointer = "/unit" });
        }

        if (!Books.HasUnits(posting.Book, plan))
        {
            return Decision.NeedMore.Instance;
        }

        var amount = move == UnitMove.Spend ? -request.Amount : request.Amount;
        if (RefusalOf(unit, posting.Book.Units.AmountOf(unit.Code), amount) is { } refusal)
        {
            return new Decision.Refuse(refusal);
        }

        var kind = move switch
        {
            UnitMove.Earn => EntryNames.Earn,
            UnitMove.Spend => EntryNames.Spend,
            UnitMove.Adjust => EntryNames.Adjust,
        };
        posting.MoveUnit(unit.Code, amount, kind, _rule, null, new BalanceTerms(null, null, null, request.Detail));
        return Done(posting);
    }

    private Refusal? RefusalOf(UnitDefinition unit, long available, long amount) => move switch
    {
        UnitMove.Earn when !unit.Active => new Refusal("UNIT_CLOSED", ("unit", unit.Code)) { Pointer = "/unit" },
        UnitMove.Spend when !unit.Spendable => new Refusal("UNIT_NOT_SPENDABLE", ("unit", unit.Code)) { Pointer = "/unit" },
        _ when -(Int128)amount > available =>
            new Refusal("UNIT_INSUFFICIENT", ("unit", unit.Code), ("required", -amount), ("available", available)) { Pointer = "/amount" },
        _ => null,
    };
}
