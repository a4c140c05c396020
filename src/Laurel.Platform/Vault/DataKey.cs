using System.Security.Cryptography;
using System.Text;
using Laurel.Kernel;

namespace Laurel.Platform.Vault;

/// <summary>The names of the fields that the vault keeps; part of what a ciphertext is bound to, so never
/// renamed.</summary>
public static class PersonalField
{
    public const string Phone = "phone";
    public const string Email = "email";
    public const string Profile = "profile";
    public const string Address = "address";

    /// <summary>The number of an identity card.</summary>
    public const string IdentityCard = "identity card";

    /// <summary>A name that is told with an identity card.</summary>
    public const string RealName = "real name";

    /// <summary>From where a consent was given.</summary>
    public const string Origin = "origin";

    /// <summary>What the staff has noted.</summary>
    public const string Note = "note";
}

/// <summary>One member's opened data key: encrypts and decrypts that member's fields. Dispose it after use.</summary>
/// <remarks>Not thread-safe against its own disposal.</remarks>
public sealed class DataKey : IDisposable
{
    private readonly TenantId _tenant;
    private readonly MemberId _member;
    private readonly byte[] _key;
    private readonly RandomNumberGenerator _random;

    internal DataKey(TenantId tenant, MemberId member, byte[] key, RandomNumberGenerator random) =>
        (_tenant, _member, _key, _random) = (tenant, member, key, random);

    public void Dispose() => CryptographicOperations.ZeroMemory(_key);

    /// <summary>The bytes to store; different each time, also for the same value.</summary>
    /// <param name="field">Of <see cref="PersonalField"/>.</param>
    /// <param name="value">The text as the member gave it.</param>
    public byte[] Encrypt(string field, string value)
    {
        var plain = Encoding.UTF8.GetBytes(value);
        var target = new byte[SealedBytes.LengthOf(plain.Length)];
        SealedBytes.Seal(_key, plain, ContextOf(field), target, _random);
        CryptographicOperations.ZeroMemory(plain);
        return target;
    }

    /// <summary>The text that was encrypted for this member and field.</summary>
    /// <exception cref="PersonalDataUnreadableException">When the bytes are of another member or field, or
    /// changed.</exception>
    public string Decrypt(string field, ReadOnlySpan<byte> encrypted)
    {
        var plain = new byte[Math.Max(0, SealedBytes.PlainLengthOf(encrypted.Length))];
        SealedBytes.Open(_key, encrypted, ContextOf(field), plain);
        var value = Encoding.UTF8.GetString(plain);
        CryptographicOperations.ZeroMemory(plain);
        return value;
    }

    private byte[] ContextOf(string field) => SealedBytes.Context(_tenant, _member, "field", field);
}
