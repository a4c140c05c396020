using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Identity.Apps;
using Laurel.Identity.Host;
using Laurel.Identity.Roles;
using Laurel.Identity.Users;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Platform.Access;

namespace Laurel.Identity.Tokens;

/// <summary>Knows whose an access token is: by its signature, and by what has become of its session, its user and its role since.</summary>
/// <remarks>What was found is remembered for <see cref="KnownFor"/>, in two halves of which the older is dropped when the younger is full: many tokens
/// cost no memory. Remembered under a keyed hash, as API keys are.</remarks>
public sealed class AccessTokens : IAccessTokens
{
    /// <summary>How long a token may still be honoured by a node that was not told that its session is over.</summary>
    public static readonly TimeSpan KnownFor = TimeSpan.FromSeconds(60);

    /// <summary>Of a token, in characters: those of hosts may be long.</summary>
    private const int LengthMax = HostTokens.TokenLengthMax;

    /// <summary>How many tokens each half remembers.</summary>
    public const int HalfMax = 50_000;

    /// <summary>After how many changes of single users and sessions everything is forgotten.</summary>
    private const int ChangesMax = 10_000;

    private const int SecretLength = 32;
    private const int StackMax = 1_024;

    private const string State = """
        SELECT s.user_id AS UserId, s.epoch AS Epoch, s.expires_at AS ExpiresAt, s.ended_at AS EndedAt, u.is_member AS IsMember,
               u.role AS Role, CASE WHEN m.status IN ('banned', 'cancelled', 'merged') THEN 'disabled' ELSE u.status END AS Status,
               u.epoch AS UserEpoch, u.made_by AS MadeBy, u.role_given_by AS RoleGivenBy,
               CASE WHEN u.totp_secret IS NULL THEN -1 ELSE u.totp_step END AS TotpStep, s.proved_at AS ProvedAt,
               m.level_code AS Level, m.level_state AS LevelState, r.grants AS Grants, r.removed AS Removed
        FROM sessions s
        JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
        LEFT JOIN roles r ON r.tenant_id = u.tenant_id AND r.code = u.role
        LEFT JOIN members m ON m.tenant_id = u.tenant_id AND m.id = u.id
        WHERE s.tenant_id = @Tenant AND s.id = @Session
        """;

    // The member whom the shop calls so. Who was switched off as a user is switched off whoever signs it in.
    private const string HostMember = """
        SELECT m.id AS Id, CASE WHEN m.status IN ('banned', 'cancelled', 'merged') THEN 'disabled' ELSE COALESCE(u.status, 'active') END AS Status,
               m.level_code AS Level, m.level_state AS LevelState
        FROM natural_keys k
        JOIN members m ON m.tenant_id = @Tenant AND m.id = k.root_id
        LEFT JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.id
        WHERE k.key_hash = @Key
        """;

    private readonly TokenKeys _keys;
    private readonly SignInDirectory _signIn;
    private readonly ReadRouter _router;
    private readonly IdentityOptions _options;
    private readonly VipRole _vip;
    private readonly TimeProvider _clock;
    private readonly byte[] _secret = new byte[SecretLength];
    private readonly ConcurrentDictionary<AccessChange, long> _changes = [];
    private Memory _memory = new([], []);

    private sealed record Known(Actor Actor, DateTimeOffset ExpiresAt, long StoredAt);

    private sealed record Memory(ConcurrentDictionary<Hash128, Known> Young, ConcurrentDictionary<Hash128, Known> Old);

    private sealed class HostRow
    {
        public long Id { get; init; }

        public required string Status { get; init; }

        public required string Level { get; init; }

        public string? LevelState { get; init; }
    }

    private sealed record StateRow
    {
        public required long UserId { get; init; }

        public required long Epoch { get; init; }

        public required long ExpiresAt { get; init; }

        public long? EndedAt { get; init; }

        public required bool IsMember { get; init; }

        public required string Role { get; init; }

        public required string Status { get; init; }

        public required long UserEpoch { get; init; }

        public byte[]? MadeBy { get; init; }

        public byte[]? RoleGivenBy { get; init; }

        /// <summary>Negative where no one-time passwords are asked for.</summary>
        public required long TotpStep { get; init; }

