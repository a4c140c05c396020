using System.Security.Cryptography;
using Laurel.Kernel;

namespace Laurel.Platform.Vault;

/// <summary>Keeps personal data so that it can be read, found and, by forgetting one key, erased.</summary>
/// <remarks>
/// <para>Every member has a data key of 256 bits, stored only wrapped: AES-256-GCM under a master key,
/// bound to tenant and member. Values are AES-256-GCM under the data key, bound to tenant, member and field, so no
/// ciphertext can be moved to another place. Nonces are 96 random bits (NIST SP 800-38D §8.2.2): one data key
/// encrypts far fewer than 2^32 values.</para> <para>Erasing a member means deleting the wrapped key and the blind
/// indexes; all ciphertexts everywhere, backups of rows included, are then noise. Thread-safe.</para> </remarks>
public sealed class PersonalDataVault : IDisposable
{
    /// <summary>What wrapped data keys are bound to, beside tenant and member.</summary>
    public const string KeyPurpose = "data key";

    private const int IndexLength = 16;

    private readonly RandomNumberGenerator _random;
    private readonly MasterSeal _seal;
    private readonly byte[] _indexKey = new byte[MasterKeys.KeyLength];

    /// <param name="keys">The master keys and the index key.</param>
    /// <param name="random">Draws data keys and nonces; a cryptographic one, not to be disposed before the
    /// vault.</param>
    public PersonalDataVault(MasterKeys keys, RandomNumberGenerator random)
    {
        (_random, _seal) = (random, new MasterSeal(keys, random));
        HKDF.DeriveKey(HashAlgorithmName.SHA256, keys.IndexKey, _indexKey, [], "laurel blind index 1"u8);
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_indexKey);

    /// <summary>Draws a member's data key and gives its wrapped form, which is what to store.</summary>
    public DataKey CreateKey(TenantId tenant, MemberId member, out byte[] wrapped)
    {
        var key = new byte[MasterKeys.KeyLength];
        _random.GetBytes(key);
        wrapped = Wrap(tenant, member, key);
        return new DataKey(tenant, member, key, _random);
    }

    /// <summary>Opens a wrapped data key; dispose it after use.</summary>
    /// <exception cref="PersonalDataUnreadableException">When its master key is not here, or it was made for another
    /// member or changed.</exception>
    public DataKey OpenKey(TenantId tenant, MemberId member, ReadOnlySpan<byte> wrapped)
    {
        var key = new byte[MasterKeys.KeyLength];
        Unwrap(tenant, member, wrapped, key);
        return new DataKey(tenant, member, key, _random);
    }

    /// <summary>What a value is found by: the first 128 bits of HMAC-SHA-256 over tenant, field and normalised
    /// value.</summary>
    /// <param name="tenant">Equal values of two tenants have different indexes.</param>
    /// <param name="field">Of <see cref="PersonalField"/>; equal values of two fields have different indexes.</param>
    /// <param name="normalised">As <see cref="PhoneNumber"/> and <see cref="EmailAddress"/> normalise it.</param>
    public Hash128 BlindIndex(TenantId tenant, string field, string normalised)
    {
        var message = SealedBytes.Context(tenant, default, field, normalised);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(_indexKey, message, hash);
        CryptographicOperations.ZeroMemory(message);
        return Hash128.FromBytes(hash[..IndexLength]);
    }

    private byte[] Wrap(TenantId tenant, MemberId member, ReadOnlySpan<byte> key) => _seal.Seal(key, KeyContext(tenant, member));

    private void Unwrap(TenantId tenant, MemberId member, ReadOnlySpan<byte> wrapped, Span<byte> key)
    {
        var opened = _seal.Open(wrapped, KeyContext(tenant, member));
        if (opened.Length != key.Length)
        {
            throw new PersonalDataUnreadableException("A wrapped data key has an unknown form.");
        }

        opened.CopyTo(key);
        CryptographicOperations.ZeroMemory(opened);
    }

    private static byte[] KeyContext(TenantId tenant, MemberId member) =>
        SealedBytes.Context(tenant, member, KeyPurpose, string.Empty);
}

/// <summary>Stored personal data cannot be read: changed, moved, or its key is gone. The message names no
/// person.</summary>
public sealed class PersonalDataUnreadableException(string message) : Exception(message);
