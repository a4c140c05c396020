using System.Text.Json.Nodes;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;

namespace Laurel.Membership.Balance;

/// <summary>What a caller says when it moves stored money.</summary>
public sealed record BalanceRequest
{
    /// <summary>Minor units, 1 or more; negative is for adjustments only.</summary>
    public required long Amount { get; init; }

    public required string Reason { get; init; }

    public required string ReferenceType { get; init; }

    /// <summary>With the type, names this movement once and for all: the same again is a duplicate, or a conflict.</summary>
    public required string ReferenceId { get; init; }

    /// <summary>Who does it by hand; null where nobody does.</summary>
    public string? Operator { get; init; }

    internal Cause Cause => new(Reason, ReferenceType, ReferenceId) { OrderId = ReferenceType == "order" ? ReferenceId : null };

    internal string? Detail => Operator is null ? null : new JsonObject { ["operator"] = Operator }.ToJsonString();

    /// <summary>The natural key of the movement; the rule is part of it.</summary>
    internal Claim ClaimAs(TenantId tenant, string rule, MemberId? member, Instant? time) => new(
        Hash128.Of(tenant.Value, rule, ReferenceType, ReferenceId),
        Hash128.Of(tenant.Value, $"{member}|{Amount}|{time?.UnixMicroseconds}|{Operator?.Length}:{Operator}", Reason));
}

/// <summary>Corrects a member's stored money by hand, up or down, and never below what is free.</summary>
/// <remarks>Keeps I14 (docs/internals/invariants.md). Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND,
/// BALANCE_INSUFFICIENT.</remarks>
public sealed class AdjustBalance(TenantId tenant, MemberReference member, BalanceRequest request, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) =>
        claims.Add(request.ClaimAs(Tenant, EntryNames.RuleBalanceAdjust, Member.Resolve(handles), Time));

    protected override Cause CauseOf() => request.Cause;

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        if (request.Amount < 0 && Insufficient(posting.Book, -request.Amount) is { } refusal)
        {
            return refusal;
        }

        posting.MoveBalance(request.Amount, EntryNames.Adjust, EntryNames.RuleBalanceAdjust, detail: request.Detail);
        return Done(posting);
    }

    /// <summary>The refusal of what is more than free; null when it can be taken.</summary>
    internal static Decision? Insufficient(MemberBook book, long required)
    {
        var available = book.Balance - book.BalanceHeld;
        return required <= available
            ? null
            : new Decision.Refuse(new Refusal("BALANCE_INSUFFICIENT", ("required", required), ("available", available)) { Pointer = "/amount" });
    }
}
