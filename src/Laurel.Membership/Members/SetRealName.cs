using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Points;

namespace Laurel.Membership.Members;

/// <summary>What <c>POST /api/members/{id}/real-name</c> asks for.</summary>
public sealed record RealNameBody
{
    /// <summary>Whether the host has verified the member's real name.</summary>
    public required bool Verified { get; init; }
}

/// <summary>Whether a member's real name is verified.</summary>
public sealed record RealNameReply
{
    public required string MemberId { get; init; }

    public required bool Verified { get; init; }
}

/// <summary>Notes whether the host has verified the member's real name. The name itself is not told and not kept.</summary>
/// <remarks>Refusals: MEMBER_NOT_FOUND.</remarks>
public sealed class SetRealName(TenantId tenant, MemberReference member, bool verified, MemberBooks books) : MemberCommand(tenant, member, books)
{
    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    protected override bool NeedsActiveMember => false;

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Noted twice is noted once; it needs no key.
    }

    protected override Cause CauseOf() => new("Real name", "member", "real-name");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        posting.Book.RealNameVerified = verified;
        var id = posting.Book.Identity.Id;
        return new Decision.Apply(new RealNameReply { MemberId = id.ToString(), Verified = verified }, id.Value, 0, 0);
    }
}
