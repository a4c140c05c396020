using System.Security.Cryptography;
using Laurel.Engine.Lanes;
using Laurel.Identity.Codes;
using Laurel.Identity.Sessions;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Vault;

namespace Laurel.Identity.SignIn;

/// <summary>Somebody new, as far as the way in has told.</summary>
internal sealed record Newcomer
{
    /// <summary>Null makes one.</summary>
    public string? Username { get; init; }

    /// <summary>What else it signs in with.</summary>
    public IReadOnlyList<NameKey> Names { get; init; } = [];

    /// <summary>As the member's record keeps it; shown to be its own.</summary>
    public string? Phone { get; init; }

    /// <inheritdoc cref="Phone"/>
    public string? Email { get; init; }

    public string? Nickname { get; init; }

    public string? Device { get; init; }

    public string? PasswordHash { get; init; }

    public CodeProof? Proof { get; init; }
}

/// <summary>Lets people in whatever way they came: enrols who is new, begins sessions.</summary>
internal sealed class Admission(
    LaneSet lanes,
    MemberBooks books,
    PersonalDataVault vault,
    SecretVault secrets,
    SessionQueries sessions,
    IdentityOptions options,
    TimeProvider clock,
    RandomNumberGenerator random)
{
    private const int ExternalIdDigits = 24;

    /// <summary>Enrols somebody as a member and a user, and signs it in.</summary>
    public Task<Outcome> EnrolAsync(TenantId tenant, Newcomer newcomer, CancellationToken cancellationToken)
    {
        var username = newcomer.Username ?? Username.Draw(random);
        var member = new RegisterMember(
            tenant,
            new RegisterRequest
            {
                ExternalId = "user:" + RandomNumberGenerator.GetHexString(ExternalIdDigits, lowercase: true),
                Nickname = newcomer.Nickname,
                Phone = newcomer.Phone,
                Email = newcomer.Email,
                RegisteredAt = Instant.Now(clock),
            },
            books,
            vault);
        IReadOnlyList<NameKey> names = [NameKey.Of(vault, tenant, NameKind.Username, username), .. newcomer.Names];
        var command = new RegisterUser(member, names, new SessionStart(secrets, options.SessionLife, newcomer.Device))
        {
            Username = username,
            PasswordHash = newcomer.PasswordHash,
            Proof = newcomer.Proof,
        };
        return lanes.SubmitAsync(command, cancellationToken);
    }

    /// <summary>The beginning of a session, in the place of the oldest where there are many.</summary>
    public async Task<SessionStart> StartAsync(TenantId tenant, long user, string? device, CancellationToken cancellationToken) =>
        new(secrets, options.SessionLife, device, await sessions.DisplacedAsync(tenant, user, Instant.Now(clock), cancellationToken));

    /// <summary>The step of a one-time password that is right; null when none was given, and one that was taken before when it is wrong.</summary>
    public long? StepOf(TenantId tenant, FoundUser user, string? totp) =>
        totp is null || !user.AsksForTotp ? null : Totp.StepOf(Totp.Open(secrets, tenant, user.Id, user.TotpSecret!), totp, clock.GetUtcNow()) ?? -1;

    /// <summary>The level of who was enrolled, for the token.</summary>
    public static string? LevelOf(Outcome outcome) =>
        outcome is Outcome.Applied { Reply: SignInReply { Enrolled: MemberReply member } } ? member.Level.Code : null;
}
