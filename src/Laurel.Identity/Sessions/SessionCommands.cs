using Laurel.Engine.Lanes;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;

namespace Laurel.Identity.Sessions;

/// <summary>Makes the next refresh token of a session. The one before is good for a moment longer, for who lost the answer; any earlier one is a
/// sign that somebody else has it, and ends the session (RFC 9700 §4.14.2).</summary>
/// <remarks>Refusals: REFRESH_TOKEN_INVALID, REFRESH_TOKEN_REUSED. That the token was made for the session is known already.</remarks>
internal sealed class RefreshSession(RefreshToken token, long user, TimeSpan life, AccessChanges changes) : IdentityCommand(new TenantId(token.Tenant))
{
    public override long FairnessKey => token.Session;

    /// <summary>How long an answer may be lost and asked for again.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromSeconds(30);

    private RootRef SessionRoot => Session.Kind.RootOf(Tenant, token.Session);

    private RootRef UserRoot => User.Kind.RootOf(Tenant, user);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        roots.Add(SessionRoot);
        roots.Add(UserRoot);
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        var found = draft.Find<User>(UserRoot);
        if (found is not { Status: UserStatus.Active } || draft.Edit<Session>(SessionRoot) is not { } session || session.IsOver(found, draft.Now))
        {
            return Refuse(ErrorCode.RefreshTokenInvalid);
        }

        if (token.Generation == session.Generation - 1 && session.UsedAt.Plus(Again) > draft.Now)
        {
            return Refreshed(found, session);
        }

        if (token.Generation != session.Generation)
        {
            session.End(SessionEnd.Reused, draft.Now);
            changes.Note(draft, Tenant, AccessSubject.Session, session.Id);
            var reused = new Refusal(ErrorCode.RefreshTokenReused);
            return new Decision.Apply(reused, 0, 0, 0) { Answer = reused, LeavesKeys = true };
        }

        session.Generation++;
        (session.UsedAt, session.ExpiresAt) = (draft.Now, draft.Now.Plus(life));
        if (found.IsToBeSeen(draft.Now))
        {
            draft.Edit<User>(UserRoot)!.See(draft.Now);
        }

        return Refreshed(found, session);
    }

    // A program refreshes every day, without anybody's doing: the session tells when it was used.
    private static Decision.Apply Refreshed(User user, Session session) => new(new SignInReply(user, session), 0, 0, 0) { IsRoutine = true };
}

/// <summary>Ends one session of a user.</summary>
/// <remarks>Refusals: SESSION_NOT_FOUND.</remarks>
internal sealed class EndSession(TenantId tenant, long user, long session, AccessChanges changes) : IdentityCommand(tenant)
{
    public override long FairnessKey => session;

    private RootRef Root => Session.Kind.RootOf(Tenant, session);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => roots.Add(Root);

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        if (draft.Edit<Session>(Root) is not { } found || found.User != user)
        {
            return Refuse(ErrorCode.SessionNotFound);
        }

        found.End(SessionEnd.LoggedOut, draft.Now);
        changes.Note(draft, Tenant, AccessSubject.Session, found.Id);
        return Done(found);
    }
}

/// <summary>Ends all sessions of a user.</summary>
internal sealed class SignOutEverywhere(TenantId tenant, long user, AccessChanges changes) : IdentityCommand(tenant)
{
    public override long FairnessKey => user;

    private RootRef Root => User.Kind.RootOf(Tenant, user);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => roots.Add(Root);

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        if (draft.Edit<User>(Root) is not { } found)
        {
            return Refuse(ErrorCode.UserNotFound);
        }

        found.SignOutEverywhere(draft.Now);
        changes.Note(draft, Tenant, AccessSubject.User, found.Id);
        return Done(found);
    }
}
