using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Laurel.Kernel;
using Laurel.Platform.Access;

namespace Laurel.UnitTests.Platform.Access;

/// <summary>A store of keys that counts how often it is asked.</summary>
internal sealed class ApiKeys : IApiKeyStore
{
    private readonly Dictionary<string, Actor> _actors = [];

    public int Asked { get; private set; }

    /// <summary>Runs while a question is under way.</summary>
    public Action WhileAsked { get; set; } = () => { };

    public static Actor ActorWith(params string[] permissions) =>
        new(new TenantId(1), "shop", permissions.ToFrozenSet());

    public void Add(string key, Actor actor) => _actors[HashOf(key)] = actor;

    public void Revoke(string key) => _actors.Remove(HashOf(key));

    /// <summary>Until when the keys are valid.</summary>
    public Instant ValidUntil { get; set; } = Instant.Never;

    /// <summary>The keys that sign, by id.</summary>
    public Dictionary<long, SigningKey> Signing { get; } = [];

    public async ValueTask<KnownKey?> FindAsync(ReadOnlyMemory<byte> keyHash, CancellationToken cancellationToken)
    {
        Asked++;
        var actor = _actors.GetValueOrDefault(Convert.ToHexString(keyHash.Span));
        await Task.Yield();
        WhileAsked();
        return actor is null ? null : new KnownKey(actor, ValidUntil);
    }

    public ValueTask<SigningKey?> FindSigningAsync(long id, CancellationToken cancellationToken)
    {
        Asked++;
        return ValueTask.FromResult(Signing.GetValueOrDefault(id));
    }

    private static string HashOf(string key) => Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(key)));
}
