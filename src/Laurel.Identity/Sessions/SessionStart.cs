using Laurel.Engine.Lanes;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Vault;

namespace Laurel.Identity.Sessions;

/// <summary>A user and a session that has just begun or gone on: what tokens are made of.</summary>
internal sealed record SignInReply(User User, Session Session)
{
    /// <summary>What was enrolled with it; null where nothing was.</summary>
    public object? Enrolled { get; init; }
}

/// <summary>Begins sessions.</summary>
/// <param name="Life">After how long without use it ends.</param>
/// <param name="Device">What the user calls the device, or null.</param>
/// <param name="Changes">Is told of a session that ends for it.</param>
/// <param name="Displaced">The user's oldest session where it has as many as are kept; 0 for none.</param>
internal sealed record SessionStart(SecretVault Vault, TimeSpan Life, string? Device, AccessChanges Changes, long Displaced = 0)
{
    /// <summary>How many sessions of one user are kept.</summary>
    public const int SessionsMax = 20;

    public void NameRoots(TenantId tenant, ICollection<RootRef> roots)
    {
        if (Displaced != 0)
        {
            roots.Add(Session.Kind.RootOf(tenant, Displaced));
        }
    }

    public SignInReply Begin(Draft draft, User user)
    {
        if (Displaced != 0 && draft.Edit<Session>(Session.Kind.RootOf(user.Tenant, Displaced)) is { } oldest && oldest.User == user.Id)
        {
            oldest.End(SessionEnd.Displaced, draft.Now);
            Changes.Note(draft, user.Tenant, AccessSubject.Session, oldest.Id);
        }

        var id = draft.NextId(0);
        var session = new Session
        {
            Tenant = user.Tenant,
            Id = id,
            User = user.Id,
            Epoch = user.Epoch,
            Secret = RefreshToken.DrawSecret(Vault, user.Tenant, id),
            Device = Device,
            CreatedAt = draft.Now,
            UsedAt = draft.Now,
            ExpiresAt = draft.Now.Plus(Life),
        };
        draft.Create(Session.Kind.RootOf(user.Tenant, id), session);
        user.NoteLogin(draft.Now);
        return new SignInReply(user, session);
    }
}
