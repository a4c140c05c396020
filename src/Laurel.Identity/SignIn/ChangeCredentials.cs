using Laurel.Engine.Lanes;
using Laurel.Identity.Codes;
using Laurel.Identity.Providers;
using Laurel.Identity.Sessions;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;

namespace Laurel.Identity.SignIn;

/// <summary>A change of what a user signs in with, under the user's lock.</summary>
internal abstract class CredentialChange(TenantId tenant, long user) : IdentityCommand(tenant)
{
    public override long FairnessKey => UserId;

    protected RootRef Root => User.Kind.RootOf(Tenant, UserId);

    protected long UserId { get; } = user;

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => roots.Add(Root);

    public override Decision Decide(Draft draft, LoadPlan plan) =>
        draft.Edit<User>(Root) is { Status: UserStatus.Active } found ? Change(draft, found) : Refuse(ErrorCode.UserNotFound);

    protected abstract Decision Change(Draft draft, User found);
}

/// <summary>Sets a new password and begins the only session that is left: whoever knew the old one is out.</summary>
/// <remarks>Refusals: SIGN_IN_CODE_INVALID, USER_NOT_FOUND, SIGN_IN_PHONE_STALE, TOTP_REQUIRED, TOTP_INVALID, SIGN_IN_FAILED.</remarks>
/// <param name="seen">The password as it was stored when it was looked at; null where a code takes its place.</param>
internal sealed class SetPassword(TenantId tenant, long user, string hash, string? seen, CodeProof? proof, SessionStart start, AccessChanges changes)
    : CredentialChange(tenant, user)
{
    /// <inheritdoc cref="CompleteSignIn.Stale"/>
    public StaleOwner? Stale { get; init; }

    /// <inheritdoc cref="CompleteSignIn.TotpStep"/>
    public long? TotpStep { get; init; }

    /// <summary>To what the code was sent, by which the user was found; null where no code takes the password's place.</summary>
    public NameKey? By { get; init; }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        if (By is not null)
        {
            roots.Add(SignInName.Rows.RootOf(Tenant, By.Id));
        }

        if (proof is not null)
        {
            roots.Add(proof.Root);
        }
    }

    public override Decision Decide(Draft draft, LoadPlan plan) =>
        proof?.Take(draft) is { } wrong ? RefuseAndKeep(wrong) : base.Decide(draft, plan);

    protected override Decision Change(Draft draft, User found)
    {
        if (Stale is { } stale && stale.IsStale(found, draft.Now))
        {
            return RefuseAndKeep(new Refusal(ErrorCode.SignInPhoneStale, ("days", (long)stale.Life.TotalDays)));
        }

        if (proof is null && found.PasswordHash != seen)
        {
            return Refuse(ErrorCode.SignInFailed);
        }

        if (By is not null && draft.Find<SignInName>(SignInName.Rows.RootOf(Tenant, By.Id))?.LetsIn(By, found.Id) != true)
        {
            return RefuseAndKeep(new Refusal(ErrorCode.SignInFailed));
        }

        // A code stands for the password alone: whoever has the number of somebody has not the one-time passwords.
        if (proof is not null && found.TakeTotp(TotpStep) is { } refusal)
        {
            proof.GiveBack(draft);
            return RefuseAndKeep(refusal);
        }

        (found.PasswordHash, found.PasswordAt) = (hash, draft.Now);
        found.SignOutEverywhere(draft.Now);
        changes.Note(draft, Tenant, AccessSubject.User, found.Id);
        return Done(start.Begin(draft, found));
    }
}

/// <summary>Gives a name to a user: a telephone number or address that a code has shown to be its own, or what a provider has said.</summary>
/// <remarks>Refusals: SIGN_IN_CODE_INVALID, USER_NOT_FOUND, BUSY (what was read is no longer all: to be read again), SIGN_IN_NAMES_FULL, SIGN_IN_NAME_TAKEN.</remarks>
/// <param name="seen">What the user signed in with when it was read.</param>
internal sealed class BindName(TenantId tenant, long user, IReadOnlyList<NameKey> names, CodeProof? proof, NamesSeen seen) : CredentialChange(tenant, user)
{
    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        foreach (var name in names)
        {
            roots.Add(SignInName.Rows.RootOf(Tenant, name.Id));
        }

        if (proof is not null)
        {
            roots.Add(proof.Root);
        }
    }

    public override Decision Decide(Draft draft, LoadPlan plan) =>
        proof?.Take(draft) is { } wrong ? RefuseAndKeep(wrong) : base.Decide(draft, plan);

    protected override Decision Change(Draft draft, User found)
    {
        if (!seen.AreOf(found))
        {
            return Refuse(ErrorCode.Busy);
        }

        var added = names.Count(name => draft.Find<SignInName>(SignInName.Rows.RootOf(Tenant, name.Id))?.User != found.Id);
        if (added > 0 && seen.Names.Count + added > NamesSeen.CountMax)
        {
            return Refuse(ErrorCode.SignInNamesFull, ("max", NamesSeen.CountMax));
        }

        foreach (var name in names)
        {
            if (SignInName.Bind(draft, found, name) is { } taken)
            {
                return new Decision.Refuse(taken);
            }
        }

        return Done(found);
    }
}

/// <summary>Takes names from a user, which keeps at least one way to sign in.</summary>
/// <remarks>Refusals: USER_NOT_FOUND, BUSY (what was read is no longer all: to be read again), SIGN_IN_NAME_NOT_FOUND, SIGN_IN_NAME_LAST.</remarks>
/// <param name="kind">The names of this kind go; with those of one of a provider's apps goes what the provider knows the user by in all of them.</param>
/// <param name="seen">What the user signed in with when it was read.</param>
internal sealed class UnbindName(TenantId tenant, long user, string kind, NamesSeen seen) : CredentialChange(tenant, user)
{
    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        seen.NameRoots(Tenant, roots);
    }

    protected override Decision Change(Draft draft, User found)
    {
        if (!seen.AreOf(found))
        {
            return Refuse(ErrorCode.Busy);
        }

        var own = seen.Names
            .Select(name => draft.Find<SignInName>(SignInName.Rows.RootOf(Tenant, name.Id)))
            .Where(name => name?.User == found.Id)
            .Select(name => name!)
            .ToList();
        if (!own.Exists(name => name.Kind == kind))
        {
            return Refuse(ErrorCode.SignInNameNotFound, ("kind", kind));
        }

        var going = own.FindAll(name => name.Kind == kind || name.Kind == ProviderName.UnionOf(kind));

        // A user name alone opens nothing, and neither does a number that a provider alone has shown.
        if (!own.Exists(name => !going.Contains(name) && !name.IsUnproven && (name.Kind != NameKind.Username || found.PasswordHash is not null)))
        {
            return Refuse(ErrorCode.SignInNameLast, ("kind", kind));
        }

        foreach (var name in going)
        {
            draft.Remove(SignInName.Rows.RootOf(Tenant, name.Id));
        }

        return Done(found);
    }
}

/// <summary>Keeps a secret for one-time passwords, which waits until one of them was shown; or, shown one, begins to ask for them.</summary>
/// <param name="sealedSecret">Null takes the one-time passwords away.</param>
/// <param name="step">The step of the one-time password that was shown; null where the secret waits.</param>
internal sealed class SetTotp(TenantId tenant, long user, byte[]? sealedSecret, long? step) : CredentialChange(tenant, user)
{
    private const long Waits = -1;

    protected override Decision Change(Draft draft, User found)
    {
        (found.TotpSecret, found.TotpStep) = (sealedSecret, sealedSecret is null ? 0 : step ?? Waits);
        return Done(found);
    }
}
