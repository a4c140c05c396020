using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Laurel.Kernel;

namespace Laurel.Platform.Vault;

/// <summary>AES-256-GCM in one layout: version, nonce (12 bytes), tag (16 bytes), ciphertext.</summary>
internal static class SealedBytes
{
    private const byte Version = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int HeaderLength = 1 + NonceLength + TagLength;

    public static int LengthOf(int plainLength) => HeaderLength + plainLength;

    /// <summary>The number of plain bytes within; negative when there are too few bytes to be sealed ones.</summary>
    public static int PlainLengthOf(int sealedLength) => sealedLength - HeaderLength;

    public static void Seal(
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> plain,
        ReadOnlySpan<byte> context,
        Span<byte> target,
        RandomNumberGenerator random)
    {
        target[0] = Version;
        var nonce = target.Slice(1, NonceLength);
        random.GetBytes(nonce);
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, plain, target[HeaderLength..], target.Slice(1 + NonceLength, TagLength), context);
    }

    /// <exception cref="PersonalDataUnreadableException">When anything differs from what was sealed.</exception>
    public static void Open(
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> source,
        ReadOnlySpan<byte> context,
        Span<byte> plain)
    {
        if (source.Length != LengthOf(plain.Length) || source[0] != Version)
        {
            throw new PersonalDataUnreadableException("Sealed personal data has an unknown form.");
        }

        try
        {
            using var aes = new AesGcm(key, TagLength);
            aes.Decrypt(
                source.Slice(1, NonceLength),
                source[HeaderLength..],
                source.Slice(1 + NonceLength, TagLength),
                plain,
                context);
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new PersonalDataUnreadableException("Personal data was changed, or moved from where it was sealed.");
        }
    }

    /// <summary>Tenant, member, purpose and value, each part with its length, so that no two contexts read the
    /// same.</summary>
    public static byte[] Context(TenantId tenant, MemberId member, string purpose, string value)
    {
        var purposeLength = Encoding.UTF8.GetByteCount(purpose);
        var bytes = new byte[16 + purposeLength + Encoding.UTF8.GetByteCount(value)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, tenant.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(4), member.Value);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), purposeLength);
        Encoding.UTF8.GetBytes(purpose, bytes.AsSpan(16));
        Encoding.UTF8.GetBytes(value, bytes.AsSpan(16 + purposeLength));
        return bytes;
    }
}
