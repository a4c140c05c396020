using System.Security.Cryptography;
using Laurel.Engine.Lanes;
using Laurel.Identity.Codes;
using Laurel.Identity.Passwords;
using Laurel.Identity.Sessions;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Profiles;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
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

    /// <summary>The one-time password of who turns out to be a user already.</summary>
    public string? Totp { get; init; }

    /// <summary>Whether it asked for an account of its own, and is not to come into one that is there.</summary>
    public bool IsRegistration { get; init; }
}

/// <summary>What a telephone number stands for.</summary>
/// <param name="Vouched">The member to be signed in as by the host's word; null where that says nothing, or is not needed.</param>
/// <param name="Stale">That who signs in with it has not been seen for too long; null where nobody does, or it has.</param>
internal sealed record PhoneStanding(VouchedMember? Vouched, StaleOwner? Stale)
{
    public static readonly PhoneStanding Plain = new(null, null);
}

/// <summary>Lets people in whatever way they came: enrols who is new, begins sessions.</summary>
internal sealed class Admission(
    LaneSet lanes,
    MemberBooks books,
    PersonalDataVault vault,
    SecretVault secrets,
    UserQueries users,
    SessionQueries sessions,
    AccessChanges changes,
    IdentityOptions options,
    TimeProvider clock,
    RandomNumberGenerator random)
{
    private const int ExternalIdDigits = 24;

    /// <summary>How often what a user signs in with is read again, where it has changed before it was locked.</summary>
    public const int ReadsMax = 4;

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
        var command = new RegisterUser(member, names, new SessionStart(secrets, options.SessionLife, newcomer.Device, changes))
        {
            Username = username,
            PasswordHash = newcomer.PasswordHash,
            Proof = newcomer.Proof,
            StopsAtUnproven = !newcomer.IsRegistration,
        };
        return lanes.SubmitAsync(command, cancellationToken);
    }

    /// <summary>What a telephone number stands for, which somebody has shown to have or is about to. An address stands for nothing but its user.</summary>
    /// <param name="user">Who signs in with it; null for nobody.</param>
    public async Task<PhoneStanding> StandingAsync(TenantId tenant, TypedName phone, FoundUser? user, CancellationToken cancellationToken)
    {
        var stale = user is null || phone.Kind != NameKind.Phone ? null : await StaleAsync(tenant, user, cancellationToken);
        if (phone.Kind != NameKind.Phone || (user is not null && stale is null))
        {
            return PhoneStanding.Plain;
        }

        var (plain, international) = IndexesOf(tenant, phone);
        var vouched = await users.FindVouchedAsync(tenant, plain, international, cancellationToken);
        var isPast = vouched is not null && options.PhoneLife is { } life && new Instant(vouched.VerifiedAt).Plus(life) <= Instant.Now(clock);
        return new PhoneStanding(isPast ? null : vouched, stale);
    }

    /// <summary>Signs somebody in as the member whose number the host has verified.</summary>
    /// <param name="newcomer">As whom nobody is enrolled; its names are what the person is recognised by from now on too.</param>
    public async Task<Outcome> AdoptAsync(TenantId tenant, PhoneStanding standing, TypedName phone, Newcomer newcomer, CancellationToken cancellationToken)
    {
        var (member, key, username) = (new MemberId(standing.Vouched!.Member), phone.KeyIn(vault, tenant), newcomer.Username ?? Username.Draw(random));
        var (plain, international) = IndexesOf(tenant, phone);
        var vouched = new VouchedPhone(tenant, member, [plain, international], options.PhoneLife, books);
        var user = await users.FindAsync(tenant, member.Value, cancellationToken);
        if (newcomer.Proof is null && user is not null && await TakeTotpTryAsync(tenant, user, newcomer.Totp, cancellationToken) is { } spent)
        {
            return spent;
        }

        for (var reads = 1; ; reads++)
        {
            var command = new AdoptMember(tenant, member, vouched, key, await StartAsync(tenant, member.Value, newcomer.Device, cancellationToken), changes)
            {
                Username = username,
                UsernameKey = NameKey.Of(vault, tenant, NameKind.Username, username),
                PasswordHash = newcomer.PasswordHash,
                IsRegistration = newcomer.IsRegistration,
                Seen = await users.NamesAsync(tenant, member.Value, cancellationToken),
                Stale = standing.Stale,
                Proof = newcomer.Proof,
                TotpStep = user is null ? null : StepOf(tenant, user, newcomer.Totp),
                Names = newcomer.Names,
            };
            var outcome = await lanes.SubmitAsync(command, cancellationToken);
            if (reads == ReadsMax || !WasReadTooEarly(outcome))
            {
                return outcome;
            }
        }
    }

    /// <summary>Whether a command has found that what a user signs in with was not all read.</summary>
    public static bool WasReadTooEarly(Outcome outcome) => outcome is Outcome.Refused { Refusal.Code: ErrorCode.Busy };

    /// <summary>Takes one of the tries that the one-time passwords of a user have, where nothing else counts how often they are tried.</summary>
    /// <returns>What is answered when there is none left; null when it may be looked at, or none was told.</returns>
    public async Task<Outcome?> TakeTotpTryAsync(TenantId tenant, FoundUser user, string? totp, CancellationToken cancellationToken)
    {
        if (totp is null || !user.AsksForTotp)
        {
            return null;
        }

        var tried = await lanes.SubmitAsync(new TakeTry(tenant, Totp.TriesOf(vault, tenant, user)), cancellationToken);
        return tried is Outcome.Applied ? null : tried;
    }

    // Who has a session that is used has been seen.
    private async Task<StaleOwner?> StaleAsync(TenantId tenant, FoundUser user, CancellationToken cancellationToken)
    {
        if (options.PhoneLife is not { } life || new Instant(user.SeenAt ?? user.CreatedAt).Plus(life) > Instant.Now(clock))
        {
            return null;
        }

        var open = await sessions.OfUserAsync(tenant, user.Id, Instant.Now(clock), cancellationToken);
        return open.Count == 0 ? new StaleOwner(user.Id, life) : null;
    }

    private (Hash128 Plain, Hash128 International) IndexesOf(TenantId tenant, TypedName phone) => (
        vault.BlindIndex(tenant, PersonalField.Phone, phone.ForRecord),
        vault.BlindIndex(tenant, PersonalField.Phone, phone.Normalised));

    /// <summary>The beginning of a session, in the place of the oldest where there are many.</summary>
    public async Task<SessionStart> StartAsync(TenantId tenant, long user, string? device, CancellationToken cancellationToken) =>
        new(secrets, options.SessionLife, device, changes, await sessions.DisplacedAsync(tenant, user, Instant.Now(clock), cancellationToken));

    /// <summary>The step of a one-time password that is right; null when none was given, and one that was taken before when it is wrong.</summary>
    public long? StepOf(TenantId tenant, FoundUser user, string? totp) =>
        totp is null || !user.AsksForTotp ? null : Totp.StepOf(Totp.Open(secrets, tenant, user.Id, user.TotpSecret!), totp, clock.GetUtcNow()) ?? -1;

    /// <summary>The level of who was enrolled, for the token.</summary>
    public static string? LevelOf(Outcome outcome) =>
        outcome is Outcome.Applied { Reply: SignInReply { Enrolled: MemberReply member } } ? member.Level.Code : null;
}
