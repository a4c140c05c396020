using Laurel.Engine.Lanes;
using Laurel.Identity.Codes;
using Laurel.Identity.Sessions;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Errors;

namespace Laurel.Identity.SignIn;

/// <summary>Enrols a member, makes it a user and signs it in: in one commit, so that there is never one without the other.</summary>
/// <remarks>Refusals, first match wins: SIGN_IN_CODE_INVALID, SIGN_IN_PHONE_UNPROVEN, then those of <see cref="RegisterMember"/>, SIGN_IN_NAME_TAKEN.</remarks>
internal sealed class RegisterUser(RegisterMember member, IReadOnlyList<NameKey> names, SessionStart start) : Command(member.Tenant)
{
    public required string Username { get; init; }

    /// <summary>Null for who signs in without a password.</summary>
    public required string? PasswordHash { get; init; }

    /// <summary>That the names are one's own, as far as they have to be shown to be; null where a code is not asked for.</summary>
    public required CodeProof? Proof { get; init; }

    /// <summary>Whether it stops where a provider alone has said of one of the names whose it is: of who did not ask for an account of its own.</summary>
    public required bool StopsAtUnproven { get; init; }

    public override long FairnessKey => member.FairnessKey;

    public override void NameHandles(HandleResolution handles) => member.NameHandles(handles);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        member.NameRoots(handles, roots);
        start.NameRoots(Tenant, roots);
        foreach (var name in names)
        {
            roots.Add(SignInName.Rows.RootOf(Tenant, name.Id));
        }

        if (Proof is not null)
        {
            roots.Add(Proof.Root);
        }
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims) => member.NameClaims(handles, claims);

    public override void Plan(WorkingSet set, LoadPlan plan) => member.Plan(set, plan);

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        if (Proof?.Take(draft) is { } wrong)
        {
            return new Decision.Apply(wrong, 0, 0, 0) { Answer = wrong, LeavesKeys = true };
        }

        if (StopsAtUnproven && names.Any(name => draft.Find<SignInName>(SignInName.Rows.RootOf(Tenant, name.Id)) is { IsUnproven: true } && !name.IsUnproven))
        {
            // The same code registers, if that is what its owner wants.
            Proof?.GiveBack(draft);
            var unproven = new Refusal(ErrorCode.SignInPhoneUnproven);
            return new Decision.Apply(unproven, 0, 0, 0) { Answer = unproven, LeavesKeys = true };
        }

        var decided = member.Decide(draft, plan);
        if (decided is not Decision.Apply enrolled)
        {
            return decided;
        }

        var user = User.OfMember(Tenant, enrolled.RootId, Username, PasswordHash, draft.Now);
        foreach (var name in names)
        {
            // What a provider alone says of a number keeps nobody from registering: it may say so of two people.
            if (SignInName.Bind(draft, user, name) is { } taken && !name.IsUnproven)
            {
                return new Decision.Refuse(taken);
            }
        }

        draft.Create(User.Kind.RootOf(Tenant, user.Id), user);
        return enrolled with { Reply = start.Begin(draft, user, proved: false) with { Enrolled = enrolled.Reply } };
    }

    public override (byte[] Body, long RootId) Freeze(object reply) =>
        throw new InvariantBrokenException("What is answered to who signs in is never kept.");
}
