using System.Globalization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Events;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Rules;

namespace Laurel.Membership.Benefits;

/// <summary>What a caller says when it grants a benefit.</summary>
public sealed record GrantRequest
{
    /// <summary>Names the grant once and for all.</summary>
    public required string Reference { get; init; }

    /// <summary>The benefit's code.</summary>
    public required string Benefit { get; init; }

    /// <summary>Business time; null is the moment of decision.</summary>
    public Instant? StartTime { get; init; }

    /// <summary>Business time, exclusive; null is for ever.</summary>
    public Instant? EndTime { get; init; }

    public required string Reason { get; init; }

    /// <summary>Who does it.</summary>
    public required string Operator { get; init; }
}

/// <summary>Grants a benefit by hand, beside what the level gives.</summary>
/// <remarks>Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, BENEFIT_NOT_FOUND, BENEFIT_GRANT_ENDS_BEFORE_IT_BEGINS.</remarks>
public sealed class GrantBenefit(TenantId tenant, MemberReference member, GrantRequest request, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    private readonly Hash128 _handle = BenefitGrant.HandleOf(tenant, request.Reference);

    protected override bool NeedsActiveMember => false;

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        if (Member.Resolve(handles) is { } id)
        {
            handles.Provide(_handle, Books.EndOf(Tenant, id).Value);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) => claims.Add(new Claim(_handle, Hash128.Of(
        Tenant.Value,
        string.Create(CultureInfo.InvariantCulture, $"{Member.Resolve(handles)}|{request.StartTime?.UnixMicroseconds}|{request.EndTime?.UnixMicroseconds}"),
        request.Benefit,
        string.Create(CultureInfo.InvariantCulture, $"{request.Operator.Length}:{request.Operator}{request.Reason}"))));

    protected override Cause CauseOf() => new(request.Reason, "benefit", request.Reference);

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        if (posting.Programme.Benefits.Find(request.Benefit) is null)
        {
            return Refuse("BENEFIT_NOT_FOUND", ("benefit", request.Benefit));
        }

        var (start, end) = (request.StartTime ?? posting.Time, request.EndTime ?? Instant.Never);
        if (end <= start)
        {
            var refusal = new Refusal("BENEFIT_GRANT_ENDS_BEFORE_IT_BEGINS", ("startTime", start.ToString()));
            return new Decision.Refuse(refusal with { Pointer = "/endTime" });
        }

        var grant = Write(posting, new BenefitGrant
        {
            Reference = request.Reference,
            Id = posting.DrawId(),
            Benefit = request.Benefit,
            Source = "hand",
            StartTime = start,
            EndTime = end,
            Reason = request.Reason,
            Operator = request.Operator,
            GrantedAt = posting.Draft.Now,
        });
        var owner = posting.Book.Identity.Id.Value;
        return new Decision.Apply(BenefitGrantReply.Of(owner, grant), owner, 0, 0);
    }

    /// <summary>Grants what a rule pays, beside its points and under a reference of its own: callers cannot choose such a one.</summary>
    /// <param name="times">1, or 0 when a cap leaves nothing.</param>
    internal static void ByRule(Posting posting, Rule rule, long times)
    {
        if (times == 0)
        {
            return;
        }

        var id = posting.DrawId();
        Write(posting, new BenefitGrant
        {
            Reference = string.Create(CultureInfo.InvariantCulture, $"{BenefitGrant.RulePrefix}{rule.Code}:{id}"),
            Id = id,
            Benefit = rule.Benefit!,
            Source = "rule",
            StartTime = posting.Time,
            EndTime = rule.Validity is null ? Instant.Never : posting.Programme.ExpiryOf(posting.Time, rule.Validity),
            Reason = rule.NameEnglish,
            GrantedAt = posting.Draft.Now,
        });
    }

    private static BenefitGrant Write(Posting posting, BenefitGrant grant)
    {
        posting.Book.Benefits.Grants.Set(grant.Reference, grant);
        posting.Raise(MemberEvents.BenefitGranted, new BenefitGrantFact(posting.Book.Identity.Id.Value, grant));
        return grant;
    }
}

/// <summary>Takes a grant back from its business time on. What was used stays used.</summary>
/// <remarks>The same again is a duplicate. Refusals, first match wins: TIME_IN_FUTURE, MEMBER_NOT_FOUND, BENEFIT_GRANT_NOT_FOUND.</remarks>
/// <param name="member">Null finds the grant by its reference; what a rule granted is found by its member only.</param>
/// <param name="benefit">The code of the benefit that was granted.</param>
/// <param name="reference">What the grant was named by.</param>
public sealed class RevokeBenefit(TenantId tenant, MemberReference? member, string benefit, string reference, MemberBooks books)
    : MemberCommand(tenant, member ?? MemberReference.ByHandle(BenefitGrant.HandleOf(tenant, reference), NoGrant), books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    private const string NoGrant = "BENEFIT_GRANT_NOT_FOUND";

    protected override bool NeedsActiveMember => false;

    // A grant goes with the member.
    protected override bool ActsWhereItIs => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) => claims.Add(new Claim(
        Hash128.Of(Tenant.Value, "benefit-revoke", string.Create(CultureInfo.InvariantCulture, $"{Member.Resolve(handles)}|{reference}")),
        Hash128.Of(Tenant.Value, "benefit-revoked", benefit)));

    protected override void PlanFor(MemberBook book, Instant time, LoadPlan plan) => Books.Benefits.HasGrants(book, benefit, plan);

    protected override Cause CauseOf() => new("Benefit revoked", "benefit", reference);

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var book = posting.Book;
        if (!Books.Benefits.HasGrants(book, benefit, plan))
        {
            return Decision.NeedMore.Instance;
        }

        if (book.Benefits.Grants.Find(reference) is not { } grant || grant.Benefit != benefit)
        {
            return new Decision.Refuse(new Refusal(NoGrant));
        }

        var revoked = grant with { RevokedAt = posting.Time };
        book.Benefits.Grants.Set(reference, revoked);
        posting.Raise(MemberEvents.BenefitRevoked, new BenefitGrantFact(book.Identity.Id.Value, revoked));
        return new Decision.Apply(BenefitGrantReply.Of(book.Identity.Id.Value, revoked), book.Identity.Id.Value, 0, 0);
    }
}
