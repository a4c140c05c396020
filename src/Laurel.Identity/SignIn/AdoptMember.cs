using Laurel.Engine.Lanes;
using Laurel.Identity.Codes;
using Laurel.Identity.Roles;
using Laurel.Identity.Sessions;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Membership.Profiles;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;

namespace Laurel.Identity.SignIn;

/// <summary>Signs somebody in as the member whose telephone number it has: the host has verified the number as the member's, and the person has shown to
/// have it. The member becomes a user in the same commit; one that is a user already loses everything else that it signed in with (D9).</summary>
/// <remarks>Refusals, first match wins: SIGN_IN_CODE_INVALID, SIGN_IN_FAILED, TOTP_REQUIRED, TOTP_INVALID, SIGN_IN_NAME_TAKEN.</remarks>
/// <param name="vouched">That the host's word still stands.</param>
/// <param name="phone">The number.</param>
internal sealed class AdoptMember(TenantId tenant, MemberId member, VouchedPhone vouched, NameKey phone, SessionStart start, AccessChanges changes)
    : IdentityCommand(tenant)
{
    /// <summary>What the user is called if there is none yet.</summary>
    public required string Username { get; init; }

    public required NameKey UsernameKey { get; init; }

    /// <summary>What the user signed in with when it was read; empty where the member is no user.</summary>
    public required IReadOnlyList<(long Id, string Kind)> Before { get; init; }

    /// <summary>Who has the number and has not been seen for so long that it counts no more as its own; null where nobody has.</summary>
    public required StaleOwner? Stale { get; init; }

    /// <summary>A code to be looked at; null where a provider has said whose the number is.</summary>
    public CodeProof? Proof { get; init; }

    /// <inheritdoc cref="CompleteSignIn.TotpStep"/>
    public long? TotpStep { get; init; }

    /// <inheritdoc cref="CompleteSignIn.Names"/>
    public IReadOnlyList<NameKey> Names { get; init; } = [];

    public override long FairnessKey => member.Value;

    private RootRef Root => User.Kind.RootOf(Tenant, member.Value);

    private RootRef PhoneRoot => SignInName.Rows.RootOf(Tenant, phone.Id);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        vouched.NameRoots(roots);
        start.NameRoots(Tenant, roots);
        roots.Add(Root);
        foreach (var id in Before.Select(name => name.Id).Concat(Names.Select(name => name.Id)).Append(phone.Id).Append(UsernameKey.Id).Distinct())
        {
            roots.Add(SignInName.Rows.RootOf(Tenant, id));
        }

        if (Stale is { } stale && stale.User != member.Value)
        {
            roots.Add(User.Kind.RootOf(Tenant, stale.User));
        }

        if (Proof is not null)
        {
            roots.Add(Proof.Root);
        }
    }

    public override void Plan(WorkingSet set, LoadPlan plan) => vouched.Plan(set, plan);

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        if (Proof?.Take(draft) is { } wrong)
        {
            return RefuseAndKeep(wrong);
        }

        if (vouched.Holds(draft, plan) is not { } holds)
        {
            return Decision.NeedMore.Instance;
        }

        var found = draft.Edit<User>(Root);
        if (!holds || found is { Status: not UserStatus.Active })
        {
            return RefuseAndKeep(new Refusal(ErrorCode.SignInFailed));
        }

        if (found?.TakeTotp(TotpStep) is { } refusal)
        {
            Proof?.GiveBack(draft);
            return RefuseAndKeep(refusal);
        }

        // Whoever may vouch for numbers does not give roles away with them: of staff the number has to be shown before it is told.
        if (found is not null && BuiltInRole.IsOfStaff(found.Role) && !HasPhone(draft, found))
        {
            return RefuseAndKeep(new Refusal(ErrorCode.SignInFailed));
        }

        var isNew = found is null;
        var user = found ?? Create(draft);
        if (isNew && SignInName.Bind(draft, Tenant, UsernameKey, user.Id) is { } taken)
        {
            return new Decision.Refuse(taken);
        }

        // Somebody may have come first, by another way to the same number.
        if (isNew || !HasPhone(draft, user))
        {
            Release(draft);
            if (SignInName.Bind(draft, Tenant, phone, user.Id) is { } others)
            {
                return new Decision.Refuse(others);
            }

            Revoke(draft, user, isNew);
        }

        foreach (var name in Names)
        {
            SignInName.Bind(draft, Tenant, name, user.Id);
        }

        if (isNew)
        {
            draft.Create(Root, user);
        }

        return Done(start.Begin(draft, user, proved: user.AsksForTotp));
    }

    private User Create(Draft draft) => new()
    {
        Tenant = Tenant,
        Id = member.Value,
        IsMember = true,
        Username = Username,
        Role = BuiltInRole.Member,
        SignedInSince = draft.Now,
        CreatedAt = draft.Now,
    };

    private bool HasPhone(Draft draft, User user) =>
        draft.Find<SignInName>(PhoneRoot)?.User == user.Id && !(Stale is { } stale && stale.User == user.Id && stale.IsStale(user, draft.Now));

    // The number was given to somebody else since its owner was seen.
    private void Release(Draft draft)
    {
        if (Stale is { } stale && stale.User != member.Value && draft.Find<SignInName>(PhoneRoot)?.User == stale.User
            && (draft.Find<User>(User.Kind.RootOf(Tenant, stale.User)) is not { } owner || stale.IsStale(owner, draft.Now)))
        {
            draft.Edit<SignInName>(PhoneRoot)!.User = null;
        }
    }

    // Whoever set them had not shown to have the number: they may be of somebody who came before its owner.
    private void Revoke(Draft draft, User user, bool isNew)
    {
        if (isNew)
        {
            return;
        }

        foreach (var (id, kind) in Before)
        {
            if (kind != NameKind.Username && id != phone.Id && draft.Edit<SignInName>(SignInName.Rows.RootOf(Tenant, id)) is { } name && name.User == user.Id)
            {
                name.User = null;
            }
        }

        (user.PasswordHash, user.PasswordAt) = (null, null);
        user.SignOutEverywhere(draft.Now);
        changes.Note(draft, Tenant, AccessSubject.User, user.Id);
    }
}

/// <summary>Who has a telephone number and has not been seen for longer than a number stays with one person.</summary>
/// <param name="User">The user's id.</param>
/// <param name="Life">After how long without a sign-in the number counts no more.</param>
internal sealed record StaleOwner(long User, TimeSpan Life)
{
    /// <summary>Whether it still has not been seen: it was read a moment ago.</summary>
    public bool IsStale(User user, Instant now) => (user.LastLoginAt ?? user.CreatedAt).Plus(Life) <= now;
}
