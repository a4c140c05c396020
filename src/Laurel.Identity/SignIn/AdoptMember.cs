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
/// <remarks>Refusals, first match wins: SIGN_IN_CODE_INVALID, SIGN_IN_FAILED, TOTP_REQUIRED, TOTP_INVALID, SIGN_IN_NAME_TAKEN, BUSY (what was read is no
/// longer all that the user signs in with: to be read again).</remarks>
/// <param name="vouched">That the host's word still stands.</param>
/// <param name="phone">The number.</param>
internal sealed class AdoptMember(TenantId tenant, MemberId member, VouchedPhone vouched, NameKey phone, SessionStart start, AccessChanges changes)
    : IdentityCommand(tenant)
{
    /// <summary>What the user is called if there is none yet.</summary>
    public required string Username { get; init; }

    public required NameKey UsernameKey { get; init; }

    /// <summary>The password of who registers; null where none was told.</summary>
    public required string? PasswordHash { get; init; }

    /// <summary>Whether the caller wants an account made, and not to come into one that it has.</summary>
    public required bool IsRegistration { get; init; }

    /// <summary>What the user signed in with when it was read; nothing where the member was no user.</summary>
    public required NamesSeen Seen { get; init; }

    /// <summary>Who has the number and has not been seen for so long that it counts no more as its own; null where nobody has.</summary>
    public required StaleOwner? Stale { get; init; }

    /// <summary>A code to be looked at; null where a provider has said whose the number is.</summary>
    public required CodeProof? Proof { get; init; }

    /// <inheritdoc cref="CompleteSignIn.TotpStep"/>
    public long? TotpStep { get; init; }

    /// <inheritdoc cref="CompleteSignIn.Names"/>
    public required IReadOnlyList<NameKey> Names { get; init; }

    public override long FairnessKey => member.Value;

    private RootRef Root => User.Kind.RootOf(Tenant, member.Value);

    private RootRef PhoneRoot => SignInName.Rows.RootOf(Tenant, phone.Id);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        vouched.NameRoots(roots);
        start.NameRoots(Tenant, roots);
        Seen.NameRoots(Tenant, roots);
        roots.Add(Root);
        roots.Add(PhoneRoot);
        foreach (var name in Names.Append(UsernameKey))
        {
            roots.Add(SignInName.Rows.RootOf(Tenant, name.Id));
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
        var isOwn = found is not null && HasPhone(draft, found);
        if (found is not null && BuiltInRole.IsOfStaff(found.Role) && !isOwn)
        {
            return RefuseAndKeep(new Refusal(ErrorCode.SignInFailed));
        }

        // Somebody may have come first, by another way to the same number.
        var refused = found is null ? Begin(draft) : !isOwn ? Take(draft, found) : IsRegistration ? new Refusal(ErrorCode.SignInNameTaken, ("kind", phone.Kind)) : null;
        if (refused is not null)
        {
            return new Decision.Refuse(refused);
        }

        // Whom it was given, and from whom the rest was taken, has room.
        var user = draft.Edit<User>(Root)!;
        if (SignInName.BindWhatIsFree(draft, user, Names, isOwn ? Seen : new NamesSeen(user.NamesBound, [])) is { } early)
        {
            return new Decision.Refuse(early);
        }

        return Done(start.Begin(draft, user, proved: user.AsksForTotp));
    }

    // The member becomes a user.
    private Refusal? Begin(Draft draft)
    {
        var user = User.OfMember(Tenant, member.Value, Username, PasswordHash, draft.Now);
        draft.Create(Root, user);
        return SignInName.Bind(draft, user, UsernameKey) ?? BindPhone(draft, user);
    }

    // The member is a user already, by what others may have set.
    private Refusal? Take(Draft draft, User user)
    {
        if (!Seen.AreOf(user))
        {
            return new Refusal(ErrorCode.Busy);
        }

        if (BindPhone(draft, user) is { } others)
        {
            return others;
        }

        Revoke(draft, user);
        return null;
    }

    private Refusal? BindPhone(Draft draft, User user)
    {
        // The number was given to somebody else since its owner was seen.
        if (Stale is { } stale && stale.User != user.Id && draft.Find<SignInName>(PhoneRoot)?.User == stale.User
            && (draft.Find<User>(User.Kind.RootOf(Tenant, stale.User)) is not { } owner || stale.IsStale(owner, draft.Now)))
        {
            draft.Remove(PhoneRoot);
        }

        return SignInName.Bind(draft, user, phone with { ShownBy = Proof is null ? NameShown.Host : NameShown.Code });
    }

    private bool HasPhone(Draft draft, User user) =>
        draft.Find<SignInName>(PhoneRoot)?.LetsIn(phone, user.Id) == true && !(Stale is { } stale && stale.User == user.Id && stale.IsStale(user, draft.Now));

    // Whoever set them had not shown to have the number: they may be of somebody who came before its owner.
    private void Revoke(Draft draft, User user)
    {
        foreach (var name in Seen.Names)
        {
            var root = SignInName.Rows.RootOf(Tenant, name.Id);
            if (name.Kind != NameKind.Username && name.Id != phone.Id && draft.Find<SignInName>(root)?.User == user.Id)
            {
                draft.Remove(root);
            }
        }

        (user.PasswordHash, user.PasswordAt) = (PasswordHash, PasswordHash is null ? null : draft.Now);
        user.SignOutEverywhere(draft.Now);
        changes.Note(draft, Tenant, AccessSubject.User, user.Id);
    }
}

/// <summary>Who has a telephone number and has not been seen for longer than a number stays with one person.</summary>
/// <param name="User">The user's id.</param>
/// <param name="Life">After how long without being seen the number counts no more.</param>
internal sealed record StaleOwner(long User, TimeSpan Life)
{
    /// <summary>Whether it still has not been seen: it was read a moment ago.</summary>
    public bool IsStale(User user, Instant now) => (user.SeenAt ?? user.CreatedAt).Plus(Life) <= now;
}
