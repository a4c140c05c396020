using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Laurel.Kernel;

namespace Laurel.Platform.Vault;

/// <summary>Keeps secrets of a tenant that Laurel itself has to use again, such as the signing keys of webhooks: encrypted under the
/// master keys, each bound to its tenant, its purpose and the thing it belongs to. Thread-safe.</summary>
/// <param name="keys">The current one seals; the others only open.</param>
/// <param name="random">Draws nonces and secrets; a cryptographic one.</param>
public sealed class SecretVault(MasterKeys keys, RandomNumberGenerator random)
{
    private readonly MasterSeal _seal = new(keys, random);

    /// <summary>Draws random bytes.</summary>
    public byte[] Draw(int length)
    {
        var bytes = new byte[length];
        random.GetBytes(bytes);
        return bytes;
    }

    /// <summary>The form to store.</summary>
    /// <param name="purpose">A name out of a fixed list; what was sealed for one opens for no other.</param>
    /// <param name="owner">The id of the thing the secret belongs to.</param>
    public byte[] Seal(TenantId tenant, string purpose, long owner, ReadOnlySpan<byte> secret) =>
        _seal.Seal(secret, ContextOf(tenant, purpose, owner));

    /// <exception cref="PersonalDataUnreadableException">When its master key is not here, or it was sealed for something else or
    /// changed.</exception>
    public byte[] Open(TenantId tenant, string purpose, long owner, ReadOnlySpan<byte> stored) =>
        _seal.Open(stored, ContextOf(tenant, purpose, owner));

    /// <summary>A key of a tenant for one purpose, 32 bytes: the same at every node and every time, and stored nowhere.</summary>
    /// <param name="purpose">A name out of a fixed list; the keys of two purposes have nothing in common.</param>
    /// <remarks>It is made of the index key, which outlives the rotation of master keys (HKDF-SHA-256).</remarks>
    public byte[] Derive(TenantId tenant, string purpose)
    {
        var key = new byte[MasterKeys.KeyLength];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, keys.IndexKey, key, [], Encoding.UTF8.GetBytes($"laurel {purpose} of tenant {tenant.Value.ToString(CultureInfo.InvariantCulture)}"));
        return key;
    }

    private static byte[] ContextOf(TenantId tenant, string purpose, long owner) =>
        SealedBytes.Context(tenant, new MemberId(owner), purpose, string.Empty);
}
