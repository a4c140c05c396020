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
        var info = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"laurel {purpose} of tenant {tenant.Value}"));
        HKDF.DeriveKey(HashAlgorithmName.SHA256, keys.IndexKey, key, [], info);
        return key;
    }

    /// <summary>Whether the master key is here that sealed it: one that was dropped no longer opens what was left under it.</summary>
    public bool Knows(ReadOnlySpan<byte> stored) => keys.Know(stored);

    /// <summary>The same under the current master key; null when it is already, so that nothing is written.</summary>
    /// <param name="purpose">Also <see cref="PersonalDataVault.KeyPurpose"/>: data keys of members are sealed in the same form.</param>
    /// <inheritdoc cref="Open"/>
    public byte[]? Rewrap(TenantId tenant, string purpose, long owner, ReadOnlySpan<byte> stored)
    {
        if (stored.StartsWith(MasterSeal.BeginningOf(keys.CurrentId)))
        {
            return null;
        }

        var context = ContextOf(tenant, purpose, owner);
        var secret = _seal.Open(stored, context);
        var rewrapped = _seal.Seal(secret, context);
        CryptographicOperations.ZeroMemory(secret);
        return rewrapped;
    }

    private static byte[] ContextOf(TenantId tenant, string purpose, long owner) =>
        SealedBytes.Context(tenant, new MemberId(owner), purpose, string.Empty);
}