        public long? ProvedAt { get; init; }

        public string? Level { get; init; }

        public string? LevelState { get; init; }

        public string? Grants { get; init; }

        public bool? Removed { get; init; }
    }

    /// <param name="signIn">Reads tokens of a tenant's own sign-in.</param>
    public AccessTokens(
        TokenKeys keys,
        SignInDirectory signIn,
        ReadRouter router,
        AccessChanges changes,
        IdentityOptions options,
        VipRole vip,
        TimeProvider clock,
        RandomNumberGenerator random)
    {
        (_keys, _signIn, _router, _options, _vip, _clock) = (keys, signIn, router, options, vip, clock);
        random.GetBytes(_secret);
        changes.Subscribe(Forget);
    }

    /// <summary>Forgets what a change concerns: the tokens of one session or user, or all of them.</summary>
    private void Forget(AccessChange change)
    {
        if (change.What is AccessSubject.Session or AccessSubject.User && _changes.Count < ChangesMax)
        {
            _changes[change] = _clock.GetTimestamp();
            return;
        }

        if (change.What != AccessSubject.Key)
        {
            Volatile.Write(ref _memory, new Memory([], []));
            _changes.Clear();
        }
    }

    public ValueTask<Actor?> FindAsync(ReadOnlySpan<char> token, TenantId? named, CancellationToken cancellationToken)
    {
        if (token.Length > LengthMax)
        {
            return default;
        }

        var length = SecretLength + sizeof(int) + token.Length;
        Span<byte> salted = length <= StackMax ? stackalloc byte[StackMax] : new byte[length];
        salted = salted[..length];
        _secret.CopyTo(salted);
        BinaryPrimitives.WriteInt32LittleEndian(salted[SecretLength..], named?.Value ?? 0);
        Encoding.ASCII.GetBytes(token, salted[(SecretLength + sizeof(int))..]);
        var mark = Hash128.Of(salted);
        var memory = Volatile.Read(ref _memory);
        return (memory.Young.TryGetValue(mark, out var known) || memory.Old.TryGetValue(mark, out known))
            && _clock.GetElapsedTime(known.StoredAt) < KnownFor && !HasChanged(known)
                ? ValueTask.FromResult(known.ExpiresAt > _clock.GetUtcNow() ? known.Actor : null)
                : AskAsync(memory, mark, token.ToString(), named, cancellationToken);
    }

    /// <summary>What a token claims, where it was signed by us, for us, and its time is not over; null otherwise. What became of its session is not looked
    /// at.</summary>
    public async ValueTask<AccessClaims?> ReadAsync(string token, CancellationToken cancellationToken)
    {
        var claims = (await _keys.RingForAsync(token, cancellationToken)).Read(token);
        return claims is not null && claims.Issuer == _options.Issuer && claims.Audience == _options.Audience && claims.ExpiresAt > _clock.GetUtcNow()
            ? claims
            : null;
    }

    private async ValueTask<Actor?> AskAsync(Memory memory, Hash128 mark, string token, TenantId? named, CancellationToken cancellationToken)
    {
        // A change that overtakes the question counts: what was read may be what was before.
        var asked = _clock.GetTimestamp();
        var found = await ReadAsync(token, cancellationToken) is { } claims
            ? await OwnAsync(claims, cancellationToken)
            : named is { } tenant ? await HostsAsync(token, tenant, cancellationToken) : null;
        if (found is not var (actor, expiresAt))
        {
            return null;
        }

        // What a change of everything has overtaken goes into a memory that nobody looks into any more.
        Remember(memory, mark, new Known(actor, expiresAt, asked));
        return actor;
    }

    private async Task<(Actor Actor, DateTimeOffset ExpiresAt)?> OwnAsync(AccessClaims claims, CancellationToken cancellationToken) =>
        await _router.ReadNewestAsync(from => ReadAsync(from, claims, cancellationToken)) is { } state && ActorOf(claims, state) is { } actor
            ? (actor, claims.ExpiresAt)
            : null;

