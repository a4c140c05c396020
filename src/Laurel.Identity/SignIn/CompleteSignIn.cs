using Laurel.Engine.Lanes;
using Laurel.Identity.Codes;
using Laurel.Identity.Passwords;
using Laurel.Identity.Sessions;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Platform.Errors;

namespace Laurel.Identity.SignIn;

/// <summary>Begins a session for a user who has shown who it is: by the password, which was looked at before, or by a code, which is looked at here.</summary>
/// <remarks>Refusals, first match wins: SIGN_IN_CODE_INVALID, SIGN_IN_FAILED, SIGN_IN_PHONE_STALE, TOTP_REQUIRED, TOTP_INVALID, BUSY (what was read
/// is no longer all that the user signs in with: to be read again).</remarks>
/// <param name="by">The name by which the user was found: it may have gone to somebody else since.</param>
internal sealed class CompleteSignIn(TenantId tenant, long user, NameKey by, SessionStart start) : IdentityCommand(tenant)
{
    public override long FairnessKey => user;

    /// <summary>The name whose tries are given back; null where none was taken.</summary>
    public NameKey? Tried { get; init; }

    /// <summary>The password as it was stored when it was looked at; null where none was looked at.</summary>
    public string? PasswordSeen { get; init; }

    /// <summary>A code to be looked at; null where there is none.</summary>
    public CodeProof? Proof { get; init; }

    /// <summary>The step of the one-time password that was presented and is right; null where none was.</summary>
    public long? TotpStep { get; init; }

    /// <summary>Whether the user or its member is shut out; it is told to nobody who has not shown the code.</summary>
    public bool IsShutOut { get; init; }

    /// <summary>That the user has not been seen for so long that its telephone number alone lets nobody in; null where it has.</summary>
    public StaleOwner? Stale { get; init; }

    /// <summary>What the user signs in with from now on too, where nobody else does: what came along with what it was recognised by.</summary>
    public IReadOnlyList<NameKey> Names { get; init; } = [];

    /// <summary>What the user signed in with when it was read; not looked at where there are no <see cref="Names"/>.</summary>
    public NamesSeen Seen { get; init; } = NamesSeen.None;

    private RootRef Root => User.Kind.RootOf(Tenant, user);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        roots.Add(Root);
        start.NameRoots(Tenant, roots);
        foreach (var name in Names.Append(by))
        {
            roots.Add(SignInName.Rows.RootOf(Tenant, name.Id));
        }

        if (Tried is not null)
        {
            roots.Add(SignInFailures.Kind.RootOf(Tenant, Tried.Id));
        }

        if (Proof is not null)
        {
            roots.Add(Proof.Root);
        }
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        if (Proof?.Take(draft) is { } wrong)
        {
            return RefuseAndKeep(wrong);
        }

        if (IsShutOut || draft.Find<SignInName>(SignInName.Rows.RootOf(Tenant, by.Id))?.LetsIn(by, user) != true)
        {
            return RefuseAndKeep(new Refusal(ErrorCode.SignInFailed));
        }

        // The password may have been changed since it was looked at.
        if (draft.Edit<User>(Root) is not { Status: UserStatus.Active } found || (PasswordSeen is not null && found.PasswordHash != PasswordSeen))
        {
            return Refuse(ErrorCode.SignInFailed);
        }

        if (Stale is { } stale && stale.IsStale(found, draft.Now))
        {
            return RefuseAndKeep(new Refusal(ErrorCode.SignInPhoneStale, ("days", (long)stale.Life.TotalDays)));
        }

        if (found.TakeTotp(TotpStep) is { } refusal)
        {
            // Tries stay taken, of the password as of the code: a one-time password has six digits too.
            Proof?.GiveBack(draft);
            return RefuseAndKeep(refusal);
        }

        if (Tried is not null && draft.Edit<SignInFailures>(SignInFailures.Kind.RootOf(Tenant, Tried.Id)) is { } tries)
        {
            tries.Failures = 0;
        }

        if (SignInName.BindWhatIsFree(draft, found, Names, Seen) is { } early)
        {
            return new Decision.Refuse(early);
        }

        return Done(start.Begin(draft, found));
    }
}
