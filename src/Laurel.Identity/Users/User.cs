using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Identity.Roles;
using Laurel.Kernel;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;

namespace Laurel.Identity.Users;

/// <summary>Whether a user may sign in.</summary>
public enum UserStatus
{
    Active,

    /// <summary>Switched off by staff; nothing of it is lost.</summary>
    Disabled,
}

/// <summary>Somebody who signs in: a member, or one of the shop's staff.</summary>
public sealed class User : RowAggregate
{
    /// <summary>Of a user name.</summary>
    public const int UsernameLengthMax = 32;

    /// <summary>Whether the user is the member of the same id; otherwise it is staff.</summary>
    public required bool IsMember { get; init; }

    /// <summary>What the user is called; no personal data.</summary>
    public required string Username { get; set; }

    /// <summary>The code of a role.</summary>
    public required string Role { get; set; }

    public UserStatus Status { get; set; } = UserStatus.Active;

    /// <summary>Null for who signs in without one.</summary>
    public string? PasswordHash { get; set; }

    public Instant? PasswordAt { get; set; }

    /// <summary>How often all that was signed in was ended: sessions of an earlier epoch are over.</summary>
    public long Epoch { get; private set; }

    /// <summary>When the epoch began. What is over is told by the epoch alone: two things may happen at one instant.</summary>
    public required Instant SignedInSince { get; set; }

    /// <summary>How many names were ever given to the user: it tells whether a list of them is whole.</summary>
    public long NamesBound { get; set; }

    /// <summary>The sealed secret of the one-time passwords that the user's device makes; null where none are asked for.</summary>
    public byte[]? TotpSecret { get; set; }

    /// <summary>The step of the last one-time password that was taken; negative while the secret waits to be confirmed.</summary>
    public long TotpStep { get; set; }

    public required Instant CreatedAt { get; init; }

    public Instant? LastLoginAt { get; private set; }

    /// <summary>When it signed in or, to the day, refreshed a session; null when it never did.</summary>
    public Instant? SeenAt { get; private set; }

    /// <summary>Who made it, and so knew its first password; null for who registered, and once somebody else has confirmed it.</summary>
    public Hands? MadeBy { get; set; }

    /// <summary>Who gave it its role; null for a role that came with registering, and once somebody else has confirmed it.</summary>
    public Hands? RoleGivenBy { get; set; }

    /// <summary>Who else is behind it where two persons are needed; null for nobody.</summary>
    public Hands? Makers => Hands.Both(MadeBy, RoleGivenBy);

    public bool AsksForTotp => TotpSecret is not null && TotpStep >= 0;

    /// <summary>Takes a one-time password, where the user wants them asked for; each is good once.</summary>
    /// <param name="step">The step that it is of; null when none was told, or a wrong one's.</param>
    /// <returns>Why it is refused; null when it is not.</returns>
    public Refusal? TakeTotp(long? step)
    {
        if (!AsksForTotp)
        {
            return null;
        }

        if (step is not { } taken || taken <= TotpStep)
        {
            return new Refusal(step is null ? ErrorCode.TotpRequired : ErrorCode.TotpInvalid);
        }

        TotpStep = taken;
        return null;
    }

    /// <summary>The user that a member becomes.</summary>
    /// <param name="member">The member's id, which is the user's too.</param>
    /// <param name="passwordHash">Null where it has no password.</param>
    internal static User OfMember(TenantId tenant, long member, string username, string? passwordHash, Instant now) => new()
    {
        Tenant = tenant,
        Id = member,
        IsMember = true,
        Username = username,
        Role = BuiltInRole.Member,
        PasswordHash = passwordHash,
        PasswordAt = passwordHash is null ? null : now,
        SignedInSince = now,
        CreatedAt = now,
    };

    /// <summary>The member that the user is; null for staff.</summary>
    public MemberId? Member => IsMember ? new MemberId(Id) : null;

    /// <summary>What it says of the user to sign in with, or to end: all that was signed in is out.</summary>
    public void SignOutEverywhere(Instant now) => (Epoch, SignedInSince) = (Epoch + 1, now);

    /// <summary>Whether it should be noted that the user is there: once a day, and not with each refresh.</summary>
    public bool IsToBeSeen(Instant now) => SeenAt is not { } at || at.Plus(s_day) <= now;

    /// <summary>Notes that the user is there.</summary>
    public void See(Instant now) => SeenAt = now;

    /// <summary>Notes that the user signed in.</summary>
    public void NoteLogin(Instant now) => (LastLoginAt, SeenAt) = (now, now);

    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    internal static RowKind<User> Kind { get; } = new(23, "users", Read,
        Column<User>.Flag("is_member", u => u.IsMember),
        Column<User>.Text("username", u => u.Username),
        Column<User>.OpenText("role", u => u.Role),
        Column<User>.OpenText("status", u => NameOf(u.Status)),
        Column<User>.Text("password_hash", u => u.PasswordHash),
        Column<User>.NullableInt64("password_at", u => u.PasswordAt?.UnixMicroseconds),
        Column<User>.Instant("signed_in_since", u => u.SignedInSince),
        Column<User>.Bytes("totp_secret", u => u.TotpSecret),
        Column<User>.Int64("totp_step", u => u.TotpStep),
        Column<User>.Instant("created_at", u => u.CreatedAt),
        Column<User>.NullableInt64("last_login_at", u => u.LastLoginAt?.UnixMicroseconds),
        Column<User>.Int64("epoch", u => u.Epoch),
        Column<User>.Int64("names_bound", u => u.NamesBound),
        Column<User>.NullableInt64("seen_at", u => u.SeenAt?.UnixMicroseconds),
        Column<User>.Bytes("made_by", u => u.MadeBy?.ToBytes()),
        Column<User>.Bytes("role_given_by", u => u.RoleGivenBy?.ToBytes()))
    {
        Owner = user => user.IsMember ? user.Id : 0,
    };

    internal static string NameOf(UserStatus status) => status switch
    {
        UserStatus.Active => "active",
        UserStatus.Disabled => "disabled",
    };

    internal static UserStatus StatusOf(string name) => name switch
    {
        "active" => UserStatus.Active,
        "disabled" => UserStatus.Disabled,
        _ => throw new InvariantBrokenException($"There is no status {name} of users."),
    };

    private static User Read(SqlRow row) => new()
    {
        Tenant = new TenantId(row.Int32(0)),
        Id = row.Int64(1),
        IsMember = row.Flag(2),
        Username = row.Text(3),
        Role = row.Text(4),
        Status = StatusOf(row.Text(5)),
        PasswordHash = row.TextOrNull(6),
        PasswordAt = row.InstantOrNull(7),
        SignedInSince = row.Instant(8),
        TotpSecret = row.BytesOrNull(9),
        TotpStep = row.Int64(10),
        CreatedAt = row.Instant(11),
        LastLoginAt = row.InstantOrNull(12),
        Epoch = row.Int64(13),
        NamesBound = row.Int64(14),
        SeenAt = row.InstantOrNull(15),
        MadeBy = row.BytesOrNull(16) is { } makers ? Hands.FromBytes(makers) : null,
        RoleGivenBy = row.BytesOrNull(17) is { } givers ? Hands.FromBytes(givers) : null,
    };
}