    /// <summary>Whom a tenant's own sign-in has let in: a member of the tenant that the call is for, by the id that the shop gave it.</summary>
    private async Task<(Actor Actor, DateTimeOffset ExpiresAt)?> HostsAsync(string token, TenantId tenant, CancellationToken cancellationToken)
    {
        if ((await _signIn.OfAsync(tenant, cancellationToken)).Host is not { } host || (await host.ReadAsync(token, cancellationToken)).Person is not { } person)
        {
            return null;
        }

        var row = await _router.ReadNewestAsync(from => FindAsync(from, tenant, person.ExternalId, cancellationToken));
        if (row is null || User.StatusOf(row.Status) != UserStatus.Active)
        {
            return null;
        }

        var member = new MemberId(row.Id);
        var role = _vip.Of(tenant, BuiltInRole.Member, _vip.LevelOf(tenant, row.Level, row.LevelState));
        var actor = new Actor(tenant, $"host:{row.Id}", RoleBook.PermissionsOf(role, null))
        {
            Person = new SignedIn(row.Id, member, role, Session: null),
            ValidUntil = Instant.From(person.ExpiresAt),
        };
        return (actor, person.ExpiresAt);
    }

    private static async Task<HostRow?> FindAsync(Database from, TenantId tenant, string externalId, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(tenant), cancellationToken);
        using var timed = from.Times.Begin("access.host");
        var key = MemberReference.ByExternalId(tenant, externalId).Handle.ToBytes();
        return await session.Connection.QuerySingleOrDefaultAsync<HostRow>(
            new CommandDefinition(HostMember, new { Tenant = tenant.Value, Key = key }, cancellationToken: cancellationToken));
    }

    private bool HasChanged(Known known)
    {
        var (tenant, person) = (known.Actor.Tenant, known.Actor.Person!);
        return !_changes.IsEmpty
            && ((_changes.TryGetValue(new AccessChange(tenant, AccessSubject.Session, person.Session ?? 0), out var at) && at >= known.StoredAt)
                || (_changes.TryGetValue(new AccessChange(tenant, AccessSubject.User, person.User), out at) && at >= known.StoredAt));
    }

    private void Remember(Memory memory, Hash128 mark, Known known)
    {
        memory.Young[mark] = known;
        if (memory.Young.Count > HalfMax)
        {
            Interlocked.CompareExchange(ref _memory, new Memory([], memory.Young), memory);
        }
    }

    private static async Task<StateRow?> ReadAsync(Database from, AccessClaims claims, CancellationToken cancellationToken)
    {
        await using var session = await from.OpenReaderAsync(Reach.Of(claims.Tenant), cancellationToken);
        using var timed = from.Times.Begin("access.token");
        var command = new CommandDefinition(State, new { Tenant = claims.Tenant.Value, claims.Name.Session }, cancellationToken: cancellationToken);
        return await session.Connection.QuerySingleOrDefaultAsync<StateRow>(command);
    }

    // The session lasts as long as its tokens: one that is not refreshed ends later than the last of them.
    private Actor? ActorOf(AccessClaims claims, StateRow state)
    {
        if (state.EndedAt is not null || state.UserId != claims.User || state.Epoch != state.UserEpoch
            || User.StatusOf(state.Status) != UserStatus.Active)
        {
            return null;
        }

        var member = state.IsMember ? new MemberId(state.UserId) : (MemberId?)null;
        var role = _vip.Of(claims.Tenant, state.Role, state.IsMember ? _vip.LevelOf(claims.Tenant, state.Level, state.LevelState) : null);
        return new Actor(claims.Tenant, $"user:{state.UserId}", RoleBook.PermissionsOf(role, state.Removed == false ? state.Grants : null))
        {
            Person = new SignedIn(state.UserId, member, role, claims.Name.Session)
            {
                IsStaff = BuiltInRole.IsOfStaff(state.Role),
                HasTotp = state.TotpStep >= 0,
                ProvedAt = state.ProvedAt is { } at ? new Instant(at) : null,
            },
            Makers = Hands.Both(HandsOf(state.MadeBy), HandsOf(state.RoleGivenBy)),
            ValidUntil = Instant.From(claims.ExpiresAt),
        };
    }

    private static Hands? HandsOf(byte[]? stored) => stored is null ? null : Hands.FromBytes(stored);
}
