using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Points;
using Laurel.Membership.RealNames;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Members;

/// <summary>What <c>POST /api/members/{id}/real-name</c> asks for.</summary>
public sealed record RealNameBody
{
    /// <summary>Whether the host has verified the member's real name.</summary>
    public required bool Verified { get; init; }

    /// <summary>The <c>attempt</c> of the real name that was looked at; needed to verify what the member has told and waits.</summary>
    public string? Attempt { get; init; }
}

/// <summary>Whether a member's real name is verified.</summary>
public sealed record RealNameReply
{
    public required string MemberId { get; init; }

    public required bool Verified { get; init; }
}

/// <summary>Notes whether the host has verified the member's real name: what the member itself has told and waits is confirmed by it. Otherwise the name is
/// not told and not kept.</summary>
/// <remarks>Keeps I34. Refusals, first match wins: MEMBER_NOT_FOUND, PROFILE_CHANGED, REAL_NAME_CHANGED, IDENTITY_CARD_USED.</remarks>
public sealed class SetRealName(TenantId tenant, MemberReference member, bool verified, MemberBooks books) : MemberCommand(tenant, member, books)
{
    /// <summary>The check as it was when the host decided; null where there was none.</summary>
    internal RealNameSeen? Seen { get; init; }

    /// <summary>The attempt that whoever decides has looked at; null where none was, which verifies nothing that the member has told.</summary>
    public long? Attempt { get; init; }

    /// <summary>The version of the profile that whoever decides has looked at; null takes any.</summary>
    public long? BaseVersion { get; init; }

    /// <summary>Members that one identity card verifies.</summary>
    internal RealNameLimits Limits { get; init; } = new();

    /// <summary>An act of people and of administration, seldom and looked for.</summary>
    public override bool IsTraffic => false;

    protected override bool NeedsActiveMember => false;

    private IReadOnlyList<RootRef> Places => Seen?.Card is { } card ? [.. IdentityCardUse.PlacesOf(Tenant, card, Limits.MembersPerCard)] : [];

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        if (Member.Resolve(handles) is { } id)
        {
            RealNameRoots.Name(Tenant, Books.EndOf(Tenant, id), Places, Seen?.HeldPlace, roots);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Noted twice is noted once; it needs no key.
    }

    protected override Cause CauseOf() => new("Real name", "member", "real-name");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var (book, id) = (posting.Book, posting.Book.Identity.Id);
        if (BaseVersion is { } meant)
        {
            if (!Books.HasPersonal(book, plan))
            {
                return Decision.NeedMore.Instance;
            }

            if (meant != (book.Personal.Current?.Version ?? 0))
            {
                return Refuse(ErrorCode.ProfileChanged, ("version", book.Personal.Current?.Version ?? 0), ("baseVersion", meant));
            }
        }

        if (posting.Draft.Edit<RealName>(RealName.Kind.RootOf(Tenant, id.Value)) is { } check)
        {
            // A name that nobody has looked at is not verified by who has looked at another.
            var isAnother = Attempt is { } attempt ? attempt != check.Attempt : verified && check.State == RealNameState.Pending;
            if (isAnother || check.CardIndex != Seen?.Card || check.CardUse != Seen?.HeldPlace)
            {
                return new Decision.Refuse(new Refusal(ErrorCode.RealNameChanged) { Definitive = false });
            }

            if (check.State == RealNameState.Pending && verified && !Books.HasPersonal(book, plan))
            {
                return Decision.NeedMore.Instance;
            }

            if (check.State == RealNameState.Pending && verified && !RealNameVerdict.Verify(posting, Books, check, Places))
            {
                return Refuse(ErrorCode.IdentityCardUsed, ("max", Limits.MembersPerCard));
            }

            if (!verified)
            {
                RealNameVerdict.End(posting.Draft, check, RealNameState.Withdrawn);
            }
        }

        book.RealNameVerified = verified;
        return new Decision.Apply(new RealNameReply { MemberId = id.ToString(), Verified = verified }, id.Value, 0, 0);
    }
}
