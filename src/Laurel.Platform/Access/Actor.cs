using Laurel.Kernel;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Access;

/// <summary>Who calls: the holder of an API key, for one tenant. Everything the call touches belongs to that
/// tenant.</summary>
/// <param name="Tenant">The only tenant the call may read or change.</param>
/// <param name="Name">The key's name, for audit; never the key.</param>
/// <param name="Permissions">Of <see cref="Permission"/>.</param>
public sealed record Actor(TenantId Tenant, string Name, IReadOnlySet<string> Permissions)
{
    /// <summary>The first half of the key's SHA-256, by which its uses are counted; default where there is no key.</summary>
    public Hash128 Key { get; init; }

    public bool May(string permission) => Permissions.Contains(permission);
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

/// <summary>Where API keys are kept, by hash.</summary>
public interface IApiKeyStore
{
    /// <summary>The actor of a key; null when no valid key has this hash.</summary>
    /// <param name="keyHash">SHA-256 of the key's characters, 32 bytes; valid only during the call.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    ValueTask<Actor?> FindAsync(ReadOnlyMemory<byte> keyHash, CancellationToken cancellationToken);
}
