using System.Globalization;
using System.Text.Json.Serialization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;

namespace Laurel.Identity.Users;

/// <summary>A user as staff is shown it.</summary>
public sealed record UserReply
{
    public required string Id { get; init; }

    public required string Username { get; init; }

    /// <summary>The code of the role.</summary>
    public required string Role { get; init; }

    /// <summary><c>active</c> or <c>disabled</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Whether the user is the member of the same id; otherwise it is staff.</summary>
    public required bool IsMember { get; init; }

    /// <summary>Whether one-time passwords are asked for.</summary>
    public required bool Totp { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset? LastLoginAt { get; init; }

    internal static UserReply Of(User user) => new()
    {
        Id = user.Id.ToString(CultureInfo.InvariantCulture),
        Username = user.Username,
        Role = user.Role,
        Status = User.NameOf(user.Status),
        IsMember = user.IsMember,
        Totp = user.AsksForTotp,
        CreatedAt = user.CreatedAt.ToDateTimeOffset(),
        LastLoginAt = user.LastLoginAt?.ToDateTimeOffset(),
    };

    internal static UserReply Of(FoundUser user) => new()
    {
        Id = user.Id.ToString(CultureInfo.InvariantCulture),
        Username = user.Username,
        Role = user.Role,
        Status = user.Status,
        IsMember = user.IsMember,
        Totp = user.AsksForTotp,
        CreatedAt = new Instant(user.CreatedAt).ToDateTimeOffset(),
        LastLoginAt = user.LastLoginAt is { } at ? new Instant(at).ToDateTimeOffset() : null,
    };
}

/// <summary>A page of users.</summary>
public sealed record UserPage(
    IReadOnlyList<UserReply> Items,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? NextCursor);

/// <summary>Makes one of the shop's staff a user.</summary>
/// <remarks>Refusals: SIGN_IN_NAME_TAKEN.</remarks>
internal sealed class CreateUser(TenantId tenant, NameKey name, string username, string role, string passwordHash) : IdentityCommand(tenant)
{
    public override long FairnessKey => name.Id;

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => roots.Add(SignInName.Rows.RootOf(Tenant, name.Id));

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        var user = new User
        {
            Tenant = Tenant,
            Id = draft.NextId(0),
            IsMember = false,
            Username = username,
            Role = role,
            PasswordHash = passwordHash,
            PasswordAt = draft.Now,
            SignedInSince = draft.Now,
            CreatedAt = draft.Now,
        };
        if (SignInName.Bind(draft, user, name) is { } taken)
        {
            return new Decision.Refuse(taken);
        }

        draft.Create(User.Kind.RootOf(Tenant, user.Id), user);
        return Done(UserReply.Of(user));
    }
}

/// <summary>Changes a user's role or status; what it may do is another from the next call on, and who is switched off is signed out.</summary>
/// <remarks>Refusals: USER_NOT_FOUND.</remarks>
/// <param name="role">Null leaves it.</param>
/// <param name="status">Null leaves it.</param>
internal sealed class ChangeUser(TenantId tenant, long id, string? role, UserStatus? status, AccessChanges changes) : IdentityCommand(tenant)
{
    public override long FairnessKey => id;

    private RootRef Root => User.Kind.RootOf(Tenant, id);

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => roots.Add(Root);

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        if (draft.Edit<User>(Root) is not { } user)
        {
            return Refuse(ErrorCode.UserNotFound);
        }

        user.Role = role ?? user.Role;
        user.Status = status ?? user.Status;
        if (user.Status != UserStatus.Active)
        {
            user.SignOutEverywhere(draft.Now);
        }

        changes.Note(draft, Tenant, AccessSubject.User, user.Id);
        return Done(UserReply.Of(user));
    }
}
