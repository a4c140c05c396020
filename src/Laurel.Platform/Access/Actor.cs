using System.Globalization;
using Laurel.Kernel;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Access;

/// <summary>Who calls, for one tenant: the holder of an API key, or a person who has signed in. Everything the call touches belongs to that
/// tenant.</summary>
/// <param name="Tenant">The only tenant the call may read or change.</param>
/// <param name="Name">The key's name or the user's id, for audit; never the key, never personal data.</param>
/// <param name="Permissions">Of <see cref="Permission"/>.</param>
public sealed record Actor(TenantId Tenant, string Name, IReadOnlySet<string> Permissions)
{
    /// <summary>The first half of the SHA-256 of the key's first secret, by which it is told apart from others and its uses are counted, whatever
    /// secret it has now; default where there is no key.</summary>
    public Hash128 Key { get; init; }

    /// <summary>The key's id; 0 where there is no key.</summary>
    public long KeyId { get; init; }

    /// <summary>Who made the key or gave it its secret, who made the user or gave it its role; null where it is nobody's hand but its own.</summary>
    public Hands? Makers { get; init; }

    /// <summary>By what it is told whether two calls are of two persons: whichever session or key of its making a person uses, and whomever it has
    /// made a user, it is one.</summary>
    public Hands Hands => Hands.Of(Person is { } person ? HandOf(Tenant, person.User) : Key, Makers);

    /// <summary>How many calls a minute the key may make; null is as many as it likes, and where there is no key.</summary>
    public int? Quota { get; init; }

    /// <summary>The person who has signed in; null for API keys and for what calls with a signature.</summary>
    public SignedIn? Person { get; init; }

    /// <summary>From then on what it calls with is good no more; <see cref="Instant.Never"/> where nothing says so. For what outlasts a call.</summary>
    public Instant ValidUntil { get; init; } = Instant.Never;

    /// <summary>The member that the caller is; null for API keys, for staff and for what calls with a signature.</summary>
    public MemberId? Member => Person?.Member;

    public bool May(string permission) => Permissions.Contains(permission);

    /// <summary>Whether the caller is this member: what it asks for is about itself.</summary>
    public bool Is(MemberId member) => Member == member;

    /// <summary>The hand of a user.</summary>
    public static Hash128 HandOf(TenantId tenant, long user) => Hash128.Of(tenant.Value, "hand", "user", user.ToString(CultureInfo.InvariantCulture));
}

/// <summary>A person who has signed in.</summary>
/// <param name="User">The user's id.</param>
/// <param name="Member">The member that the user is; null for staff.</param>
/// <param name="Role">The code of the user's role.</param>
/// <param name="Session">The session that the access token belongs to; null where the shop's own sign-in has made it, which then speaks for the member
/// alone and changes nothing by which the person signs in.</param>
public sealed record SignedIn(long User, MemberId? Member, string Role, long? Session)
{
    /// <summary>Whether it works for the shop: its role is of staff, whether it is a member or not.</summary>
    public bool IsStaff { get; init; }

    /// <summary>Whether it is asked for one-time passwords.</summary>
    public bool HasTotp { get; init; }

    /// <summary>When the session was shown a one-time password last; null for never.</summary>
    public Instant? ProvedAt { get; init; }
}

/// <summary>Finds the actor of a request.</summary>
public static class ActorOfContext
{
    /// <exception cref="InvariantBrokenException">When the endpoint asked for no permission, so that nobody was
    /// identified.</exception>
    public static Actor Actor(this HttpContext context)
    {
        var actor = context.Features.Get<Actor>();
        Invariant.Require(actor is not null, "Only endpoints that require a permission know their actor.");
        return actor;
    }
}

/// <summary>Knows whose an access token is. Declared here, kept where people sign in.</summary>
public interface IAccessTokens
{
    /// <summary>The actor of an access token; null when it is no valid one, or its session, user or tenant no longer may call.</summary>
    /// <param name="token">As presented: printable ASCII, with at least one dot.</param>
    /// <param name="named">The tenant that the call would be for without credentials: a token that a shop's own sign-in has made says nothing of tenants, and
    /// is one of this one's or none. Null where the call names none that there is.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    ValueTask<Actor?> FindAsync(ReadOnlySpan<char> token, TenantId? named, CancellationToken cancellationToken);
}

/// <summary>Where API keys are kept.</summary>
public interface IApiKeyStore
{
    /// <summary>The key that is presented as it is, also one that may not call any more; null when no key has this hash, or the one that has it
    /// signs its calls.</summary>
    /// <param name="keyHash">SHA-256 of the key's characters, 32 bytes; valid only during the call.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    ValueTask<KnownKey?> FindAsync(ReadOnlyMemory<byte> keyHash, CancellationToken cancellationToken);

    /// <summary>The key that signs its calls; null when none that may call has this id, or the one that has it is presented as it is.</summary>
    /// <param name="id">As a signed call names its key.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    ValueTask<SigningKey?> FindSigningAsync(long id, CancellationToken cancellationToken);
}

/// <summary>A key that may call, or could once.</summary>
/// <param name="Actor">Who calls with it.</param>
/// <param name="ValidUntil">From then on it may not; never is always, and what is past is of one that was revoked or whose time is over.</param>
public sealed record KnownKey(Actor Actor, Instant ValidUntil);

/// <summary>A key that may call with signatures.</summary>
/// <param name="Actor">Who calls with it.</param>
/// <param name="ValidUntil">From then on it may not; never is always.</param>
/// <param name="Secret">What it signs with.</param>
/// <param name="Previous">What it signed with before it was rotated; null where that counts no more.</param>
/// <param name="PreviousUntil">From then on <paramref name="Previous"/> counts no more.</param>
public sealed record SigningKey(Actor Actor, Instant ValidUntil, byte[] Secret, byte[]? Previous, Instant PreviousUntil)
{
    /// <summary>Who calls with <see cref="Previous"/>: the same key, perhaps in other hands.</summary>
    public Actor PreviousActor { get; init; } = Actor;
}
